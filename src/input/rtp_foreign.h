// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Sources on a stream's address that are not the stream: by their SSRC or, where that is
/// the stream's by mistake, by the address that they send from.

#ifndef AUDYN_INPUT_RTP_FOREIGN_H
#define AUDYN_INPUT_RTP_FOREIGN_H

#include "input/rtp_stream.h"

/// So many are remembered: those that have proven to be senders before others.
#define AUDYN_FOREIGN_SOURCES 16

typedef struct {
    uint32_t ssrc;
    audyn_arrival_t first; ///< when it was heard first, and from where
    int64_t last_ns;       ///< when it was heard last; monotonic
    bool heard;            ///< this entry is in use
    bool proven;           ///< it has sent packets in order
    bool neighbour;        ///< it sends beside the stream, hence is never taken for it
    bool announced;
} audyn_foreign_source_t;

/// Start with all zero.  The input thread's own.
typedef struct {
    audyn_foreign_source_t sources[AUDYN_FOREIGN_SOURCES];
    uint64_t packets;     ///< refused since the last announcement
    int64_t announced_ns; ///< when that was; 0: never
} audyn_rtp_foreign_t;

/// A packet of such a source.  The source is valid until the next one is heard.
audyn_foreign_source_t *
audyn_rtp_foreign_hear(audyn_rtp_foreign_t *foreign, uint32_t ssrc,
                       const audyn_arrival_t *arrival) AUDYN_REALTIME;

/// It is the stream's own now.
void audyn_rtp_foreign_forget(audyn_rtp_foreign_t *foreign, uint32_t ssrc,
                              struct in_addr address) AUDYN_REALTIME;

/// The next source that people should know of, once and a few a second at most: one that
/// was heard before `before_ns`.  NULL: there is none.
const audyn_foreign_source_t *
audyn_rtp_foreign_announce(audyn_rtp_foreign_t *foreign, int64_t before_ns,
                           int64_t now_ns, uint64_t *packets) AUDYN_REALTIME;

#endif
