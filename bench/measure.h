// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What both benchmark programs need: time, and a quiet place to run.

#ifndef AUDYN_BENCH_MEASURE_H
#define AUDYN_BENCH_MEASURE_H

#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <time.h>

static inline double
clock_seconds(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

/// Moves the calling thread to the first or second processor that this process may run
/// on.  False when there are not that many.
static inline bool
pin_to_processor(const cpu_set_t *allowed, int which)
{
    for (size_t processor = 0; processor < CPU_SETSIZE; ++processor) {
        if (CPU_ISSET(processor, allowed) && which-- == 0) {
            cpu_set_t one;
            CPU_ZERO(&one);
            CPU_SET(processor, &one);
            return sched_setaffinity(0, sizeof one, &one) == 0;
        }
    }
    return false;
}

/// Keeps ordinary processes from interrupting a measurement, where that is permitted.
/// The threads started from here on inherit it.  Prints how it went, and the compiler.
static inline void
prepare_process(void)
{
    const struct sched_param lowest = {.sched_priority = 1};
    const bool fifo = sched_setscheduler(0, SCHED_FIFO, &lowest) == 0;
    printf("about\tscheduling\t%s\n", fifo ? "SCHED_FIFO" : "ordinary");
#ifdef __clang__
    printf("about\tcompiler\t%s\n", __VERSION__);
#else
    printf("about\tcompiler\tgcc %s\n", __VERSION__);
#endif
}

/// Between measurements: lets others run, so that they need not be kept waiting.
static inline void
rest(void)
{
    const struct timespec pause = {.tv_nsec = 2000000};
    nanosleep(&pause, NULL);
}

#endif
