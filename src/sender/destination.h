// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where and in what form a sender sends.

#ifndef AUDYN_SENDER_DESTINATION_H
#define AUDYN_SENDER_DESTINATION_H

#include "net/rtp.h"
#include "net/socket.h"

/// AES67, section 7.3: more would not fit an Ethernet frame with all headers.
#define AUDYN_MAX_PAYLOAD_BYTES 1440

typedef struct {
    audyn_endpoint_t endpoint;
    int interface_index; ///< 0: the kernel's choice
    audyn_rtp_format_t format;
    uint8_t payload_type;
    uint32_t ssrc;
    uint32_t ttl;
    uint32_t dscp;
    uint32_t packet_frames; ///< sample frames in each packet
} audyn_destination_t;

/// Reads `rtp://ADDRESS:PORT?format=L24/48000/2&pt=98&iface=lo&ssrc=N&ttl=N&dscp=N`, and
/// the packet time as AES67 names it: "125us", "250us", "333us", "1ms" or "4ms".
audyn_status_t audyn_destination_parse(audyn_destination_t *destination, const char *uri,
                                       const char *packet_time, audyn_error_t *error);

#endif
