// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire_flow.h"

#include "core/memory.h"
#include "input/pipewire_buffer.h"

#include <stdatomic.h>
#include <stdlib.h>

// Sample frames that are gathered at a time where they do not lie as the timeline wants.
#define BLOCK_SAMPLE_FRAMES 1024

// A source that has stopped may still bring, in a burst, what the daemon had no time for.
#define IDLE_BEHIND_NS AUDYN_NS_PER_SECOND

// Within this the graph clock is believed, else the machine's.
#define BELIEVED_NS (100 * AUDYN_NS_PER_MS)

struct pipewire_flow {
    // Read-only once sound flows.
    audyn_timeline_t *timeline;
    audyn_input_format_t format;
    int64_t tai_offset_ns;
    audyn_frame_pool_t *block_pool; // of one frame
    audyn_audio_frame_t *block;     // samples gathered from planes or wide strides
    audyn_memory_t memory;

    // The data thread's own.
    const struct spa_io_clock *clock;
    bool begun;           // something was placed
    bool quiet;           // the timeline has gone on in silence since
    uint64_t next;        // position after the last sample
    uint64_t pauses_seen; // of `pauses`
    // The cycle from which on the graph clock has been counting, and how many of the
    // graph's sample frames were placed, or are known to be missing, since it began.
    uint32_t clock_id;
    uint32_t clock_rate; // Hz
    uint64_t clock_begin;
    uint64_t begin_duration;
    uint64_t accounted;
    // Of the last cycle: time, length, and what was accounted for when it began.
    uint64_t clock_position;
    uint64_t duration;
    uint64_t accounted_before;

    // Written by the data thread.
    _Atomic int64_t next_ns; // when `next` is, on the monotonic clock; 0: not yet begun
    audyn_counter_t graph_rate, quantum, xruns, discontinuities, unreadable;
    audyn_event_ring_t events;

    audyn_counter_t pauses; // written by the control thread
};

audyn_status_t
pipewire_flow_create(pipewire_flow_t **out, const pipewire_flow_config_t *config)
{
    *out = NULL;
    audyn_memory_t memory;
    const audyn_status_t status =
        audyn_memory_map(&memory, sizeof(pipewire_flow_t), AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    pipewire_flow_t *flow = memory.address;
    flow->memory = memory;
    flow->timeline = config->timeline;
    flow->format = config->format;
    flow->tai_offset_ns = config->tai_offset_ns;
    flow->block_pool =
        audyn_frame_pool_create(1, config->format.channels, BLOCK_SAMPLE_FRAMES);
    if (flow->block_pool) {
        flow->block = audyn_frame_acquire(flow->block_pool);
    }
    if (!flow->block) {
        pipewire_flow_destroy(flow);
        return AUDYN_NO_MEMORY;
    }
    *out = flow;
    return AUDYN_OK;
}

void
pipewire_flow_destroy(pipewire_flow_t *flow)
{
    if (!flow) {
        return;
    }
    audyn_frame_pool_destroy(flow->block_pool);
    audyn_memory_t memory = flow->memory;
    audyn_memory_unmap(&memory);
}

void
pipewire_flow_set_clock(pipewire_flow_t *flow,
                        const struct spa_io_clock *clock) AUDYN_REALTIME
{
    flow->clock = clock;
}

static void
place_piece(pipewire_flow_t *flow, const void *data, uint64_t position, uint32_t count)
{
    const audyn_samples_t samples = {
        .position = position,
        .sample_frames = count,
        .bytes = sizeof(float),
        .data = data,
        .decode = audyn_pcm_copy,
    };
    audyn_placement_t placement;
    audyn_timeline_place(flow->timeline, &samples, &placement);
}

static void
place(pipewire_flow_t *flow, const pipewire_buffer_t *buffer, uint64_t position)
{
    const bool packed = pipewire_buffer_is_packed(buffer);
    const uint32_t most =
        packed ? audyn_timeline_max_placed(flow->timeline) : BLOCK_SAMPLE_FRAMES;
    for (uint32_t first = 0; first < buffer->sample_frames;) {
        const uint32_t left = buffer->sample_frames - first;
        const uint32_t count = left < most ? left : most;
        const void *samples = flow->block->data;
        if (packed) {
            samples = pipewire_buffer_sample(buffer, 0, first);
        } else {
            pipewire_buffer_gather(buffer, flow->block->data, first, count);
        }
        place_piece(flow, samples, position + first, count);
        first += count;
    }
}

static int64_t
ns_of(uint64_t sample_frames, uint32_t rate)
{
    return (int64_t)(sample_frames * (uint64_t)AUDYN_NS_PER_SECOND / rate);
}

// Rounded to the nearest; `ns` within an age of recording.
static int64_t
frames_of(int64_t ns, uint32_t rate)
{
    const int64_t seconds = ns / AUDYN_NS_PER_SECOND;
    const int64_t rest = ns % AUDYN_NS_PER_SECOND * rate;
    const int64_t half = (rest < 0 ? -1 : 1) * (AUDYN_NS_PER_SECOND / 2);
    return seconds * rate + (rest + half) / AUDYN_NS_PER_SECOND;
}

static int64_t
end_ns(const pipewire_flow_t *flow)
{
    return atomic_load_explicit(&flow->next_ns, memory_order_relaxed);
}

// From this cycle on, this clock counts.
static void
adopt_clock(pipewire_flow_t *flow, const struct spa_io_clock *clock)
{
    flow->clock_id = clock->id;
    flow->clock_rate = clock->rate.denom;
    flow->clock_begin = clock->position;
    flow->begin_duration = clock->duration;
    flow->accounted = 0;
}

// How many of the graph's sample frames are missing before this cycle, by its own clock.
//
// When a cycle begins its driver has counted the clock up, newer ones by the length of
// the cycle before, older ones by that of this cycle.  And where the quantum changes, the
// length that can be read may be the next cycle's already.  That makes three answers,
// which are one while the quantum stays; else `elapsed`, what has passed by the machine's
// clock, tells which is meant.
static int64_t
missing_by_clock(const pipewire_flow_t *flow, const struct spa_io_clock *clock,
                 int64_t elapsed)
{
    const int64_t since_begin = (int64_t)(clock->position - flow->clock_begin);
    const int64_t by_start = since_begin - (int64_t)flow->accounted;
    const int64_t by_end = by_start + (int64_t)flow->begin_duration;
    const int64_t answers[] = {by_start, by_end - (int64_t)clock->duration,
                               by_end - (int64_t)flow->duration};
    int64_t best = answers[0];
    for (size_t i = 1; i < sizeof answers / sizeof *answers; ++i) {
        if (llabs(answers[i] - elapsed) < llabs(best - elapsed)) {
            best = answers[i];
        }
    }
    return best;
}

// Returns how many sample frames of the timeline nothing came for before this cycle.
static uint64_t
find_gap(pipewire_flow_t *flow, const struct spa_io_clock *clock)
{
    const int64_t late_ns = (int64_t)clock->nsec - end_ns(flow);
    const int64_t elapsed = frames_of(late_ns, clock->rate.denom);
    const int64_t believed = frames_of(BELIEVED_NS, clock->rate.denom);
    if (clock->id == flow->clock_id && clock->rate.denom == flow->clock_rate) {
        const int64_t missing = missing_by_clock(flow, clock, elapsed);
        // A clock may stand while its driver does, but nobody hears from the future.
        const bool plausible =
            elapsed - missing <= believed && (!missing || missing - elapsed <= believed);
        if (missing >= 0 && plausible) {
            audyn_counter_add(&flow->xruns, missing > 0);
            flow->accounted += (uint64_t)missing;
            return (uint64_t)missing * flow->format.sample_rate / clock->rate.denom;
        }
    }
    audyn_counter_add(&flow->discontinuities, 1);
    adopt_clock(flow, clock);
    const int64_t gap = frames_of(late_ns, flow->format.sample_rate);
    return gap > 0 ? (uint64_t)gap : 0;
}

static void
push_event(pipewire_flow_t *flow, audyn_event_kind_t kind, uint64_t position)
{
    const audyn_event_t event = {
        .kind = kind,
        .position = position,
        .tai_ns = audyn_clock_tai_ns(position, flow->format.sample_rate),
    };
    audyn_event_push(&flow->events, &event);
}

// What is missing up to `position` is no signal where the stream had stopped.
static void
resume(pipewire_flow_t *flow, uint64_t position)
{
    const uint64_t pauses = audyn_counter_get(&flow->pauses);
    if (flow->quiet || pauses != flow->pauses_seen) {
        audyn_timeline_idle(flow->timeline, position);
    }
    flow->pauses_seen = pauses;
    if (flow->quiet) {
        flow->quiet = false;
        push_event(flow, AUDYN_EVENT_SIGNAL, position);
    }
}

// The position of the first sample of this cycle.
static uint64_t
begin_cycle(pipewire_flow_t *flow, const struct spa_io_clock *clock)
{
    uint64_t position;
    if (!flow->begun) {
        flow->begun = true;
        flow->pauses_seen = audyn_counter_get(&flow->pauses);
        adopt_clock(flow, clock);
        position = audyn_clock_position((int64_t)clock->nsec + flow->tai_offset_ns,
                                        flow->format.sample_rate);
    } else {
        position = flow->next + find_gap(flow, clock);
        resume(flow, position);
    }
    flow->clock_position = clock->position;
    flow->duration = clock->duration;
    flow->accounted_before = flow->accounted;
    return position;
}

static void
account(pipewire_flow_t *flow, const struct spa_io_clock *clock, uint32_t sample_frames)
{
    // Where PipeWire converts the rate, a cycle's samples come as its converter likes.
    if (clock->rate.denom == flow->format.sample_rate) {
        flow->accounted += sample_frames;
    } else {
        flow->accounted = flow->accounted_before + clock->duration;
    }
    const int64_t length_ns =
        ns_of(flow->accounted - flow->accounted_before, clock->rate.denom);
    atomic_store_explicit(&flow->next_ns, (int64_t)clock->nsec + length_ns,
                          memory_order_relaxed);
    atomic_store_explicit(&flow->graph_rate, clock->rate.denom, memory_order_relaxed);
    atomic_store_explicit(&flow->quantum, clock->duration, memory_order_relaxed);
}

void
pipewire_flow_take(pipewire_flow_t *flow, const struct spa_buffer *spa) AUDYN_REALTIME
{
    pipewire_buffer_t buffer;
    if (!flow->clock || !flow->clock->rate.denom ||
        !pipewire_buffer_read(&buffer, spa, flow->format.channels)) {
        audyn_counter_add(&flow->unreadable, 1);
        return;
    }
    if (!flow->begun && !buffer.sample_frames) {
        return;
    }
    // The daemon may change the quantum at any time: one copy is one answer.
    const struct spa_io_clock clock = *flow->clock;
    const bool continues = flow->begun && clock.id == flow->clock_id &&
                           clock.position == flow->clock_position;
    const uint64_t position = continues ? flow->next : begin_cycle(flow, &clock);
    place(flow, &buffer, position);
    flow->next = position + buffer.sample_frames;
    account(flow, &clock, buffer.sample_frames);
}

bool
pipewire_flow_has_dried_up(const pipewire_flow_t *flow,
                           int64_t monotonic_ns) AUDYN_REALTIME
{
    const int64_t next_ns = end_ns(flow);
    return next_ns && monotonic_ns - IDLE_BEHIND_NS > next_ns;
}

void
pipewire_flow_idle(pipewire_flow_t *flow, int64_t monotonic_ns) AUDYN_REALTIME
{
    if (!pipewire_flow_has_dried_up(flow, monotonic_ns)) {
        return;
    }
    const int64_t late_ns = monotonic_ns - IDLE_BEHIND_NS - end_ns(flow);
    if (!flow->quiet) {
        flow->quiet = true;
        push_event(flow, AUDYN_EVENT_NO_SIGNAL, flow->next);
    }
    const uint64_t silent = (uint64_t)frames_of(late_ns, flow->format.sample_rate);
    audyn_timeline_idle(flow->timeline, flow->next + silent);
}

void
pipewire_flow_note_pause(pipewire_flow_t *flow)
{
    audyn_counter_add(&flow->pauses, 1);
}

void
pipewire_flow_get_report(const pipewire_flow_t *flow, audyn_graph_report_t *report)
{
    report->sample_rate = (uint32_t)audyn_counter_get(&flow->graph_rate);
    report->quantum = (uint32_t)audyn_counter_get(&flow->quantum);
    report->xruns = audyn_counter_get(&flow->xruns);
    report->discontinuities = audyn_counter_get(&flow->discontinuities);
    report->unreadable = audyn_counter_get(&flow->unreadable);
}

bool
pipewire_flow_next_event(pipewire_flow_t *flow, audyn_event_t *event)
{
    return audyn_event_pop(&flow->events, event);
}
