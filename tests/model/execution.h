// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Runs the code under test step by step: a step ends before the thread's next access to
/// an atomic object that both threads use.
///
/// An operation that is interrupted is not kept on a stack of its own: its plain writes
/// are noted with what they replaced, and the results of its atomic accesses.  To go on,
/// the writes are undone and the operation runs again from its start; the noted accesses
/// get the noted results and have no further effect.  So a state is plain data.

#ifndef AUDYN_TESTS_MODEL_EXECUTION_H
#define AUDYN_TESTS_MODEL_EXECUTION_H

#include "memory_model.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdio.h>

#define MOST_IMAGE 1024
#define MOST_GHOST 192
#define MOST_RESULTS 10
#define MOST_UNDO 12
#define MOST_ACTIONS 16

/// What a thread does next.  `kind` 0: nothing.
struct action {
    uint8_t kind, argument;
};

/// An operation under way.
struct operation {
    struct action action;
    uint8_t result_count, undo_count;
    uint32_t trail; // digest of all that it touched and wrote, to see it repeated
    struct undo {
        uint16_t granule;
        uint32_t before;
    } undo[MOST_UNDO];
    struct result {
        uint8_t object;
        uint64_t value;
    } results[MOST_RESULTS];
};

struct state {
    struct memory memory;
    struct operation operations[THREADS];
    alignas(8) unsigned char ghost[MOST_GHOST]; // the world's own
    alignas(8) unsigned char image[MOST_IMAGE]; // the memory under test; the last member
};

/// One choice: `thread` starts `action` or, where it has one under way, goes on with it;
/// the value that it reads is `staleness` values older than the newest.
struct step {
    uint8_t thread, staleness;
    struct action action;
};

struct execution;
struct world;

#define MOST_NAMES 8
struct view {
    const struct world *world;
    struct state *state;
    uint8_t name_of[MOST_NAMES], named[MOST_NAMES]; // each the inverse of the other
};

/// The code under test and what is demanded of it.
struct world {
    const char *threads[THREADS]; // names
    void *base;                   // the memory under test
    size_t size;                  // bytes
    size_t image_size;            // bytes at its start whose values matter
    void (*start)(const struct world *world, struct state *state);
    /// What an idle thread may do; returns the number.
    unsigned (*list_actions)(const struct world *world, struct state *state, int thread,
                             struct action actions[MOST_ACTIONS]);
    /// Before, in, and after the code under test; only `call` is run again.
    void (*begin)(struct execution *execution, struct action action);
    uintptr_t (*call)(struct execution *execution, struct action action);
    void (*end)(struct execution *execution, struct action action, uintptr_t result);
    /// An atomic object was read: the value is the `ordinal`-th stored into it.
    void (*loaded)(struct execution *execution, unsigned granule, uint32_t ordinal);
    void (*stored)(struct execution *execution, unsigned granule,
                   const struct message *message);
    /// Statistics influence nothing: they read as 0.
    bool (*is_statistic)(const struct world *world, unsigned granule);
    /// An older value of such an object must never be readable.
    bool (*is_exact)(const struct world *world, unsigned granule);
    /// A view of a state in which those that differ by the names of things only, or by a
    /// shift of counters, are equal.
    void (*look_at)(const struct world *world, struct state *state, struct view *view);
    /// What plays the part of `granule` in that view.
    unsigned (*counterpart)(const struct view *view, unsigned granule);
    uint64_t (*canonical)(const struct view *view, unsigned granule, uint64_t value);
    /// The ghost as words; returns their number.
    unsigned (*canonical_ghost)(const struct view *view, uint64_t words[MOST_GHOST]);
    void (*describe_action)(FILE *out, struct action action);
    void (*describe_granule)(const struct world *world, FILE *out, unsigned granule);
    void (*describe_value)(const struct world *world, FILE *out, unsigned granule,
                           uint64_t value);
};

struct execution {
    const struct world *world;
    struct registry *registry;
    FILE *trace; // NULL: none

    struct state *state;
    int thread;
    struct operation *operation;
    uint8_t position;   // results that have been given again
    bool repeating;     // the operation has not come to where it was stopped
    bool taken;         // the shared access of this step
    uint32_t staleness; // as asked for
    uint32_t choices;   // values that could be read, at least 1
    uint32_t trail;     // as in the operation
    uint32_t contents;  // digest of what the operation had written when it stopped
    jmp_buf escape;
    bool gave_up;
    char violation[160]; // or why it gave up; empty: neither
};

/// Takes `step` from `*state`, which becomes the state after it.  False: it `gave_up`, or
/// what is demanded was violated.  `choices` is the number of values that it could read.
bool execution_take(struct execution *execution, struct state *state, struct step step);

/// For the world, in `begin` and `end`: does not return.
_Noreturn void execution_fail(struct execution *execution, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/// Likewise, where the code does what cannot be explored: `what` it does.
_Noreturn void execution_give_up(struct execution *execution, const char *what);

/// Fails if an access would be a data race, and leaves no trace of it.
void execution_check(struct execution *execution, const volatile void *address,
                     bool write);

// What the instrumented code calls, and the world for memory that it touches itself.
void execution_plain(struct execution *execution, const volatile void *address,
                     size_t size, bool write);
uint64_t execution_load(struct execution *execution, const volatile void *address,
                        unsigned size, int order);
void execution_store(struct execution *execution, const volatile void *address,
                     unsigned size, uint64_t value, int order);

/// Which execution the instrumented code's calls go to; NULL: none.
void tsan_hooks_watch(struct execution *execution);

#endif
