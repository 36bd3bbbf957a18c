// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "recorder/syncer.h"

#include "core/thread.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

// Syncs that wait at the same time share one flush of the disk's cache and one commit of
// the file system's journal; from here on more of them save little.
#define MOST_THREADS 64

// They wait in the kernel, and now and then enter a segment into the catalog.
#define STACK_BYTES (512U * 1024)

struct audyn_syncer {
    void (*tell)(void *argument);
    void *argument;

    // Guards what follows.
    pthread_mutex_t mutex;
    pthread_cond_t called;
    audyn_file_sync_t *first, *last; // the queue
    unsigned queued;
    unsigned idle; // threads that wait for work
    bool stopping;

    // The worker's.
    pthread_t threads[MOST_THREADS];
    unsigned thread_count;
};

// Holding the mutex.  Returns NULL when the thread is to end.
static audyn_file_sync_t *
take_next(audyn_syncer_t *syncer)
{
    while (!syncer->first && !syncer->stopping) {
        ++syncer->idle;
        pthread_cond_wait(&syncer->called, &syncer->mutex);
        --syncer->idle;
    }
    audyn_file_sync_t *sync = syncer->first;
    if (sync) {
        syncer->first = sync->next;
        --syncer->queued;
    }
    return sync;
}

static void *
run(void *argument)
{
    audyn_syncer_t *syncer = argument;
    pthread_mutex_lock(&syncer->mutex);
    for (audyn_file_sync_t *sync; (sync = take_next(syncer));) {
        pthread_mutex_unlock(&syncer->mutex);
        const bool urgent = sync->urgent;
        audyn_output_sync(sync->output);
        atomic_store_explicit(&sync->under_way, false, memory_order_release);
        // From here on the sync, and the file, may be gone.
        if (urgent && syncer->tell) {
            syncer->tell(syncer->argument);
        }
        pthread_mutex_lock(&syncer->mutex);
    }
    pthread_mutex_unlock(&syncer->mutex);
    return NULL;
}

static int
add_thread(audyn_syncer_t *syncer)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error) {
        return error;
    }
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_t *thread = &syncer->threads[syncer->thread_count];
    error = audyn_thread_create(thread, &attributes, run, syncer);
    pthread_attr_destroy(&attributes);
    if (!error) {
        pthread_setname_np(*thread, "audyn-sync");
        ++syncer->thread_count;
    }
    return error;
}

audyn_status_t
audyn_syncer_create(audyn_syncer_t **out, void (*tell)(void *argument), void *argument)
{
    *out = NULL;
    audyn_syncer_t *syncer = calloc(1, sizeof *syncer);
    if (!syncer) {
        return AUDYN_NO_MEMORY;
    }
    syncer->tell = tell;
    syncer->argument = argument;
    pthread_mutex_init(&syncer->mutex, NULL);
    pthread_cond_init(&syncer->called, NULL);
    // One is enough to go on; the others may come or not.
    const int error = add_thread(syncer);
    if (error) {
        audyn_syncer_destroy(syncer);
        return audyn_status_from_errno(error);
    }
    *out = syncer;
    return AUDYN_OK;
}

void
audyn_syncer_start(audyn_syncer_t *syncer, audyn_file_sync_t *sync)
{
    atomic_store_explicit(&sync->under_way, true, memory_order_relaxed);
    sync->next = NULL;
    pthread_mutex_lock(&syncer->mutex);
    if (syncer->first) {
        syncer->last->next = sync;
    } else {
        syncer->first = sync;
    }
    syncer->last = sync;
    const bool crowded = ++syncer->queued > syncer->idle;
    pthread_cond_signal(&syncer->called);
    pthread_mutex_unlock(&syncer->mutex);
    if (crowded && syncer->thread_count < MOST_THREADS) {
        add_thread(syncer);
    }
}

bool
audyn_file_sync_is_under_way(const audyn_file_sync_t *sync)
{
    return atomic_load_explicit(&sync->under_way, memory_order_acquire);
}

void
audyn_syncer_destroy(audyn_syncer_t *syncer)
{
    if (!syncer) {
        return;
    }
    pthread_mutex_lock(&syncer->mutex);
    syncer->stopping = true;
    pthread_cond_broadcast(&syncer->called);
    pthread_mutex_unlock(&syncer->mutex);
    for (unsigned i = 0; i < syncer->thread_count; ++i) {
        pthread_join(syncer->threads[i], NULL);
    }
    pthread_cond_destroy(&syncer->called);
    pthread_mutex_destroy(&syncer->mutex);
    free(syncer);
}
