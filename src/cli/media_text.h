// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a description says of a stream, for people and for reports.

#ifndef AUDYN_CLI_MEDIA_TEXT_H
#define AUDYN_CLI_MEDIA_TEXT_H

#include "net/sdp_parse.h"

#include <jansson.h>

#define AUDYN_MEDIACLK_TEXT 128

/// As in the description, such as "direct=0 rate=1000/1001"; empty: not said.
void audyn_media_format_clock(char text[AUDYN_MEDIACLK_TEXT],
                              const audyn_mediaclk_t *clock);

/// By `ptime` or `framecount`; 0: not said.
double audyn_media_packet_time_ms(const audyn_sdp_media_t *media);

/// Adds packet time and size, clocks and the order of channels; null: not said.
void audyn_media_add(json_t *json, const audyn_sdp_media_t *media);

#endif
