// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The audio queue as a world to explore: src/core/audio_queue.c itself, beside a count
/// of the blocks that went in and came out.
///
/// Each thread knows of the other's calls that happen before its own, and of those up to
/// the one whose result it reads in its own.  Pop returns the blocks in order and whole,
/// false only when it has returned all that it knows of; push is refused only when there
/// is no slot that is known to be free.

#ifndef AUDYN_TESTS_MODEL_QUEUE_WORLD_H
#define AUDYN_TESTS_MODEL_QUEUE_WORLD_H

#include "explorer.h"

#include "core/audio_queue_private.h"

#define MOST_SLOTS 4

struct queue_world {
    struct world world; // first
    audyn_audio_queue_t *queue;
    uint32_t first; // number of the first block
};

/// `slots`: 1, 2 or 4.  The counters wrap after `wrap_in` blocks.  False: no memory.
bool queue_world_init(struct queue_world *world, uint32_t slots, uint32_t wrap_in);
void queue_world_finish(struct queue_world *world);

#endif
