// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Announcements of sessions (RFC 2974).

#ifndef AUDYN_NET_SAP_H
#define AUDYN_NET_SAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDYN_SAP_PORT 9875
#define AUDYN_SAP_GLOBAL "224.2.127.254"  ///< for global scope (section 3)
#define AUDYN_SAP_LOCAL "239.255.255.255" ///< for administrative scopes, and AES67's
#define AUDYN_SAP_PIPEWIRE "224.0.0.56"   ///< PipeWire's own default

/// What a packet says, and where its payload lies in the buffer that was parsed.
typedef struct {
    bool deletion;       ///< withdraws the session instead of announcing it
    uint16_t hash;       ///< of this version of the announcement; 0: none
    uint8_t source[16];  ///< the announcer's address, in network byte order
    size_t source_bytes; ///< 4: IPv4; 16: IPv6
    /// An SDP description; of a deletion perhaps its "o=" line alone.
    const char *payload;
    size_t payload_bytes; ///< NULs at the end left out
} audyn_sap_packet_t;

typedef enum {
    AUDYN_SAP_OK,
    AUDYN_SAP_MALFORMED,  ///< another version, or shorter than its own fields say
    AUDYN_SAP_UNREADABLE, ///< encrypted, compressed, or not SDP
} audyn_sap_kind_t;

/// An authentication header is skipped: nobody has the keys.
audyn_sap_kind_t audyn_sap_parse(audyn_sap_packet_t *packet, const uint8_t *bytes,
                                 size_t size);

/// Without authentication, and with the payload's type.  Returns the packet's length, or
/// 0 where it does not fit into `size` bytes.
size_t audyn_sap_format(uint8_t *bytes, size_t size, const audyn_sap_packet_t *packet);

/// A hash of a description, the same wherever it is made; never 0, which would mean that
/// there is none.
uint16_t audyn_sap_hash(const char *text, size_t size);

#endif
