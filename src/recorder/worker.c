// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "recorder/worker.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

// The input threads make no wake-up calls: the worker looks this often.
#define LOOK_NS (20 * AUDYN_NS_PER_MS)

// When a step took this much, more is likely there already.
#define BUSY_SAMPLE_FRAMES 48000

struct audyn_worker {
    audyn_recorder_t *const *recorders;
    size_t count;
    int event_fd;
    pthread_t thread;
    _Atomic bool stopping; // written by the control thread
};

// Returns how many sample frames were taken.
static uint64_t
serve_all(const audyn_worker_t *worker)
{
    uint64_t taken = 0;
    for (size_t i = 0; i < worker->count; ++i) {
        taken += audyn_recorder_step(worker->recorders[i]);
    }
    return taken;
}

static size_t
count_running(const audyn_worker_t *worker)
{
    size_t running = 0;
    for (size_t i = 0; i < worker->count; ++i) {
        running += audyn_recorder_is_running(worker->recorders[i]);
    }
    return running;
}

static void *
run(void *argument)
{
    audyn_worker_t *worker = argument;
    const audyn_clock_t *clock = audyn_clock_system();
    size_t running = worker->count;
    while (!atomic_load_explicit(&worker->stopping, memory_order_acquire)) {
        const uint64_t taken = serve_all(worker);
        const size_t still_running = count_running(worker);
        if (still_running < running) {
            running = still_running;
            eventfd_write(worker->event_fd, 1);
        }
        if (taken < BUSY_SAMPLE_FRAMES) {
            clock->sleep_until(clock, clock->monotonic_ns(clock) + LOOK_NS);
        }
    }
    serve_all(worker);
    return NULL;
}

static int
create_thread(audyn_worker_t *worker)
{
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    const int error = pthread_create(&worker->thread, NULL, run, worker);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

audyn_status_t
audyn_worker_start(audyn_worker_t **out, audyn_recorder_t *const *recorders, size_t count)
{
    *out = NULL;
    audyn_worker_t *worker = calloc(1, sizeof *worker);
    if (!worker) {
        return AUDYN_NO_MEMORY;
    }
    worker->recorders = recorders;
    worker->count = count;
    worker->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const int error = worker->event_fd < 0 ? errno : create_thread(worker);
    if (error) {
        close(worker->event_fd);
        free(worker);
        return audyn_status_from_errno(error);
    }
    pthread_setname_np(worker->thread, "audyn-worker");
    *out = worker;
    return AUDYN_OK;
}

int
audyn_worker_event_fd(const audyn_worker_t *worker)
{
    return worker->event_fd;
}

void
audyn_worker_stop(audyn_worker_t *worker)
{
    if (!worker) {
        return;
    }
    atomic_store_explicit(&worker->stopping, true, memory_order_release);
    pthread_join(worker->thread, NULL);
    close(worker->event_fd);
    free(worker);
}
