// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/sap.h"

#include <string.h>
#include <strings.h>

// RFC 2974, section 6.
#define VERSION 1U
#define HEADER_BYTES 4
#define IPV6_SOURCE 0x10U
#define DELETION 0x04U
#define ENCRYPTED 0x02U
#define COMPRESSED 0x01U

static const char sdp_type[] = "application/sdp";

// Whether the payload is SDP, which "v=0" says as well as a type in front would; a
// deletion may begin with "o=".
static bool
begins_like_sdp(const char *payload, size_t size)
{
    return (size >= 3 && !memcmp(payload, "v=0", 3)) ||
           (size >= 2 && !memcmp(payload, "o=", 2));
}

static audyn_sap_kind_t
find_sdp(audyn_sap_packet_t *packet, const char *payload, size_t size)
{
    if (!begins_like_sdp(payload, size)) {
        const char *end = memchr(payload, '\0', size);
        if (!end) {
            return AUDYN_SAP_MALFORMED;
        }
        // Types are compared without regard to case (RFC 2045, section 5.1).
        if (strcasecmp(payload, sdp_type) != 0) {
            return AUDYN_SAP_UNREADABLE;
        }
        size -= (size_t)(end + 1 - payload);
        payload = end + 1;
    }
    while (size && !payload[size - 1]) {
        --size;
    }
    packet->payload = payload;
    packet->payload_bytes = size;
    return size ? AUDYN_SAP_OK : AUDYN_SAP_MALFORMED;
}

audyn_sap_kind_t
audyn_sap_parse(audyn_sap_packet_t *packet, const uint8_t *bytes, size_t size)
{
    if (size < HEADER_BYTES || bytes[0] >> 5 != VERSION) {
        return AUDYN_SAP_MALFORMED;
    }
    if (bytes[0] & (ENCRYPTED | COMPRESSED)) {
        return AUDYN_SAP_UNREADABLE;
    }
    const size_t source_bytes = bytes[0] & IPV6_SOURCE ? 16 : 4;
    const size_t authentication_bytes = 4 * (size_t)bytes[1];
    const size_t start = HEADER_BYTES + source_bytes + authentication_bytes;
    if (size <= start) {
        return AUDYN_SAP_MALFORMED;
    }
    *packet = (audyn_sap_packet_t){
        .deletion = bytes[0] & DELETION,
        .hash = (uint16_t)(bytes[2] << 8 | bytes[3]),
        .source_bytes = source_bytes,
    };
    memcpy(packet->source, bytes + HEADER_BYTES, source_bytes);
    return find_sdp(packet, (const char *)bytes + start, size - start);
}

size_t
audyn_sap_format(uint8_t *bytes, size_t size, const audyn_sap_packet_t *packet)
{
    const size_t header_bytes = HEADER_BYTES + packet->source_bytes + sizeof sdp_type;
    if (size < header_bytes || size - header_bytes < packet->payload_bytes) {
        return 0;
    }
    bytes[0] = (uint8_t)(VERSION << 5 | (packet->source_bytes == 16 ? IPV6_SOURCE : 0) |
                         (packet->deletion ? DELETION : 0));
    bytes[1] = 0;
    bytes[2] = (uint8_t)(packet->hash >> 8);
    bytes[3] = (uint8_t)packet->hash;
    uint8_t *at = bytes + HEADER_BYTES;
    memcpy(at, packet->source, packet->source_bytes);
    memcpy(at + packet->source_bytes, sdp_type, sizeof sdp_type);
    memcpy(bytes + header_bytes, packet->payload, packet->payload_bytes);
    return header_bytes + packet->payload_bytes;
}

uint16_t
audyn_sap_hash(const char *text, size_t size)
{
    // FNV-1a, folded to 16 bits as its authors say.
    uint32_t hash = 2166136261;
    for (size_t i = 0; i < size; ++i) {
        hash = (hash ^ (uint8_t)text[i]) * 16777619;
    }
    const uint16_t folded = (uint16_t)(hash >> 16 ^ hash);
    return folded ? folded : 1;
}
