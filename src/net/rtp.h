// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// RTP packets (RFC 3550) that carry L16 or L24 audio (RFC 3551, RFC 3190).

#ifndef AUDYN_NET_RTP_H
#define AUDYN_NET_RTP_H

#include <audyn/attributes.h>
#include <audyn/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDYN_RTP_HEADER_BYTES 12

/// What a packet says, and where its payload lies in the buffer that was parsed.
typedef struct {
    uint8_t payload_type; ///< 0 to 127
    uint16_t sequence;    ///< RTP sequence number
    uint32_t timestamp;   ///< RTP timestamp, in sample frames
    uint32_t ssrc;
    const uint8_t *payload; ///< CSRC, header extension and padding left out
    size_t payload_bytes;
} audyn_rtp_packet_t;

typedef enum {
    AUDYN_RTP_OK,
    AUDYN_RTP_MALFORMED, ///< another version, or shorter than its own fields say
    AUDYN_RTP_RTCP,      ///< RTCP: packet types 192 to 223 (RFC 5761, section 4)
} audyn_rtp_kind_t;

audyn_rtp_kind_t audyn_rtp_parse(audyn_rtp_packet_t *packet, const uint8_t *bytes,
                                 size_t size) AUDYN_REALTIME;

/// Writes the AUDYN_RTP_HEADER_BYTES of a header without CSRC, extension and padding;
/// `payload` and `payload_bytes` are not looked at.
void audyn_rtp_write_header(const audyn_rtp_packet_t *packet, uint8_t *bytes);

/// "L24/48000/2": encoding, clock rate in Hz, channels (RFC 8866, `a=rtpmap`).
typedef struct {
    uint32_t bits;        ///< 16 or 24
    uint32_t sample_rate; ///< Hz: 44 100, 48 000 or 96 000
    uint32_t channels;    ///< 1 to 64; 1 where the text leaves it out
} audyn_rtp_format_t;

/// False where the text is not such a format.
bool audyn_rtp_parse_format(audyn_rtp_format_t *format, const char *text);

/// Bytes of one sample frame on the wire.
static inline uint32_t
audyn_rtp_frame_bytes(const audyn_rtp_format_t *format)
{
    return format->bits / 8 * format->channels;
}

#endif
