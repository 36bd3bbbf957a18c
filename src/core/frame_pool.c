// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The real-time half of the pool: acquire, unacquire, release.  doc/memory-contract.md
// holds the argument for each step; doc/decisions/0001-frame-pool.md the alternatives.

#include "core/frame_pool_debug.h"

// The promise is code without a call; a compiler may make one of what seems unlikely.
#define INLINE static inline __attribute__((always_inline))
#define LIKELY(condition) __builtin_expect(condition, true)
#define UNLIKELY(condition) __builtin_expect(condition, false)

// The frame's place in frames[], or one past the last for a stranger: what is off the
// stride comes to the top.
INLINE size_t
index_of(const audyn_frame_pool_t *pool, const audyn_audio_frame_t *frame)
{
    const size_t offset = (size_t)((uintptr_t)frame - (uintptr_t)pool->frames);
    const unsigned rest_bits = 8 * sizeof offset - FRAME_STRIDE_BITS;
    return offset >> FRAME_STRIDE_BITS | offset << rest_bits;
}

INLINE struct frame_slot *
slot_of(audyn_audio_frame_t *frame)
{
    return (struct frame_slot *)(void *)frame;
}

INLINE void
push_boundary(audyn_frame_pool_t *pool)
{
    if (pool->current.count) {
        pool->boundaries[pool->boundary_count++] = pool->current;
    }
}

// Moves to the frame under the current one: along its run, or into the run below.
INLINE void
step_down(audyn_frame_pool_t *pool)
{
    if (--pool->current.count) {
        pool->current.top = pool->free_stack[slot_of(pool->current.top)->index];
    } else if (pool->boundary_count) {
        pool->current = pool->boundaries[--pool->boundary_count];
    }
}

INLINE audyn_audio_frame_t *
lend(audyn_frame_pool_t *pool, uint64_t acquired, struct frame_slot *slot)
{
    atomic_store_explicit(&pool->acquired, acquired + 1, memory_order_relaxed);
    atomic_store_explicit(&slot->loan, acquired + 1, memory_order_relaxed);
    frame_pool_unpoison(&slot->frame);
    return &slot->frame;
}

// Only a frame taken from a run adds to those in use: any other has just come back.
INLINE void
note_high_water(audyn_frame_pool_t *pool)
{
    const uint32_t unacquired = (uint32_t)audyn_counter_get(&pool->unacquired);
    const uint32_t in_use = pool->first_sequence + 1 - pool->one_ahead - unacquired;
    if (in_use > atomic_load_explicit(&pool->high_water, memory_order_relaxed)) {
        atomic_store_explicit(&pool->high_water, in_use, memory_order_relaxed);
    }
}

audyn_audio_frame_t *
audyn_frame_acquire(audyn_frame_pool_t *pool) AUDYN_REALTIME
{
    frame_pool_check_thread(pool, NULL, &pool->acquirer_thread, RULE_ONE_ACQUIRER);
    const uint64_t published =
        atomic_load_explicit(&pool->published, memory_order_acquire);
    const uint64_t acquired = audyn_counter_get(&pool->acquired);
    const uint32_t ahead = (uint32_t)(published >> 32) - (uint32_t)acquired;
    const uint32_t index = (uint32_t)published;

    if (LIKELY(ahead == pool->one_ahead)) {
        return lend(pool, acquired, &pool->frames[index]);
    }
    const uint32_t fresh = ahead - pool->one_ahead + 1;
    if (fresh) {
        push_boundary(pool);
        pool->current.top = pool->free_stack[index];
        pool->current.count = fresh - 1;
        pool->one_ahead = ahead;
        return lend(pool, acquired, &pool->frames[index]);
    }
    if (!pool->current.count) {
        audyn_counter_add(&pool->exhausted, 1);
        return NULL;
    }
    struct frame_slot *slot = slot_of(pool->current.top);
    step_down(pool);
    --pool->one_ahead;
    note_high_water(pool);
    return lend(pool, acquired, slot);
}

// Makes what was released since the last look the current run.
INLINE void
absorb_released(audyn_frame_pool_t *pool)
{
    const uint64_t published =
        atomic_load_explicit(&pool->published, memory_order_acquire);
    const uint32_t acquired = (uint32_t)audyn_counter_get(&pool->acquired);
    const uint32_t ahead = (uint32_t)(published >> 32) - acquired;
    const uint32_t fresh = ahead - pool->one_ahead + 1;
    if (fresh) {
        push_boundary(pool);
        pool->current.top = &pool->frames[(uint32_t)published].frame;
        pool->current.count = fresh;
        pool->one_ahead = ahead + 1;
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
    const size_t index = index_of(pool, frame);
    if (UNLIKELY(index >= pool->pool_size)) {
        audyn_counter_add(&pool->acquirer_foreign, 1);
        frame_pool_misuse(pool, frame, RULE_NO_COPY);
        return;
    }
    struct frame_slot *slot = slot_of(frame);
    const uint64_t returned =
        atomic_load_explicit(&pool->returned[index], memory_order_relaxed);
    if (atomic_load_explicit(&slot->loan, memory_order_relaxed) == returned) {
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
    atomic_store_explicit(&slot->loan, returned, memory_order_relaxed);
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
    const size_t index = index_of(pool, frame);
    if (UNLIKELY(index >= pool->pool_size)) {
        audyn_counter_add(&pool->releaser_foreign, 1);
        frame_pool_misuse(pool, frame, RULE_NO_COPY);
        return false;
    }
    const struct frame_slot *slot = slot_of(frame);
    const uint64_t loan = atomic_load_explicit(&slot->loan, memory_order_relaxed);
    if (loan == atomic_load_explicit(&pool->returned[index], memory_order_relaxed)) {
        audyn_counter_add(&pool->releaser_double, 1);
        frame_pool_misuse(pool, frame, RULE_BACK_ONCE);
        return false;
    }
    frame_pool_poison(frame);
    atomic_store_explicit(&pool->returned[index], loan, memory_order_relaxed);
    // The releaser's own last word names the frame that this one comes to lie upon.
    const uint64_t published =
        atomic_load_explicit(&pool->published, memory_order_relaxed);
    pool->free_stack[index] = &pool->frames[(uint32_t)published].frame;
    atomic_store_explicit(&pool->published, next_published(published, slot->index),
                          memory_order_release);
    return true;
}
