// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Reads what other devices say of their streams (RFC 8866, RFC 3190, RFC 4570, RFC 7273,
/// RFC 7104, SMPTE ST 2110-30).

#ifndef AUDYN_NET_SDP_PARSE_H
#define AUDYN_NET_SDP_PARSE_H

#include "core/error.h"
#include "net/rtp.h"
#include "net/socket.h"

#define AUDYN_SDP_MEDIA 16
#define AUDYN_SDP_TEXT 96

/// How RTP timestamps follow from a clock (RFC 7273, section 5).
typedef struct {
    enum {
        AUDYN_MEDIACLK_NONE,   ///< nothing is said
        AUDYN_MEDIACLK_SENDER, ///< the sender's own
        AUDYN_MEDIACLK_DIRECT, ///< the reference clock's sample index
        AUDYN_MEDIACLK_OTHER,  ///< IEEE 1722 and what may come
    } kind;
    uint32_t offset; ///< direct: the timestamp at the clock's epoch
    /// direct: the media clock runs at `rate_numerator / rate_denominator` of nominal
    uint32_t rate_numerator, rate_denominator;
} audyn_mediaclk_t;

/// One `m=audio` section, with what it takes over from the session.
typedef struct {
    audyn_endpoint_t destination;
    struct in_addr source; ///< `source-filter`: the first it includes; INADDR_ANY: none
    audyn_rtp_format_t format;
    uint8_t payload_type;
    double packet_time_ms;  ///< `ptime`; 0: not said
    uint32_t packet_frames; ///< `framecount`; 0: not said
    audyn_mediaclk_t mediaclk;
    char ts_refclk[AUDYN_SDP_TEXT];     ///< as written, without "ts-refclk:"
    char channel_order[AUDYN_SDP_TEXT]; ///< as written; empty: not said
    char mid[AUDYN_SDP_TEXT];
    unsigned duplicate_of; ///< index of the group's first leg; its own where it is alone
} audyn_sdp_media_t;

typedef struct {
    char name[AUDYN_SDP_TEXT];   ///< `s=`
    char origin[AUDYN_SDP_TEXT]; ///< `o=` without the version: names the session
    uint64_t version;            ///< of the description
    audyn_sdp_media_t media[AUDYN_SDP_MEDIA];
    unsigned media_count;
} audyn_sdp_session_t;

/// Takes the audio sections in L16 or L24 and leaves out others.  Fails with
/// AUDYN_BAD_DATA, and a sentence that names the line, where the text is no description;
/// with AUDYN_NOT_SUPPORTED where it has no section that could be recorded.
audyn_status_t audyn_sdp_parse(audyn_sdp_session_t *session, const char *text,
                               size_t size, audyn_error_t *error);

#endif
