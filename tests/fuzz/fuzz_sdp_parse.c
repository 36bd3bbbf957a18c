// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are a session description from a stranger.

#include "fuzz_target.h"

#include "net/sdp_parse.h"

#include <ctype.h>
#include <string.h>

// That it ends, and that nothing in it moves a terminal's cursor.
static void
check_text(const char text[AUDYN_SDP_TEXT])
{
    const size_t length = strnlen(text, AUDYN_SDP_TEXT);
    EXPECT(length < AUDYN_SDP_TEXT);
    for (size_t i = 0; i < length; ++i) {
        EXPECT(!iscntrl((unsigned char)text[i]));
    }
}

static void
check_media(const audyn_sdp_session_t *session, unsigned index)
{
    const audyn_sdp_media_t *media = &session->media[index];
    EXPECT(media->format.bits == 16 || media->format.bits == 24);
    EXPECT(media->format.channels >= 1 && media->format.channels <= 64);
    EXPECT(media->format.sample_rate);
    EXPECT(media->payload_type <= 127);
    EXPECT(media->destination.port && media->destination.address.s_addr);
    EXPECT(media->packet_time_ms >= 0.0 && media->packet_time_ms <= 10000.0);
    if (media->mediaclk.kind == AUDYN_MEDIACLK_DIRECT) {
        EXPECT(media->mediaclk.rate_numerator && media->mediaclk.rate_denominator);
    }
    check_text(media->ts_refclk);
    check_text(media->channel_order);
    check_text(media->mid);
    EXPECT(media->duplicate_of <= index);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static audyn_sdp_session_t session;
    memset(&session, 0xA5, sizeof session);
    audyn_error_t error = {""};
    const audyn_status_t status =
        audyn_sdp_parse(&session, (const char *)bytes, size, &error);
    if (status) {
        EXPECT(status == AUDYN_BAD_DATA || status == AUDYN_NOT_SUPPORTED);
        EXPECT(error.text[0]);
        return 0;
    }
    EXPECT(session.media_count >= 1 && session.media_count <= AUDYN_SDP_MEDIA);
    check_text(session.name);
    check_text(session.origin);
    for (unsigned i = 0; i < session.media_count; ++i) {
        check_media(&session, i);
    }
    return 0;
}
