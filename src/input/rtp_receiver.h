// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The receivers that all RTP streams share: one thread for each interface, one socket
/// for each address and port.

#ifndef AUDYN_INPUT_RTP_RECEIVER_H
#define AUDYN_INPUT_RTP_RECEIVER_H

#include "input/rtp_stream.h"
#include "net/socket.h"

/// Where a leg's packets come from and go to.
typedef struct {
    audyn_endpoint_t destination; ///< group or local address, and port
    struct in_addr source;        ///< INADDR_ANY: anybody
    int interface_index;          ///< 0: the kernel's choice
} audyn_rtp_route_t;

/// What ties a stream to its receiver.
typedef struct audyn_rtp_link audyn_rtp_link_t;

/// For any number of streams.  Not real-time.  On failure `*out` is NULL.
audyn_status_t audyn_rtp_receivers_create(audyn_rtp_receivers_t **out);

/// After the last stream was detached.  Accepts NULL.
void audyn_rtp_receivers_destroy(audyn_rtp_receivers_t *receivers);

/// Opens the sockets of a stream's legs (1 to AUDYN_LEGS) and joins their groups, so that
/// the kernel keeps what arrives; nothing is read before audyn_rtp_link_start().  The
/// receiver of the first leg's interface serves all of them, so that one thread fills the
/// timeline.  `error` names the leg that failed; `*out` is then NULL.
audyn_status_t audyn_rtp_receivers_attach(audyn_rtp_receivers_t *receivers,
                                          audyn_rtp_link_t **out,
                                          const audyn_rtp_route_t *legs,
                                          unsigned leg_count, audyn_rtp_stream_t *stream,
                                          audyn_timeline_t *timeline,
                                          audyn_error_t *error);

/// From here on the receiver's thread calls the stream.
audyn_status_t audyn_rtp_link_start(audyn_rtp_link_t *link, audyn_error_t *error);

/// Of a started link: the receiver's thread runs with real-time priority.
bool audyn_rtp_link_has_priority(const audyn_rtp_link_t *link);

/// Packets that the kernel dropped since the stream was attached, because the leg's
/// socket buffer was full.
uint64_t audyn_rtp_link_overflow(const audyn_rtp_link_t *link, unsigned leg);

/// Of a started link.  As audyn_rtp_link_stop(), which is to follow, but does not wait.
void audyn_rtp_link_ask_to_stop(audyn_rtp_link_t *link);

/// Returns when the receiver's thread has read what had arrived, has finished the
/// timeline and has let go of the stream.  Harmless when repeated.
void audyn_rtp_link_stop(audyn_rtp_link_t *link);

/// Leaves the groups; closes the sockets that nobody else uses.  Accepts NULL.
void audyn_rtp_link_detach(audyn_rtp_link_t *link);

#endif
