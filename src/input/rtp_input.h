// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the inputs that end in an RTP stream have in common.

#ifndef AUDYN_INPUT_RTP_INPUT_H
#define AUDYN_INPUT_RTP_INPUT_H

#include "input/input_private.h"
#include "input/rtp_receiver.h"

/// Which stream, and where from: by `stream.leg_count` legs, at least one.
typedef struct {
    audyn_rtp_stream_config_t stream;
    audyn_rtp_route_t legs[AUDYN_LEGS]; ///< `interface_index` is found by name
    audyn_uri_list_t interfaces;        ///< by name or address; none: the kernel's choice
    const audyn_sdp_media_t *description; ///< copied; NULL: none
} rtp_input_config_t;

/// Reads an option that has one value for all legs or one for each, with commas between
/// them.  The list is empty where it was not given.
audyn_status_t rtp_input_read_list(audyn_uri_list_t *list, audyn_uri_t *uri,
                                   const char *key, unsigned leg_count,
                                   audyn_error_t *error);

/// Finds the interfaces, and opens what audyn_rtp_input then drives.
audyn_status_t rtp_input_open(audyn_input_t **out, const rtp_input_config_t *rtp,
                              const audyn_input_config_t *config, audyn_error_t *error);

#endif
