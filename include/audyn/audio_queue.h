// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A bounded ring of blocks from one pushing to one popping thread.

#ifndef AUDYN_AUDIO_QUEUE_H
#define AUDYN_AUDIO_QUEUE_H

#include <audyn/frame_pool.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What travels from the input thread to the worker, by value.  The frame's own size
/// never changes, so how much of it counts is said here.
typedef struct {
    audyn_audio_frame_t *frame; ///< lent by its pool; whoever pops it releases it
    uint64_t position;          ///< sample frames on the stream's media clock
    uint32_t filled;            ///< sample frames that count, from the frame's start
} audyn_audio_block_t;

typedef struct audyn_audio_queue audyn_audio_queue_t;

/// Room for at least `capacity` blocks, 1 to 2³⁰; with one slot for each frame of a
/// pool, a push with a frame in hand cannot fail.  On failure `*out` is NULL.
AUDYN_API audyn_status_t audyn_audio_queue_create(audyn_audio_queue_t **out,
                                                  uint32_t capacity);

/// Pushing thread.  False when the queue is full; the block stays the caller's.
AUDYN_API bool audyn_audio_queue_push(audyn_audio_queue_t *queue,
                                      const audyn_audio_block_t *block) AUDYN_REALTIME;

/// Popping thread.  False when the queue is empty; `*block` is then left alone.
AUDYN_API bool audyn_audio_queue_pop(audyn_audio_queue_t *queue,
                                     audyn_audio_block_t *block) AUDYN_REALTIME;

/// Any thread.  Blocks waiting; a snapshot.
AUDYN_API uint32_t audyn_audio_queue_length(const audyn_audio_queue_t *queue);

/// After both threads have stopped.  Frames still inside are not released.
/// Accepts NULL.
AUDYN_API void audyn_audio_queue_destroy(audyn_audio_queue_t *queue);

#ifdef __cplusplus
}
#endif

#endif
