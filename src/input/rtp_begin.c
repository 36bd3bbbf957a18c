// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// When the stream begins, and when it begins anew.  Input thread: no locks, allocation,
// logging or system calls.

#include "input/rtp_stream_private.h"

// Without a packet for so long, another sender may take the stream's place; one on the
// same host, which is the same sender most likely, once the signal is gone.
#define SUCCESSION_NS (500 * AUDYN_NS_PER_MS)

// Without a packet for so long, the stream's own sender may be somewhere else in time.
#define JUMP_NS (20 * AUDYN_NS_PER_MS)

// So long after a new start other legs may still bring packets from before it.
#define BEFORE_NS (1000 * AUDYN_NS_PER_MS)

// Packets in order whose sizes and timestamps disagree before the format is wrong.
#define DISAGREEMENTS 4

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
    note(&stream->most_frames, first->sample_frames);
    stream_advance(stream, packet, position, &first->arrival);
    stream->heard_ns = first->arrival.monotonic_ns;
    stream->sender = first->arrival.source;
    for (unsigned i = 0; i < stream->config.leg_count; ++i) {
        audyn_rtp_leg_begin(&stream->legs[i], first->arrival.monotonic_ns);
        audyn_stream_clock_begin(&stream->legs[i].clock, &stream->rate, absolute);
    }
}

static void
start(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *first)
{
    bool absolute;
    const uint64_t position =
        stream_first_position(stream, &first->packet, first->arrival.tai_ns, &absolute);
    lock_to(stream, first, position, absolute);
    stream_tell(stream, AUDYN_EVENT_STARTED, position, &first->arrival);
}

// What a slower leg still brings from before a new start has its place.
static void
remember(audyn_rtp_stream_t *stream, uint64_t position, int64_t monotonic_ns)
{
    stream->before.known = stream->config.leg_count > 1;
    stream->before.ssrc = stream->ssrc;
    stream->before.newest = stream->newest;
    stream->before.end = position;
    stream->before.until_ns = monotonic_ns + BEFORE_NS;
}

static void
restart(audyn_rtp_stream_t *stream, const audyn_probation_packet_t *first)
{
    const bool was_absolute = stream->absolute;
    bool absolute;
    const uint64_t position = stream_restart_position(
        stream, &first->packet, first->arrival.monotonic_ns, &absolute);
    if (position > audyn_timeline_end(stream->timeline)) {
        stream_lose_signal(stream, first->arrival.tai_ns);
    }
    remember(stream, position, first->arrival.monotonic_ns);
    lock_to(stream, first, position, absolute);
    audyn_counter_add(&stream->restarts, 1);
    stream_tell(stream, AUDYN_EVENT_RESTARTED, position, &first->arrival);
    if (was_absolute && !absolute) {
        stream_tell(stream, AUDYN_EVENT_CLOCK_LOST, position, &first->arrival);
    }
    stream_regain_signal(stream, position, &first->arrival);
}

void
stream_count_refused(audyn_rtp_stream_t *stream, audyn_counter_t *counter, unsigned leg,
                     uint64_t amount) AUDYN_REALTIME
{
    audyn_counter_add(counter, amount);
    if (counter == &stream->wrong_ssrc) {
        audyn_counter_add(&stream->legs[leg].refused_ssrc, amount);
    }
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
    audyn_rtp_foreign_forget(&stream->foreign, ssrc, last->arrival.source);
    uint64_t number = 0;
    audyn_probation_packet_t kept;
    while (audyn_rtp_probation_take(&stream->probation, &number, ssrc, payload_type,
                                    &kept)) {
        stream_count_refused(stream, kept.refused, kept.arrival.leg,
                             UINT64_MAX); // it is not any more
        if (stream_believes(stream, &kept.packet, kept.sample_frames,
                            kept.arrival.monotonic_ns)) {
            stream_accept(stream, &kept.packet, &kept.arrival);
        } else {
            audyn_counter_add(&stream->wrong_timestamp, 1);
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
    const audyn_rtp_leg_t *leg = &stream->legs[last->arrival.leg];
    const bool ours = last->packet.ssrc == stream->ssrc;
    if (ours && !audyn_rtp_leg_is_trusted(leg)) {
        return false;
    }
    if (!audyn_rtp_leg_is_from(leg, last->arrival.source)) {
        return silent_ns > SUCCESSION_NS;
    }
    if (ours) {
        return silent_ns >= JUMP_NS;
    }
    return silent_ns >
           (stream->stall_ns < SUCCESSION_NS ? stream->stall_ns : SUCCESSION_NS);
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

const audyn_probation_packet_t *
stream_suspect(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
               const audyn_arrival_t *arrival, audyn_counter_t *counter,
               int64_t since_ns) AUDYN_REALTIME
{
    audyn_probation_packet_t *last =
        audyn_rtp_probation_keep(&stream->probation, packet,
                                 stream_sample_frames(stream, packet), arrival, since_ns);
    const bool disagrees = last->odd_run >= DISAGREEMENTS;
    last->refused = disagrees ? &stream->wrong_size : counter;
    stream_count_refused(stream, last->refused, arrival->leg, 1);
    if (disagrees) {
        note_disagreement(stream, last);
    }
    return audyn_rtp_probation_is_proven(&stream->probation, last) ? last : NULL;
}

void
stream_believe_if_welcome(audyn_rtp_stream_t *stream,
                          const audyn_probation_packet_t *last) AUDYN_REALTIME
{
    if (last && is_welcome(stream, last)) {
        believe(stream, last);
    }
}
