// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// All audio memory of a stream, created once and lent out as frames.
///
/// One thread acquires (the real-time input thread), one thread releases (the
/// worker).  Both take constant time and never wait: no lock, no retry, no
/// read-modify-write.  Frames come back in strict last-in first-out order, so that
/// the frame acquired next is the one most likely still in the cache.
///
/// Misuse is rejected and counted.  A build with `-Ddebug_pool=true` stops instead,
/// with a message that names the frame and the rule.

#ifndef AUDYN_FRAME_POOL_H
#define AUDYN_FRAME_POOL_H

#include <audyn/attributes.h>
#include <audyn/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct audyn_frame_pool audyn_frame_pool_t;

/// A fixed buffer of interleaved 32-bit float samples.  Its address is its identity:
/// it is lent by the pool, never owned, and never copied.
typedef struct audyn_audio_frame {
    float *const data; ///< `sample_frames × channels` samples, 64-byte aligned
    const uint32_t sample_frames;   ///< what the buffer holds at most
    const uint32_t channels;        ///< interleaved
    audyn_frame_pool_t *const pool; ///< the owner
} audyn_audio_frame_t;

/// What is done about locking the pool's memory into RAM.
typedef enum {
    AUDYN_LOCK_BEST_EFFORT = 0, ///< try; `locked` in the statistics says how it went
    AUDYN_LOCK_REQUIRED,        ///< creation fails with AUDYN_NOT_LOCKED
    AUDYN_LOCK_NEVER,
} audyn_lock_t;

/// Copied by audyn_frame_pool_create_with().  Zero means the default where one is named.
typedef struct {
    uint32_t pool_size;                ///< frames, at least 1
    uint32_t channels;                 ///< at least 1
    uint32_t sample_frames_per_buffer; ///< at least 1
    uint32_t alignment;                ///< bytes: 0 (64) or a power of two, 64 to 4096
    audyn_lock_t lock;
    bool huge_pages; ///< ask for transparent huge pages
} audyn_frame_pool_config_t;

/// Counters since creation.  Each has one writer; a snapshot taken while the threads
/// run is approximate across fields, exact within each.
typedef struct {
    uint32_t capacity;        ///< frames
    uint32_t in_use;          ///< frames lent out now
    uint32_t high_water;      ///< most frames lent out at once, as the acquirer saw it
    uint64_t acquired;        ///< frames handed out
    uint64_t released;        ///< frames taken back by release
    uint64_t unacquired;      ///< frames put back by the acquirer
    uint64_t exhausted;       ///< acquire calls that returned NULL
    uint64_t foreign;         ///< rejected: not a frame of this pool, or a copy of one
    uint64_t double_released; ///< rejected: the frame was free
    size_t bytes;             ///< memory held
    bool locked;              ///< memory is locked into RAM
} audyn_frame_pool_stats_t;

/// Any thread, not real-time.  Touches and locks (best effort) every page and keeps
/// them from forked children: a child must not use the pool.  NULL on failure.
AUDYN_API audyn_frame_pool_t *audyn_frame_pool_create(uint32_t pool_size,
                                                      uint32_t channels,
                                                      uint32_t sample_frames_per_buffer);

/// As audyn_frame_pool_create(), with all settings and the cause of a failure:
/// AUDYN_INVALID (a zero or an alignment out of range), AUDYN_TOO_LARGE,
/// AUDYN_NO_MEMORY or AUDYN_NOT_LOCKED.  On failure `*out` is NULL.
AUDYN_API audyn_status_t audyn_frame_pool_create_with(
    const audyn_frame_pool_config_t *config, audyn_frame_pool_t **out);

/// Acquiring thread.  The frame is the caller's until it is released, its samples are
/// whatever was left there.  NULL when no frame is free: backpressure, not an error.
AUDYN_API audyn_audio_frame_t *
audyn_frame_acquire(audyn_frame_pool_t *pool) AUDYN_REALTIME;

/// Releasing thread.  Ends the loan of `frame`, which may not be touched afterwards.
/// False when it was rejected: NULL, not a frame of its pool, or not lent out.
AUDYN_API bool audyn_frame_release(audyn_audio_frame_t *frame) AUDYN_REALTIME;

/// Acquiring thread only.  Puts back a frame that it acquired and did not pass on;
/// the next acquire returns it.  Misuse is counted as for release.
AUDYN_API void audyn_frame_unacquire(audyn_audio_frame_t *frame) AUDYN_REALTIME;

/// Any thread.
AUDYN_API void audyn_frame_pool_get_stats(const audyn_frame_pool_t *pool,
                                          audyn_frame_pool_stats_t *stats);

/// After both threads have stopped using the pool.  Frames still lent out are gone.
/// Accepts NULL.
AUDYN_API void audyn_frame_pool_destroy(audyn_frame_pool_t *pool);

#ifdef __cplusplus
}
#endif

#endif
