// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Compiled into debug builds only (-Ddebug_pool=true).

#include "core/frame_pool_debug.h"

#include <inttypes.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static const char *const rules[] = {
    [RULE_ONE_ACQUIRER] = "one thread acquires, and no other",
    [RULE_ONE_RELEASER] = "one thread releases, and no other",
    [RULE_NO_COPY] = "a frame is never copied, and goes back to its own pool",
    [RULE_BACK_ONCE] = "a frame is given back once, and only while it is lent out",
};

void
frame_pool_misuse(const audyn_frame_pool_t *pool, const audyn_audio_frame_t *frame,
                  enum pool_rule rule)
{
    const uintptr_t offset = (uintptr_t)frame - (uintptr_t)pool->frames;
    if (!frame) {
        fprintf(stderr, "audyn: frame pool %p: broken rule: %s\n", (const void *)pool,
                rules[rule]);
    } else if (offset < pool->frames_size && offset % FRAME_STRIDE == 0) {
        fprintf(
            stderr, "audyn: frame pool %p: frame %" PRIuPTR " (%p): broken rule: %s\n",
            (const void *)pool, offset / FRAME_STRIDE, (const void *)frame, rules[rule]);
    } else {
        fprintf(stderr,
                "audyn: frame pool %p: frame at %p, not one of its %zu "
                "frames: broken rule: %s\n",
                (const void *)pool, (const void *)frame, pool->pool_size, rules[rule]);
    }
    abort();
}

void
frame_pool_check_thread(const audyn_frame_pool_t *pool, const audyn_audio_frame_t *frame,
                        _Atomic uintptr_t *owner, enum pool_rule rule)
{
    const uintptr_t self = (uintptr_t)pthread_self();
    uintptr_t bound = 0;
    if (!atomic_compare_exchange_strong_explicit(
            owner, &bound, self, memory_order_relaxed, memory_order_relaxed) &&
        bound != self) {
        frame_pool_misuse(pool, frame, rule);
    }
}

void
frame_pool_fill_nan(audyn_audio_frame_t *frame)
{
    const size_t samples = (size_t)frame->sample_frames * frame->channels;
    for (size_t i = 0; i < samples; ++i) {
        frame->data[i] = NAN;
    }
}
