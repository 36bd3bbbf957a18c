// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "explorer.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

// A state that was reached, and how.  Two states with equal fingerprints count as one:
// with ten million of them the chance that any two differ is about 3 in a million.
struct node {
    uint64_t fingerprint;
    uint32_t parent;
    struct step step;
};

// States whose steps are still to be taken.
struct frontier {
    unsigned char *states;
    uint32_t *nodes;
    size_t count, room;
};

struct explorer {
    const struct world *world;
    size_t most_states;
    struct registry registry;
    struct execution execution;
    size_t state_size;
    struct node *nodes;
    size_t node_count, node_room;
    uint32_t *table; // 1 + index of a node, by fingerprint; 0: empty
    size_t table_size;
    struct frontier now, next;
    size_t steps, depth;
    uint32_t current; // the node whose steps are being taken
    struct step last;
    unsigned char image[MOST_IMAGE]; // the memory under test as it was at first
};

static void *
resize(void *memory, size_t count, size_t size)
{
    void *resized = reallocarray(memory, count, size);
    if (!resized) {
        fputs("explorer: no memory left\n", stderr);
        abort();
    }
    return resized;
}

static void
add(uint64_t *digest, uint64_t word)
{
    *digest = (*digest ^ word) * 0x9E3779B97F4A7C15U;
    *digest ^= *digest >> 29;
}

static void
add_objects(uint64_t *digest, const struct registry *registry, const struct view *view)
{
    const struct world *world = view->world;
    const struct memory *memory = &view->state->memory;
    for (unsigned i = 0; i < registry->object_count; ++i) {
        const unsigned granule = world->counterpart(view, registry->objects[i].granule);
        const unsigned index = registry->object_at[granule];
        if (!index) {
            continue; // not met yet: the exploration will begin anew
        }
        const struct object *object = &registry->objects[index - 1];
        const struct history *history = &memory->histories[index - 1];
        add(digest, history->count);
        for (unsigned j = 0; j < history->count; ++j) {
            const struct message *message = &history->messages[j];
            add(digest, world->canonical(view, granule, message->value));
            if (object->shared) {
                add(digest, memory_beyond(memory, object->writer, message->stamp) << 1 |
                                message->release);
            }
        }
    }
}

static void
add_plain(uint64_t *digest, const struct registry *registry, const struct view *view)
{
    const struct world *world = view->world;
    const struct memory *memory = &view->state->memory;
    for (unsigned i = 0; i < registry->written_count; ++i) {
        const unsigned granule = world->counterpart(view, registry->written[i]);
        uint32_t value;
        memcpy(&value, view->state->image + (size_t)granule * GRANULE, GRANULE);
        add(digest, world->canonical(view, granule, value));
    }
    for (unsigned i = 0; i < registry->shared_count; ++i) {
        const unsigned granule = world->counterpart(view, registry->shared[i]);
        const unsigned index = registry->shared_at[granule];
        if (!index) {
            continue;
        }
        const struct accesses *accesses = &memory->accesses[index - 1];
        for (int thread = 0; thread < THREADS; ++thread) {
            add(digest, (uint64_t)memory_beyond(memory, thread, accesses->read[thread])
                                << 32 |
                            memory_beyond(memory, thread, accesses->written[thread]));
        }
    }
}

static void
add_operation(uint64_t *digest, const struct registry *registry, const struct view *view,
              const struct operation *operation)
{
    const struct world *world = view->world;
    add(digest, operation->action.kind);
    add(digest, (uint64_t)operation->result_count << 32 | operation->undo_count);
    for (unsigned i = 0; i < operation->result_count; ++i) {
        const struct result *result = &operation->results[i];
        const unsigned granule = registry->objects[result->object].granule;
        add(digest, world->canonical(view, granule, result->value));
    }
    for (unsigned i = 0; i < operation->undo_count; ++i) {
        const struct undo *undo = &operation->undo[i];
        add(digest, world->canonical(view, undo->granule, undo->before));
    }
}

static uint64_t
fingerprint(const struct explorer *explorer, struct state *state)
{
    const struct world *world = explorer->world;
    struct view view;
    world->look_at(world, state, &view);
    uint64_t digest = 1;
    for (int thread = 0; thread < THREADS; ++thread) {
        add(&digest,
            memory_beyond(&state->memory, thread, state->memory.releases[thread]));
        add_operation(&digest, &explorer->registry, &view, &state->operations[thread]);
    }
    add_objects(&digest, &explorer->registry, &view);
    add_plain(&digest, &explorer->registry, &view);
    uint64_t words[MOST_GHOST];
    const unsigned count = world->canonical_ghost(&view, words);
    for (unsigned i = 0; i < count; ++i) {
        add(&digest, words[i]);
    }
    return digest;
}

static size_t
slot_of(const struct explorer *explorer, uint64_t print)
{
    size_t slot = print & (explorer->table_size - 1);
    while (explorer->table[slot] &&
           explorer->nodes[explorer->table[slot] - 1].fingerprint != print) {
        slot = (slot + 1) & (explorer->table_size - 1);
    }
    return slot;
}

static void
grow_table(struct explorer *explorer)
{
    explorer->table_size *= 2;
    explorer->table =
        resize(explorer->table, explorer->table_size, sizeof *explorer->table);
    memset(explorer->table, 0, explorer->table_size * sizeof *explorer->table);
    for (size_t i = 0; i < explorer->node_count; ++i) {
        explorer->table[slot_of(explorer, explorer->nodes[i].fingerprint)] =
            (uint32_t)i + 1;
    }
}

static void
append(const struct explorer *explorer, struct frontier *frontier,
       const struct state *state, uint32_t node)
{
    if (frontier->count == frontier->room) {
        frontier->room = frontier->room ? frontier->room * 2 : 64;
        frontier->states = resize(frontier->states, frontier->room, explorer->state_size);
        frontier->nodes =
            resize(frontier->nodes, frontier->room, sizeof *frontier->nodes);
    }
    memcpy(frontier->states + frontier->count * explorer->state_size, state,
           explorer->state_size);
    frontier->nodes[frontier->count++] = node;
}

static void
visit(struct explorer *explorer, struct state *state, uint32_t parent, struct step step)
{
    if (2 * (explorer->node_count + 1) > explorer->table_size) {
        grow_table(explorer);
    }
    const uint64_t print = fingerprint(explorer, state);
    const size_t slot = slot_of(explorer, print);
    if (explorer->table[slot]) {
        return;
    }
    if (explorer->node_count == explorer->node_room) {
        explorer->node_room *= 2;
        explorer->nodes =
            resize(explorer->nodes, explorer->node_room, sizeof *explorer->nodes);
    }
    const uint32_t index = (uint32_t)explorer->node_count++;
    explorer->nodes[index] = (struct node){print, parent, step};
    explorer->table[slot] = index + 1;
    append(explorer, &explorer->next, state, index);
}

// Takes `step` with each value that it can read.  False: stop.
static bool
take_step(struct explorer *explorer, const struct state *state, struct step step)
{
    struct state after;
    do {
        memcpy(&after, state, explorer->state_size);
        explorer->last = step;
        ++explorer->steps;
        const bool sound = execution_take(&explorer->execution, &after, step);
        if (!sound || explorer->registry.grown) {
            return false;
        }
        visit(explorer, &after, explorer->current, step);
    } while (++step.staleness < explorer->execution.choices);
    return true;
}

static bool
take_steps(struct explorer *explorer, struct state *state)
{
    struct action actions[MOST_ACTIONS];
    for (int thread = 0; thread < THREADS; ++thread) {
        struct step step = {.thread = (uint8_t)thread};
        if (state->operations[thread].action.kind) {
            if (!take_step(explorer, state, step)) {
                return false;
            }
            continue;
        }
        const unsigned count =
            explorer->world->list_actions(explorer->world, state, thread, actions);
        for (unsigned i = 0; i < count; ++i) {
            step.action = actions[i];
            if (!take_step(explorer, state, step)) {
                return false;
            }
        }
    }
    return true;
}

static void
start_state(const struct explorer *explorer, struct state *state)
{
    memset(state, 0, sizeof *state);
    memory_init(&state->memory, &explorer->registry);
    memcpy(state->image, explorer->image, explorer->world->image_size);
    explorer->world->start(explorer->world, state);
}

// Takes all steps of all states at this distance from the start.  False: stop.
static bool
take_level(struct explorer *explorer)
{
    for (size_t i = 0; i < explorer->now.count; ++i) {
        if (explorer->node_count > explorer->most_states) {
            return false;
        }
        struct state state;
        memcpy(&state, explorer->now.states + i * explorer->state_size,
               explorer->state_size);
        explorer->current = explorer->now.nodes[i];
        if (!take_steps(explorer, &state)) {
            return false;
        }
    }
    return true;
}

static enum verdict
why_stopped(const struct explorer *explorer)
{
    if (explorer->execution.gave_up) {
        return NOT_MODELLED;
    }
    return explorer->execution.violation[0] ? VIOLATED : UNFINISHED;
}

static enum verdict
take_all(struct explorer *explorer)
{
    struct state state;
    explorer->registry.grown = false;
    explorer->node_count = explorer->steps = explorer->depth = 0;
    explorer->next.count = 0;
    memset(explorer->table, 0, explorer->table_size * sizeof *explorer->table);
    start_state(explorer, &state);
    visit(explorer, &state, 0, (struct step){0});
    while (explorer->next.count) {
        const struct frontier taken = explorer->now;
        explorer->now = explorer->next;
        explorer->next = taken;
        explorer->next.count = 0;
        if (!take_level(explorer)) {
            return why_stopped(explorer);
        }
        ++explorer->depth;
    }
    return SOUND;
}

static void
replay(struct explorer *explorer, const struct step *steps, size_t count, FILE *out)
{
    struct state state;
    start_state(explorer, &state);
    explorer->execution.trace = out;
    for (size_t i = 0; i < count; ++i) {
        const struct operation *operation = &state.operations[steps[i].thread];
        const bool resumes = operation->action.kind;
        fprintf(out, "%4zu. %s %s", i + 1, explorer->world->threads[steps[i].thread],
                resumes ? "goes on: " : "");
        explorer->world->describe_action(out,
                                         resumes ? operation->action : steps[i].action);
        fputc('\n', out);
        if (!execution_take(&explorer->execution, &state, steps[i])) {
            break;
        }
    }
    fprintf(out, "%s: %s\n", explorer->execution.gave_up ? "not modelled" : "violation",
            explorer->execution.violation);
}

static void
print_way(struct explorer *explorer, FILE *out)
{
    size_t count = 1;
    for (uint32_t i = explorer->current; i; i = explorer->nodes[i].parent) {
        ++count;
    }
    struct step *steps = resize(NULL, count, sizeof *steps);
    steps[count - 1] = explorer->last;
    size_t position = count - 1;
    for (uint32_t i = explorer->current; i; i = explorer->nodes[i].parent) {
        steps[--position] = explorer->nodes[i].step;
    }
    replay(explorer, steps, count, out);
    free(steps);
}

enum verdict
explore(const struct world *world, size_t most_states, FILE *out)
{
    assert(world->size <= MOST_GRANULES * GRANULE && world->image_size <= MOST_IMAGE);
    struct explorer explorer = {
        .world = world,
        .most_states = most_states,
        .registry = {.base = world->base,
                     .size = world->size,
                     .image_size = world->image_size},
        .execution = {.world = world},
        .state_size = offsetof(struct state, image) + world->image_size,
        .node_room = 1024,
        .table_size = 2048,
    };
    explorer.execution.registry = &explorer.registry;
    explorer.nodes = resize(NULL, explorer.node_room, sizeof *explorer.nodes);
    explorer.table = resize(NULL, explorer.table_size, sizeof *explorer.table);
    memcpy(explorer.image, world->base, world->image_size);
    enum verdict verdict;
    do {
        verdict = take_all(&explorer);
    } while (explorer.registry.grown);
    fprintf(out, "%zu states, %zu steps, at most %zu from the start\n",
            explorer.node_count, explorer.steps, explorer.depth);
    if (verdict == VIOLATED || verdict == NOT_MODELLED) {
        print_way(&explorer, out);
    }
    free(explorer.nodes);
    free(explorer.table);
    free(explorer.now.states);
    free(explorer.now.nodes);
    free(explorer.next.states);
    free(explorer.next.nodes);
    return verdict;
}
