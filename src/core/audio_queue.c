// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The real-time half of the queue.  One index each way, each written by one thread.

#include "core/audio_queue_private.h"

bool
audyn_audio_queue_push(audyn_audio_queue_t *queue,
                       const audyn_audio_block_t *block) AUDYN_REALTIME
{
    const uint32_t pushed = atomic_load_explicit(&queue->pushed, memory_order_relaxed);
    if (pushed - queue->known_popped == queue->capacity) {
        queue->known_popped = atomic_load_explicit(&queue->popped, memory_order_acquire);
        if (pushed - queue->known_popped == queue->capacity) {
            return false;
        }
    }
    // Part by part, as the caller has just stored it: one wide load would have to wait.
    audyn_audio_block_t *slot = &queue->ring[pushed & (queue->capacity - 1)];
    slot->frame = block->frame;
    slot->filled = block->filled;
    slot->position = block->position;
    atomic_store_explicit(&queue->pushed, pushed + 1, memory_order_release);
    return true;
}

bool
audyn_audio_queue_pop(audyn_audio_queue_t *queue,
                      audyn_audio_block_t *block) AUDYN_REALTIME
{
    const uint32_t popped = atomic_load_explicit(&queue->popped, memory_order_relaxed);
    if (popped == queue->known_pushed) {
        queue->known_pushed = atomic_load_explicit(&queue->pushed, memory_order_acquire);
        if (popped == queue->known_pushed) {
            return false;
        }
    }
    *block = queue->ring[popped & (queue->capacity - 1)];
    atomic_store_explicit(&queue->popped, popped + 1, memory_order_release);
    return true;
}
