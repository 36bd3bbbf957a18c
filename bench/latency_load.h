// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Ordinary threads that keep the machine busy.

#ifndef AUDYN_BENCH_LATENCY_LOAD_H
#define AUDYN_BENCH_LATENCY_LOAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

enum load_kind { LOAD_IDLE, LOAD_CPU, LOAD_MEMORY, LOAD_DISK, LOAD_KINDS };
enum { LOAD_THREADS = 2 };

extern const char *const load_names[LOAD_KINDS];

struct load {
    enum load_kind kind;
    const char *folder; ///< where a temporary file may be written
    pthread_t threads[LOAD_THREADS];
    int started;
    _Atomic bool stopping; ///< set by load_stop()
    _Atomic bool failed;   ///< set by a thread that cannot load anything
};

/// False when a thread cannot be started; load_stop() ends those that were.
bool load_start(struct load *load, enum load_kind kind, const char *folder);

/// False when the load was not there all the time.
bool load_stop(struct load *load);

#endif
