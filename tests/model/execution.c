// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "execution.h"

#include <stdarg.h>
#include <string.h>

// The code under test runs on the stack, not further up than this.
#define STACK_BYTES 65536

enum { RAN = 0, STOPPED, FAILED };

void
execution_fail(struct execution *execution, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(execution->violation, sizeof execution->violation, format, arguments);
    va_end(arguments);
    longjmp(execution->escape, FAILED);
}

void
execution_give_up(struct execution *execution, const char *what)
{
    execution->gave_up = true;
    execution_fail(execution, "%s", what);
}

static void
mix(uint32_t *digest, uint32_t word)
{
    *digest = (*digest ^ word) * 0x9E3779B1U;
    *digest ^= *digest >> 15;
}

static uint32_t *
granule_of(const struct execution *execution, unsigned granule)
{
    return (uint32_t *)(void *)(execution->registry->base + (size_t)granule * GRANULE);
}

// What the operation under way has written, as it stands now.
static uint32_t
written_contents(const struct execution *execution)
{
    uint32_t digest = 0;
    for (unsigned i = 0; i < execution->operation->undo_count; ++i) {
        mix(&digest, *granule_of(execution, execution->operation->undo[i].granule));
    }
    return digest;
}

static void
note_write(struct execution *execution, unsigned granule)
{
    struct operation *operation = execution->operation;
    for (unsigned i = 0; i < operation->undo_count; ++i) {
        if (operation->undo[i].granule == granule) {
            return;
        }
    }
    if ((size_t)granule * GRANULE >= execution->registry->image_size) {
        return; // samples: no value of them matters
    }
    if (operation->undo_count == MOST_UNDO) {
        execution_give_up(execution, "so many writes in one operation");
    }
    operation->undo[operation->undo_count++] =
        (struct undo){(uint16_t)granule, *granule_of(execution, granule)};
}

// The operation has come to where it was stopped.  What it touched must be what it
// touched the first time, else it reads what the other thread writes in between.
static void
catch_up(struct execution *execution)
{
    if (execution->repeating) {
        if (execution->trail != execution->operation->trail ||
            execution->contents != written_contents(execution)) {
            execution_give_up(execution, "the memory of an operation that had "
                                         "stopped was changed under it");
        }
        execution->repeating = false;
    }
}

// The exploration begins anew, with what was learnt.
static void
leave_if_grown(struct execution *execution)
{
    if (execution->registry->full) {
        execution_give_up(execution, "so much memory");
    }
    if (execution->registry->grown) {
        longjmp(execution->escape, STOPPED);
    }
}

static void
say_access(const struct execution *execution, const char *verb, unsigned granule)
{
    fprintf(execution->trace, "       %-6s ", verb);
    execution->world->describe_granule(execution->world, execution->trace, granule);
}

static void
fail_on_race(struct execution *execution, int shared, bool write)
{
    if (memory_races(&execution->state->memory, execution->thread, shared, write)) {
        execution_fail(execution,
                       "data race: the %s %s what the %s has touched, and nothing puts "
                       "the two in order",
                       execution->world->threads[execution->thread],
                       write ? "writes" : "reads",
                       execution->world->threads[!execution->thread]);
    }
}

static void
touch_granule(struct execution *execution, unsigned granule, bool write)
{
    struct registry *registry = execution->registry;
    if (registry->object_at[granule]) {
        execution_fail(execution, "plain access to an atomic object");
    }
    mix(&execution->trail, granule << 1 | write);
    if (write) {
        note_write(execution, granule);
    } else if ((size_t)granule * GRANULE < execution->registry->image_size) {
        mix(&execution->trail, *granule_of(execution, granule));
    }
    if (execution->repeating) {
        return;
    }
    const int shared = registry_plain(registry, execution->thread, granule, write);
    leave_if_grown(execution);
    if (shared < 0) {
        return;
    }
    if (execution->trace && (granule * GRANULE) % 8 == 0) {
        say_access(execution, write ? "write" : "read", granule);
        fputc('\n', execution->trace);
    }
    fail_on_race(execution, shared, write);
    memory_access(&execution->state->memory, execution->thread, shared, write);
}

void
execution_check(struct execution *execution, const volatile void *address, bool write)
{
    const uintptr_t base = (uintptr_t)execution->registry->base;
    const unsigned granule = (unsigned)(((uintptr_t)address - base) / GRANULE);
    if (execution->registry->shared_at[granule]) {
        fail_on_race(execution, execution->registry->shared_at[granule] - 1, write);
    }
}

void
execution_plain(struct execution *execution, const volatile void *address, size_t size,
                bool write)
{
    const uintptr_t start = (uintptr_t)address;
    const uintptr_t base = (uintptr_t)execution->registry->base;
    if (start - (uintptr_t)__builtin_frame_address(0) < STACK_BYTES) {
        return; // the code's own variables
    }
    if (start < base || start - base >= execution->registry->size) {
        execution_fail(execution, "access to memory that is not its own");
    }
    const unsigned first = (unsigned)((start - base) / GRANULE);
    const unsigned last = (unsigned)((start - base + size - 1) / GRANULE);
    for (unsigned granule = first; granule <= last; ++granule) {
        touch_granule(execution, granule, write);
    }
}

// The index of the atomic object; the operation's trail has it from now on.
static int
find_object(struct execution *execution, const volatile void *address, unsigned size,
            bool write)
{
    struct registry *registry = execution->registry;
    const uintptr_t offset = (uintptr_t)address - (uintptr_t)registry->base;
    if (offset >= registry->size) {
        execution_fail(execution, "atomic access to memory that is not its own");
    }
    const unsigned granule = (unsigned)(offset / GRANULE);
    const int object =
        registry_object(registry, execution->thread, granule, size, write,
                        execution->world->is_exact(execution->world, granule));
    leave_if_grown(execution);
    if (registry->objects[object].size != size) {
        execution_give_up(execution, "one atomic object in two sizes");
    }
    if (write && registry->objects[object].writer != execution->thread) {
        execution_give_up(execution, "both threads write one atomic object");
    }
    mix(&execution->trail, granule << 1 | write);
    return object;
}

static bool
is_statistic(const struct execution *execution, const volatile void *address)
{
    const uintptr_t offset = (uintptr_t)address - (uintptr_t)execution->registry->base;
    return offset < execution->registry->size &&
           execution->world->is_statistic(execution->world, (unsigned)(offset / GRANULE));
}

// Before an atomic access that goes on from where the operation was stopped.  One that
// may meet the other thread's makes a step.
static void
begin_access(struct execution *execution, const struct object *object, bool write)
{
    if (object->shared && (write || object->writer != execution->thread)) {
        if (execution->taken) {
            execution->operation->trail = execution->trail;
            longjmp(execution->escape, STOPPED);
        }
        execution->taken = true;
    }
    catch_up(execution);
}

// Notes the result of an atomic access.
static void
note_result(struct execution *execution, int object, uint64_t value)
{
    struct operation *operation = execution->operation;
    if (operation->result_count == MOST_RESULTS) {
        execution_give_up(execution, "so many atomic accesses in one operation");
    }
    operation->results[operation->result_count++] =
        (struct result){(uint8_t)object, value};
    execution->position = operation->result_count;
}

static void
say_load(const struct execution *execution, const struct object *object, uint64_t value,
         uint32_t staleness, bool acquire)
{
    say_access(execution, "load", object->granule);
    fputs(" = ", execution->trace);
    execution->world->describe_value(execution->world, execution->trace, object->granule,
                                     value);
    fprintf(execution->trace, " (%s", acquire ? "acquire" : "relaxed");
    if (staleness) {
        fprintf(execution->trace, "; %u newer not seen", staleness);
    }
    fputs(")\n", execution->trace);
}

// How old a value the step reads: what was asked for, where there is a choice.
static uint32_t
choose(struct execution *execution, int index)
{
    const struct object *object = &execution->registry->objects[index];
    if (!object->shared || object->writer == execution->thread) {
        return 0;
    }
    execution->choices = memory_readable(&execution->state->memory, execution->registry,
                                         execution->thread, index);
    if (!execution->choices) {
        execution_fail(execution, "the %s may read a value that is out of date",
                       execution->world->threads[execution->thread]);
    }
    return execution->staleness;
}

uint64_t
execution_load(struct execution *execution, const volatile void *address, unsigned size,
               int order)
{
    if (is_statistic(execution, address)) {
        return 0;
    }
    const int index = find_object(execution, address, size, false);
    const struct object *object = &execution->registry->objects[index];
    if (execution->position < execution->operation->result_count) {
        return execution->operation->results[execution->position++].value;
    }
    if (order != __ATOMIC_RELAXED && order != __ATOMIC_ACQUIRE) {
        execution_give_up(execution, "the memory order of this load");
    }
    begin_access(execution, object, false);
    struct memory *memory = &execution->state->memory;
    const struct history *history = &memory->histories[index];
    const uint32_t staleness = choose(execution, index);
    const uint32_t ordinal = history->dropped + history->count - 1 - staleness;
    const bool acquire = order == __ATOMIC_ACQUIRE;
    const uint64_t value = memory_load(memory, execution->registry, execution->thread,
                                       index, staleness, acquire);
    if (execution->trace && object->shared) {
        say_load(execution, object, value, staleness, acquire);
    }
    note_result(execution, index, value);
    execution->world->loaded(execution, object->granule, ordinal);
    return value;
}

static void
say_store(const struct execution *execution, const struct object *object, uint64_t value,
          bool release)
{
    say_access(execution, "store", object->granule);
    fputs(" = ", execution->trace);
    execution->world->describe_value(execution->world, execution->trace, object->granule,
                                     value);
    fprintf(execution->trace, " (%s)\n", release ? "release" : "relaxed");
}

void
execution_store(struct execution *execution, const volatile void *address, unsigned size,
                uint64_t value, int order)
{
    if (is_statistic(execution, address)) {
        return;
    }
    const int index = find_object(execution, address, size, true);
    const struct object *object = &execution->registry->objects[index];
    if (execution->position < execution->operation->result_count) {
        ++execution->position;
        return;
    }
    if (order != __ATOMIC_RELAXED && order != __ATOMIC_RELEASE) {
        execution_give_up(execution, "the memory order of this store");
    }
    begin_access(execution, object, true);
    const bool release = order == __ATOMIC_RELEASE;
    if (execution->trace && object->shared) {
        say_store(execution, object, value, release);
    }
    if (!memory_store(&execution->state->memory, execution->registry, execution->thread,
                      index, value, release)) {
        execution_give_up(execution, "so many values that were never read");
    }
    note_result(execution, index, value);
    const struct history *history = &execution->state->memory.histories[index];
    execution->world->stored(execution, object->granule,
                             &history->messages[history->count - 1]);
}

static void
undo_writes(struct execution *execution)
{
    struct operation *operation = execution->operation;
    execution->contents = written_contents(execution);
    for (unsigned i = operation->undo_count; i > 0; --i) {
        *granule_of(execution, operation->undo[i - 1].granule) =
            operation->undo[i - 1].before;
    }
    operation->undo_count = 0;
}

static void
run(struct execution *execution, struct step step)
{
    const struct world *world = execution->world;
    struct operation *operation = execution->operation;
    if (!operation->action.kind) {
        operation->action = step.action;
        world->begin(execution, step.action);
        execution->trail = 0;
    }
    const uintptr_t result = world->call(execution, operation->action);
    if (execution->repeating) {
        execution_give_up(execution, "an operation took another way when it "
                                     "was run again");
    }
    world->end(execution, operation->action, result);
    memset(operation, 0, sizeof *operation);
}

bool
execution_take(struct execution *execution, struct state *state, struct step step)
{
    execution->state = state;
    execution->thread = step.thread;
    execution->operation = &state->operations[step.thread];
    execution->position = 0;
    execution->taken = false;
    execution->staleness = step.staleness;
    execution->choices = 1;
    execution->trail = 0;
    execution->repeating = execution->operation->action.kind != 0;
    execution->violation[0] = '\0';
    execution->gave_up = false;
    memcpy(execution->registry->base, state->image, execution->registry->image_size);
    undo_writes(execution);
    tsan_hooks_watch(execution);
    if (setjmp(execution->escape) == RAN) {
        run(execution, step);
    }
    tsan_hooks_watch(NULL);
    memcpy(state->image, execution->registry->base, execution->registry->image_size);
    return !execution->violation[0];
}
