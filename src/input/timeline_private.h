// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_INPUT_TIMELINE_PRIVATE_H
#define AUDYN_INPUT_TIMELINE_PRIVATE_H

#include "core/memory.h"
#include "input/timeline.h"

#include <stdalign.h>
#include <stdatomic.h>

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

#endif
