// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Packets of the stream into their place, and what the legs bring.  Input thread: no
// locks, allocation, logging or system calls.

#include "input/rtp_stream_private.h"

// A leg that has brought nothing yet is missed after so long: legs may be apart by 450 ms
// (SMPTE ST 2022-7, class C).
#define FIRST_PACKET_NS (1000 * AUDYN_NS_PER_MS)

// When all legs fall silent at once, none is missed.
#define TOGETHER_NS (20 * AUDYN_NS_PER_MS)

// Of audio that is the same as that of the other legs, until a leg is trusted again.
#define AGREEMENT_MS 1000

void
stream_tell(audyn_rtp_stream_t *stream, audyn_event_kind_t kind, uint64_t position,
            const audyn_arrival_t *arrival) AUDYN_REALTIME
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

void
stream_lose_signal(audyn_rtp_stream_t *stream, int64_t tai_ns) AUDYN_REALTIME
{
    if (!stream->silent) {
        stream->silent = true;
        const audyn_arrival_t moment = {.tai_ns = tai_ns, .source = stream->sender};
        stream_tell(stream, AUDYN_EVENT_NO_SIGNAL, audyn_timeline_end(stream->timeline),
                    &moment);
    }
}

void
stream_regain_signal(audyn_rtp_stream_t *stream, uint64_t position,
                     const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    if (stream->silent) {
        stream->silent = false;
        audyn_timeline_idle(stream->timeline, position);
        stream_tell(stream, AUDYN_EVENT_SIGNAL, position, arrival);
    }
}

void
stream_advance(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
               uint64_t position, const audyn_arrival_t *arrival) AUDYN_REALTIME
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
distrust(audyn_rtp_stream_t *stream, unsigned leg, uint64_t position,
         const audyn_arrival_t *arrival)
{
    audyn_rtp_leg_t *distrusted = &stream->legs[leg];
    audyn_counter_add(&distrusted->differing, 1);
    if (audyn_rtp_leg_is_trusted(distrusted)) {
        audyn_rtp_leg_distrust(distrusted);
        audyn_timeline_take_back(stream->timeline, leg);
        audyn_arrival_t moment = *arrival;
        moment.leg = leg;
        moment.source.s_addr =
            atomic_load_explicit(&distrusted->sender, memory_order_relaxed);
        stream_tell(stream, AUDYN_EVENT_LEG_DIFFERS, position, &moment);
    }
}

void
stream_stray(audyn_rtp_stream_t *stream, const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    if (stream->config.leg_count > 1 &&
        audyn_rtp_leg_stray(&stream->legs[arrival->leg], arrival->monotonic_ns,
                            stream->newest.monotonic_ns)) {
        distrust(stream, arrival->leg, audyn_timeline_end(stream->timeline), arrival);
    }
}

// Of legs that bring different audio the lowest is right.
static void
place(audyn_rtp_stream_t *stream, const audyn_samples_t *samples,
      const audyn_arrival_t *arrival, audyn_placement_t *placement)
{
    audyn_timeline_place(stream->timeline, samples, placement);
    if (!placement->differing) {
        return;
    }
    const uint32_t involved = placement->differs_from | 1U << arrival->leg;
    const uint32_t wrong = involved & (involved - 1);
    for (unsigned leg = 1; leg < stream->config.leg_count; ++leg) {
        if (wrong & 1U << leg) {
            distrust(stream, leg, samples->position, arrival);
        }
    }
}

static void
count_agreement(audyn_rtp_stream_t *stream, unsigned number, uint32_t equal,
                uint32_t differing, uint64_t end, const audyn_arrival_t *arrival)
{
    audyn_rtp_leg_t *leg = &stream->legs[number];
    audyn_counter_add(&leg->differing, differing > 0);
    const uint32_t needed = stream->config.format.sample_rate / 1000 * AGREEMENT_MS;
    if (audyn_rtp_leg_compare(leg, equal, differing, needed)) {
        audyn_arrival_t moment = *arrival;
        moment.leg = number;
        stream_tell(stream, AUDYN_EVENT_LEG_AGREES, end, &moment);
    }
}

// What comes on a leg that is not trusted is not recorded, and shows whether it should
// be: at once, or when another leg brings it too.
static void
compare(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
        const audyn_samples_t *samples, const audyn_arrival_t *arrival)
{
    audyn_placement_t placement;
    audyn_timeline_compare(stream->timeline, samples, &placement);
    if (!placement.duplicate) {
        audyn_rtp_leg_keep_early(&stream->legs[arrival->leg], packet);
    }
    count_agreement(stream, arrival->leg, placement.duplicate - placement.differing,
                    placement.differing, samples->position + samples->sample_frames,
                    arrival);
}

static void
compare_early(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
              const audyn_samples_t *samples, const audyn_arrival_t *arrival)
{
    for (unsigned i = 0; i < stream->config.leg_count; ++i) {
        audyn_rtp_leg_t *leg = &stream->legs[i];
        bool early;
        if (i == arrival->leg || audyn_rtp_leg_is_trusted(leg)) {
            continue;
        }
        const bool same = audyn_rtp_leg_had_same(leg, packet, &early);
        if (early) {
            const uint32_t frames = samples->sample_frames;
            count_agreement(stream, i, same ? frames : 0, same ? 0 : frames,
                            samples->position + frames, arrival);
        }
    }
}

static audyn_leg_order_t
note_on_leg(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
            uint64_t position, bool advances, const audyn_arrival_t *arrival)
{
    audyn_rtp_leg_t *leg = &stream->legs[arrival->leg];
    if (leg->missed) {
        leg->missed = false;
        stream_tell(stream, AUDYN_EVENT_LEG_BACK, position, arrival);
    }
    audyn_stream_clock_note(&leg->clock, position, arrival->tai_ns,
                            arrival->monotonic_ns);
    return audyn_rtp_leg_note(leg, packet->sequence, advances, arrival);
}

static void
count_packet(audyn_rtp_stream_t *stream, uint32_t sample_frames,
             const audyn_placement_t *placement, audyn_leg_order_t order)
{
    audyn_counter_add(&stream->packets, 1);
    if (placement->duplicate == sample_frames) {
        audyn_counter_add(&stream->duplicates, 1);
    } else if (order == AUDYN_LEG_OVERTAKEN) {
        audyn_counter_add(&stream->reordered, 1);
    }
    if (sample_frames < stream->least_frames) {
        stream->least_frames = sample_frames;
    }
    if (sample_frames > seen(&stream->most_frames)) {
        note(&stream->most_frames, sample_frames);
    }
}

static audyn_samples_t
samples_of(const audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
           uint64_t position, unsigned leg)
{
    return (audyn_samples_t){
        .position = position,
        .sample_frames = stream_sample_frames(stream, packet),
        .bytes = stream->config.format.bits / 8,
        .data = packet->payload,
        .decode = stream->decode,
        .leg = leg,
        .selection = stream->config.selection.channels ? &stream->config.selection : NULL,
    };
}

void
stream_accept(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
              const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    const int32_t step = (int32_t)(packet->timestamp - stream->newest.timestamp);
    const uint64_t position = stream->newest.position + (uint64_t)(int64_t)step;
    const bool trusted = audyn_rtp_leg_is_trusted(&stream->legs[arrival->leg]);
    const audyn_leg_order_t order =
        note_on_leg(stream, packet, position, step > 0, arrival);
    if (step > 0 && trusted) {
        if (arrival->monotonic_ns - stream->heard_ns > stream->stall_ns) {
            stream_lose_signal(stream, arrival->tai_ns);
        }
        stream_regain_signal(stream, position, arrival);
        stream_advance(stream, packet, position, arrival);
        stream->sender = arrival->source;
    }
    const audyn_samples_t samples = samples_of(stream, packet, position, arrival->leg);
    audyn_placement_t placement = {0};
    if (trusted) {
        stream->heard_ns = arrival->monotonic_ns;
        place(stream, &samples, arrival, &placement);
        compare_early(stream, packet, &samples, arrival);
    } else {
        compare(stream, packet, &samples, arrival);
    }
    count_packet(stream, samples.sample_frames, &placement, order);
}

bool
stream_fill_in(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
               const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    const struct newest_packet *newest = &stream->before.newest;
    const int32_t most = (int32_t)stream->config.format.sample_rate;
    const int32_t step = (int32_t)(packet->timestamp - newest->timestamp);
    const uint64_t position = newest->position + (uint64_t)(int64_t)step;
    if (!stream->before.known || packet->ssrc != stream->before.ssrc ||
        arrival->monotonic_ns - stream->before.until_ns > 0 || step < -most ||
        step > most ||
        position + stream_sample_frames(stream, packet) > stream->before.end ||
        !audyn_rtp_leg_is_trusted(&stream->legs[arrival->leg])) {
        return false;
    }
    const audyn_samples_t samples = samples_of(stream, packet, position, arrival->leg);
    audyn_placement_t placement;
    place(stream, &samples, arrival, &placement);
    audyn_counter_add(&stream->legs[arrival->leg].packets, 1);
    count_packet(stream, samples.sample_frames, &placement, AUDYN_LEG_GOES_ON);
    return true;
}

void
stream_look_after_legs(audyn_rtp_stream_t *stream, int64_t monotonic_ns) AUDYN_REALTIME
{
    for (unsigned i = 0; i < stream->config.leg_count; ++i) {
        audyn_rtp_leg_t *leg = &stream->legs[i];
        const int64_t silent_ns = monotonic_ns - leg->last_ns;
        if (silent_ns <= stream->stall_ns + TOGETHER_NS) {
            continue;
        }
        atomic_store_explicit(&leg->alive, false, memory_order_relaxed);
        const bool late = audyn_counter_get(&leg->packets) || silent_ns > FIRST_PACKET_NS;
        if (late && !leg->missed && !stream->silent) {
            leg->missed = true;
            const audyn_arrival_t moment = {
                .tai_ns =
                    stream->newest.tai_ns + monotonic_ns - stream->newest.monotonic_ns,
                .leg = i,
                .source.s_addr = atomic_load_explicit(&leg->sender, memory_order_relaxed),
            };
            stream_tell(stream, AUDYN_EVENT_LEG_LOST,
                        audyn_timeline_end(stream->timeline), &moment);
        }
    }
}
