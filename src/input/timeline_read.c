// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The worker's half: no samples are written here.

#include "input/timeline_private.h"

static bool
find_block(audyn_timeline_t *timeline)
{
    if (!timeline->has_block) {
        timeline->has_block = audyn_audio_queue_pop(timeline->queue, &timeline->block);
    }
    return timeline->has_block;
}

bool
audyn_timeline_next(audyn_timeline_t *timeline, audyn_stretch_t *stretch)
{
    // Read before the queue: every block below `decided` is in it by then.
    const uint64_t decided =
        atomic_load_explicit(&timeline->published, memory_order_acquire);
    if (!decided) {
        return false;
    }
    if (!timeline->started) {
        timeline->started = true;
        timeline->cursor =
            atomic_load_explicit(&timeline->published_start, memory_order_relaxed);
        atomic_store_explicit(&timeline->counted, timeline->cursor, memory_order_release);
    }
    *stretch = (audyn_stretch_t){.position = timeline->cursor};
    if (find_block(timeline)) {
        const audyn_audio_block_t *block = &timeline->block;
        if (block->position > timeline->cursor) {
            stretch->sample_frames = block->position - timeline->cursor;
            return true;
        }
        // Only the first block may begin before the timeline does.
        const uint64_t skipped = timeline->cursor - block->position;
        stretch->sample_frames = block->filled - skipped;
        stretch->samples = block->frame->data + skipped * timeline->channels;
        stretch->frame = block->frame;
        return true;
    }
    if (decided > timeline->cursor) {
        stretch->sample_frames = decided - timeline->cursor;
        return true;
    }
    return false;
}

void
audyn_timeline_release(audyn_timeline_t *timeline, audyn_stretch_t *stretch)
{
    timeline->cursor += stretch->sample_frames;
    if (stretch->frame) {
        audyn_frame_release(stretch->frame);
        timeline->has_block = false;
    }
    *stretch = (audyn_stretch_t){0};
}

// How many samples from `position` on have the same class: to the end of the ring at
// most.
static uint64_t
class_run(const audyn_timeline_t *timeline, uint64_t position, uint64_t end)
{
    const uint64_t index = position & timeline->class_mask;
    const uint64_t to_ring_end = timeline->class_mask + 1 - index;
    const uint64_t most = end - position < to_ring_end ? end - position : to_ring_end;
    return timeline_class_run(timeline->classes + index, most);
}

// Up to where the classes are final; `*classed` is where the ring ends before that.
static uint64_t
final_end(const audyn_timeline_t *timeline, uint64_t *classed)
{
    const bool finished = atomic_load_explicit(&timeline->finished, memory_order_acquire);
    const uint64_t published =
        atomic_load_explicit(&timeline->published, memory_order_acquire);
    if (finished) {
        *classed = atomic_load_explicit(&timeline->classed_end, memory_order_relaxed);
        return published;
    }
    *classed = published;
    return published > timeline->class_horizon ? published - timeline->class_horizon : 0;
}

bool
audyn_timeline_next_span(audyn_timeline_t *timeline, uint64_t until, audyn_span_t *span)
{
    if (!timeline->started) {
        return false;
    }
    uint64_t classed;
    const uint64_t final = final_end(timeline, &classed);
    const uint64_t end = final < until ? final : until;
    const uint64_t position =
        atomic_load_explicit(&timeline->counted, memory_order_relaxed);
    if (position >= end) {
        return false;
    }
    span->position = position;
    if (position < classed) {
        span->class = timeline->classes[position & timeline->class_mask];
        span->sample_frames =
            class_run(timeline, position, end < classed ? end : classed);
    } else {
        span->class = AUDYN_SAMPLE_NO_FRAME;
        span->sample_frames = end - position;
    }
    atomic_store_explicit(&timeline->counted, position + span->sample_frames,
                          memory_order_release);
    return true;
}

void
audyn_timeline_count(audyn_timeline_t *timeline, uint64_t until,
                     uint64_t counts[AUDYN_SAMPLE_CLASSES])
{
    audyn_span_t span;
    while (audyn_timeline_next_span(timeline, until, &span)) {
        counts[span.class] += span.sample_frames;
    }
}

bool
audyn_timeline_ended(audyn_timeline_t *timeline)
{
    if (!atomic_load_explicit(&timeline->finished, memory_order_acquire)) {
        return false;
    }
    const uint64_t decided =
        atomic_load_explicit(&timeline->published, memory_order_acquire);
    return !decided || (timeline->started && timeline->cursor == decided);
}
