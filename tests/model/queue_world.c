// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "queue_world.h"

#include <string.h>

enum { PUSHER, POPPER };
enum { PUSH = 1, POP, HEAR };

// What pop says, unless it is the number of a block.
#define NOTHING UINTPTR_MAX
#define TORN (UINTPTR_MAX - 1)

// What one thread has done, and what the other one knows of it.
struct side {
    uint32_t done, known;        // blocks, counted as the queue does
    uint32_t stamps[MOST_SLOTS]; // of those done and not known, oldest first
    uint32_t heard_of;           // stamp to join: the last one that is done
};

struct ghost {
    struct side sides[THREADS];
    uint32_t number; // of the block being pushed
};
_Static_assert(sizeof(struct ghost) <= MOST_GHOST, "the ghost is too large");

static const struct queue_world *
of(const struct world *world)
{
    return (const struct queue_world *)(const void *)world;
}

static struct ghost *
ghost_of(struct state *state)
{
    return (struct ghost *)(void *)state->ghost;
}

static unsigned
granule_at(const struct world *world, const volatile void *address)
{
    return (unsigned)(((uintptr_t)address - (uintptr_t)of(world)->queue) / GRANULE);
}

static void
start(const struct world *world, struct state *state)
{
    struct ghost *ghost = ghost_of(state);
    for (int i = 0; i < THREADS; ++i) {
        ghost->sides[i].done = ghost->sides[i].known = of(world)->first;
    }
}

static unsigned
list_actions(const struct world *world, struct state *state, int thread,
             struct action actions[MOST_ACTIONS])
{
    (void)world;
    actions[0].kind = thread == PUSHER ? PUSH : POP;
    actions[1].kind = HEAR;
    actions[0].argument = actions[1].argument = 0;
    const uint32_t heard_of = ghost_of(state)->sides[!thread].heard_of;
    return heard_of > state->memory.known[thread] ? 2 : 1;
}

// The other thread's calls up to the one numbered `count` are known.
static void
learn(struct execution *execution, uint32_t count)
{
    struct side *other = &ghost_of(execution->state)->sides[!execution->thread];
    while (other->known != other->done && (int32_t)(count - other->known) > 0) {
        ++other->known;
        memmove(other->stamps, other->stamps + 1,
                (other->done - other->known) * sizeof *other->stamps);
    }
}

static void
begin(struct execution *execution, struct action action)
{
    struct ghost *ghost = ghost_of(execution->state);
    struct side *other = &ghost->sides[!execution->thread];
    struct memory *memory = &execution->state->memory;
    if (action.kind == HEAR) {
        memory_join(memory, execution->registry, execution->thread, other->heard_of);
    }
    while (other->known != other->done &&
           other->stamps[0] <= memory->known[execution->thread]) {
        learn(execution, other->known + 1);
    }
    if (action.kind == PUSH) {
        ghost->number = ghost->sides[PUSHER].done;
    }
}

static uintptr_t
call(struct execution *execution, struct action action)
{
    audyn_audio_queue_t *queue = of(execution->world)->queue;
    audyn_audio_block_t block = {0};
    if (action.kind == PUSH) {
        const uint32_t number = ghost_of(execution->state)->number;
        block.frame = (audyn_audio_frame_t *)(uintptr_t)number;
        block.position = block.filled = number;
        return audyn_audio_queue_push(queue, &block);
    }
    if (action.kind == HEAR || !audyn_audio_queue_pop(queue, &block)) {
        return NOTHING;
    }
    const bool whole =
        block.position == block.filled && (uintptr_t)block.frame == block.filled;
    return whole ? block.filled : TORN;
}

static void
judge_push(struct execution *execution, bool accepted)
{
    const struct ghost *ghost = ghost_of(execution->state);
    const uint32_t waiting = ghost->number - ghost->sides[POPPER].known;
    const bool room = waiting < of(execution->world)->queue->capacity;
    if (room && !accepted) {
        execution_fail(execution, "push is refused while a slot is free");
    }
    if (!room && accepted) {
        execution_fail(execution, "push takes a slot that is not known to be free");
    }
}

static void
judge_pop(struct execution *execution, uintptr_t result)
{
    const struct ghost *ghost = ghost_of(execution->state);
    const uint32_t popped = ghost->sides[POPPER].done;
    if (execution->trace && result < TORN) {
        fprintf(execution->trace, "       returns block %u\n", (uint32_t)result);
    }
    if (result == NOTHING) {
        if (popped != ghost->sides[PUSHER].known) {
            execution_fail(execution, "pop finds nothing while a block waits");
        }
    } else if (result != popped - 1) {
        execution_fail(execution, "pop does not return block %u whole", popped - 1);
    }
}

static void
end(struct execution *execution, struct action action, uintptr_t result)
{
    struct side *side = &ghost_of(execution->state)->sides[execution->thread];
    if (action.kind == PUSH) {
        judge_push(execution, result);
    } else if (action.kind == POP) {
        judge_pop(execution, result);
    }
    if (action.kind == PUSH ? result : result != NOTHING) {
        side->heard_of = memory_publish(&execution->state->memory, execution->thread);
    }
}

static bool
is_counter(const struct world *world, unsigned granule, int thread)
{
    const audyn_audio_queue_t *queue = of(world)->queue;
    return granule ==
           granule_at(world, thread == PUSHER ? &queue->pushed : &queue->popped);
}

static void
loaded(struct execution *execution, unsigned granule, uint32_t ordinal)
{
    if (is_counter(execution->world, granule, !execution->thread)) {
        learn(execution, of(execution->world)->first + ordinal);
    }
}

static void
stored(struct execution *execution, unsigned granule, const struct message *message)
{
    struct side *side = &ghost_of(execution->state)->sides[execution->thread];
    if (!is_counter(execution->world, granule, execution->thread)) {
        return;
    }
    if (side->done - side->known == MOST_SLOTS) {
        execution_fail(execution, "more blocks than slots");
    }
    side->stamps[side->done++ - side->known] = message->stamp;
}

static bool
is_never(const struct world *world, unsigned granule)
{
    (void)world;
    (void)granule;
    return false;
}

static void
look_at(const struct world *world, struct state *state, struct view *view)
{
    *view = (struct view){.world = world, .state = state};
}

static unsigned
counterpart(const struct view *view, unsigned granule)
{
    (void)view;
    return granule;
}

// Does `granule` hold the number of a block?  In a block all three fields begin with it.
static bool
is_number(const struct world *world, unsigned granule)
{
    const audyn_audio_queue_t *queue = of(world)->queue;
    const unsigned ring = granule_at(world, queue->ring);
    if (granule >= ring) {
        const unsigned within = (granule - ring) % (sizeof *queue->ring / GRANULE);
        return within == offsetof(audyn_audio_block_t, frame) / GRANULE ||
               within == offsetof(audyn_audio_block_t, position) / GRANULE ||
               within == offsetof(audyn_audio_block_t, filled) / GRANULE;
    }
    return is_counter(world, granule, PUSHER) || is_counter(world, granule, POPPER) ||
           granule == granule_at(world, &queue->known_pushed) ||
           granule == granule_at(world, &queue->known_popped);
}

static uint64_t
canonical(const struct view *view, unsigned granule, uint64_t value)
{
    if (!is_number(view->world, granule)) {
        return value;
    }
    return (uint32_t)value - ghost_of(view->state)->sides[PUSHER].done;
}

static unsigned
canonical_ghost(const struct view *view, uint64_t words[MOST_GHOST])
{
    const struct ghost *ghost = ghost_of(view->state);
    const int32_t slots = (int32_t)of(view->world)->queue->capacity;
    const uint32_t pushed = ghost->sides[PUSHER].done;
    unsigned count = 0;
    // States on this side of the wrap are not those beyond it, until all numbers in use
    // lie beyond: no older ones than the last two rounds.
    const int32_t past_wrap = (int32_t)pushed;
    words[count++] = (uint64_t)(past_wrap < 2 * slots ? past_wrap : 2 * slots);
    words[count++] = pushed % (uint32_t)slots;
    words[count++] = ghost->number - pushed;
    for (int i = 0; i < THREADS; ++i) {
        const struct side *side = &ghost->sides[i];
        words[count++] = (uint64_t)(pushed - side->done) << 32 | (pushed - side->known);
        words[count++] = memory_beyond(&view->state->memory, i, side->heard_of);
        for (uint32_t j = 0; j < side->done - side->known; ++j) {
            words[count++] = memory_beyond(&view->state->memory, i, side->stamps[j]);
        }
    }
    return count;
}

static void
describe_action(FILE *out, struct action action)
{
    static const char *const names[] = {
        [PUSH] = "calls push",
        [POP] = "calls pop",
        [HEAR] = "hears of the other's latest call",
    };
    fputs(names[action.kind], out);
}

static void
describe_granule(const struct world *world, FILE *out, unsigned granule)
{
    const audyn_audio_queue_t *queue = of(world)->queue;
    const unsigned ring = granule_at(world, queue->ring);
    if (granule >= ring) {
        fprintf(out, "slot %u",
                (unsigned)((granule - ring) / (sizeof *queue->ring / GRANULE)));
    } else if (is_counter(world, granule, PUSHER) || is_counter(world, granule, POPPER)) {
        fputs(is_counter(world, granule, PUSHER) ? "pushed" : "popped", out);
    } else {
        fputs("the queue's fields", out);
    }
}

static void
describe_value(const struct world *world, FILE *out, unsigned granule, uint64_t value)
{
    (void)world;
    (void)granule;
    fprintf(out, "%u", (uint32_t)value);
}

bool
queue_world_init(struct queue_world *world, uint32_t slots, uint32_t wrap_in)
{
    *world = (struct queue_world){
        .world = {.threads = {"pusher", "popper"},
                  .start = start,
                  .list_actions = list_actions,
                  .begin = begin,
                  .call = call,
                  .end = end,
                  .loaded = loaded,
                  .stored = stored,
                  .is_statistic = is_never,
                  .is_exact = is_never,
                  .look_at = look_at,
                  .counterpart = counterpart,
                  .canonical = canonical,
                  .canonical_ghost = canonical_ghost,
                  .describe_action = describe_action,
                  .describe_granule = describe_granule,
                  .describe_value = describe_value},
        .first = 0U - wrap_in,
    };
    if (audyn_audio_queue_create(&world->queue, slots)) {
        return false;
    }
    audyn_audio_queue_t *queue = world->queue;
    atomic_init(&queue->pushed, world->first);
    atomic_init(&queue->popped, world->first);
    queue->known_pushed = queue->known_popped = world->first;
    world->world.base = queue;
    world->world.size = queue->memory.size;
    world->world.image_size = (uintptr_t)&queue->ring[queue->capacity] - (uintptr_t)queue;
    return true;
}

void
queue_world_finish(struct queue_world *world)
{
    audyn_audio_queue_destroy(world->queue);
}
