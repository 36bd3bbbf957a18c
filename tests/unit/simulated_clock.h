// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A clock that stands still until a test moves it, so that a thread which sleeps by it
/// can be led through an hour step by step.

#ifndef AUDYN_TESTS_SIMULATED_CLOCK_H
#define AUDYN_TESTS_SIMULATED_CLOCK_H

#include "core/clock.h"

#include <pthread.h>
#include <stdbool.h>

struct simulated_clock {
    audyn_clock_t clock;
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    int64_t utc_ns, monotonic_ns;
    int64_t tai_offset_s; // 37 to begin with
    int64_t deadline_ns;  // of the thread that sleeps; 0: none
    bool released;
};

void simulated_clock_init(struct simulated_clock *simulated, int64_t utc_ns);

/// Both times go on by `ns`.  Wakes a thread whose deadline is reached.
void simulated_clock_advance(struct simulated_clock *simulated, int64_t ns);

/// Somebody sets the time of day; the monotonic time stays.
void simulated_clock_step(struct simulated_clock *simulated, int64_t ns);

/// UTC repeats a second.
void simulated_clock_leap(struct simulated_clock *simulated);

/// Waits until a thread sleeps up to a moment that has not come.
void simulated_clock_wait_for_sleeper(struct simulated_clock *simulated);

/// From here on nobody sleeps, though the time stands still: so that threads can end.
void simulated_clock_release(struct simulated_clock *simulated);

#endif
