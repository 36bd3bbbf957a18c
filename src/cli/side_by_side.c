// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/side_by_side.h"

#include "core/thread.h"

#include <stdatomic.h>

#define MORE_THREADS 7

struct job {
    audyn_work_t *work;
    void *const *items;
    size_t count;
    _Atomic size_t next; // taken by each thread: the first item that nobody has
};

static void *
run(void *argument)
{
    struct job *job = argument;
    for (size_t i; (i = atomic_fetch_add(&job->next, 1)) < job->count;) {
        job->work(job->items[i]);
    }
    return NULL;
}

void
audyn_side_by_side(audyn_work_t *work, void *const *items, size_t count)
{
    struct job job = {.work = work, .items = items, .count = count};
    pthread_t threads[MORE_THREADS];
    size_t started = 0;
    while (started < MORE_THREADS && started + 1 < count &&
           !audyn_thread_create(&threads[started], NULL, run, &job)) {
        ++started;
    }
    run(&job);
    while (started > 0) {
        pthread_join(threads[--started], NULL);
    }
}
