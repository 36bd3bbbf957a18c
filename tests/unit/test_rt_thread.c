// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/rt_thread.h"
#include "memory_calls.h"

#include <errno.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static struct {
    int fifo_error;   // what pthread_create answers when SCHED_FIFO is asked for
    int create_error; // what it answers always
} faults;

int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                      void *(*run)(void *), void *argument)
{
    int policy = SCHED_OTHER;
    int inherit = PTHREAD_INHERIT_SCHED;
    pthread_attr_getschedpolicy(attributes, &policy);
    pthread_attr_getinheritsched(attributes, &inherit);
    const bool fifo = inherit == PTHREAD_EXPLICIT_SCHED && policy == SCHED_FIFO;
    if (faults.create_error || (fifo && faults.fifo_error)) {
        return faults.create_error ? faults.create_error : faults.fifo_error;
    }
    return __real_pthread_create(thread, attributes, run, argument);
}

static int
forget(void **state)
{
    memset(&faults, 0, sizeof faults);
    return memory_calls_forget(state);
}

// What a thread sees of itself.
struct view {
    sem_t may_end;
    int policy, priority;
    sigset_t blocked;
    char *stack_variable;
    char name[16];
};

static void *
look_around(void *argument)
{
    struct view *view = argument;
    char on_stack = 0;
    struct sched_param parameters;
    pthread_getschedparam(pthread_self(), &view->policy, &parameters);
    view->priority = parameters.sched_priority;
    pthread_sigmask(SIG_SETMASK, NULL, &view->blocked);
    view->stack_variable = (char *)((uintptr_t)&on_stack + (uintptr_t)on_stack);
    while (sem_wait(&view->may_end)) {
    }
    pthread_getname_np(pthread_self(), view->name, sizeof view->name);
    return NULL;
}

static audyn_rt_thread_t
start_with_priority(struct view *view, int priority)
{
    memset(view, 0, sizeof *view);
    assert_int_equal(sem_init(&view->may_end, 0, 0), 0);
    audyn_rt_thread_t thread;
    assert_int_equal(
        audyn_rt_thread_start(&thread, "audyn-test", priority, look_around, view),
        AUDYN_OK);
    return thread;
}

static audyn_rt_thread_t
start(struct view *view)
{
    return start_with_priority(view, 7);
}

static void
stop(audyn_rt_thread_t *thread, struct view *view)
{
    assert_int_equal(sem_post(&view->may_end), 0);
    audyn_rt_thread_join(thread);
    assert_null(thread->stack.address);
}

static void
the_thread_is_real_time_from_its_first_instruction_or_says_that_it_is_not(void **state)
{
    (void)state;
    for (int i = 0; i < 50; ++i) {
        struct view view;
        audyn_rt_thread_t thread = start(&view);
        const bool fifo = thread.fifo;
        stop(&thread, &view);
        assert_int_equal(view.policy, fifo ? SCHED_FIFO : SCHED_OTHER);
        assert_int_equal(view.priority, fifo ? 7 : 0);
    }
}

static void
a_system_that_forbids_real_time_gets_an_ordinary_thread(void **state)
{
    (void)state;
    faults.fifo_error = EPERM;
    struct view view;
    audyn_rt_thread_t thread = start(&view);
    const bool fifo = thread.fifo;
    stop(&thread, &view);
    assert_false(fifo);
    assert_int_equal(view.policy, SCHED_OTHER);
}

static void
without_a_priority_the_thread_is_ordinary(void **state)
{
    (void)state;
    struct view view;
    audyn_rt_thread_t thread = start_with_priority(&view, 0);
    const bool fifo = thread.fifo;
    stop(&thread, &view);
    assert_false(fifo);
    assert_int_equal(view.policy, SCHED_OTHER);
}

static void
the_stack_is_a_mapping_that_children_do_not_share(void **state)
{
    (void)state;
    struct view view;
    audyn_rt_thread_t thread = start(&view);
    const char *stack = thread.stack.address;
    const size_t size = thread.stack.size;
    assert_true(memory_calls.wiped_in_children);
    assert_int_equal(memory_calls.mlocks, 1);
    stop(&thread, &view);
    assert_true(view.stack_variable > stack && view.stack_variable < stack + size);
    assert_int_equal(memory_calls.unmapped, memory_calls.mapped);
}

static void
a_process_can_fork_while_the_thread_runs(void **state)
{
    (void)state;
    struct view view;
    audyn_rt_thread_t thread = start(&view);
    // cmocka's handler would carry on with the tests in a child that crashes.
    void (*before)(int) = signal(SIGSEGV, SIG_DFL);
    const pid_t child = fork();
    if (child == 0) {
        _exit(42);
    }
    signal(SIGSEGV, before);
    int status = 0;
    const pid_t waited = waitpid(child, &status, 0);
    stop(&thread, &view);
    assert_int_equal(waited, child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 42);
}

static void
signals_stay_with_the_other_threads(void **state)
{
    (void)state;
    sigset_t before;
    sigset_t after;
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGUSR1);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &wanted, &before), 0);
    struct view view;
    audyn_rt_thread_t thread = start(&view);
    stop(&thread, &view);
    assert_int_equal(pthread_sigmask(SIG_SETMASK, &before, &after), 0);
    for (int i = 1; i < SIGRTMIN; ++i) {
        assert_int_equal(sigismember(&after, i), i == SIGUSR1);
    }
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGUSR1, SIGCHLD, SIGALRM};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; ++i) {
        assert_int_equal(sigismember(&view.blocked, signals[i]), 1);
    }
}

static void
the_thread_bears_its_name(void **state)
{
    (void)state;
    struct view view;
    audyn_rt_thread_t thread = start(&view);
    stop(&thread, &view);
    assert_string_equal(view.name, "audyn-test");
}

static void
assert_start_fails(audyn_status_t status)
{
    audyn_rt_thread_t thread;
    memset(&thread, 0xFF, sizeof thread);
    assert_int_equal(audyn_rt_thread_start(&thread, "audyn-test", 7, look_around, NULL),
                     status);
    assert_null(thread.stack.address);
    assert_int_equal(thread.stack.size, 0);
    assert_false(thread.fifo);
    assert_int_equal(memory_calls.mapped, memory_calls.unmapped);
    audyn_rt_thread_join(&thread);
}

static void
a_thread_that_cannot_start_leaves_nothing_behind(void **state)
{
    (void)state;
    memory_calls.fail_mmap = true;
    assert_start_fails(AUDYN_NO_MEMORY);
    memory_calls.fail_mmap = false;
    faults.create_error = ENOMEM;
    assert_start_fails(AUDYN_NO_MEMORY);
    faults.create_error = EPERM;
    assert_start_fails(AUDYN_DENIED);
}

static void
joining_twice_does_no_harm(void **state)
{
    (void)state;
    struct view view;
    audyn_rt_thread_t thread = start(&view);
    stop(&thread, &view);
    audyn_rt_thread_join(&thread);
    assert_int_equal(memory_calls.munmaps, 1);
}

#define CASE(name) cmocka_unit_test_setup(name, forget)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_thread_is_real_time_from_its_first_instruction_or_says_that_it_is_not),
        CASE(a_system_that_forbids_real_time_gets_an_ordinary_thread),
        CASE(without_a_priority_the_thread_is_ordinary),
        CASE(the_stack_is_a_mapping_that_children_do_not_share),
        CASE(a_process_can_fork_while_the_thread_runs),
        CASE(signals_stay_with_the_other_threads),
        CASE(the_thread_bears_its_name),
        CASE(a_thread_that_cannot_start_leaves_nothing_behind),
        CASE(joining_twice_does_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
