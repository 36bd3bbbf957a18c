// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "recorder/worker.h"

#include "core/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

// The input threads make no wake-up calls: the worker looks this often.
#define LOOK_NS (20 * AUDYN_NS_PER_MS)

// When a round took this much, more is likely there already.
#define BUSY_SAMPLE_FRAMES 48000

struct slot {
    audyn_recorder_t *recorder;
    bool running; // when it was served last
};

struct audyn_worker {
    int event_fd;
    pthread_t thread;

    // Guards what follows; free while a recorder is served.
    pthread_mutex_t mutex;
    pthread_cond_t called; // the control thread wants something
    pthread_cond_t let_go; // the worker has done it
    struct slot *slots;    // grown by the control thread, shrunk by the worker
    size_t count;
    audyn_recorder_t *leaving; // to be removed; NULL: none
    bool stopping;
};

// Holding the mutex, as all that follows.  Returns how many sample frames were taken.
static uint64_t
serve(audyn_worker_t *worker, size_t index)
{
    audyn_recorder_t *recorder = worker->slots[index].recorder;
    pthread_mutex_unlock(&worker->mutex);
    const uint64_t taken = audyn_recorder_step(recorder);
    const bool running = audyn_recorder_is_running(recorder);
    pthread_mutex_lock(&worker->mutex);
    struct slot *slot = &worker->slots[index];
    if (slot->running && !running) {
        eventfd_write(worker->event_fd, 1);
    }
    slot->running = running;
    return taken;
}

static void
remove_leaving(audyn_worker_t *worker)
{
    if (!worker->leaving) {
        return;
    }
    size_t index = 0;
    while (worker->slots[index].recorder != worker->leaving) {
        ++index;
    }
    serve(worker, index);
    struct slot *slot = &worker->slots[index];
    --worker->count;
    memmove(slot, slot + 1, (worker->count - index) * sizeof *slot);
    worker->leaving = NULL;
    pthread_cond_signal(&worker->let_go);
}

// Between two recorders it removes one that leaves; whom that makes it miss is served in
// the next round.
static uint64_t
serve_all(audyn_worker_t *worker)
{
    uint64_t taken = 0;
    for (size_t i = 0; i < worker->count; ++i) {
        taken += serve(worker, i);
        remove_leaving(worker);
    }
    return taken;
}

static void
wait_for_call(audyn_worker_t *worker)
{
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t until_ns = clock->monotonic_ns(clock) + LOOK_NS;
    const struct timespec until = {
        .tv_sec = until_ns / AUDYN_NS_PER_SECOND,
        .tv_nsec = until_ns % AUDYN_NS_PER_SECOND,
    };
    int error = 0;
    while (!worker->leaving && !worker->stopping && !error) {
        error = pthread_cond_timedwait(&worker->called, &worker->mutex, &until);
    }
}

static void *
run(void *argument)
{
    audyn_worker_t *worker = argument;
    pthread_mutex_lock(&worker->mutex);
    while (!worker->stopping) {
        if (serve_all(worker) < BUSY_SAMPLE_FRAMES) {
            wait_for_call(worker);
        }
        remove_leaving(worker);
    }
    serve_all(worker);
    pthread_mutex_unlock(&worker->mutex);
    return NULL;
}

static void
init_locking(audyn_worker_t *worker)
{
    pthread_mutex_init(&worker->mutex, NULL);
    pthread_cond_init(&worker->let_go, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&worker->called, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void
destroy(audyn_worker_t *worker)
{
    pthread_cond_destroy(&worker->called);
    pthread_cond_destroy(&worker->let_go);
    pthread_mutex_destroy(&worker->mutex);
    close(worker->event_fd);
    free(worker->slots);
    free(worker);
}

audyn_status_t
audyn_worker_start(audyn_worker_t **out)
{
    *out = NULL;
    audyn_worker_t *worker = calloc(1, sizeof *worker);
    if (!worker) {
        return AUDYN_NO_MEMORY;
    }
    init_locking(worker);
    worker->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    const int error = worker->event_fd < 0
                          ? errno
                          : audyn_thread_create(&worker->thread, NULL, run, worker);
    if (error) {
        destroy(worker);
        return audyn_status_from_errno(error);
    }
    pthread_setname_np(worker->thread, "audyn-worker");
    *out = worker;
    return AUDYN_OK;
}

audyn_status_t
audyn_worker_add(audyn_worker_t *worker, audyn_recorder_t *recorder)
{
    pthread_mutex_lock(&worker->mutex);
    struct slot *slots =
        realloc(worker->slots, (worker->count + 1) * sizeof *worker->slots);
    if (slots) {
        slots[worker->count++] = (struct slot){.recorder = recorder, .running = true};
        worker->slots = slots;
    }
    pthread_mutex_unlock(&worker->mutex);
    return slots ? AUDYN_OK : AUDYN_NO_MEMORY;
}

void
audyn_worker_remove(audyn_worker_t *worker, audyn_recorder_t *recorder)
{
    pthread_mutex_lock(&worker->mutex);
    worker->leaving = recorder;
    pthread_cond_signal(&worker->called);
    while (worker->leaving) {
        pthread_cond_wait(&worker->let_go, &worker->mutex);
    }
    pthread_mutex_unlock(&worker->mutex);
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
    pthread_mutex_lock(&worker->mutex);
    worker->stopping = true;
    pthread_cond_signal(&worker->called);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    destroy(worker);
}
