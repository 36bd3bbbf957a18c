// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the inputs have in common that begin with a description: `sdp:` and `sap:`.

#ifndef AUDYN_INPUT_SDP_INPUT_H
#define AUDYN_INPUT_SDP_INPUT_H

#include "input/input_private.h"
#include "net/sdp_parse.h"

/// Reads the options that choose something of a description; all that nobody asked for
/// is refused, and `known` is named.
audyn_status_t sdp_input_check(audyn_uri_t *uri, const char *known, audyn_error_t *error);

/// Opens what these options choose of `session`, as an input of audyn_rtp_input.
audyn_status_t sdp_input_open(audyn_input_t **out, audyn_uri_t *uri,
                              const audyn_sdp_session_t *session,
                              const audyn_input_config_t *config, audyn_error_t *error);

#endif
