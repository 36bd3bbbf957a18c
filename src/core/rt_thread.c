// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/rt_thread.h"

#include <sched.h>
#include <signal.h>

// Also holds the thread's descriptor and its thread-local storage.
#define STACK_BYTES (256U * 1024)

static int
create_thread(audyn_rt_thread_t *thread, void *(*run)(void *), void *argument)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error) {
        return error;
    }
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_attr_setstack(&attributes, thread->stack.address, thread->stack.size);
    if (!error) {
        error = pthread_create(&thread->thread, &attributes, run, argument);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

audyn_status_t
audyn_rt_thread_start(audyn_rt_thread_t *thread, const char *name, int priority,
                      void *(*run)(void *), void *argument)
{
    *thread = (audyn_rt_thread_t){0};
    const audyn_status_t status =
        audyn_memory_map(&thread->stack, STACK_BYTES, AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    const int error = create_thread(thread, run, argument);
    if (error) {
        audyn_memory_unmap(&thread->stack);
        return audyn_status_from_errno(error);
    }
    pthread_setname_np(thread->thread, name);
    const struct sched_param parameters = {.sched_priority = priority};
    thread->fifo = pthread_setschedparam(thread->thread, SCHED_FIFO, &parameters) == 0;
    return AUDYN_OK;
}

void
audyn_rt_thread_join(audyn_rt_thread_t *thread)
{
    if (thread->stack.address) {
        pthread_join(thread->thread, NULL);
        audyn_memory_unmap(&thread->stack);
    }
}
