// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What tests need that send RTP to an input of their own.

#ifndef AUDYN_TESTS_LOOPBACK_H
#define AUDYN_TESTS_LOOPBACK_H

#include "input/input.h"

/// A UDP port that nobody has.
uint16_t loopback_free_port(void);

/// Opens `rtp://127.0.0.1:PORT?format=L24/48000/2` on a free port, and a socket that is
/// connected to it.
audyn_input_t *loopback_open_l24(audyn_rtp_receivers_t *receivers, int *fd);

/// A packet of 48 sample frames for such an input, at the place of its sequence number.
void loopback_send_l24(int fd, uint16_t sequence);

/// Returns when the input has accepted so many packets in all.
void loopback_wait_for_packets(const audyn_input_t *input, uint64_t packets);

#endif
