// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The input thread's half: no locks, allocation, logging or system calls.  Work per
// call is bounded by the samples placed and by the class ring.

#include "input/timeline_private.h"

static inline uint64_t
reduced(uint64_t position, uint64_t by)
{
    return position > by ? position - by : 0;
}

static void
begin(audyn_timeline_t *timeline, uint64_t position)
{
    const uint64_t frame_mask = timeline_frame_size(timeline) - 1;
    timeline->begun = true;
    timeline->origin = reduced(position, timeline->window) & ~frame_mask;
    timeline->decided = timeline->origin;
    timeline->start = position;
    timeline->end = position;
}

// Moves the end of the timeline, as far as there is room for classes.
static void
extend(audyn_timeline_t *timeline, uint64_t end, audyn_sample_class_t class)
{
    end = timeline_least(end, timeline_limit(timeline));
    while (timeline->end < end) {
        const uint64_t index = timeline->end & timeline->class_mask;
        const uint64_t count =
            timeline_least(end - timeline->end, timeline->class_mask + 1 - index);
        memset(&timeline->classes[index], (int)class, count);
        timeline->end += count;
    }
}

// Silence where nothing was received.
static void
silence_missing(const audyn_timeline_t *timeline, uint64_t position,
                const audyn_audio_frame_t *frame, uint32_t filled)
{
    const uint8_t *classes = timeline_classes_at(timeline, position);
    const size_t channels = frame->channels;
    for (uint32_t i = 0; i < filled;) {
        uint32_t run = i;
        while (run < filled && !audyn_sample_is_received(classes[run])) {
            ++run;
        }
        memset(frame->data + i * channels, 0, (run - i) * channels * sizeof(float));
        for (i = run; i < filled && audyn_sample_is_received(classes[i]); ++i) {
        }
    }
}

// Closes the frame at `decided`, of which `filled` sample frames belong to the timeline.
static void
decide_frame(audyn_timeline_t *timeline, uint32_t filled)
{
    const uint64_t position = timeline->decided;
    struct open_frame *open = timeline_open_frame_at(timeline, position);
    if (open->frame) {
        if (open->received < filled) {
            silence_missing(timeline, position, open->frame, filled);
        }
        const audyn_audio_block_t block = {open->frame, position, filled};
        // The queue has a slot for every frame of the pool: this cannot fail.
        audyn_audio_queue_push(timeline->queue, &block);
        *open = (struct open_frame){0};
    }
    timeline->decided += filled;
    if (!timeline->start_known && timeline->decided > timeline->start) {
        timeline->start_known = true;
        atomic_store_explicit(&timeline->published_start, timeline->start,
                              memory_order_relaxed);
    }
}

static void
publish(audyn_timeline_t *timeline)
{
    if (timeline->start_known) {
        atomic_store_explicit(&timeline->published, timeline->decided,
                              memory_order_release);
    }
}

// Closes the frames that lie wholly before `position` and before the end.
static void
decide_until(audyn_timeline_t *timeline, uint64_t position)
{
    const uint32_t size = timeline_frame_size(timeline);
    const uint64_t until = timeline_least(position, timeline->end);
    if (timeline->decided + size > until) {
        return;
    }
    while (timeline->decided + size <= until) {
        decide_frame(timeline, size);
    }
    publish(timeline);
}

// Samples for which the window has passed: a class that is not final yet says so.
static void
mark_late(audyn_timeline_t *timeline, uint64_t position, uint64_t count,
          audyn_placement_t *placement)
{
    const uint64_t open_from = timeline->decided > timeline->class_horizon
                                   ? timeline->decided - timeline->class_horizon
                                   : 0;
    for (uint64_t p = position; p < position + count; ++p) {
        uint8_t *class = timeline_classes_at(timeline, p);
        if (p < open_from || p < timeline->start) {
            ++placement->late;
        } else if (audyn_sample_is_received(*class)) {
            ++placement->duplicate;
        } else if (*class == AUDYN_SAMPLE_NO_FRAME) {
            ++placement->no_frame;
        } else {
            *class = AUDYN_SAMPLE_LATE;
            ++placement->late;
        }
    }
}

static void
mark_no_frame(uint8_t *classes, uint32_t count, audyn_placement_t *placement)
{
    memset(classes, AUDYN_SAMPLE_NO_FRAME, count);
    placement->no_frame += count;
}

// Puts samples into the open frame that covers them.
static inline void
convert(const audyn_timeline_t *timeline, const audyn_samples_t *samples,
        uint64_t position, uint32_t count)
{
    const audyn_audio_frame_t *frame = timeline_open_frame_at(timeline, position)->frame;
    timeline_decode(timeline, samples, position, count,
                    timeline_place_of(timeline, frame, position));
}

// Samples that are there already: what came on a lower leg wins.
static void
meet_duplicates(audyn_timeline_t *timeline, const audyn_samples_t *samples,
                uint64_t position, uint32_t run, audyn_placement_t *placement)
{
    uint8_t *classes = timeline_classes_at(timeline, position);
    const uint8_t class = (uint8_t)(AUDYN_SAMPLE_RECEIVED + samples->leg);
    if (*classes == class) {
        placement->duplicate += run;
        return;
    }
    const bool differ = timeline_compare_run(timeline, samples, position, run, placement);
    if (class < *classes) {
        if (differ) {
            convert(timeline, samples, position, run);
        }
        memset(classes, class, run);
    }
}

// The samples from `position` on, `count` of them, are within one frame.
static void
place_in_frame(audyn_timeline_t *timeline, const audyn_samples_t *samples,
               uint64_t position, uint32_t count, audyn_placement_t *placement)
{
    struct open_frame *open = timeline_open_frame_at(timeline, position);
    uint8_t *classes = timeline_classes_at(timeline, position);
    if (!open->frame) {
        open->frame = audyn_frame_acquire(timeline->pool);
        if (!open->frame) {
            mark_no_frame(classes, count, placement);
            return;
        }
    }
    uint32_t run;
    for (uint32_t i = 0; i < count; i += run) {
        run = (uint32_t)timeline_class_run(classes + i, count - i);
        if (audyn_sample_is_received(classes[i])) {
            meet_duplicates(timeline, samples, position + i, run, placement);
            continue;
        }
        convert(timeline, samples, position + i, run);
        memset(classes + i, AUDYN_SAMPLE_RECEIVED + (int)samples->leg, run);
        open->received += run;
        placement->placed += run;
    }
}

static void
place_in_window(audyn_timeline_t *timeline, const audyn_samples_t *samples,
                uint64_t position, uint64_t end, audyn_placement_t *placement)
{
    while (position < end) {
        const uint64_t frame_end = timeline_frame_end(timeline, position);
        const uint32_t count = (uint32_t)(timeline_least(end, frame_end) - position);
        place_in_frame(timeline, samples, position, count, placement);
        position += count;
    }
}

void
audyn_timeline_place(audyn_timeline_t *timeline, const audyn_samples_t *samples,
                     audyn_placement_t *placement) AUDYN_REALTIME
{
    *placement = (audyn_placement_t){0};
    uint64_t position = samples->position;
    const uint64_t end = position + samples->sample_frames;
    if (!timeline->begun) {
        begin(timeline, position);
    }
    if (position < timeline->decided) {
        const uint64_t late_end = timeline_least(end, timeline->decided);
        mark_late(timeline, position, late_end - position, placement);
        position = late_end;
    }
    if (position == end) {
        return;
    }
    // What lies between the end and this packet is lost, unless it was us who refused.
    extend(timeline, position,
           timeline->overflowing ? AUDYN_SAMPLE_NO_FRAME : AUDYN_SAMPLE_LOST);
    decide_until(timeline, reduced(position, timeline->window));
    if (end > timeline_limit(timeline)) {
        timeline->overflowing = true;
        timeline->refused_end = end > timeline->refused_end ? end : timeline->refused_end;
        placement->no_frame += (uint32_t)(end - position);
        return;
    }
    timeline->overflowing &= end <= timeline->end;
    extend(timeline, end, AUDYN_SAMPLE_LOST);
    if (!timeline->start_known && position < timeline->start) {
        timeline->start = position;
    }
    place_in_window(timeline, samples, position, end, placement);
    decide_until(timeline, reduced(timeline->end, timeline->window));
}

void
audyn_timeline_idle(audyn_timeline_t *timeline, uint64_t position) AUDYN_REALTIME
{
    if (timeline->begun) {
        extend(timeline, position, AUDYN_SAMPLE_NO_SIGNAL);
        decide_until(timeline, reduced(timeline->end, timeline->window));
    }
}

uint64_t
audyn_timeline_end(const audyn_timeline_t *timeline) AUDYN_REALTIME
{
    return timeline->end;
}

uint32_t
audyn_timeline_max_placed(const audyn_timeline_t *timeline) AUDYN_REALTIME
{
    (void)timeline;
    return TIMELINE_MAX_PLACED;
}

void
audyn_timeline_finish(audyn_timeline_t *timeline) AUDYN_REALTIME
{
    if (atomic_load_explicit(&timeline->finished, memory_order_acquire)) {
        return;
    }
    decide_until(timeline, timeline->end);
    if (timeline->decided < timeline->end) {
        decide_frame(timeline, (uint32_t)(timeline->end - timeline->decided));
    }
    atomic_store_explicit(&timeline->classed_end, timeline->decided,
                          memory_order_relaxed);
    if (timeline->overflowing && timeline->refused_end > timeline->decided) {
        timeline->decided = timeline->refused_end;
    }
    publish(timeline);
    atomic_store_explicit(&timeline->finished, true, memory_order_release);
}
