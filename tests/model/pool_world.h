// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The frame pool as a world to explore: src/core/frame_pool.c itself, beside a plain
/// stack that it must agree with.
///
/// Which releases are on that stack?  Those that happen before the acquirer's call, and
/// those up to the one that the call reads in `published`, in the order of release.
/// Acquire takes the top, NULL only when the stack is empty; unacquire puts its frame on
/// top.  Since every frame is on the stack, in somebody's hands or released since,
/// agreement means: strict last-in first-out, no frame handed out twice, none lost, no
/// NULL while one is free.
///
/// The acquirer acquires, unacquires, hands any frame that it holds over to the releaser,
/// or hears of the latest release, as it would from a lock or a queue of its own.  The
/// releaser releases any frame that was handed over.  The acquirer writes a frame's
/// samples for as long as it has it, the releaser reads them before it releases.

#ifndef AUDYN_TESTS_MODEL_POOL_WORLD_H
#define AUDYN_TESTS_MODEL_POOL_WORLD_H

#include "explorer.h"

#include "core/frame_pool_private.h"

#define MOST_FRAMES 6

struct pool_world {
    struct world world; // first
    audyn_frame_pool_t *pool;
    uint32_t frames;
    bool keep_dead;
    uint8_t kinds[MOST_GRANULES];    // enum pool_memory
    uint8_t frame_of[MOST_GRANULES]; // where each frame has its own
};

typedef struct {
    uint32_t frames;  ///< 1 to MOST_FRAMES
    uint32_t wrap_in; ///< releases and acquisitions until their counters wrap
    /// Leave values in memory that must not be read any more, instead of clearing them.
    /// Takes a hundred times as many states, none of which may make a difference.
    bool keep_dead;
} pool_world_config_t;

/// False: no memory.
bool pool_world_init(struct pool_world *world, const pool_world_config_t *config);
void pool_world_finish(struct pool_world *world);

#endif
