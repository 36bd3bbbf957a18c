// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/media_text.h"

#include "core/json_text.h"

#include <stdio.h>

void
audyn_media_format_clock(char text[AUDYN_MEDIACLK_TEXT], const audyn_mediaclk_t *clock)
{
    static const char *const names[] = {
        [AUDYN_MEDIACLK_NONE] = "",
        [AUDYN_MEDIACLK_SENDER] = "sender",
        [AUDYN_MEDIACLK_DIRECT] = "direct",
        [AUDYN_MEDIACLK_OTHER] = "other",
    };
    int length = snprintf(text, AUDYN_MEDIACLK_TEXT, "%s", names[clock->kind]);
    if (clock->kind != AUDYN_MEDIACLK_DIRECT) {
        return;
    }
    length += snprintf(text + length, AUDYN_MEDIACLK_TEXT - (size_t)length, "=%u",
                       clock->offset);
    if (clock->rate_numerator != clock->rate_denominator) {
        snprintf(text + length, AUDYN_MEDIACLK_TEXT - (size_t)length, " rate=%u/%u",
                 clock->rate_numerator, clock->rate_denominator);
    }
}

double
audyn_media_packet_time_ms(const audyn_sdp_media_t *media)
{
    const double by_frames = media->packet_frames * 1e3 / media->format.sample_rate;
    return media->packet_time_ms > 0.0 ? media->packet_time_ms : by_frames;
}

void
audyn_media_add(json_t *json, const audyn_sdp_media_t *media)
{
    const double packet_time = audyn_media_packet_time_ms(media);
    char mediaclk[AUDYN_MEDIACLK_TEXT];
    audyn_media_format_clock(mediaclk, &media->mediaclk);
    json_object_set_new(json, "ptime_ms",
                        packet_time > 0.0 ? json_real(packet_time) : json_null());
    json_object_set_new(json, "packet_frames",
                        media->packet_frames ? json_integer(media->packet_frames)
                                             : json_null());
    json_object_set_new(json, "ts_refclk", audyn_json_text_or_null(media->ts_refclk));
    json_object_set_new(json, "mediaclk", audyn_json_text_or_null(mediaclk));
    json_object_set_new(json, "channel_order",
                        audyn_json_text_or_null(media->channel_order));
}
