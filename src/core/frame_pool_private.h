// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_CORE_FRAME_POOL_PRIVATE_H
#define AUDYN_CORE_FRAME_POOL_PRIVATE_H

#include "core/counter.h"
#include "core/memory.h"

#include <audyn/frame_pool.h>

#include <stdalign.h>

/// Frames lie this far apart, in bytes, so that a rotation finds a frame's index.
#define FRAME_STRIDE_BITS 6
#define FRAME_STRIDE (1U << FRAME_STRIDE_BITS)

struct frame_slot {
    alignas(FRAME_STRIDE) audyn_audio_frame_t frame;
    // Which acquisition lent the frame out, counted from 1.  Written by the acquirer;
    // equal to `returned[]`: the frame is free.
    _Atomic uint64_t loan;
    uint64_t index; // its own, in frames[].  Read-only after creation
};

/// The releaser's latest release: which one it was, and of which frame.
static inline uint64_t
pack_published(uint32_t sequence, uint32_t index)
{
    return (uint64_t)sequence << 32 | index;
}

/// What the next release publishes, of the frame `index`.
static inline uint64_t
next_published(uint64_t published, uint64_t index)
{
    // With the lower half full, one more carries into the sequence.
    return ((published | UINT32_MAX) + 1) | index;
}

struct audyn_frame_pool {
    // Read-only after creation.
    alignas(AUDYN_CACHE_LINE) struct frame_slot *frames;
    size_t pool_size;
    size_t frames_size;               // bytes, pool_size × FRAME_STRIDE
    audyn_audio_frame_t **free_stack; // [i]: the frame that lies under frames[i]
    _Atomic uint64_t *returned;       // [i]: its last loan to end.  By the releaser
    audyn_memory_t memory;

    // The acquirer's own.
    alignas(AUDYN_CACHE_LINE) audyn_counter_t acquired;
    uint32_t one_ahead; // sequence − acquired, mod 2³², when one release is new
    uint32_t first_sequence;
    uint32_t boundary_count;
    _Atomic uint32_t high_water; // written by the acquirer, for statistics
    struct run {
        audyn_audio_frame_t *top;
        uint32_t count;
    } current;              // free frames linked from top down; count 0: none
    struct run *boundaries; // runs that lie under the current one
    audyn_counter_t unacquired, exhausted, acquirer_foreign, acquirer_double;
    _Atomic uintptr_t acquirer_thread; // debug builds; written by the first acquirer

    // Written by the releaser: publishes the link and the end of the loan of the frame
    // named, and of all released before it.
    alignas(AUDYN_CACHE_LINE) _Atomic uint64_t published;

    // The releaser's own.
    alignas(AUDYN_CACHE_LINE) audyn_counter_t releaser_foreign, releaser_double;
    _Atomic uintptr_t releaser_thread; // debug builds; written by the first releaser
};

/// audyn_frame_pool_create_with() whose releases are numbered from `first_sequence`,
/// so that a test meets the wrap at once.
audyn_status_t frame_pool_create_at(const audyn_frame_pool_config_t *config,
                                    uint32_t first_sequence, audyn_frame_pool_t **out);

#endif
