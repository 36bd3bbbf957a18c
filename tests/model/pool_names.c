// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What lies where in the pool's memory; what it is called; and which states are the same
// but for the names of frames and a shift of counters.

#include "pool_ghost.h"

#include <inttypes.h>
#include <string.h>

// In the pool itself, most of what is atomic counts what has happened.
static bool
is_statistic(const struct world *world, unsigned granule)
{
    const unsigned kind = pool_world_of(world)->kinds[granule];
    return granule < sizeof(struct audyn_frame_pool) / GRANULE && kind != PUBLISHED &&
           kind != ACQUIRED;
}

// Whether a frame is lent out must never be judged by what it was before.
static bool
is_exact(const struct world *world, unsigned granule)
{
    const unsigned kind = pool_world_of(world)->kinds[granule];
    return kind == SLOT || kind == RETURNED;
}

// Orders frames by where they are: on the stack from the bottom up, then those released
// since, then those in somebody's hands by what the releaser knows of them.
static uint32_t
rank(struct state *state, unsigned frame)
{
    const struct pool_ghost *ghost = pool_ghost_of(state);
    for (unsigned i = 0; i < ghost->stack_count; ++i) {
        if (ghost->stack[i] == frame) {
            return i;
        }
    }
    for (unsigned i = 0; i < ghost->fresh_count; ++i) {
        if (ghost->fresh[i].frame == frame) {
            return MOST_FRAMES + i;
        }
    }
    const uint32_t stamp = ghost->place[frame] == IN_HAND ? 0 : ghost->handed_over[frame];
    return (ghost->place[frame] + 1U) << 16 |
           memory_beyond(&state->memory, ACQUIRER, stamp);
}

// Frames are alike: each goes by its rank.
static void
look_at(const struct world *world, struct state *state, struct view *view)
{
    const uint32_t frames = pool_world_of(world)->frames;
    uint32_t ranks[MOST_FRAMES];
    *view = (struct view){.world = world, .state = state};
    for (unsigned i = 0; i < frames; ++i) {
        ranks[i] = rank(state, i);
        unsigned j = i;
        for (; j > 0 && ranks[view->named[j - 1]] > ranks[i]; --j) {
            view->named[j] = view->named[j - 1];
        }
        view->named[j] = (uint8_t)i;
    }
    for (unsigned i = 0; i < frames; ++i) {
        view->name_of[view->named[i]] = (uint8_t)i;
    }
}

static unsigned
counterpart(const struct view *view, unsigned granule)
{
    static const unsigned strides[KINDS_OF_MEMORY] = {
        [SLOT] = FRAME_STRIDE / GRANULE,        [RETURNED] = sizeof(uint64_t) / GRANULE,
        [LINK] = sizeof(void *) / GRANULE,      [LINK_END] = sizeof(void *) / GRANULE,
        [SAMPLES] = AUDYN_CACHE_LINE / GRANULE,
    };
    const struct pool_world *world = pool_world_of(view->world);
    const unsigned frame = world->frame_of[granule];
    const unsigned stride = strides[world->kinds[granule]];
    return stride ? granule + (view->named[frame] - frame) * stride : granule;
}

static uint32_t
one_ahead(const struct view *view)
{
    const struct pool_world *world = pool_world_of(view->world);
    const unsigned granule = pool_granule(world, &world->pool->one_ahead);
    uint32_t value;
    memcpy(&value, view->state->image + (size_t)granule * GRANULE, sizeof value);
    return value;
}

static uint64_t
canonical(const struct view *view, unsigned granule, uint64_t value)
{
    const struct pool_world *world = pool_world_of(view->world);
    const struct pool_ghost *ghost = pool_ghost_of(view->state);
    const uint32_t first = (uint32_t)(uintptr_t)world->pool->frames;
    const uint64_t returned = ghost->returned[world->frame_of[granule]];
    switch (world->kinds[granule]) {
    case ACQUIRED:
        return (uint32_t)value + one_ahead(view) - ghost->sequence;
    case ONE_AHEAD:
        return 0; // it means something only beside `acquired`
    case PUBLISHED:
        return (uint64_t)((uint32_t)(value >> 32) - ghost->sequence) << 32 |
               view->name_of[(uint32_t)value % MOST_NAMES];
    case SLOT:
    case RETURNED: // these two are compared for equality only
        return value == returned;
    case LINK:
    case POINTER:
        return value ? 1U + view->name_of[((uint32_t)value - first) / FRAME_STRIDE %
                                          MOST_NAMES]
                     : 0;
    default:
        return value;
    }
}

// States on this side of a counter's wrap are not those beyond it, until all its values
// in use, which span as many as there are frames, lie beyond.
static uint64_t
near_wrap(uint32_t value, int32_t frames)
{
    const int32_t beyond = (int32_t)value;
    const int32_t capped = beyond < frames ? beyond : frames;
    return (uint64_t)(capped > -frames ? capped : -frames);
}

static uint32_t
one_ahead_in(const struct state *state)
{
    uint32_t value;
    memcpy(&value, state->image + offsetof(struct audyn_frame_pool, one_ahead),
           sizeof value);
    return value;
}

static unsigned
canonical_ghost(const struct view *view, uint64_t words[MOST_GHOST])
{
    const struct state *state = view->state;
    const struct pool_ghost *ghost = pool_ghost_of(view->state);
    const int32_t frames = (int32_t)pool_world_of(view->world)->frames;
    unsigned count = 0;
    words[count++] = near_wrap(ghost->sequence, frames);
    words[count++] = near_wrap(one_ahead_in(state), frames);
    words[count++] = (uint64_t)ghost->stack_count << 32 | ghost->fresh_count;
    words[count++] = memory_beyond(&state->memory, RELEASER, ghost->heard_of);
    for (int i = 0; i < frames; ++i) {
        const unsigned frame = view->named[i];
        const uint32_t stamp = ghost->handed_over[frame];
        words[count++] = (uint64_t)memory_beyond(&state->memory, ACQUIRER, stamp) << 32 |
                         ghost->place[frame];
    }
    for (unsigned i = 0; i < ghost->fresh_count; ++i) {
        words[count++] = memory_beyond(&state->memory, RELEASER, ghost->fresh[i].stamp);
    }
    for (unsigned i = 0; i < THREADS; ++i) {
        words[count++] = view->name_of[state->operations[i].action.argument];
    }
    return count;
}

static void
describe_action(FILE *out, struct action action)
{
    static const char *const names[] = {
        [ACQUIRE] = "calls acquire",    [UNACQUIRE] = "calls unacquire of",
        [HAND_OVER] = "hands over",     [HEAR] = "hears of the latest release",
        [RELEASE] = "calls release of",
    };
    fputs(names[action.kind], out);
    if (action.kind != ACQUIRE && action.kind != HEAR) {
        fprintf(out, " frame %u", action.argument);
    }
}

static void
describe_granule(const struct world *world, FILE *out, unsigned granule)
{
    static const char *const names[KINDS_OF_MEMORY] = {
        [PUBLISHED] = "published",         [SLOT] = "loan of frame ",
        [RETURNED] = "returned of frame ", [LINK] = "link under frame ",
        [SAMPLES] = "samples of frame ",
    };
    const unsigned kind = pool_world_of(world)->kinds[granule];
    fputs(names[kind] ? names[kind] : "the pool's fields", out);
    if (kind == SLOT || kind == RETURNED || kind == LINK || kind == SAMPLES) {
        fprintf(out, "%u", pool_world_of(world)->frame_of[granule]);
    }
}

static void
describe_value(const struct world *world, FILE *out, unsigned granule, uint64_t value)
{
    if (pool_world_of(world)->kinds[granule] == PUBLISHED) {
        fprintf(out, "release %u, of frame %u", (uint32_t)(value >> 32), (uint32_t)value);
    } else {
        fprintf(out, "%" PRIu64, value);
    }
}

static void
set_kind(struct pool_world *world, const volatile void *address, size_t size,
         enum pool_memory kind, unsigned frame)
{
    const unsigned first = pool_granule(world, address);
    for (unsigned i = 0; i < size / GRANULE; ++i) {
        world->kinds[first + i] = (uint8_t)kind;
        world->frame_of[first + i] = (uint8_t)frame;
    }
}

void
pool_names_init(struct pool_world *world)
{
    world->world.is_statistic = is_statistic;
    world->world.is_exact = is_exact;
    world->world.look_at = look_at;
    world->world.counterpart = counterpart;
    world->world.canonical = canonical;
    world->world.canonical_ghost = canonical_ghost;
    world->world.describe_action = describe_action;
    world->world.describe_granule = describe_granule;
    world->world.describe_value = describe_value;
    audyn_frame_pool_t *pool = world->pool;
    set_kind(world, &pool->acquired, sizeof pool->acquired, ACQUIRED, 0);
    set_kind(world, &pool->one_ahead, sizeof pool->one_ahead, ONE_AHEAD, 0);
    set_kind(world, &pool->published, sizeof pool->published, PUBLISHED, 0);
    set_kind(world, &pool->current.top, GRANULE, POINTER, 0);
    for (unsigned i = 0; i < world->frames; ++i) {
        set_kind(world, &pool->frames[i], sizeof pool->frames[i], SLOT, i);
        set_kind(world, pool->frames[i].frame.data, GRANULE, SAMPLES, i);
        set_kind(world, &pool->returned[i], sizeof pool->returned[i], RETURNED, i);
        set_kind(world, &pool->boundaries[i].top, GRANULE, POINTER, 0);
        set_kind(world, &pool->free_stack[i], sizeof pool->free_stack[i], LINK_END, i);
        set_kind(world, &pool->free_stack[i], GRANULE, LINK, i);
    }
}
