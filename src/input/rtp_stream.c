// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Input thread: no locks, allocation, logging or system calls.

#include "input/rtp_stream_private.h"

#define DEFAULT_STALL_MS 100

// A source sends beside the stream if that goes on so much later: longer than packets
// overtake each other, on one leg and across legs (SMPTE ST 2022-7, class C).
#define BESIDE_NS (20 * AUDYN_NS_PER_MS)
#define BESIDE_LEGS_NS (500 * AUDYN_NS_PER_MS)

// What the clocks may have drifted apart in an outage keeps the silence further behind,
// so that the sender's time has not passed when it returns: up to six hours.
#define MOST_DRIFT_NS (4 * AUDYN_NS_PER_SECOND)

#define EARLY_BYTES (AUDYN_LEG_ORDER * sizeof(audyn_leg_early_t))

audyn_status_t
audyn_rtp_stream_create(audyn_rtp_stream_t **out, const audyn_rtp_stream_config_t *config,
                        audyn_timeline_t *timeline)
{
    *out = NULL;
    const unsigned legs = config->leg_count > 1 ? config->leg_count : 0;
    audyn_memory_t memory;
    const audyn_status_t status =
        audyn_memory_map(&memory, sizeof(audyn_rtp_stream_t) + legs * EARLY_BYTES,
                         AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    audyn_rtp_stream_t *stream = memory.address;
    for (unsigned i = 0; i < legs; ++i) {
        stream->legs[i].early =
            (audyn_leg_early_t *)(stream + 1) + (size_t)i * AUDYN_LEG_ORDER;
    }
    stream->memory = memory;
    stream->config = *config;
    stream->config.leg_count = config->leg_count ? config->leg_count : 1;
    stream->rate = (audyn_media_rate_t){config->format.sample_rate,
                                        config->rate_numerator, config->rate_denominator};
    stream->frame_bytes = audyn_rtp_frame_bytes(&config->format);
    const audyn_pcm_t *pcm = audyn_pcm_best();
    stream->decode = config->format.bits == 16 ? pcm->decode_l16 : pcm->decode_l24;
    stream->timeline = timeline;
    const uint32_t stall_ms = config->stall_ms ? config->stall_ms : DEFAULT_STALL_MS;
    stream->stall_ns = stall_ms * AUDYN_NS_PER_MS;
    *out = stream;
    return AUDYN_OK;
}

void
audyn_rtp_stream_destroy(audyn_rtp_stream_t *stream)
{
    if (stream) {
        audyn_memory_t memory = stream->memory;
        audyn_memory_unmap(&memory);
    }
}

static bool
has_right_payload(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet)
{
    const bool ours = stream->locked && packet->ssrc == stream->ssrc;
    const int expected = ours ? stream->payload_type : stream->config.payload_type;
    if (expected >= 0 && packet->payload_type != expected) {
        note(&stream->seen_payload_type, packet->payload_type);
        audyn_counter_add(&stream->wrong_payload_type, 1);
        return false;
    }
    const size_t bytes = packet->payload_bytes;
    if (!bytes || bytes % stream->frame_bytes ||
        bytes / stream->frame_bytes > audyn_timeline_max_placed(stream->timeline)) {
        note(&stream->seen_bytes, (uint32_t)bytes);
        audyn_counter_add(&stream->wrong_size, 1);
        return false;
    }
    return true;
}

// What was heard before this moment is beside the stream.
static int64_t
beside_before_ns(const audyn_rtp_stream_t *stream)
{
    return stream->newest.monotonic_ns -
           (stream->config.leg_count > 1 ? BESIDE_LEGS_NS : BESIDE_NS);
}

// Another source on the stream's address.  One that sends beside the stream is never
// taken for it, however long the stream stays away.
static void
hear_foreign(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
             const audyn_arrival_t *arrival, audyn_counter_t *counter)
{
    note(&stream->seen_ssrc, packet->ssrc);
    audyn_foreign_source_t *source =
        audyn_rtp_foreign_hear(&stream->foreign, packet->ssrc, arrival);
    source->neighbour |=
        source->proven && source->first.monotonic_ns < beside_before_ns(stream);
    if (source->neighbour || stream->config.has_ssrc) {
        stream_count_refused(stream, counter, arrival->leg, 1);
        return;
    }
    const audyn_probation_packet_t *last =
        stream_suspect(stream, packet, arrival, counter, INT64_MIN);
    if (last && !source->proven) {
        source->proven = true;
        source->first = audyn_rtp_probation_first(&stream->probation, last)->arrival;
    }
    stream_believe_if_welcome(stream, last);
}

// A packet of the stream's SSRC whose timestamp is not the stream's.
static void
hear_stray(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
           const audyn_arrival_t *arrival)
{
    stream_stray(stream, arrival);
    if (!audyn_rtp_leg_is_from(&stream->legs[arrival->leg], arrival->source)) {
        hear_foreign(stream, packet, arrival, &stream->wrong_timestamp);
        return;
    }
    stream_believe_if_welcome(stream, stream_suspect(stream, packet, arrival,
                                                     &stream->wrong_timestamp,
                                                     stream->newest.monotonic_ns));
}

void
audyn_rtp_stream_receive(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                         const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    if (atomic_load_explicit(&stream->status, memory_order_relaxed) ||
        !has_right_payload(stream, packet)) {
        return;
    }
    const bool ours =
        packet->ssrc == (stream->locked ? stream->ssrc : stream->config.ssrc);
    if (ours && stream->locked &&
        stream_believes(stream, packet, stream_sample_frames(stream, packet),
                        arrival->monotonic_ns)) {
        stream_accept(stream, packet, arrival);
    } else if (stream_fill_in(stream, packet, arrival)) {
        return;
    } else if (!ours && (stream->locked || stream->config.has_ssrc)) {
        hear_foreign(stream, packet, arrival, &stream->wrong_ssrc);
    } else if (stream->locked) {
        hear_stray(stream, packet, arrival);
    } else {
        stream_believe_if_welcome(stream, stream_suspect(stream, packet, arrival,
                                                         &stream->wrong_ssrc, INT64_MIN));
    }
}

void
audyn_rtp_stream_reject(audyn_rtp_stream_t *stream, audyn_rtp_kind_t kind) AUDYN_REALTIME
{
    audyn_counter_add(kind == AUDYN_RTP_RTCP ? &stream->rtcp : &stream->malformed, 1);
}

static void
tell_of_foreign(audyn_rtp_stream_t *stream, int64_t now_ns)
{
    const int64_t before_ns =
        stream->config.has_ssrc ? INT64_MAX : beside_before_ns(stream);
    uint64_t packets;
    const audyn_foreign_source_t *source =
        audyn_rtp_foreign_announce(&stream->foreign, before_ns, now_ns, &packets);
    if (source) {
        const audyn_event_t event = {
            .kind = AUDYN_EVENT_FOREIGN_SSRC,
            .leg = source->first.leg,
            .position = audyn_timeline_end(stream->timeline),
            .tai_ns = source->first.tai_ns,
            .ssrc = source->ssrc,
            .source = source->first.source,
            .count = packets,
        };
        audyn_event_push(&stream->events, &event);
    }
}

void
audyn_rtp_stream_tick(audyn_rtp_stream_t *stream, int64_t monotonic_ns) AUDYN_REALTIME
{
    tell_of_foreign(stream, monotonic_ns);
    if (!stream->locked) {
        return;
    }
    stream_look_after_legs(stream, monotonic_ns);
    if (monotonic_ns - stream->heard_ns <= stream->stall_ns) {
        return;
    }
    const int64_t silent_ns = monotonic_ns - stream->newest.monotonic_ns;
    stream_lose_signal(stream, stream->newest.tai_ns + silent_ns);
    const int64_t drift_ns = stream_drift_ns(silent_ns);
    const int64_t distance_ns =
        STREAM_IDLE_DISTANCE_NS + (drift_ns < MOST_DRIFT_NS ? drift_ns : MOST_DRIFT_NS);
    if (silent_ns > stream->stall_ns + distance_ns) {
        audyn_timeline_idle(stream->timeline,
                            stream_expected_position(stream, monotonic_ns - distance_ns));
    }
}
