// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "recorder/worker.h"

#include "core/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

// The input threads make no wake-up calls: the worker looks this often.
#define LOOK_NS (50 * AUDYN_NS_PER_MS)

// What is on disk by one sync is counted on disk by the next: with the window of the
// input, the look, and the time that a sync takes, less than a second is at stake.
#define SYNC_INTERVAL_NS (300 * AUDYN_NS_PER_MS)

// When a round took this much, more is likely there already.
#define BUSY_SAMPLE_FRAMES 48000

struct slot {
    audyn_recorder_t *recorder;
    bool served;
    bool running; // when it was served last
    bool leaving; // to be removed
    bool left;    // and its last step was taken
};

struct audyn_worker {
    int event_fd;
    pthread_t thread;
    audyn_syncer_t *syncer;

    // Guards what follows; free while a recorder is served.
    pthread_mutex_t mutex;
    pthread_cond_t called; // there is something to do before the next look
    pthread_cond_t let_go; // a recorder is removed
    bool call;             // `called` is not heeded yet
    struct slot *slots;    // grown by the control thread, shrunk by the worker
    size_t count;
    bool stopping;
    int64_t synced_ns; // when the files were last synced
};

static void
call(audyn_worker_t *worker)
{
    worker->call = true;
    pthread_cond_signal(&worker->called);
}

// Syncer.  What it has done for one that leaves is taken up at once.
static void
heed_syncer(void *argument)
{
    audyn_worker_t *worker = argument;
    pthread_mutex_lock(&worker->mutex);
    call(worker);
    pthread_mutex_unlock(&worker->mutex);
}

// Holding the mutex, as all that follows.  Returns how many sample frames were taken.
static uint64_t
serve(audyn_worker_t *worker, size_t index, bool sync)
{
    const bool leaving = worker->slots[index].leaving;
    const bool served = worker->slots[index].served;
    audyn_recorder_t *recorder = worker->slots[index].recorder;
    pthread_mutex_unlock(&worker->mutex);
    const uint64_t taken = audyn_recorder_step(recorder);
    const bool held_up = audyn_recorder_is_held_up(recorder);
    if (leaving && !held_up) {
        audyn_recorder_end(recorder);
    }
    const bool running = audyn_recorder_is_running(recorder);
    if (sync || !served || !running || held_up) {
        audyn_recorder_sync(recorder, worker->syncer);
    }
    pthread_mutex_lock(&worker->mutex);
    struct slot *slot = &worker->slots[index];
    if (slot->running && !running) {
        eventfd_write(worker->event_fd, 1);
    }
    slot->served = true;
    slot->running = running;
    slot->left = leaving && !held_up;
    return taken;
}

// Those whose file is complete, of those that leave.
static void
let_go(audyn_worker_t *worker)
{
    size_t kept = 0;
    for (size_t i = 0; i < worker->count; ++i) {
        const struct slot *slot = &worker->slots[i];
        if (!slot->left || !audyn_recorder_is_complete(slot->recorder)) {
            worker->slots[kept++] = *slot;
        }
    }
    if (kept < worker->count) {
        worker->count = kept;
        pthread_cond_signal(&worker->let_go);
    }
}

static uint64_t
serve_all(audyn_worker_t *worker)
{
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t now_ns = clock->monotonic_ns(clock);
    const bool sync = now_ns - worker->synced_ns >= SYNC_INTERVAL_NS;
    worker->synced_ns = sync ? now_ns : worker->synced_ns;
    uint64_t taken = 0;
    for (size_t i = 0; i < worker->count; ++i) {
        taken += serve(worker, i, sync);
    }
    let_go(worker);
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
    while (!worker->call && !error) {
        error = pthread_cond_timedwait(&worker->called, &worker->mutex, &until);
    }
    worker->call = false;
}

static void *
run(void *argument)
{
    audyn_worker_t *worker = argument;
    pthread_mutex_lock(&worker->mutex);
    while (!worker->stopping || worker->count) {
        if (serve_all(worker) < BUSY_SAMPLE_FRAMES) {
            wait_for_call(worker);
        }
    }
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
    audyn_syncer_destroy(worker->syncer);
    pthread_cond_destroy(&worker->called);
    pthread_cond_destroy(&worker->let_go);
    pthread_mutex_destroy(&worker->mutex);
    if (worker->event_fd >= 0) {
        close(worker->event_fd);
    }
    free(worker->slots);
    free(worker);
}

// Its thread, and those of the syncer.
static audyn_status_t
start_threads(audyn_worker_t *worker)
{
    const audyn_status_t status =
        audyn_syncer_create(&worker->syncer, heed_syncer, worker);
    if (status) {
        return status;
    }
    const int error = audyn_thread_create(&worker->thread, NULL, run, worker);
    if (error) {
        return audyn_status_from_errno(error);
    }
    pthread_setname_np(worker->thread, "audyn-worker");
    return AUDYN_OK;
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
    const audyn_status_t status =
        worker->event_fd < 0 ? audyn_status_from_errno(errno) : start_threads(worker);
    if (status) {
        destroy(worker);
        return status;
    }
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

// Returns NULL once the worker has let go of it.
static struct slot *
find(audyn_worker_t *worker, const audyn_recorder_t *recorder)
{
    for (size_t i = 0; i < worker->count; ++i) {
        if (worker->slots[i].recorder == recorder) {
            return &worker->slots[i];
        }
    }
    return NULL;
}

void
audyn_worker_remove(audyn_worker_t *worker, audyn_recorder_t *recorder)
{
    pthread_mutex_lock(&worker->mutex);
    find(worker, recorder)->leaving = true;
    call(worker);
    while (find(worker, recorder)) {
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
    for (size_t i = 0; i < worker->count; ++i) {
        worker->slots[i].leaving = true;
    }
    worker->stopping = true;
    call(worker);
    pthread_mutex_unlock(&worker->mutex);
    pthread_join(worker->thread, NULL);
    destroy(worker);
}
