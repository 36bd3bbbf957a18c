// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/rtp_uri.h"

audyn_status_t
audyn_rtp_uri_format(audyn_uri_t *uri, audyn_rtp_format_t *format, audyn_error_t *error)
{
    const char *text = audyn_uri_option(uri, "format");
    if (!text) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "rtp: needs format=, such as format=L24/48000/2");
    }
    if (!audyn_rtp_parse_format(format, text)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "format=%s is not one of L16 or L24, with 44100, 48000 or "
                               "96000 Hz and 1 to 64 channels, such as L24/48000/2",
                               text);
    }
    return AUDYN_OK;
}
