// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A real-time thread: locked stack that no fork shares, all code of the program mapped
/// in beforehand, SCHED_FIFO where permitted.
/// It must not fork itself; any other thread may.

#ifndef AUDYN_CORE_RT_THREAD_H
#define AUDYN_CORE_RT_THREAD_H

#include "core/memory.h"

#include <pthread.h>

/// Also holds the thread's descriptor and its thread-local storage.
#define AUDYN_RT_THREAD_STACK_BYTES (256U * 1024)

typedef struct {
    pthread_t thread;
    audyn_memory_t stack;
    bool fifo; ///< runs under SCHED_FIFO; else it was not wanted, or not permitted
} audyn_rt_thread_t;

/// `name` shows up in top and ps (at most 15 characters).  Priority 1 to 99,
/// or 0: not under SCHED_FIFO.  All signals are blocked in the thread.  On failure
/// `*thread` is all zero.
audyn_status_t audyn_rt_thread_start(audyn_rt_thread_t *thread, const char *name,
                                     int priority, void *(*run)(void *), void *argument);

/// Waits for `run` to return.  Accepts an all-zero `*thread`, and leaves it so.
void audyn_rt_thread_join(audyn_rt_thread_t *thread);

#endif
