// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_INPUT_RTP_STREAM_PRIVATE_H
#define AUDYN_INPUT_RTP_STREAM_PRIVATE_H

#include "core/counter.h"
#include "core/memory.h"
#include "input/rtp_foreign.h"
#include "input/rtp_legs.h"
#include "input/rtp_probation.h"

#include <stdatomic.h>

/// The silence of a stream that is gone follows the clock at this distance, so that a
/// sender which merely stumbles still finds its place.
#define STREAM_IDLE_DISTANCE_NS (1000 * AUDYN_NS_PER_MS)

/// The packet that lies furthest on the timeline: what every other one is measured by.
struct newest_packet {
    uint32_t timestamp;
    uint16_t sequence;
    uint64_t position;    // of its first sample
    int64_t monotonic_ns; // when it arrived
    int64_t tai_ns;
};

struct audyn_rtp_stream {
    // Read-only after creation.
    audyn_rtp_stream_config_t config;
    audyn_media_rate_t rate; // of the media clock
    uint32_t frame_bytes;    // of one sample frame on the wire
    int64_t stall_ns;        // without a packet for so long, the signal is gone
    audyn_pcm_decode_t *decode;
    audyn_timeline_t *timeline;
    audyn_memory_t memory;

    // The input thread's own.
    bool locked;   // the stream's SSRC and payload type are known
    bool absolute; // timestamps are TAI sample indices
    bool silent;   // there is no signal, and people were told
    uint32_t ssrc;
    uint8_t payload_type;
    struct in_addr sender; // of the last packet accepted
    struct newest_packet newest;
    int64_t heard_ns;      // when a packet came last, the newest or an older one
    uint32_t least_frames; // of the stream's packets
    struct {
        bool known;
        uint32_t ssrc;
        struct newest_packet newest;
        uint64_t end;     // where the stream began anew
        int64_t until_ns; // its packets may still come
    } before;             // the stream before it began anew, if it has several legs
    audyn_rtp_leg_t legs[AUDYN_LEGS];
    audyn_rtp_foreign_t foreign;
    audyn_rtp_probation_t probation;

    // Written by the input thread, read by whoever reports.
    audyn_counter_t packets, duplicates, reordered, restarts;
    audyn_counter_t malformed, rtcp, wrong_payload_type, wrong_size, wrong_ssrc;
    audyn_counter_t wrong_timestamp;
    _Atomic uint32_t seen_payload_type, seen_bytes, seen_ssrc; // last refused
    _Atomic uint32_t seen_step, seen_step_bytes; // sample frames that the bytes are
    _Atomic uint32_t current_ssrc;               // the stream's
    _Atomic uint32_t most_frames;                // of its packets
    _Atomic bool anchored;                       // to the media clock
    audyn_event_ring_t events;
    _Atomic audyn_status_t status; // not AUDYN_OK: the stream has failed
};

/// What is written for whoever reports.
static inline void
note(_Atomic uint32_t *seen, uint32_t value) AUDYN_REALTIME
{
    atomic_store_explicit(seen, value, memory_order_relaxed);
}

static inline uint32_t
seen(const _Atomic uint32_t *value) AUDYN_REALTIME
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

static inline uint32_t
stream_sample_frames(const audyn_rtp_stream_t *stream,
                     const audyn_rtp_packet_t *packet) AUDYN_REALTIME
{
    return (uint32_t)(packet->payload_bytes / stream->frame_bytes);
}

/// Where the local clock expects the sample of this moment.  Input thread, as all below.
uint64_t stream_expected_position(const audyn_rtp_stream_t *stream,
                                  int64_t monotonic_ns) AUDYN_REALTIME;

/// By how much the clocks of a sender and of this host may have drifted apart meanwhile.
int64_t stream_drift_ns(int64_t elapsed_ns) AUDYN_REALTIME;

/// A packet of the stream's SSRC has a timestamp that can be, given when it arrives and
/// what its sequence number says.
bool stream_believes(const audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                     uint32_t sample_frames, int64_t monotonic_ns) AUDYN_REALTIME;

/// Where the timeline begins with this packet, and whether that is the media clock's.
uint64_t stream_first_position(const audyn_rtp_stream_t *stream,
                               const audyn_rtp_packet_t *packet, int64_t tai_ns,
                               bool *absolute) AUDYN_REALTIME;

/// The same for a sender that begins anew.
uint64_t stream_restart_position(const audyn_rtp_stream_t *stream,
                                 const audyn_rtp_packet_t *packet, int64_t monotonic_ns,
                                 bool *absolute) AUDYN_REALTIME;

/// `amount` packets more that were refused on a leg for this cause.
void stream_count_refused(audyn_rtp_stream_t *stream, audyn_counter_t *counter,
                          unsigned leg, uint64_t amount) AUDYN_REALTIME;

/// A packet that cannot be believed yet is kept, and counted where `counter` says.  NULL,
/// unless it and those kept before it, but after `since_ns`, prove that there is a
/// sender.
const audyn_probation_packet_t *stream_suspect(audyn_rtp_stream_t *stream,
                                               const audyn_rtp_packet_t *packet,
                                               const audyn_arrival_t *arrival,
                                               audyn_counter_t *counter,
                                               int64_t since_ns) AUDYN_REALTIME;

/// The stream begins, or begins anew, with the source that `last` has proven, unless it
/// has to wait.  `last` may be NULL.
void stream_believe_if_welcome(audyn_rtp_stream_t *stream,
                               const audyn_probation_packet_t *last) AUDYN_REALTIME;

/// A packet of the stream, into its place.
void stream_accept(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                   const audyn_arrival_t *arrival) AUDYN_REALTIME;

/// The same for one from before the stream began anew, which a slower leg still brings;
/// false if it is none.
bool stream_fill_in(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                    const audyn_arrival_t *arrival) AUDYN_REALTIME;

/// A packet that is the stream's only by its SSRC has come on a leg.
void stream_stray(audyn_rtp_stream_t *stream,
                  const audyn_arrival_t *arrival) AUDYN_REALTIME;

/// Legs live and die.
void stream_look_after_legs(audyn_rtp_stream_t *stream,
                            int64_t monotonic_ns) AUDYN_REALTIME;

/// This packet is the newest.
void stream_advance(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                    uint64_t position, const audyn_arrival_t *arrival) AUDYN_REALTIME;

/// From the end of the timeline on there is no signal.
void stream_lose_signal(audyn_rtp_stream_t *stream, int64_t tai_ns) AUDYN_REALTIME;

/// It is back at `position`.
void stream_regain_signal(audyn_rtp_stream_t *stream, uint64_t position,
                          const audyn_arrival_t *arrival) AUDYN_REALTIME;

void stream_tell(audyn_rtp_stream_t *stream, audyn_event_kind_t kind, uint64_t position,
                 const audyn_arrival_t *arrival) AUDYN_REALTIME;

#endif
