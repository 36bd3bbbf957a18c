// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "pool_ghost.h"

#include <string.h>

static audyn_audio_frame_t *
frame_at(const struct world *world, unsigned frame)
{
    return &pool_world_of(world)->pool->frames[frame].frame;
}

static void
start(const struct world *world, struct state *state)
{
    const struct pool_world *pool_world = pool_world_of(world);
    struct pool_ghost *ghost = pool_ghost_of(state);
    ghost->sequence = pool_world->pool->first_sequence;
    ghost->acquired = pool_world->pool->first_sequence;
    while (ghost->stack_count < pool_world->frames) {
        const unsigned top = pool_world->frames - 1U - ghost->stack_count;
        ghost->stack[ghost->stack_count++] = (uint8_t)top;
    }
}

static unsigned
list_actions(const struct world *world, struct state *state, int thread,
             struct action actions[MOST_ACTIONS])
{
    const struct pool_ghost *ghost = pool_ghost_of(state);
    unsigned count = 0;
    if (thread == ACQUIRER) {
        actions[count++] = (struct action){ACQUIRE, 0};
        if (ghost->heard_of > state->memory.known[ACQUIRER]) {
            actions[count++] = (struct action){HEAR, 0};
        }
    }
    for (uint8_t i = 0; i < pool_world_of(world)->frames; ++i) {
        if (thread == RELEASER && ghost->place[i] == HANDED_OVER) {
            actions[count++] = (struct action){RELEASE, i};
        }
        if (thread == ACQUIRER && ghost->place[i] == IN_HAND) {
            actions[count++] = (struct action){HAND_OVER, i};
            actions[count++] = (struct action){UNACQUIRE, i};
        }
    }
    return count;
}

static void
push(struct execution *execution, unsigned frame)
{
    struct pool_ghost *ghost = pool_ghost_of(execution->state);
    if (ghost->stack_count == pool_world_of(execution->world)->frames) {
        execution_fail(execution, "more frames are free than there are");
    }
    ghost->stack[ghost->stack_count++] = (uint8_t)frame;
}

// The acquirer has learnt of the first `count` releases since the start.
static void
absorb(struct execution *execution, uint32_t count)
{
    struct pool_ghost *ghost = pool_ghost_of(execution->state);
    while (ghost->fresh_count && ghost->absorbed < count) {
        push(execution, ghost->fresh[0].frame);
        ++ghost->absorbed;
        --ghost->fresh_count;
        memmove(ghost->fresh, ghost->fresh + 1,
                ghost->fresh_count * sizeof *ghost->fresh);
    }
}

// The releases that happen before what the acquirer does now.
static void
absorb_known(struct execution *execution)
{
    const struct pool_ghost *ghost = pool_ghost_of(execution->state);
    const uint32_t known = execution->state->memory.known[ACQUIRER];
    while (ghost->fresh_count && ghost->fresh[0].stamp <= known) {
        absorb(execution, ghost->absorbed + 1);
    }
}

static void
claim_part(struct execution *execution, const volatile void *address, size_t size)
{
    const unsigned first = pool_granule(pool_world_of(execution->world), address);
    for (unsigned i = 0; i < size / GRANULE; ++i) {
        memory_claim(&execution->state->memory, execution->registry, ACQUIRER, first + i);
    }
}

static void
claim_frame(struct execution *execution, unsigned frame)
{
    const audyn_frame_pool_t *pool = pool_world_of(execution->world)->pool;
    claim_part(execution, &pool->frames[frame], sizeof pool->frames[frame]);
    claim_part(execution, &pool->free_stack[frame], sizeof pool->free_stack[frame]);
    claim_part(execution, pool->frames[frame].frame.data, GRANULE);
}

// Of a frame that is on the stack or in its hands the acquirer owns all there is.
static void
claim(struct execution *execution)
{
    const struct pool_ghost *ghost = pool_ghost_of(execution->state);
    for (unsigned i = 0; i < ghost->stack_count; ++i) {
        claim_frame(execution, ghost->stack[i]);
    }
    for (unsigned i = 0; i < pool_world_of(execution->world)->frames; ++i) {
        if (ghost->place[i] == IN_HAND) {
            claim_frame(execution, i);
        }
    }
}

static void
begin(struct execution *execution, struct action action)
{
    struct memory *memory = &execution->state->memory;
    struct pool_ghost *ghost = pool_ghost_of(execution->state);
    const unsigned frame = action.argument;
    switch (action.kind) {
    case ACQUIRE:
    case UNACQUIRE:
        absorb_known(execution);
        break;
    case HAND_OVER:
        execution_plain(execution, frame_at(execution->world, frame)->data, GRANULE,
                        true);
        ghost->place[frame] = HANDED_OVER;
        ghost->handed_over[frame] = memory_publish(memory, ACQUIRER);
        break;
    case HEAR:
        memory_join(memory, execution->registry, ACQUIRER, ghost->heard_of);
        break;
    case RELEASE:
        memory_join(memory, execution->registry, RELEASER, ghost->handed_over[frame]);
        execution_plain(execution, frame_at(execution->world, frame)->data, GRANULE,
                        false);
        ghost->place[frame] = RELEASING;
        break;
    default:
        break;
    }
}

static uintptr_t
call(struct execution *execution, struct action action)
{
    const struct world *world = execution->world;
    switch (action.kind) {
    case ACQUIRE:
        return (uintptr_t)audyn_frame_acquire(pool_world_of(world)->pool);
    case UNACQUIRE:
        audyn_frame_unacquire(frame_at(world, action.argument));
        return 0;
    case RELEASE:
        return audyn_frame_release(frame_at(world, action.argument));
    default:
        return 0;
    }
}

// Which frame acquire has returned.
static unsigned
identify(struct execution *execution, uintptr_t address)
{
    const uintptr_t offset = address - (uintptr_t)frame_at(execution->world, 0);
    const uintptr_t frame = offset / FRAME_STRIDE;
    if (frame >= pool_world_of(execution->world)->frames || offset % FRAME_STRIDE) {
        execution_fail(execution, "acquire returns what is no frame");
    }
    if (execution->trace) {
        fprintf(execution->trace, "       returns frame %u\n", (unsigned)frame);
    }
    return (unsigned)frame;
}

static void
end_acquire(struct execution *execution, uintptr_t result)
{
    struct pool_ghost *ghost = pool_ghost_of(execution->state);
    const bool free = ghost->stack_count;
    const unsigned top = free ? ghost->stack[ghost->stack_count - 1] : 0;
    if (!result) {
        if (free) {
            execution_fail(execution, "acquire returns NULL while frame %u is free", top);
        }
        return;
    }
    const unsigned frame = identify(execution, result);
    if (ghost->place[frame] != FREE) {
        execution_fail(execution, "frame %u is handed out twice", frame);
    }
    if (!free || frame != top) {
        execution_fail(execution, "frame %u is handed out, but is not the last one in",
                       frame);
    }
    --ghost->stack_count;
    ghost->place[frame] = IN_HAND;
    execution_check(execution, frame_at(execution->world, frame)->data, true);
}

static void
clear_last_link(audyn_frame_pool_t *pool, const struct run *run)
{
    const audyn_audio_frame_t *frame = run->top;
    audyn_audio_frame_t **link = NULL;
    for (uint32_t i = 0; frame && i < run->count; ++i) {
        link = &pool->free_stack[((uintptr_t)frame - (uintptr_t)pool->frames) /
                                 FRAME_STRIDE];
        frame = *link;
    }
    if (link) {
        *link = NULL;
    }
}

// What the acquirer must not read any more, it finds cleared.
static void
clear_dead(const struct pool_world *world, const struct pool_ghost *ghost)
{
    audyn_frame_pool_t *pool = world->pool;
    for (uint32_t i = pool->boundary_count; i < world->frames; ++i) {
        pool->boundaries[i] = (struct run){0};
    }
    if (!pool->current.count) {
        pool->current.top = NULL;
    }
    for (unsigned i = 0; i < world->frames; ++i) {
        if (ghost->place[i] == IN_HAND) {
            pool->free_stack[i] = NULL;
        }
    }
    clear_last_link(pool, &pool->current);
    for (unsigned i = 0; i < pool->boundary_count; ++i) {
        clear_last_link(pool, &pool->boundaries[i]);
    }
}

static void
end_acquirer(struct execution *execution)
{
    const struct pool_world *world = pool_world_of(execution->world);
    if (world->pool->boundary_count >= world->frames) {
        execution_fail(execution, "there are as many boundaries as frames");
    }
    claim(execution);
    if (!world->keep_dead) {
        clear_dead(world, pool_ghost_of(execution->state));
    }
}

static void
end(struct execution *execution, struct action action, uintptr_t result)
{
    struct pool_ghost *ghost = pool_ghost_of(execution->state);
    if (action.kind == ACQUIRE) {
        end_acquire(execution, result);
    } else if (action.kind == UNACQUIRE) {
        push(execution, action.argument);
        ghost->place[action.argument] = FREE;
    } else if (action.kind == RELEASE) {
        if (!result) {
            execution_fail(execution, "the release is rejected");
        }
        ghost->heard_of = memory_publish(&execution->state->memory, RELEASER);
        return;
    }
    end_acquirer(execution);
}

static void
loaded(struct execution *execution, unsigned granule, uint32_t ordinal)
{
    if (execution->thread == ACQUIRER &&
        pool_world_of(execution->world)->kinds[granule] == PUBLISHED) {
        absorb(execution, ordinal);
    }
}

static void
stored(struct execution *execution, unsigned granule, const struct message *message)
{
    const struct pool_world *world = pool_world_of(execution->world);
    struct pool_ghost *ghost = pool_ghost_of(execution->state);
    if (world->kinds[granule] == RETURNED) {
        ghost->returned[world->frame_of[granule]] = message->value;
    } else if (world->kinds[granule] == ACQUIRED) {
        ghost->acquired = message->value;
    }
    if (world->kinds[granule] != PUBLISHED) {
        return;
    }
    if (ghost->fresh_count == world->frames) {
        execution_fail(execution, "more frames are released than there are");
    }
    const uint8_t frame = execution->operation->action.argument;
    ghost->fresh[ghost->fresh_count].frame = frame;
    ghost->fresh[ghost->fresh_count++].stamp = message->stamp;
    ghost->sequence = (uint32_t)(message->value >> 32);
    ghost->place[frame] = FREE;
}

// As if `acquired` frames had been acquired and put back.
static void
wind_on(audyn_frame_pool_t *pool, uint32_t acquired)
{
    atomic_init(&pool->acquired, acquired);
    pool->one_ahead -= acquired;
}

bool
pool_world_init(struct pool_world *world, const pool_world_config_t *config)
{
    const audyn_frame_pool_config_t pool_config = {.pool_size = config->frames,
                                                   .channels = 1,
                                                   .sample_frames_per_buffer = 1,
                                                   .lock = AUDYN_LOCK_NEVER};
    *world = (struct pool_world){
        .world = {.threads = {"acquirer", "releaser"},
                  .start = start,
                  .list_actions = list_actions,
                  .begin = begin,
                  .call = call,
                  .end = end,
                  .loaded = loaded,
                  .stored = stored},
        .frames = config->frames,
        .keep_dead = config->keep_dead,
    };
    if (frame_pool_create_at(&pool_config, 0U - config->wrap_in, &world->pool)) {
        return false;
    }
    audyn_frame_pool_t *pool = world->pool;
    wind_on(pool, 0U - config->wrap_in);
    world->world.base = pool;
    world->world.size = pool->memory.size;
    world->world.image_size =
        (uintptr_t)&pool->returned[config->frames] - (uintptr_t)pool;
    pool_names_init(world);
    return true;
}

void
pool_world_finish(struct pool_world *world)
{
    audyn_frame_pool_destroy(world->pool);
}
