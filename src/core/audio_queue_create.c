// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The ordinary half of the queue: creation, length, destruction.

#include "core/audio_queue_private.h"

audyn_status_t
audyn_audio_queue_create(audyn_audio_queue_t **out, uint32_t capacity)
{
    *out = NULL;
    if (!capacity || capacity > 1U << 30) {
        return AUDYN_INVALID;
    }
    uint32_t slots = 1;
    while (slots < capacity) {
        slots *= 2;
    }
    audyn_memory_plan_t plan = {0};
    audyn_memory_plan_add(&plan, 1, sizeof(audyn_audio_queue_t), AUDYN_CACHE_LINE);
    const size_t ring = audyn_memory_plan_add(&plan, slots, sizeof(audyn_audio_block_t),
                                              AUDYN_CACHE_LINE);
    if (plan.overflow) {
        return AUDYN_TOO_LARGE;
    }
    audyn_memory_t memory;
    const audyn_status_t status =
        audyn_memory_map(&memory, plan.size, AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    audyn_audio_queue_t *queue = memory.address;
    queue->memory = memory;
    queue->ring = (audyn_audio_block_t *)(void *)((unsigned char *)memory.address + ring);
    queue->capacity = slots;
    *out = queue;
    return AUDYN_OK;
}

uint32_t
audyn_audio_queue_length(const audyn_audio_queue_t *queue)
{
    // Popped first: what is pushed meanwhile may only make the answer too large.
    const uint32_t popped = atomic_load_explicit(&queue->popped, memory_order_acquire);
    const uint32_t length =
        atomic_load_explicit(&queue->pushed, memory_order_acquire) - popped;
    return length < queue->capacity ? length : queue->capacity;
}

void
audyn_audio_queue_destroy(audyn_audio_queue_t *queue)
{
    if (queue) {
        audyn_memory_t memory = queue->memory;
        audyn_memory_unmap(&memory);
    }
}
