// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Descriptions of audio streams for other devices (RFC 8866, AES67 section 8).

#ifndef AUDYN_NET_SDP_H
#define AUDYN_NET_SDP_H

#include "net/rtp.h"
#include "net/socket.h"

typedef struct {
    const char *name;             ///< of the session, for people
    uint64_t session_id;          ///< differs from all others of this origin
    uint64_t version;             ///< higher than that of earlier descriptions
    struct in_addr origin;        ///< the sender's own address
    audyn_endpoint_t destination; ///< where the packets go
    uint32_t ttl;                 ///< of multicast packets
    audyn_rtp_format_t format;
    uint8_t payload_type;
    uint32_t packet_frames; ///< sample frames in each packet
    const char *ts_refclk; ///< the clock: "localmac=…", "ptp=…" (RFC 7273, section 4)
} audyn_sdp_t;

/// Timestamps are described as the clock's sample index, `mediaclk:direct=0`.  Fails
/// with AUDYN_TOO_LARGE where the text does not fit.
audyn_status_t audyn_sdp_format(char *text, size_t size, const audyn_sdp_t *sdp);

/// Writes the description to a file that is seen either as it was before or complete.
audyn_status_t audyn_sdp_write(const char *path, const audyn_sdp_t *sdp,
                               audyn_error_t *error);

#endif
