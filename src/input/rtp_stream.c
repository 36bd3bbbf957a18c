// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/rtp_stream.h"

#include "core/counter.h"
#include "core/memory.h"

#include <stdatomic.h>
#include <stdio.h>

#define DEFAULT_STALL_MS 100

// Without a packet for so long, a sender that was not heard before may take its place.
#define SUCCESSION_NS (500 * AUDYN_NS_PER_MS)

// Senders on the same address that are remembered as such.
#define NEIGHBOURS 16

// The silence of a stream that is gone follows the clock at this distance, so that a
// sender which merely stumbles still finds its place.
#define IDLE_DISTANCE_NS (1000 * AUDYN_NS_PER_MS)

// A timestamp that is further than this from where the clock expects it is a new start
// of the sender, or an error.
#define BELIEVED_NS (1000 * AUDYN_NS_PER_MS)

// A clock whose epoch nobody vouches for is TAI if it agrees with ours to this; and one
// that was, is no more once it has moved by this.
#define PLAUSIBLE_NS (10 * AUDYN_NS_PER_SECOND)

// Consecutive packets whose size and timestamps disagree before the format is wrong.
#define DISAGREEMENTS 4

struct audyn_rtp_stream {
    // Read-only after creation.
    audyn_rtp_stream_config_t config;
    uint32_t frame_bytes; // of one sample frame on the wire
    int64_t stall_ns;     // without a packet for so long, the signal is gone
    audyn_pcm_decode_t *decode;
    audyn_timeline_t *timeline;
    audyn_memory_t memory;

    // The input thread's own.
    bool locked;   // the stream's SSRC and payload type are known
    bool absolute; // timestamps are TAI sample indices
    uint32_t ssrc;
    uint8_t payload_type;
    struct {
        uint32_t timestamp;
        uint64_t position;
        int64_t monotonic_ns;
    } newest;                  // the packet that lies furthest on the timeline
    uint16_t highest_sequence; // of the packets so far, by RFC 1982 order
    uint16_t last_sequence;    // of the packet before, in order of arrival
    uint32_t last_timestamp;
    uint32_t last_frames;
    bool format_agrees; // two packets in a row have shown that size and timestamps match
    unsigned disagreements;
    struct {
        bool valid;
        uint32_t ssrc, next_timestamp;
        uint16_t next_sequence;
    } restart; // a packet after which one more in order proves a new start
    uint32_t neighbours[NEIGHBOURS]; // SSRCs heard while the stream was there
    unsigned neighbour_count;        // for ever; the last ones are remembered

    // Written by the input thread, read by whoever reports.
    audyn_counter_t packets, duplicates, reordered, restarts;
    audyn_counter_t malformed, rtcp, wrong_payload_type, wrong_size, wrong_ssrc;
    audyn_counter_t wrong_timestamp;
    _Atomic uint32_t seen_payload_type, seen_bytes, seen_ssrc, seen_step; // last refused
    _Atomic bool anchored; // to the media clock
    audyn_event_ring_t events;
    _Atomic audyn_status_t status; // not AUDYN_OK: the stream has failed
};

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

static inline uint32_t
seen(const _Atomic uint32_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
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

// Where the local clock expects the sample of this moment.
static uint64_t
expected_position(const audyn_rtp_stream_t *stream, int64_t monotonic_ns)
{
    const int64_t elapsed = monotonic_ns - stream->newest.monotonic_ns;
    const uint64_t position = stream->newest.position;
    return elapsed > 0
               ? position +
                     audyn_clock_position(elapsed, stream->config.format.sample_rate)
               : position;
}

// The TAI sample index that a timestamp stands for, in the cycle of 2³² that lies nearest
// to an index known roughly: within 12.4 hours at 48 kHz.
static uint64_t
absolute_position(const audyn_rtp_stream_t *stream, uint32_t timestamp, uint64_t near)
{
    const uint32_t index = timestamp - stream->config.clock_offset;
    return near + (uint64_t)(int64_t)(int32_t)(index - (uint32_t)near);
}

static void
lock_to(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet, uint64_t position,
        int64_t monotonic_ns)
{
    stream->locked = true;
    stream->ssrc = packet->ssrc;
    stream->payload_type = packet->payload_type;
    stream->newest.timestamp = packet->timestamp;
    stream->newest.position = position;
    stream->newest.monotonic_ns = monotonic_ns;
    stream->highest_sequence = packet->sequence;
    stream->last_frames = 0;
    stream->restart.valid = false;
}

// RFC 3550 A.1: two packets in order before a new start is believed.  Their timestamps
// tell that the format is still the same, too.
static bool
proves_restart(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet)
{
    const bool successive = stream->restart.valid &&
                            stream->restart.ssrc == packet->ssrc &&
                            stream->restart.next_sequence == packet->sequence;
    const bool proven = successive && stream->restart.next_timestamp == packet->timestamp;
    if (successive && !proven) {
        note(&stream->seen_bytes, (uint32_t)packet->payload_bytes);
        audyn_counter_add(&stream->wrong_size, 1);
    }
    stream->restart.valid = true;
    stream->restart.ssrc = packet->ssrc;
    stream->restart.next_sequence = (uint16_t)(packet->sequence + 1);
    stream->restart.next_timestamp =
        packet->timestamp + (uint32_t)(packet->payload_bytes / stream->frame_bytes);
    return proven;
}

// Where a sender that began anew stands: by its clock if that is still the one we know,
// else where the local clock says.  Never before what is there already.
static uint64_t
restart_position(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                 int64_t now)
{
    const uint64_t end = audyn_timeline_end(stream->timeline);
    const uint64_t expected = expected_position(stream, now);
    const uint64_t said = absolute_position(stream, packet->timestamp, expected);
    const uint64_t most =
        expected + audyn_clock_position(PLAUSIBLE_NS, stream->config.format.sample_rate);
    stream->absolute = stream->absolute && said >= end && said <= most;
    atomic_store_explicit(&stream->anchored, stream->absolute, memory_order_relaxed);
    return stream->absolute ? said : expected > end ? expected : end;
}

static void
take_up(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet, int64_t now)
{
    const uint64_t position = restart_position(stream, packet, now);
    audyn_timeline_idle(stream->timeline, position);
    lock_to(stream, packet, position, now);
    audyn_counter_add(&stream->restarts, 1);
}

static bool
is_neighbour(const audyn_rtp_stream_t *stream, uint32_t ssrc)
{
    const unsigned known =
        stream->neighbour_count < NEIGHBOURS ? stream->neighbour_count : NEIGHBOURS;
    for (unsigned i = 0; i < known; ++i) {
        if (stream->neighbours[i] == ssrc) {
            return true;
        }
    }
    return false;
}

// Another sender on the stream's address.  One that was heard while the stream was there
// is never taken for it, however long the stream stays away.
static bool
succeeds(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet, int64_t now)
{
    const int64_t silent_ns = now - stream->newest.monotonic_ns;
    const bool neighbour = is_neighbour(stream, packet->ssrc);
    if (!neighbour && silent_ns <= stream->stall_ns) {
        stream->neighbours[stream->neighbour_count++ % NEIGHBOURS] = packet->ssrc;
    } else if (!neighbour && silent_ns > SUCCESSION_NS && !stream->config.has_ssrc &&
               proves_restart(stream, packet)) {
        take_up(stream, packet, now);
        return true;
    }
    note(&stream->seen_ssrc, packet->ssrc);
    audyn_counter_add(&stream->wrong_ssrc, 1);
    return false;
}

// Where the timeline begins, and what that rests on.
static uint64_t
first_position(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
               int64_t arrival_ns)
{
    const uint32_t sample_rate = stream->config.format.sample_rate;
    const uint64_t arrived = audyn_clock_position(arrival_ns, sample_rate);
    const uint64_t said = absolute_position(stream, packet->timestamp, arrived);
    const uint64_t apart = said > arrived ? said - arrived : arrived - said;
    const audyn_anchor_t anchor = stream->config.anchor;
    stream->absolute = anchor == AUDYN_ANCHOR_MEDIA_CLOCK ||
                       (anchor == AUDYN_ANCHOR_PLAUSIBLE &&
                        apart <= audyn_clock_position(PLAUSIBLE_NS, sample_rate));
    atomic_store_explicit(&stream->anchored, stream->absolute, memory_order_relaxed);
    return stream->absolute ? said : arrived;
}

// The packet's place: false where it is not (yet) believed to be the stream's.
static bool
belongs(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
        const audyn_arrival_t *arrival)
{
    const int64_t now = arrival->monotonic_ns;
    if (!stream->locked) {
        if (stream->config.has_ssrc && packet->ssrc != stream->config.ssrc) {
            note(&stream->seen_ssrc, packet->ssrc);
            audyn_counter_add(&stream->wrong_ssrc, 1);
            return false;
        }
        lock_to(stream, packet, first_position(stream, packet, arrival->tai_ns), now);
        return true;
    }
    if (packet->ssrc != stream->ssrc) {
        return succeeds(stream, packet, now);
    }
    const int32_t step = (int32_t)(packet->timestamp - stream->newest.timestamp);
    const int64_t distance =
        (int64_t)stream->newest.position + step - (int64_t)expected_position(stream, now);
    const int64_t believed =
        (int64_t)audyn_clock_position(BELIEVED_NS, stream->config.format.sample_rate);
    if (distance > believed || distance < -believed) {
        if (proves_restart(stream, packet)) {
            take_up(stream, packet, now);
            return true;
        }
        audyn_counter_add(&stream->wrong_timestamp, 1);
        return false;
    }
    return true;
}

// Two packets in a row tell how many sample frames the first one held: where that is
// never what its size says, channels or sample size are not what was asked for.
static bool
format_holds(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet)
{
    const uint32_t step = packet->timestamp - stream->last_timestamp;
    const bool successive =
        stream->last_frames && packet->sequence == (uint16_t)(stream->last_sequence + 1);
    if (stream->format_agrees || !successive) {
        return true;
    }
    if (step == stream->last_frames) {
        stream->format_agrees = true;
        return true;
    }
    note(&stream->seen_step, step);
    note(&stream->seen_bytes, stream->last_frames * stream->frame_bytes);
    if (++stream->disagreements < DISAGREEMENTS) {
        return true;
    }
    atomic_store_explicit(&stream->status, AUDYN_INVALID, memory_order_relaxed);
    return false;
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
}

void
audyn_rtp_stream_receive(audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                         const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    if (atomic_load_explicit(&stream->status, memory_order_relaxed) ||
        !has_right_payload(stream, packet)) {
        return;
    }
    const bool stalled =
        stream->locked &&
        arrival->monotonic_ns - stream->newest.monotonic_ns > stream->stall_ns;
    if (!belongs(stream, packet, arrival) || !format_holds(stream, packet)) {
        return;
    }
    const uint32_t frames = (uint32_t)(packet->payload_bytes / stream->frame_bytes);
    const int32_t step = (int32_t)(packet->timestamp - stream->newest.timestamp);
    const uint64_t position = stream->newest.position + (uint64_t)(int64_t)step;
    if (stalled) {
        audyn_timeline_idle(stream->timeline, position);
    }
    const audyn_samples_t samples = {
        .position = position,
        .sample_frames = frames,
        .bytes = stream->config.format.bits / 8,
        .data = packet->payload,
        .decode = stream->decode,
        .leg = arrival->leg,
    };
    audyn_placement_t placement;
    audyn_timeline_place(stream->timeline, &samples, &placement);
    count_packet(stream, packet, frames, &placement);
    if (step > 0) {
        stream->newest.timestamp = packet->timestamp;
        stream->newest.position = position;
        stream->newest.monotonic_ns = arrival->monotonic_ns;
    }
    stream->last_sequence = packet->sequence;
    stream->last_timestamp = packet->timestamp;
    stream->last_frames = frames;
}

void
audyn_rtp_stream_reject(audyn_rtp_stream_t *stream, audyn_rtp_kind_t kind) AUDYN_REALTIME
{
    audyn_counter_add(kind == AUDYN_RTP_RTCP ? &stream->rtcp : &stream->malformed, 1);
}

void
audyn_rtp_stream_tick(audyn_rtp_stream_t *stream, int64_t monotonic_ns) AUDYN_REALTIME
{
    const int64_t silent_for = monotonic_ns - stream->newest.monotonic_ns;
    if (stream->locked && silent_for > stream->stall_ns + IDLE_DISTANCE_NS) {
        audyn_timeline_idle(stream->timeline,
                            expected_position(stream, monotonic_ns - IDLE_DISTANCE_NS));
    }
}

void
audyn_rtp_stream_get_report(const audyn_rtp_stream_t *stream,
                            audyn_input_report_t *report)
{
    const audyn_status_t status =
        atomic_load_explicit(&stream->status, memory_order_relaxed);
    *report = (audyn_input_report_t){
        .packets = audyn_counter_get(&stream->packets),
        .duplicates = audyn_counter_get(&stream->duplicates),
        .reordered = audyn_counter_get(&stream->reordered),
        .restarts = audyn_counter_get(&stream->restarts),
        .rejected.malformed = audyn_counter_get(&stream->malformed),
        .rejected.rtcp = audyn_counter_get(&stream->rtcp),
        .rejected.payload_type = audyn_counter_get(&stream->wrong_payload_type),
        .rejected.size = audyn_counter_get(&stream->wrong_size),
        .rejected.ssrc = audyn_counter_get(&stream->wrong_ssrc),
        .rejected.timestamp = audyn_counter_get(&stream->wrong_timestamp),
        .on_media_clock = atomic_load_explicit(&stream->anchored, memory_order_relaxed),
        .finished = status != AUDYN_OK,
        .status = status,
    };
}

bool
audyn_rtp_stream_next_event(audyn_rtp_stream_t *stream, audyn_event_t *event)
{
    return audyn_event_pop(&stream->events, event);
}

static void
explain_format(const audyn_rtp_stream_t *stream, audyn_error_t *explanation)
{
    const audyn_rtp_format_t *format = &stream->config.format;
    const uint32_t bytes = seen(&stream->seen_bytes);
    const uint32_t step = seen(&stream->seen_step);
    const bool whole = step && bytes % step == 0;
    const uint32_t frame_bytes = whole ? bytes / step : 0;
    char guess[96] = "a format that is neither L16 nor L24";
    if (frame_bytes && frame_bytes % 6 == 0) {
        snprintf(guess, sizeof guess, "L24 with %u or L16 with %u channels",
                 frame_bytes / 3, frame_bytes / 2);
    } else if (frame_bytes && frame_bytes % 3 == 0) {
        snprintf(guess, sizeof guess, "L24 with %u channel%s", frame_bytes / 3,
                 frame_bytes == 3 ? "" : "s");
    } else if (frame_bytes && frame_bytes % 2 == 0) {
        snprintf(guess, sizeof guess, "L16 with %u channel%s", frame_bytes / 2,
                 frame_bytes == 2 ? "" : "s");
    }
    audyn_error_set(
        explanation, AUDYN_BAD_DATA,
        "the stream is not L%u with %u channels: its packets hold %u bytes for "
        "%u sample frames, which is %s; correct format=",
        format->bits, format->channels, bytes, step, guess);
}

bool
audyn_rtp_stream_explain(const audyn_rtp_stream_t *stream, audyn_error_t *explanation)
{
    audyn_input_report_t report;
    audyn_rtp_stream_get_report(stream, &report);
    const audyn_rejected_t *rejected = &report.rejected;
    if (report.status) {
        explain_format(stream, explanation);
    } else if (rejected->payload_type) {
        audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                        "packets with payload type %u arrive, not %d; correct pt=",
                        seen(&stream->seen_payload_type), stream->config.payload_type);
    } else if (rejected->size) {
        audyn_error_set(
            explanation, AUDYN_NO_SIGNAL,
            "packets with %u bytes of audio arrive, which is no whole number of "
            "sample frames of L%u with %u channels (%u bytes each); correct "
            "format=",
            seen(&stream->seen_bytes), stream->config.format.bits,
            stream->config.format.channels, stream->frame_bytes);
    } else if (rejected->ssrc) {
        audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                        "packets with SSRC 0x%08x arrive, not 0x%08x; correct ssrc=",
                        seen(&stream->seen_ssrc), stream->config.ssrc);
    } else if (rejected->malformed || rejected->rtcp) {
        audyn_error_set(
            explanation, AUDYN_NO_SIGNAL,
            "packets arrive, but %llu are not RTP version 2 and %llu are RTCP; "
            "is it the right port?",
            (unsigned long long)rejected->malformed, (unsigned long long)rejected->rtcp);
    } else {
        return false;
    }
    return true;
}
