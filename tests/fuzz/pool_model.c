// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "pool_model.h"

void
pool_model_init(struct pool_model *model, uint32_t pool_size)
{
    *model = (struct pool_model){.stats = {.capacity = pool_size}};
    while (model->free_count < pool_size) {
        model->free_frames[model->free_count] = pool_size - 1 - model->free_count;
        ++model->free_count;
    }
}

bool
pool_model_acquire(struct pool_model *model, uint32_t *frame)
{
    audyn_frame_pool_stats_t *stats = &model->stats;
    if (!model->free_count) {
        ++stats->exhausted;
        return false;
    }
    *frame = model->free_frames[--model->free_count];
    model->lent[*frame] = true;
    ++stats->acquired;
    ++stats->in_use;
    stats->high_water =
        stats->in_use > stats->high_water ? stats->in_use : stats->high_water;
    return true;
}

static bool
put_back(struct pool_model *model, uint32_t frame)
{
    if (!model->lent[frame]) {
        ++model->stats.double_released;
        return false;
    }
    model->lent[frame] = false;
    model->free_frames[model->free_count++] = frame;
    --model->stats.in_use;
    return true;
}

bool
pool_model_release(struct pool_model *model, uint32_t frame)
{
    const bool taken = put_back(model, frame);
    model->stats.released += taken;
    return taken;
}

bool
pool_model_unacquire(struct pool_model *model, uint32_t frame)
{
    const bool taken = put_back(model, frame);
    model->stats.unacquired += taken;
    return taken;
}

void
pool_model_foreign(struct pool_model *model)
{
    ++model->stats.foreign;
}
