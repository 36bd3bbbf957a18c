// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/sdp.h"

#include "core/small_file.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

// The text as far as it is written.
struct text {
    char *bytes;
    size_t size, length;
    bool overflow;
};

static void add_line(struct text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void
add_line(struct text *text, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(text->bytes + text->length, text->size - text->length,
                                 format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length + 2 >= text->size - text->length) {
        text->overflow = true;
        return;
    }
    memcpy(text->bytes + text->length + length, "\r\n", 3);
    text->length += (size_t)length + 2;
}

// The name must stay one line, and may not be empty (RFC 8866, section 5.3).
static void
add_name(struct text *text, const char *name)
{
    char line[256];
    snprintf(line, sizeof line, "%s", *name ? name : "-");
    for (char *c = line; *c; ++c) {
        *c = iscntrl((unsigned char)*c) ? '_' : *c;
    }
    add_line(text, "s=%s", line);
}

// In milliseconds: exact where three digits suffice, else with two, as AES67 writes it
// (0.33, 1.09).
static void
add_packet_time(struct text *text, const audyn_sdp_t *sdp)
{
    const uint64_t frames_ns = sdp->packet_frames * UINT64_C(1000000000);
    const bool exact = frames_ns % (sdp->format.sample_rate * UINT64_C(1000)) == 0;
    char time[32];
    int length = snprintf(time, sizeof time, "%.*f", exact ? 3 : 2,
                          sdp->packet_frames * 1e3 / sdp->format.sample_rate);
    while (time[length - 1] == '0') {
        time[--length] = '\0';
    }
    if (time[length - 1] == '.') {
        time[--length] = '\0';
    }
    add_line(text, "a=ptime:%s", time);
}

// SMPTE ST 2110-30, section 6.2.2.
static void
add_channel_order(struct text *text, const audyn_sdp_t *sdp)
{
    const uint32_t channels = sdp->format.channels;
    char undefined[8];
    snprintf(undefined, sizeof undefined, "U%02u", channels % 100);
    const char *order = channels == 1   ? "M"
                        : channels == 2 ? "ST"
                        : channels == 6 ? "51"
                        : channels == 8 ? "71"
                                        : undefined;
    add_line(text, "a=fmtp:%u channel-order=SMPTE2110.(%s)", sdp->payload_type, order);
}

static void
add_connection(struct text *text, const audyn_sdp_t *sdp)
{
    char address[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &sdp->destination.address, address, sizeof address);
    if (audyn_address_is_multicast(sdp->destination.address)) {
        add_line(text, "c=IN IP4 %s/%u", address, sdp->ttl);
    } else {
        add_line(text, "c=IN IP4 %s", address);
    }
}

audyn_status_t
audyn_sdp_format(char *text, size_t size, const audyn_sdp_t *sdp)
{
    struct text out = {.bytes = text, .size = size};
    const audyn_rtp_format_t *format = &sdp->format;
    char origin[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &sdp->origin, origin, sizeof origin);
    add_line(&out, "v=0");
    add_line(&out, "o=- %" PRIu64 " %" PRIu64 " IN IP4 %s", sdp->session_id, sdp->version,
             origin);
    add_name(&out, sdp->name);
    add_connection(&out, sdp);
    add_line(&out, "t=0 0");
    add_line(&out, "m=audio %u RTP/AVP %u", sdp->destination.port, sdp->payload_type);
    add_line(&out, "a=rtpmap:%u L%u/%u/%u", sdp->payload_type, format->bits,
             format->sample_rate, format->channels);
    add_channel_order(&out, sdp);
    add_packet_time(&out, sdp);
    add_line(&out, "a=framecount:%u", sdp->packet_frames);
    add_line(&out, "a=ts-refclk:%s", sdp->ts_refclk);
    add_line(&out, "a=mediaclk:direct=0");
    add_line(&out, "a=recvonly");
    return out.overflow ? AUDYN_TOO_LARGE : AUDYN_OK;
}

audyn_status_t
audyn_sdp_write(const char *path, const audyn_sdp_t *sdp, audyn_error_t *error)
{
    char text[2048];
    if (audyn_sdp_format(text, sizeof text, sdp)) {
        return audyn_error_set(error, AUDYN_TOO_LARGE,
                               "the description '%s' would be longer than %zu bytes",
                               path, sizeof text);
    }
    return audyn_small_file_write(path, text, error);
}
