// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/rtp_uri.h"

#include <stdlib.h>
#include <string.h>

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

// A channel from 1 to AUDYN_SELECT_CHANNELS; 0 where there is none.
static uint32_t
parse_channel(const char **text)
{
    static const char digits[] = "0123456789";
    const size_t length = strspn(*text, digits);
    const unsigned long channel = length ? strtoul(*text, NULL, 10) : 0; // saturates
    *text += length;
    return channel <= AUDYN_SELECT_CHANNELS ? (uint32_t)channel : 0;
}

// "5" or "5-6".  Returns what is wrong with it, or NULL.
static const char *
parse_range(audyn_selection_t *selection, const char **text)
{
    const uint32_t first = parse_channel(text);
    uint32_t last = first;
    if (**text == '-') {
        ++*text;
        last = parse_channel(text);
    }
    if (!first || !last || (**text && **text != ',')) {
        return "this must be a list of channels such as 5-6 or 1,3, counted from 1 to 64";
    }
    if (last < first) {
        return "a range goes upwards; for another order write one by one, such as 6,5";
    }
    for (uint32_t channel = first; channel <= last; ++channel) {
        if (!audyn_selection_add(selection, channel - 1)) {
            return "a channel can be there only once";
        }
    }
    return NULL;
}

audyn_status_t
audyn_rtp_uri_channels(audyn_uri_t *uri, audyn_selection_t *selection,
                       audyn_error_t *error)
{
    *selection = (audyn_selection_t){0};
    const char *text = audyn_uri_option(uri, "channels");
    if (!text) {
        return AUDYN_OK;
    }
    const char *rest = text;
    const char *problem;
    do {
        problem = parse_range(selection, &rest);
    } while (!problem && *rest++ == ',');
    return problem
               ? audyn_error_set(error, AUDYN_INVALID, "channels=%s: %s", text, problem)
               : AUDYN_OK;
}

audyn_status_t
audyn_rtp_uri_fit_channels(audyn_selection_t *selection, uint32_t channels,
                           audyn_error_t *error)
{
    selection->stride = channels;
    const uint32_t end = audyn_selection_end(selection);
    if (end > channels) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "channels=: there is no channel %u; the stream has %u, "
                               "counted from 1",
                               end, channels);
    }
    if (audyn_selection_is_whole(selection)) {
        *selection = (audyn_selection_t){0};
    }
    return AUDYN_OK;
}
