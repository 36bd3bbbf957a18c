// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are a packet from a stranger, and then a format out of a stranger's SDP.

#include "fuzz_target.h"

#include "net/rtp.h"

#include <string.h>
#include <strings.h>

// What RFC 3550 says of the fixed header, read once more in the plainest way.
static void
check_header(const audyn_rtp_packet_t *packet, const uint8_t *bytes)
{
    uint8_t header[AUDYN_RTP_HEADER_BYTES];
    audyn_rtp_write_header(packet, header);
    EXPECT(bytes[0] >> 6 == 2);
    EXPECT(header[0] == 0x80);
    EXPECT(header[1] == (bytes[1] & 0x7F));
    EXPECT(!memcmp(header + 2, bytes + 2, sizeof header - 2));
}

// Bytes of payload (RFC 3550, section 5.1), or negative: the packet is too short.
static long
payload_bytes(const uint8_t *bytes, long size)
{
    long start = 12;
    if (size >= start) {
        start += 4 * (bytes[0] & 15);
    }
    if (size >= 12 && bytes[0] & 16) {
        const long extension = start + 4;
        start = size < extension
                    ? extension
                    : extension + 4 * (bytes[start + 2] * 256 + bytes[start + 3]);
    }
    if (size >= start && bytes[0] & 32) {
        return bytes[size - 1] ? size - start - bytes[size - 1] : -1;
    }
    return size - start;
}

static void
check_packet(const uint8_t *bytes, size_t size)
{
    static const audyn_rtp_packet_t untouched = {.ssrc = 0x5A5A5A5A};
    audyn_rtp_packet_t packet = untouched;
    const audyn_rtp_kind_t kind = audyn_rtp_parse(&packet, bytes, size);
    const long payload = payload_bytes(bytes, (long)size);
    if (size < 2 || bytes[0] >> 6 != 2) {
        EXPECT(kind == AUDYN_RTP_MALFORMED);
    } else if (bytes[1] >= 192 && bytes[1] <= 223) {
        EXPECT(kind == AUDYN_RTP_RTCP);
    } else {
        EXPECT(kind == (payload < 0 ? AUDYN_RTP_MALFORMED : AUDYN_RTP_OK));
    }
    if (kind == AUDYN_RTP_OK) {
        const size_t padding = bytes[0] & 32 ? bytes[size - 1] : 0;
        check_header(&packet, bytes);
        EXPECT((long)packet.payload_bytes == payload);
        EXPECT(packet.payload + packet.payload_bytes + padding == bytes + size);
    } else {
        EXPECT(!memcmp(&packet, &untouched, sizeof packet));
    }
}

static void
check_format(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    EXPECT(text);
    memcpy(text, bytes, size);
    text[size] = '\0';
    audyn_rtp_format_t format = {0};
    if (audyn_rtp_parse_format(&format, text)) {
        char written[32];
        snprintf(written, sizeof written, "L%u/%u/%u", format.bits, format.sample_rate,
                 format.channels);
        audyn_rtp_format_t again = {0};
        EXPECT(audyn_rtp_parse_format(&again, written));
        EXPECT(!memcmp(&again, &format, sizeof format));
        // One channel may be left out, and nothing else.
        const size_t without = strlen(written) - strlen("/1");
        EXPECT(!strcasecmp(text, written) ||
               (format.channels == 1 && strlen(text) == without &&
                !strncasecmp(text, written, without)));
        EXPECT(format.channels >= 1 && format.channels <= 64);
        EXPECT(audyn_rtp_frame_bytes(&format) <= 64 * 3);
    } else {
        EXPECT(!format.bits && !format.sample_rate && !format.channels);
    }
    free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    if (size) { // else there is no buffer either
        check_packet(bytes, size);
        check_format(bytes, size);
    }
    return 0;
}
