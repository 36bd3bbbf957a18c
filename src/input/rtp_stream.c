// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Input thread: no locks, allocation, logging or system calls.

#include "input/rtp_stream_private.h"

#define DEFAULT_STALL_MS 100

// Without a packet for so long, another sender may take the stream's place; one on the
// same host, which is the same sender most likely, once the signal is gone.
#define SUCCESSION_NS (500 * AUDYN_NS_PER_MS)

// Without a packet for so long, the stream's own sender may be somewhere else in time.
#define JUMP_NS (20 * AUDYN_NS_PER_MS)

// A source sends beside the stream if that goes on so much later: longer than packets
// overtake each other, on one leg and across legs (SMPTE ST 2022-7, class C).
#define BESIDE_NS (20 * AUDYN_NS_PER_MS)
#define BESIDE_LEGS_NS (500 * AUDYN_NS_PER_MS)

// Packets in order whose sizes and timestamps disagree before the format is wrong.
#define DISAGREEMENTS 4

audyn_status_t
audyn_rtp_stream_create(audyn_rtp_stream_t **out, const audyn_rtp_stream_config_t *config,
                        audyn_timeline_t *timeline)
{
    *out = NULL;
    audyn_memory_t memory;
    const audyn_status_t status = audyn_memory_map(&memory, sizeof(audyn_rtp_stream_t),
                                                   AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    audyn_rtp_stream_t *stream = memory.address;
    stream->memory = memory;
    stream->config = *config;
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

static inline void
note(_Atomic uint32_t *seen, uint32_t value)
{
    atomic_store_explicit(seen, value, memory_order_relaxed);
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

static void
tell(audyn_rtp_stream_t *stream, audyn_event_kind_t kind, uint64_t position,
     const audyn_arrival_t *arrival)
{
    const audyn_event_t event = {
        .kind = kind,
        .leg = arrival->leg,
        .position = position,
        .tai_ns = arrival->tai_ns,
        .ssrc = stream->ssrc,
        .source = arrival->source,
    };
    audyn_event_push(&stream->events, &event);
}

// No signal from the end of the timeline on.
static void
lose_signal(audyn_rtp_stream_t *stream, int64_t tai_ns)
{
    if (!stream->silent) {
        stream->silent = true;
        const audyn_arrival_t moment = {.tai_ns = tai_ns, .source = stream->sender};
        tell(stream, AUDYN_EVENT_NO_SIGNAL, audyn_timeline_end(stream->timeline),
             &moment);
    }
}

// The signal is back at `position`.
static void
regain_signal(audyn_rtp_stream_t *stream, uint64_t position,
              const audyn_arrival_t *arrival)
{
    if (stream->silent) {
        stream->silent = false;
        audyn_timeline_idle(stream->timeline, position);
        tell(stream, AUDYN_EVENT_SIGNAL, position, arrival);
    }
}

static void
advance(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet, uint64_t position,
        const audyn_arrival_t *arrival)
{
    stream->newest = (struct newest_packet){
        .timestamp = packet->timestamp,
        .sequence = packet->sequence,
        .position = position,
        .monotonic_ns = arrival->monotonic_ns,
        .tai_ns = arrival->tai_ns,
    };
}

static void
lock_to(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *first,
        uint64_t position, bool absolute)
{
    const audyn_rtp_packet_t *packet = &first->packet;
    stream->locked = true;
    stream->absolute = absolute;
    atomic_store_explicit(&stream->anchored, absolute, memory_order_relaxed);
    stream->ssrc = packet->ssrc;
    note(&stream->current_ssrc, packet->ssrc);
    stream->payload_type = packet->payload_type;
    stream->least_frames = first->sample_frames;
    stream->most_frames = first->sample_frames;
    stream->highest_sequence = packet->sequence;
    advance(stream, packet, position, &first->arrival);
}

static void
start(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *first)
{
    bool absolute;
    const uint64_t position =
        stream_first_position(stream, &first->packet, first->arrival.tai_ns, &absolute);
    lock_to(stream, first, position, absolute);
    tell(stream, AUDYN_EVENT_STARTED, position, &first->arrival);
}

static void
restart(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *first)
{
    const bool was_absolute = stream->absolute;
    bool absolute;
    const uint64_t position = stream_restart_position(
        stream, &first->packet, first->arrival.monotonic_ns, &absolute);
    if (position > audyn_timeline_end(stream->timeline)) {
        lose_signal(stream, first->arrival.tai_ns);
    }
    lock_to(stream, first, position, absolute);
    audyn_counter_add(&stream->restarts, 1);
    tell(stream, AUDYN_EVENT_RESTARTED, position, &first->arrival);
    if (was_absolute && !absolute) {
        tell(stream, AUDYN_EVENT_CLOCK_LOST, position, &first->arrival);
    }
    regain_signal(stream, position, &first->arrival);
}

static void
count_packet(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
             uint32_t frames, const audyn_placement_t *placement)
{
    audyn_counter_add(&stream->packets, 1);
    const int16_t ahead = (int16_t)(packet->sequence - stream->highest_sequence);
    if (placement->duplicate == frames) {
        audyn_counter_add(&stream->duplicates, 1);
    } else if (ahead < 0) {
        audyn_counter_add(&stream->reordered, 1);
    }
    if (ahead > 0) {
        stream->highest_sequence = packet->sequence;
    }
    stream->least_frames = frames < stream->least_frames ? frames : stream->least_frames;
    stream->most_frames = frames > stream->most_frames ? frames : stream->most_frames;
}

// A packet of the stream, into its place.
static void
accept_packet(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
              const audyn_arrival_t *arrival)
{
    const uint32_t frames = (uint32_t)(packet->payload_bytes / stream->frame_bytes);
    const int32_t step = (int32_t)(packet->timestamp - stream->newest.timestamp);
    const uint64_t position = stream->newest.position + (uint64_t)(int64_t)step;
    if (step > 0) {
        if (arrival->monotonic_ns - stream->newest.monotonic_ns > stream->stall_ns) {
            lose_signal(stream, arrival->tai_ns);
        }
        regain_signal(stream, position, arrival);
        advance(stream, packet, position, arrival);
    }
    const audyn_samples_t samples = {
        .position = position,
        .sample_frames = frames,
        .bytes = stream->config.format.bits / 8,
        .data = packet->payload,
        .decode = stream->decode,
        .leg = arrival->leg,
        .selection = stream->config.selection.channels ? &stream->config.selection : NULL,
    };
    audyn_placement_t placement;
    audyn_timeline_place(stream->timeline, &samples, &placement);
    count_packet(stream, packet, frames, &placement);
    stream->sender = arrival->source;
}

// A source is proven: the stream begins with its first packet, and nothing is lost of it
// that was kept.
static void
believe(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *last)
{
    const uint32_t ssrc = last->packet.ssrc;
    const uint8_t payload_type = last->packet.payload_type;
    const audyn_probation_packet_t *first =
        audyn_rtp_probation_first(&stream->probation, last);
    if (stream->locked) {
        restart(stream, first);
    } else {
        start(stream, first);
    }
    audyn_rtp_foreign_forget(&stream->foreign, ssrc);
    uint64_t number = 0;
    audyn_probation_packet_t kept;
    while (audyn_rtp_probation_take(&stream->probation, &number, ssrc, payload_type,
                                    &kept)) {
        if (stream_believes(stream, &kept.packet, kept.sample_frames,
                            kept.arrival.monotonic_ns)) {
            audyn_counter_add(kept.refused, UINT64_MAX); // it is not any more
            accept_packet(stream, &kept.packet, &kept.arrival);
        }
    }
}

// Whether a source that has proven itself is the stream, as far as the stream is
// concerned.
static bool
is_welcome(const audyn_rtp_stream_t *stream, const audyn_probation_packet_t *last)
{
    if (!stream->locked) {
        return true;
    }
    const int64_t silent_ns = last->arrival.monotonic_ns - stream->newest.monotonic_ns;
    if (last->packet.ssrc == stream->ssrc) {
        return silent_ns >= JUMP_NS;
    }
    const bool same_host = last->arrival.source.s_addr == stream->sender.s_addr;
    return silent_ns > (same_host && stream->stall_ns < SUCCESSION_NS ? stream->stall_ns
                                                                      : SUCCESSION_NS);
}

// Packets in order tell how many sample frames each holds: where that is never what its
// size says, channels or sample size are not what was asked for.
static void
note_disagreement(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *last)
{
    note(&stream->seen_step, last->odd_step);
    note(&stream->seen_step_bytes, last->odd_bytes);
    if (!stream->locked &&
        audyn_rtp_probation_is_uncontested(&stream->probation, last->packet.ssrc)) {
        atomic_store_explicit(&stream->status, AUDYN_INVALID, memory_order_relaxed);
    }
}

// A packet that cannot be believed yet is kept.  NULL, unless it and those kept before it
// prove that there is a sender.
static const audyn_probation_packet_t *
suspect(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
        const audyn_arrival_t *arrival, audyn_counter_t *counter, int64_t since_ns)
{
    const uint32_t frames = (uint32_t)(packet->payload_bytes / stream->frame_bytes);
    audyn_probation_packet_t *last =
        audyn_rtp_probation_keep(&stream->probation, packet, frames, arrival, since_ns);
    const bool disagrees = last->odd_run >= DISAGREEMENTS;
    last->refused = disagrees ? &stream->wrong_size : counter;
    audyn_counter_add(last->refused, 1);
    if (disagrees) {
        note_disagreement(stream, last);
    }
    return audyn_rtp_probation_is_proven(&stream->probation, last) ? last : NULL;
}

// `last` may be NULL.
static void
believe_if_welcome(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *last)
{
    if (last && is_welcome(stream, last)) {
        believe(stream, last);
    }
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
             const audyn_arrival_t *arrival)
{
    note(&stream->seen_ssrc, packet->ssrc);
    audyn_foreign_source_t *source =
        audyn_rtp_foreign_hear(&stream->foreign, packet->ssrc, arrival);
    source->neighbour |=
        source->proven && source->first.monotonic_ns < beside_before_ns(stream);
    if (source->neighbour || stream->config.has_ssrc) {
        audyn_counter_add(&stream->wrong_ssrc, 1);
        return;
    }
    const audyn_probation_packet_t *last =
        suspect(stream, packet, arrival, &stream->wrong_ssrc, INT64_MIN);
    if (last && !source->proven) {
        source->proven = true;
        source->first = audyn_rtp_probation_first(&stream->probation, last)->arrival;
    }
    believe_if_welcome(stream, last);
}

void
audyn_rtp_stream_receive(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                         const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    if (atomic_load_explicit(&stream->status, memory_order_relaxed) ||
        !has_right_payload(stream, packet)) {
        return;
    }
    const uint32_t frames = (uint32_t)(packet->payload_bytes / stream->frame_bytes);
    const bool ours =
        packet->ssrc == (stream->locked ? stream->ssrc : stream->config.ssrc);
    if (!ours && (stream->locked || stream->config.has_ssrc)) {
        hear_foreign(stream, packet, arrival);
    } else if (!stream->locked) {
        believe_if_welcome(
            stream, suspect(stream, packet, arrival, &stream->wrong_ssrc, INT64_MIN));
    } else if (stream_believes(stream, packet, frames, arrival->monotonic_ns)) {
        accept_packet(stream, packet, arrival);
    } else {
        believe_if_welcome(stream,
                           suspect(stream, packet, arrival, &stream->wrong_timestamp,
                                   stream->newest.monotonic_ns));
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
    const int64_t silent_ns = monotonic_ns - stream->newest.monotonic_ns;
    if (!stream->locked || silent_ns <= stream->stall_ns) {
        return;
    }
    lose_signal(stream, stream->newest.tai_ns + silent_ns);
    const int64_t distance_ns = STREAM_IDLE_DISTANCE_NS + stream_drift_ns(silent_ns);
    if (silent_ns > stream->stall_ns + distance_ns) {
        audyn_timeline_idle(stream->timeline,
                            stream_expected_position(stream, monotonic_ns - distance_ns));
    }
}
