// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The real-time half of the pool: acquire, unacquire, release.  doc/memory-contract.md
// holds the argument for each step; doc/decisions/0001-frame-pool.md the alternatives.

#include "core/frame_pool_debug.h"

// The frame's offset from the pool's first, or a value past the last for a stranger.
static inline size_t
offset_of(const audyn_frame_pool_t *pool, const audyn_audio_frame_t *frame)
{
    const size_t offset = (size_t)((uintptr_t)frame - (uintptr_t)pool->frames);
    return offset & (FRAME_STRIDE - 1) ? SIZE_MAX : offset;
}

static inline void
push_boundary(audyn_frame_pool_t *pool)
{
    if (pool->current.count) {
        pool->boundaries[pool->boundary_count++] = pool->current;
    }
}

// Moves to the frame under the current one: along its run, or into the run below.
static inline void
step_down(audyn_frame_pool_t *pool)
{
    if (--pool->current.count) {
        const size_t offset = offset_of(pool, pool->current.top);
        pool->current.top = pool->free_stack[offset >> FRAME_STRIDE_BITS];
    } else if (pool->boundary_count) {
        pool->current = pool->boundaries[--pool->boundary_count];
    }
}

static inline audyn_audio_frame_t *
lend(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    struct frame_slot *slot = (struct frame_slot *)(void *)frame;
    const uint32_t loans = atomic_load_explicit(&slot->loans, memory_order_relaxed);
    atomic_store_explicit(&slot->loans, loans + 1, memory_order_relaxed);
    const uint32_t in_use = ++pool->handed_out - pool->seen;
    if (in_use > atomic_load_explicit(&pool->high_water, memory_order_relaxed)) {
        atomic_store_explicit(&pool->high_water, in_use, memory_order_relaxed);
    }
    audyn_counter_add(&pool->acquired, 1);
    frame_pool_unpoison(frame);
    return frame;
}

audyn_audio_frame_t *
audyn_frame_acquire(audyn_frame_pool_t *pool) AUDYN_REALTIME
{
    frame_pool_check_thread(pool, NULL, &pool->acquirer_thread, RULE_ONE_ACQUIRER);
    const uint64_t published =
        atomic_load_explicit(&pool->published, memory_order_acquire);
    const uint32_t fresh = (uint32_t)(published >> 32) - pool->seen;
    const uint32_t index = (uint32_t)published;
    audyn_audio_frame_t *frame;

    if (fresh) {
        frame = &pool->frames[index].frame;
        pool->seen += fresh;
        if (fresh > 1) {
            push_boundary(pool);
            pool->current.top = pool->free_stack[index];
            pool->current.count = fresh - 1;
        }
    } else if (pool->current.count) {
        frame = pool->current.top;
        step_down(pool);
    } else {
        audyn_counter_add(&pool->exhausted, 1);
        return NULL;
    }
    return lend(pool, frame);
}

// Makes what was released since the last look the current run.
static inline void
absorb_released(audyn_frame_pool_t *pool)
{
    const uint64_t published =
        atomic_load_explicit(&pool->published, memory_order_acquire);
    const uint32_t fresh = (uint32_t)(published >> 32) - pool->seen;
    if (fresh) {
        push_boundary(pool);
        pool->current.top = &pool->frames[(uint32_t)published].frame;
        pool->current.count = fresh;
        pool->seen += fresh;
    }
}

void
audyn_frame_unacquire(audyn_audio_frame_t *frame) AUDYN_REALTIME
{
    if (!frame) {
        return;
    }
    audyn_frame_pool_t *pool = frame->pool;
    frame_pool_check_thread(pool, frame, &pool->acquirer_thread, RULE_ONE_ACQUIRER);
    const size_t offset = offset_of(pool, frame);
    if (offset >= pool->frames_size) {
        audyn_counter_add(&pool->acquirer_foreign, 1);
        frame_pool_misuse(pool, frame, RULE_NO_COPY);
        return;
    }
    const size_t index = offset >> FRAME_STRIDE_BITS;
    struct frame_slot *slot = &pool->frames[index];
    const uint32_t loans = atomic_load_explicit(&slot->loans, memory_order_relaxed);
    if (loans == atomic_load_explicit(&pool->returned[index], memory_order_relaxed)) {
        audyn_counter_add(&pool->acquirer_double, 1);
        frame_pool_misuse(pool, frame, RULE_BACK_ONCE);
        return;
    }
    frame_pool_poison(frame);
    absorb_released(pool);
    // The link is the acquirer's to write while the frame is in its hands: the releaser
    // writes it only after a later acquire has passed the frame on.
    pool->free_stack[index] = pool->current.top;
    pool->current.top = frame;
    ++pool->current.count;
    --pool->handed_out;
    atomic_store_explicit(&slot->loans, loans - 1, memory_order_relaxed);
    audyn_counter_add(&pool->unacquired, 1);
}

bool
audyn_frame_release(audyn_audio_frame_t *frame) AUDYN_REALTIME
{
    if (!frame) {
        return false;
    }
    audyn_frame_pool_t *pool = frame->pool;
    frame_pool_check_thread(pool, frame, &pool->releaser_thread, RULE_ONE_RELEASER);
    const size_t offset = offset_of(pool, frame);
    if (offset >= pool->frames_size) {
        audyn_counter_add(&pool->releaser_foreign, 1);
        frame_pool_misuse(pool, frame, RULE_NO_COPY);
        return false;
    }
    const size_t index = offset >> FRAME_STRIDE_BITS;
    const uint32_t loans =
        atomic_load_explicit(&pool->frames[index].loans, memory_order_relaxed);
    if (loans == atomic_load_explicit(&pool->returned[index], memory_order_relaxed)) {
        audyn_counter_add(&pool->releaser_double, 1);
        frame_pool_misuse(pool, frame, RULE_BACK_ONCE);
        return false;
    }
    frame_pool_poison(frame);
    atomic_store_explicit(&pool->returned[index], loans, memory_order_relaxed);
    audyn_counter_add(&pool->released, 1);
    pool->free_stack[index] = pool->last;
    pool->last = frame;
    atomic_store_explicit(&pool->published,
                          pack_published(++pool->sequence, (uint32_t)index),
                          memory_order_release);
    return true;
}
