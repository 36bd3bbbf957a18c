// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The ordinary half of the pool: creation, statistics, destruction.

#include "core/frame_pool_debug.h"

#include <string.h>

// Where each array lies in the pool's single mapping, in bytes.
struct pool_layout {
    size_t frames, free_stack, boundaries, returned, samples;
    size_t buffer_bytes; // from one buffer to the next
    size_t total;
};

static bool
plan_layout(struct pool_layout *layout, const audyn_frame_pool_config_t *config)
{
    const size_t alignment = config->alignment ? config->alignment : AUDYN_CACHE_LINE;
    const size_t count = config->pool_size;
    audyn_memory_plan_t samples = {0};
    audyn_memory_plan_add(&samples, config->sample_frames_per_buffer, config->channels,
                          1);
    audyn_memory_plan_t buffer = {.overflow = samples.overflow};
    audyn_memory_plan_add(&buffer, samples.size, sizeof(float), alignment);
    layout->buffer_bytes = audyn_memory_plan_add(&buffer, 0, 1, alignment);

    audyn_memory_plan_t plan = {.overflow = buffer.overflow};
    audyn_memory_plan_add(&plan, 1, sizeof(audyn_frame_pool_t), AUDYN_CACHE_LINE);
    layout->frames = audyn_memory_plan_add(&plan, count, FRAME_STRIDE, AUDYN_CACHE_LINE);
    layout->boundaries =
        audyn_memory_plan_add(&plan, count, sizeof(struct run), AUDYN_CACHE_LINE);
    layout->free_stack = audyn_memory_plan_add(
        &plan, count, sizeof(audyn_audio_frame_t *), AUDYN_CACHE_LINE);
    layout->returned =
        audyn_memory_plan_add(&plan, count, sizeof(_Atomic uint64_t), AUDYN_CACHE_LINE);
    layout->samples = audyn_memory_plan_add(&plan, count, layout->buffer_bytes, 4096);
    layout->total = plan.size;
    return !plan.overflow;
}

static bool
config_is_valid(const audyn_frame_pool_config_t *config)
{
    const uint32_t alignment = config->alignment;
    const bool aligned =
        !alignment || (alignment >= AUDYN_CACHE_LINE && alignment <= 4096 &&
                       !(alignment & (alignment - 1)));
    return config->pool_size && config->channels && config->sample_frames_per_buffer &&
           aligned;
}

static void
create_frames(audyn_frame_pool_t *pool, const audyn_frame_pool_config_t *config,
              unsigned char *samples, size_t buffer_bytes)
{
    for (uint32_t i = 0; i < config->pool_size; ++i) {
        const audyn_audio_frame_t frame = {
            .data = (float *)(void *)(samples + i * buffer_bytes),
            .sample_frames = config->sample_frames_per_buffer,
            .channels = config->channels,
            .pool = pool,
        };
        // The members are const, so that only this copy can ever set them.
        memcpy(&pool->frames[i].frame, &frame, sizeof frame);
        pool->frames[i].index = i;
        const bool deepest = i + 1 == config->pool_size;
        pool->free_stack[i] = deepest ? NULL : &pool->frames[i + 1].frame;
        frame_pool_poison(&pool->frames[i].frame);
    }
}

audyn_status_t
frame_pool_create_at(const audyn_frame_pool_config_t *config, uint32_t first_sequence,
                     audyn_frame_pool_t **out)
{
    *out = NULL;
    if (!config_is_valid(config)) {
        return AUDYN_INVALID;
    }
    struct pool_layout layout;
    if (!plan_layout(&layout, config)) {
        return AUDYN_TOO_LARGE;
    }
    audyn_memory_t memory;
    const audyn_status_t status =
        audyn_memory_map(&memory, layout.total, config->lock, config->huge_pages);
    if (status) {
        return status;
    }
    unsigned char *base = memory.address;
    audyn_frame_pool_t *pool = memory.address;
    pool->memory = memory;
    pool->frames = (struct frame_slot *)(void *)(base + layout.frames);
    pool->frames_size = (size_t)config->pool_size * FRAME_STRIDE;
    pool->free_stack = (audyn_audio_frame_t **)(void *)(base + layout.free_stack);
    pool->boundaries = (struct run *)(void *)(base + layout.boundaries);
    pool->returned = (_Atomic uint64_t *)(void *)(base + layout.returned);
    pool->pool_size = config->pool_size;
    pool->first_sequence = first_sequence;
    create_frames(pool, config, base + layout.samples, layout.buffer_bytes);
    // All frames start as one run of the acquirer's.
    pool->current = (struct run){&pool->frames[0].frame, config->pool_size};
    pool->one_ahead = first_sequence + 1;
    atomic_init(&pool->published, pack_published(first_sequence, 0));
    *out = pool;
    return AUDYN_OK;
}

audyn_status_t
audyn_frame_pool_create_with(const audyn_frame_pool_config_t *config,
                             audyn_frame_pool_t **out)
{
    return frame_pool_create_at(config, 0, out);
}

audyn_frame_pool_t *
audyn_frame_pool_create(uint32_t pool_size, uint32_t channels,
                        uint32_t sample_frames_per_buffer)
{
    const audyn_frame_pool_config_t config = {
        .pool_size = pool_size,
        .channels = channels,
        .sample_frames_per_buffer = sample_frames_per_buffer,
    };
    audyn_frame_pool_t *pool;
    audyn_frame_pool_create_with(&config, &pool);
    return pool;
}

void
audyn_frame_pool_get_stats(const audyn_frame_pool_t *pool,
                           audyn_frame_pool_stats_t *stats)
{
    const uint64_t published =
        atomic_load_explicit(&pool->published, memory_order_relaxed);
    *stats = (audyn_frame_pool_stats_t){
        .capacity = (uint32_t)pool->pool_size,
        .high_water = atomic_load_explicit(&pool->high_water, memory_order_relaxed),
        .acquired = audyn_counter_get(&pool->acquired),
        .unacquired = audyn_counter_get(&pool->unacquired),
        .exhausted = audyn_counter_get(&pool->exhausted),
        .foreign = audyn_counter_get(&pool->acquirer_foreign) +
                   audyn_counter_get(&pool->releaser_foreign),
        .double_released = audyn_counter_get(&pool->acquirer_double) +
                           audyn_counter_get(&pool->releaser_double),
        .bytes = pool->memory.size,
        .locked = pool->memory.locked,
    };
    // What was acquired and not put back has been released or is lent out.  The latter
    // is few, so that the sequence, though it wraps, tells how many were released.  It
    // may seem less than none: the threads run on between one load and the next.
    const uint64_t passed_on = stats->acquired - stats->unacquired;
    const uint32_t released = (uint32_t)(published >> 32) - pool->first_sequence;
    const int32_t lent = (int32_t)((uint32_t)passed_on - released);
    stats->released = passed_on - (uint64_t)(int64_t)lent;
    stats->in_use = lent < 0                           ? 0
                    : (uint32_t)lent < stats->capacity ? (uint32_t)lent
                                                       : stats->capacity;
}

void
audyn_frame_pool_destroy(audyn_frame_pool_t *pool)
{
    if (!pool) {
        return;
    }
    audyn_memory_t memory = pool->memory;
#ifdef AUDYN_POOL_ASAN
    __asan_unpoison_memory_region(memory.address, memory.size);
#endif
    audyn_memory_unmap(&memory);
}
