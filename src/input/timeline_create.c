// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Creation, and how much of the memory is in use.

#include "input/timeline_private.h"

static uint32_t
power_of_two_from(uint64_t least)
{
    uint32_t power = 1;
    while (power < least) {
        power *= 2;
    }
    return power;
}

static uint64_t
sample_frames_of(const audyn_timeline_config_t *config, uint32_t ms)
{
    return (uint64_t)config->sample_rate * ms / 1000;
}

static bool
config_is_valid(const audyn_timeline_config_t *config)
{
    return config->sample_rate >= 1000 && config->sample_rate <= 384000 &&
           config->channels >= 1 && config->channels <= 64 && config->window_ms <= 2000 &&
           config->buffer_ms >= 100 && config->buffer_ms <= 60000;
}

// About ten milliseconds: 512 sample frames at 48 kHz, 1024 at 96 kHz.
static uint32_t
frame_bits_for(uint32_t sample_rate)
{
    uint32_t bits = 6;
    while (bits < 12 && 96U << bits < sample_rate) {
        ++bits;
    }
    return bits;
}

static audyn_status_t
create_buffers(audyn_timeline_t *timeline, const audyn_timeline_config_t *config)
{
    const uint64_t buffered =
        sample_frames_of(config, config->buffer_ms) + timeline->window;
    const uint32_t pool_size = (uint32_t)(buffered >> timeline->frame_bits) + 2;
    timeline->pool = audyn_frame_pool_create(pool_size, config->channels,
                                             timeline_frame_size(timeline));
    if (!timeline->pool) {
        return AUDYN_NO_MEMORY;
    }
    return audyn_audio_queue_create(&timeline->queue, pool_size);
}

audyn_status_t
audyn_timeline_create(audyn_timeline_t **out, const audyn_timeline_config_t *config)
{
    *out = NULL;
    if (!config_is_valid(config)) {
        return AUDYN_INVALID;
    }
    const uint32_t frame_bits = frame_bits_for(config->sample_rate);
    const uint64_t window = sample_frames_of(config, config->window_ms);
    const uint64_t openable = window + TIMELINE_MAX_PLACED;
    const uint32_t open_frames = power_of_two_from((openable >> frame_bits) + 3);
    // Beyond the buffer, the classes of a second stay open for what comes late.
    const uint32_t class_count = power_of_two_from(
        sample_frames_of(config, config->buffer_ms) + config->sample_rate + openable);

    audyn_memory_plan_t plan = {0};
    audyn_memory_plan_add(&plan, 1, sizeof(audyn_timeline_t), AUDYN_CACHE_LINE);
    const size_t open = audyn_memory_plan_add(
        &plan, open_frames, sizeof(struct open_frame), AUDYN_CACHE_LINE);
    const size_t classes = audyn_memory_plan_add(&plan, class_count, 1, AUDYN_CACHE_LINE);
    audyn_memory_t memory;
    audyn_status_t status =
        audyn_memory_map(&memory, plan.size, AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    unsigned char *base = memory.address;
    audyn_timeline_t *timeline = memory.address;
    timeline->memory = memory;
    timeline->sample_rate = config->sample_rate;
    timeline->channels = config->channels;
    timeline->window = (uint32_t)window;
    timeline->class_horizon = config->sample_rate;
    timeline->frame_bits = frame_bits;
    timeline->open = (struct open_frame *)(void *)(base + open);
    timeline->open_mask = open_frames - 1;
    timeline->classes = base + classes;
    timeline->class_mask = class_count - 1;
    status = create_buffers(timeline, config);
    if (status) {
        audyn_timeline_destroy(timeline);
        return status;
    }
    *out = timeline;
    return AUDYN_OK;
}

void
audyn_timeline_destroy(audyn_timeline_t *timeline)
{
    if (!timeline) {
        return;
    }
    audyn_audio_queue_destroy(timeline->queue);
    audyn_frame_pool_destroy(timeline->pool);
    audyn_memory_t memory = timeline->memory;
    audyn_memory_unmap(&memory);
}

void
audyn_timeline_get_pool_stats(const audyn_timeline_t *timeline,
                              audyn_frame_pool_stats_t *stats)
{
    audyn_frame_pool_get_stats(timeline->pool, stats);
}

size_t
audyn_timeline_bytes(const audyn_timeline_t *timeline)
{
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(timeline->pool, &stats);
    return stats.bytes + timeline->memory.size;
}

bool
audyn_timeline_has_room(const audyn_timeline_t *timeline, uint32_t sample_frames)
{
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(timeline->pool, &stats);
    const uint32_t frames = (sample_frames >> timeline->frame_bits) + 2;
    return stats.capacity - stats.in_use >= frames &&
           (!timeline->begun ||
            timeline->end + sample_frames <= timeline_limit(timeline));
}
