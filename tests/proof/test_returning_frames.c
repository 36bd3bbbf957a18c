// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A worker that stood still gives back 1,024 frames at once.  How many instructions each
// acquire then executes, counted by stepping through them, beside the steady state, in
// which one frame comes back for each that is acquired.

#include "unit_test.h"

#include <audyn/frame_pool.h>

#include <signal.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    FRAMES = 1024,
    FEW = 3,
    STEADY = 16,
    ROUNDS = 301,
    CALLS = 1 + STEADY + FEW + FRAMES
};

struct loans {
    audyn_frame_pool_t *pool;
    audyn_audio_frame_t *frames[FRAMES]; // acquired in this order
};

static void
lend_all(struct loans *loans)
{
    loans->pool = audyn_frame_pool_create(FRAMES, 2, 48);
    assert_non_null(loans->pool);
    for (int i = 0; i < FRAMES; ++i) {
        loans->frames[i] = audyn_frame_acquire(loans->pool);
        assert_non_null(loans->frames[i]);
    }
}

static void
release_last(struct loans *loans, int count)
{
    for (int i = FRAMES - count; i < FRAMES; ++i) {
        audyn_frame_release(loans->frames[i]);
    }
}

// Two places that the tracer knows by their addresses.
__attribute__((noinline)) static audyn_audio_frame_t *
return_at_once(audyn_frame_pool_t *pool)
{
    __asm__ volatile("" : : "r"(pool));
    return NULL;
}

__attribute__((noinline)) static void
come_back(void)
{
    __asm__ volatile("");
}

static audyn_audio_frame_t *
call(audyn_audio_frame_t *(*volatile function)(audyn_frame_pool_t *),
     audyn_frame_pool_t *pool)
{
    audyn_audio_frame_t *frame = function(pool);
    come_back();
    return frame;
}

static void
return_and_acquire(struct loans *loans, int count)
{
    release_last(loans, count);
    for (int i = FRAMES - count; i < FRAMES; ++i) {
        loans->frames[i] = call(audyn_frame_acquire, loans->pool);
    }
}

// In a child, one instruction at a time from the signal on.  It has a pool of its own,
// for one that was there before is kept from it.
static void
run_traced(struct loans *loans)
{
    lend_all(loans);
    if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) == 0) {
        raise(SIGSTOP);
        call(return_at_once, loans->pool);
        for (int i = 0; i < STEADY; ++i) {
            return_and_acquire(loans, 1);
        }
        return_and_acquire(loans, FEW);
        return_and_acquire(loans, FRAMES);
        _exit(loans->frames[FRAMES - 1] ? EXIT_SUCCESS : EXIT_FAILURE);
    }
    _exit(EXIT_FAILURE);
}

struct steps {
    int calls;         // that came back so far
    int counts[CALLS]; // instructions from each call until it came back
    bool inside;
};

static void
note_step(struct steps *steps, const void *instruction)
{
    if (instruction == (void *)(uintptr_t)come_back) {
        steps->calls += steps->inside;
        steps->inside = false;
    } else if (instruction == (void *)(uintptr_t)audyn_frame_acquire ||
               instruction == (void *)(uintptr_t)return_at_once) {
        steps->inside = true;
    }
    if (steps->inside) {
        assert_true(steps->calls < CALLS);
        ++steps->counts[steps->calls];
    }
}

// False when a process may not trace its own child here.
static bool
trace(pid_t child, struct steps *steps)
{
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    if (WIFEXITED(status)) {
        return false;
    }
    assert_int_equal(WSTOPSIG(status), SIGSTOP);
    while (ptrace(PTRACE_SINGLESTEP, child, NULL, NULL) == 0) {
        assert_int_equal(waitpid(child, &status, 0), child);
        if (WIFEXITED(status)) {
            break;
        }
        siginfo_t info;
        assert_int_equal(ptrace(PTRACE_GETSIGINFO, child, NULL, &info), 0);
        assert_int_equal(WSTOPSIG(status), SIGTRAP);
        note_step(steps, info.si_addr);
    }
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), EXIT_SUCCESS);
    return true;
}

static int
most_of(const int *counts, int count)
{
    int most = 0;
    for (int i = 0; i < count; ++i) {
        most = counts[i] > most ? counts[i] : most;
    }
    return most;
}

static void
an_acquire_takes_as_many_instructions_whether_3_or_1024_frames_came_back(void **state)
{
    (void)state;
    const pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        static struct loans loans;
        run_traced(&loans);
    }
    static struct steps steps;
    if (!trace(child, &steps)) {
        print_message("# a process may not trace its child here\n");
        skip();
    }
    assert_int_equal(steps.calls, CALLS);
    // What is left of an empty function's is the way back from the call.
    const int way_back = steps.counts[0] - 1;
    const int *few = &steps.counts[1 + STEADY];
    const int most = most_of(&few[FEW], FRAMES);
    print_message(
        "# figure: instructions of an acquire: %d in the steady state, %d for the "
        "first and at most %d for any after 1,024 frames came back\n",
        steps.counts[STEADY] - way_back, few[FEW] - way_back, most - way_back);
    assert_true(steps.counts[STEADY] > way_back);
    assert_int_equal(most, most_of(few, FEW));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            an_acquire_takes_as_many_instructions_whether_3_or_1024_frames_came_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
