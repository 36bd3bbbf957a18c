// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a frame pool should do, in the plainest way: a stack of the free ones.

#ifndef AUDYN_TESTS_POOL_MODEL_H
#define AUDYN_TESTS_POOL_MODEL_H

#include <audyn/frame_pool.h>

#define POOL_MODEL_MOST_FRAMES 255

struct pool_model {
    uint32_t free_frames[POOL_MODEL_MOST_FRAMES]; // the last one is acquired next
    uint32_t free_count;
    bool lent[POOL_MODEL_MOST_FRAMES];
    audyn_frame_pool_stats_t stats; // `bytes` and `locked` are left at zero
};

void pool_model_init(struct pool_model *model, uint32_t pool_size);

/// The frame that is handed out; false: none is free.
bool pool_model_acquire(struct pool_model *model, uint32_t *frame);

/// Whether the frame is taken back.
bool pool_model_release(struct pool_model *model, uint32_t frame);
bool pool_model_unacquire(struct pool_model *model, uint32_t frame);

/// A call with something that is no frame of this pool.
void pool_model_foreign(struct pool_model *model);

#endif
