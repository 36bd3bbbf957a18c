// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Sends an input's samples as RTP packets of one size, each at its time: when its last
/// sample is due by the local clock.  Timestamps are the TAI index of the first sample
/// (RFC 7273, `mediaclk:direct=0`).  The time of day is read once, at the first packet:
/// from there the monotonic clock leads, so that a clock that is set makes no hole.

#ifndef AUDYN_SENDER_SENDER_H
#define AUDYN_SENDER_SENDER_H

#include "input/input.h"
#include "sender/destination.h"

typedef struct audyn_sender audyn_sender_t;

typedef struct {
    audyn_destination_t destination; ///< copied
    uint64_t sample_frames;          ///< how many to send; 0: until the input ends
    const audyn_clock_t *clock;      ///< borrowed; NULL: the system's
} audyn_sender_config_t;

/// A snapshot while the sender runs.
typedef struct {
    uint64_t position;      ///< TAI sample index of the first sample; 0 before the first
    uint64_t sample_frames; ///< sent; the silence that fills up the last packet left out
    uint64_t packets;       ///< sent
    uint64_t late;    ///< of these, left more than a packet time after they were due
    uint64_t unsent;  ///< refused by the system
    int64_t worst_ns; ///< how long after it was due the latest one left
    int unsent_errno; ///< why it refused the last one
    bool real_time;   ///< the thread has real-time priority
} audyn_sender_report_t;

/// Borrows `input`, which is to run free, for the life of the sender, and is the worker
/// of its timeline.  Fails where the input's format is not the destination's, or the
/// socket cannot be had.  On failure `*out` is NULL.
audyn_status_t audyn_sender_create(audyn_sender_t **out, audyn_input_t *input,
                                   const audyn_sender_config_t *config,
                                   audyn_error_t *error);

/// As audyn_socket_local().
void audyn_sender_local(const audyn_sender_t *sender, struct in_addr *address,
                        uint8_t mac[6]);

/// Once.  The input has been started.
audyn_status_t audyn_sender_start(audyn_sender_t *sender, audyn_error_t *error);

/// Readable once the sender has sent all there is.
int audyn_sender_event_fd(const audyn_sender_t *sender);

/// Ends the sending after the packet that is under way.  Harmless when repeated or before
/// a start.
void audyn_sender_stop(audyn_sender_t *sender);

/// The thread that started the sender.
void audyn_sender_get_report(const audyn_sender_t *sender, audyn_sender_report_t *report);

/// Stops it if need be.  Accepts NULL.
void audyn_sender_destroy(audyn_sender_t *sender);

#endif
