// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/rtp.h"

#include <string.h>

#define VERSION 2U
#define PADDING 0x20U
#define EXTENSION 0x10U
#define CSRC_COUNT 0x0FU
#define PAYLOAD_TYPE 0x7FU

static uint32_t
read_u16(const uint8_t *bytes) AUDYN_REALTIME
{
    return (uint32_t)bytes[0] << 8 | bytes[1];
}

static uint32_t
read_u32(const uint8_t *bytes) AUDYN_REALTIME
{
    return read_u16(bytes) << 16 | read_u16(bytes + 2);
}

static void
write_u16(uint8_t *bytes, uint32_t value)
{
    bytes[0] = (uint8_t)(value >> 8);
    bytes[1] = (uint8_t)value;
}

static void
write_u32(uint8_t *bytes, uint32_t value)
{
    write_u16(bytes, value >> 16);
    write_u16(bytes + 2, value);
}

// Where the payload begins (RFC 3550, sections 5.1 and 5.3.1), or 0: the packet ends
// before that.
static size_t
find_payload(const uint8_t *bytes, size_t size) AUDYN_REALTIME
{
    size_t start = AUDYN_RTP_HEADER_BYTES + 4 * (size_t)(bytes[0] & CSRC_COUNT);
    if (bytes[0] & EXTENSION) {
        if (size < start + 4) {
            return 0;
        }
        start += 4 + 4 * (size_t)read_u16(bytes + start + 2);
    }
    return size < start ? 0 : start;
}

audyn_rtp_kind_t
audyn_rtp_parse(audyn_rtp_packet_t *packet, const uint8_t *bytes,
                size_t size) AUDYN_REALTIME
{
    if (size < 2 || bytes[0] >> 6 != VERSION) {
        return AUDYN_RTP_MALFORMED;
    }
    // As RTP these would be payload types 64 to 95 with the marker set, which nobody
    // uses for that reason.
    if (bytes[1] >= 192 && bytes[1] <= 223) {
        return AUDYN_RTP_RTCP;
    }
    if (size < AUDYN_RTP_HEADER_BYTES) {
        return AUDYN_RTP_MALFORMED;
    }
    const size_t start = find_payload(bytes, size);
    if (!start) {
        return AUDYN_RTP_MALFORMED;
    }
    size_t padding = 0;
    if (bytes[0] & PADDING) {
        // The last byte counts itself.
        padding = bytes[size - 1];
        if (padding == 0 || padding > size - start) {
            return AUDYN_RTP_MALFORMED;
        }
    }
    *packet = (audyn_rtp_packet_t){
        .payload_type = bytes[1] & PAYLOAD_TYPE,
        .sequence = (uint16_t)read_u16(bytes + 2),
        .timestamp = read_u32(bytes + 4),
        .ssrc = read_u32(bytes + 8),
        .payload = bytes + start,
        .payload_bytes = size - start - padding,
    };
    return AUDYN_RTP_OK;
}

void
audyn_rtp_write_header(const audyn_rtp_packet_t *packet, uint8_t *bytes)
{
    bytes[0] = VERSION << 6;
    bytes[1] = packet->payload_type & PAYLOAD_TYPE;
    write_u16(bytes + 2, packet->sequence);
    write_u32(bytes + 4, packet->timestamp);
    write_u32(bytes + 8, packet->ssrc);
}

// A whole number without sign or leading zeros, up to `most`, with what follows it left
// in `*text`; 0 where there is none.
static uint32_t
read_number(const char **text, uint32_t most)
{
    uint32_t number = 0;
    for (; **text >= '0' && **text <= '9'; ++*text) {
        number = number * 10 + (uint32_t)(**text - '0');
        if (number == 0 || number > most) {
            return 0;
        }
    }
    return number;
}

bool
audyn_rtp_parse_format(audyn_rtp_format_t *format, const char *text)
{
    // Names of encodings are compared without regard to case (RFC 4855, section 3).
    audyn_rtp_format_t found = {.channels = 1};
    if (!strncmp(text, "L16/", 4) || !strncmp(text, "l16/", 4)) {
        found.bits = 16;
    } else if (!strncmp(text, "L24/", 4) || !strncmp(text, "l24/", 4)) {
        found.bits = 24;
    } else {
        return false;
    }
    text += 4;
    found.sample_rate = read_number(&text, 96000);
    if (*text == '/') {
        ++text;
        found.channels = read_number(&text, 64);
    }
    const bool known_rate = found.sample_rate == 44100 || found.sample_rate == 48000 ||
                            found.sample_rate == 96000;
    if (*text || !known_rate || !found.channels) {
        return false;
    }
    *format = found;
    return true;
}
