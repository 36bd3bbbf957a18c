// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a debug build of the pool checks beyond a release build.  All of it vanishes
/// in a release build, except AddressSanitizer's poisoning where that is compiled in.

#ifndef AUDYN_CORE_FRAME_POOL_DEBUG_H
#define AUDYN_CORE_FRAME_POOL_DEBUG_H

#include "core/frame_pool_private.h"

#if defined(__SANITIZE_ADDRESS__)
#define AUDYN_POOL_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define AUDYN_POOL_ASAN 1
#endif
#endif

#ifdef AUDYN_POOL_ASAN
#include <sanitizer/asan_interface.h>
#endif

static inline size_t
frame_bytes(const audyn_audio_frame_t *frame)
{
    return (size_t)frame->sample_frames * frame->channels * sizeof(float);
}

enum pool_rule {
    RULE_ONE_ACQUIRER,
    RULE_ONE_RELEASER,
    RULE_NO_COPY,
    RULE_BACK_ONCE,
};

#ifdef AUDYN_POOL_DEBUG
/// Prints the frame, unless it is NULL, and the rule that was broken, and aborts.
_Noreturn void frame_pool_misuse(const audyn_frame_pool_t *pool,
                                 const audyn_audio_frame_t *frame, enum pool_rule rule);
/// Binds `*owner` to the first thread that comes by, and aborts for any other.  `frame`
/// is what that one came with, or NULL.
void frame_pool_check_thread(const audyn_frame_pool_t *pool,
                             const audyn_audio_frame_t *frame, _Atomic uintptr_t *owner,
                             enum pool_rule rule);
void frame_pool_fill_nan(audyn_audio_frame_t *frame);
#else
#define frame_pool_misuse(pool, frame, rule) ((void)(pool), (void)(frame))
#define frame_pool_check_thread(pool, frame, owner, rule) ((void)(pool))
#define frame_pool_fill_nan(frame) ((void)(frame))
#endif

/// The samples of a free frame: touching them is an error that is seen.  The padding up
/// to the next buffer stays poisoned even while the frame is lent out.
static inline void
frame_pool_poison(audyn_audio_frame_t *frame)
{
    frame_pool_fill_nan(frame);
#ifdef AUDYN_POOL_ASAN
    const size_t lines = (frame_bytes(frame) + AUDYN_CACHE_LINE - 1) / AUDYN_CACHE_LINE;
    __asan_poison_memory_region(frame->data, lines * AUDYN_CACHE_LINE);
#endif
}

static inline void
frame_pool_unpoison(audyn_audio_frame_t *frame)
{
    (void)frame;
#ifdef AUDYN_POOL_ASAN
    __asan_unpoison_memory_region(frame->data, frame_bytes(frame));
#endif
}

#endif
