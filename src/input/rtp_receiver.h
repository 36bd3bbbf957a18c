// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The receivers that all RTP streams share: one thread for each interface, one socket
/// for each UDP port, all groups of a port joined on it.

#ifndef AUDYN_INPUT_RTP_RECEIVER_H
#define AUDYN_INPUT_RTP_RECEIVER_H

#include "input/rtp_stream.h"
#include "net/socket.h"

/// Where a stream's packets come from and go to.
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

/// Opens the port and joins the group, so that the kernel keeps what arrives; nothing is
/// read before audyn_rtp_link_start().  On failure `*out` is NULL.
audyn_status_t
audyn_rtp_receivers_attach(audyn_rtp_receivers_t *receivers, audyn_rtp_link_t **out,
                           const audyn_rtp_route_t *route, audyn_rtp_stream_t *stream,
                           audyn_timeline_t *timeline, audyn_error_t *error);

/// From here on the receiver's thread calls the stream.
audyn_status_t audyn_rtp_link_start(audyn_rtp_link_t *link, audyn_error_t *error);

/// Of a started link: the receiver's thread runs with real-time priority.
bool audyn_rtp_link_has_priority(const audyn_rtp_link_t *link);

/// Packets that the kernel dropped because the port's socket buffer was full.
uint64_t audyn_rtp_link_overflow(const audyn_rtp_link_t *link);

/// Returns when the receiver's thread has read what had arrived, has finished the
/// timeline and has let go of the stream.  Harmless when repeated.
void audyn_rtp_link_stop(audyn_rtp_link_t *link);

/// Leaves the group; closes the port with its last stream.  Accepts NULL.
void audyn_rtp_link_detach(audyn_rtp_link_t *link);

#endif
