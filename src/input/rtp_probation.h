// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Packets of sources that are not believed yet: kept, so that believing a source later
/// costs none of its packets, the first one included.
///
/// RFC 3550 A.1 believes a source after two packets in order.  Here it takes
/// AUDYN_PROBATION_RUN, so that a flood of pairs is not believed either; fewer, from two
/// on, where the first of them would otherwise be lost for want of room.

#ifndef AUDYN_INPUT_RTP_PROBATION_H
#define AUDYN_INPUT_RTP_PROBATION_H

#include "core/counter.h"
#include "input/rtp_stream.h"

/// Packets in order that prove a source.
#define AUDYN_PROBATION_RUN 8

/// How many packets are kept, and bytes of their payloads: the last ones.
#define AUDYN_PROBATION_PACKETS 512
#define AUDYN_PROBATION_BYTES (128U * 1024)

/// A packet that is kept.
typedef struct {
    audyn_rtp_packet_t packet; ///< its payload lies in the store
    audyn_arrival_t arrival;
    audyn_counter_t *refused; ///< where it was counted; the user's
    uint64_t stored;          ///< where in the bytes ever stored its payload begins
    uint64_t head;            ///< number of the first packet of its run
    uint32_t sample_frames;
    uint32_t odd_bytes, odd_step; ///< of the packet before: as many bytes in that step
    uint8_t run;                  ///< packets in order up to this one
    uint8_t odd_run;              ///< packets whose steps tell of another format
} audyn_probation_packet_t;

/// Start with all zero.  The input thread's own.
typedef struct {
    audyn_counter_t sources;                ///< heard anew; read by whoever reports
    uint64_t count;                         ///< packets ever; the number of the next one
    uint64_t stored;                        ///< bytes ever
    uint32_t ssrc[AUDYN_PROBATION_PACKETS]; ///< of each, for a quick search
    bool present[AUDYN_PROBATION_PACKETS];  ///< not yet taken
    audyn_probation_packet_t packets[AUDYN_PROBATION_PACKETS];
    uint8_t bytes[AUDYN_PROBATION_BYTES];
} audyn_rtp_probation_t;

/// Keeps a packet of `sample_frames`, and finds those of its source that it is in order
/// with and that arrived after `since_ns`.  Valid until the next one is kept.
audyn_probation_packet_t *audyn_rtp_probation_keep(audyn_rtp_probation_t *probation,
                                                   const audyn_rtp_packet_t *packet,
                                                   uint32_t sample_frames,
                                                   const audyn_arrival_t *arrival,
                                                   int64_t since_ns) AUDYN_REALTIME;

/// The source of this packet, the last one kept, is proven by it and those before it.
bool audyn_rtp_probation_is_proven(const audyn_rtp_probation_t *probation,
                                   const audyn_probation_packet_t *last) AUDYN_REALTIME;

/// All that are kept are of one source.
bool audyn_rtp_probation_is_uncontested(const audyn_rtp_probation_t *probation,
                                        uint32_t ssrc) AUDYN_REALTIME;

/// The first packet of the run of `last` that is still there, payload included; at worst
/// `last` itself.
const audyn_probation_packet_t *
audyn_rtp_probation_first(const audyn_rtp_probation_t *probation,
                          const audyn_probation_packet_t *last) AUDYN_REALTIME;

/// Takes the next packet of a source, in order of arrival, payload type and payload as
/// they came; false when there is no more.  Start with `*number` 0.
bool audyn_rtp_probation_take(audyn_rtp_probation_t *probation, uint64_t *number,
                              uint32_t ssrc, uint8_t payload_type,
                              audyn_probation_packet_t *taken) AUDYN_REALTIME;

#endif
