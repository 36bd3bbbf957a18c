// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `rtp:` URIs have in common, be they inputs or destinations.

#ifndef AUDYN_INPUT_RTP_URI_H
#define AUDYN_INPUT_RTP_URI_H

#include "input/uri.h"
#include "net/rtp.h"

/// Reads `format=`, which must be there.
audyn_status_t audyn_rtp_uri_format(audyn_uri_t *uri, audyn_rtp_format_t *format,
                                    audyn_error_t *error);

#endif
