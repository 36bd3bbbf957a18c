// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the world of the pool knows about a state besides the pool itself.

#ifndef AUDYN_TESTS_MODEL_POOL_GHOST_H
#define AUDYN_TESTS_MODEL_POOL_GHOST_H

#include "pool_world.h"

enum pool_thread { ACQUIRER, RELEASER };
enum pool_action { ACQUIRE = 1, UNACQUIRE, HAND_OVER, HEAR, RELEASE };
enum pool_place { FREE, IN_HAND, HANDED_OVER, RELEASING };

// What lies in the pool's memory, as far as it matters.
enum pool_memory {
    PLAIN,
    ACQUIRED,
    ONE_AHEAD,
    PUBLISHED,
    SLOT, // of its members only the loan changes
    RETURNED,
    POINTER, // to a frame; its first granule
    LINK,
    LINK_END, // the second granule of a link
    SAMPLES,
    KINDS_OF_MEMORY
};

// The plain stack, and where each frame is.
struct pool_ghost {
    uint8_t place[MOST_FRAMES];
    uint8_t stack[MOST_FRAMES]; // top last
    uint8_t stack_count, fresh_count;
    struct {
        uint32_t frame, stamp;
    } fresh[MOST_FRAMES]; // releases that are not on the stack yet, oldest first
    uint32_t absorbed;    // releases that are, or were
    uint32_t handed_over[MOST_FRAMES]; // stamp for the releaser to join
    uint32_t heard_of; // stamp for the acquirer to join: the last release that is done
    // The latest values of what the pool has under these names.
    uint32_t sequence;
    uint64_t acquired, returned[MOST_FRAMES];
};
_Static_assert(sizeof(struct pool_ghost) <= MOST_GHOST, "the ghost is too large");

static inline const struct pool_world *
pool_world_of(const struct world *world)
{
    return (const struct pool_world *)(const void *)world;
}

static inline struct pool_ghost *
pool_ghost_of(struct state *state)
{
    return (struct pool_ghost *)(void *)state->ghost;
}

static inline unsigned
pool_granule(const struct pool_world *world, const volatile void *address)
{
    return (unsigned)(((uintptr_t)address - (uintptr_t)world->pool) / GRANULE);
}

/// Fills in what memory is what, and the functions that name it.
void pool_names_init(struct pool_world *world);

#endif
