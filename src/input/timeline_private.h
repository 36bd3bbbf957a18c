// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_INPUT_TIMELINE_PRIVATE_H
#define AUDYN_INPUT_TIMELINE_PRIVATE_H

#include "core/memory.h"
#include "input/timeline.h"

#include <stdalign.h>
#include <stdatomic.h>
#include <string.h>

/// A frame of the window that is still open.
struct open_frame {
    audyn_audio_frame_t *frame; // NULL: nothing came yet, or no frame was free
    uint32_t received;          // sample frames in it
};

// The timeline is cut into frames of 2^frame_bits sample frames, on a grid that begins
// at position 0.  Positions below `decided` are with the worker, from there to `end` the
// window is open.
struct audyn_timeline {
    // Read-only after creation.
    alignas(AUDYN_CACHE_LINE) uint32_t sample_rate;
    uint32_t channels;
    uint32_t window;        // sample frames
    uint32_t class_horizon; // sample frames behind `decided` that may still turn late
    uint32_t frame_bits;
    uint32_t open_mask;  // open[frame number & open_mask]
    uint32_t class_mask; // classes[position & class_mask]
    struct open_frame *open;
    // One audyn_sample_class_t for each position.  The input thread writes those from
    // `decided − class_horizon` up, the worker reads the ones below.
    uint8_t *classes;
    audyn_frame_pool_t *pool;
    audyn_audio_queue_t *queue;
    audyn_memory_t memory;

    // The input thread's own.
    alignas(AUDYN_CACHE_LINE) bool begun;
    bool start_known;     // published: nothing may move it any more
    bool overflowing;     // samples were refused since `end`, for want of room
    uint64_t refused_end; // one past the furthest of them
    uint64_t origin;      // where `decided` began
    uint64_t start;       // least position placed
    uint64_t decided;
    uint64_t end;

    // Written by the input thread.  `published` publishes the blocks and the classes
    // below it, and `published_start`; `finished` that it will not move any more.
    alignas(AUDYN_CACHE_LINE) _Atomic uint64_t published; // 0: nothing decided yet
    _Atomic uint64_t published_start;
    _Atomic uint64_t classed_end; // once finished: what lies beyond was refused
    _Atomic bool finished;

    // Written by the worker: classes below are read and may be overwritten.
    alignas(AUDYN_CACHE_LINE) _Atomic uint64_t counted;

    // The worker's own.
    uint64_t cursor; // up to here the stretches were seen
    bool started;    // cursor is set
    bool has_block;
    audyn_audio_block_t block; // popped, not yet released
};

static inline uint32_t
timeline_frame_size(const audyn_timeline_t *timeline)
{
    return 1U << timeline->frame_bits;
}

/// Sample frames that one placement may hold: the largest UDP packet of mono L16.
#define TIMELINE_MAX_PLACED 32768U

/// One past the last position whose class has room.  Input thread.
static inline uint64_t
timeline_limit(const audyn_timeline_t *timeline)
{
    const uint64_t counted =
        atomic_load_explicit(&timeline->counted, memory_order_acquire);
    const uint64_t base = counted > timeline->origin ? counted : timeline->origin;
    return base + timeline->class_mask + 1;
}

/// The lesser of two positions or counts.
static inline uint64_t
timeline_least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

/// Where the frame that covers `position` ends.
static inline uint64_t
timeline_frame_end(const audyn_timeline_t *timeline, uint64_t position)
{
    return (position | (timeline_frame_size(timeline) - 1)) + 1;
}

static inline struct open_frame *
timeline_open_frame_at(const audyn_timeline_t *timeline, uint64_t position)
{
    return &timeline->open[(position >> timeline->frame_bits) & timeline->open_mask];
}

/// Those of one frame lie in one piece.
static inline uint8_t *
timeline_classes_at(const audyn_timeline_t *timeline, uint64_t position)
{
    return &timeline->classes[position & timeline->class_mask];
}

/// How many of `count` classes, at least 1, equal the first: eight at a time.
static inline uint64_t
timeline_class_run(const uint8_t *classes, uint64_t count)
{
    uint64_t eight;
    uint64_t run = 0;
    memset(&eight, classes[0], sizeof eight);
    while (run + sizeof eight <= count && !memcmp(classes + run, &eight, sizeof eight)) {
        run += sizeof eight;
    }
    while (run < count && classes[run] == classes[0]) {
        ++run;
    }
    return run;
}

/// Converts `count` of the samples, from `position` on.
static inline void
timeline_decode(const audyn_timeline_t *timeline, const audyn_samples_t *samples,
                uint64_t position, size_t count, float *out)
{
    const audyn_selection_t *selection = samples->selection;
    const size_t channels = selection ? selection->stride : timeline->channels;
    const uint8_t *in = (const uint8_t *)samples->data +
                        (position - samples->position) * channels * samples->bytes;
    if (selection) {
        audyn_selection_decode(selection, out, in, count, samples->bytes,
                               samples->decode);
    } else {
        samples->decode(out, in, count * channels);
    }
}

/// Where the sample frame at `position` has its place in its frame.
static inline float *
timeline_place_of(const audyn_timeline_t *timeline, const audyn_audio_frame_t *frame,
                  uint64_t position)
{
    const uint64_t offset = position & (timeline_frame_size(timeline) - 1);
    return frame->data + offset * timeline->channels;
}

/// Compares `run` of the samples, from `position` on, with what another leg has brought
/// there; all of them are in one frame and of one class.  Returns whether they differ.
bool timeline_compare_run(const audyn_timeline_t *timeline,
                          const audyn_samples_t *samples, uint64_t position, uint32_t run,
                          audyn_placement_t *placement) AUDYN_REALTIME;

#endif
