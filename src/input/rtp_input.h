// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the inputs that end in an RTP stream have in common.

#ifndef AUDYN_INPUT_RTP_INPUT_H
#define AUDYN_INPUT_RTP_INPUT_H

#include "input/input_private.h"
#include "input/rtp_receiver.h"

/// Which stream, and where from.
typedef struct {
    audyn_rtp_route_t route;
    audyn_rtp_stream_config_t stream;
    const char *interface; ///< by name or address; NULL: the kernel's choice
} rtp_input_config_t;

/// Finds the interface, and opens what audyn_rtp_input then drives.
audyn_status_t rtp_input_open(audyn_input_t **out, const rtp_input_config_t *rtp,
                              const audyn_input_config_t *config, audyn_error_t *error);

#endif
