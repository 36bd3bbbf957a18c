// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "thread_watch.h"

#include "input/timeline.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>

enum { MOST_THREADS = 16 };

static struct thread_watch watches[MOST_THREADS];
static _Atomic unsigned watch_count;
static _Thread_local struct thread_watch *mine; // NULL: this thread is not watched
static _Thread_local long faults_before;

static long
faults_so_far(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

static void
begin(void)
{
    struct thread_watch *watch = &watches[atomic_fetch_add(&watch_count, 1)];
    if (watch == &watches[MOST_THREADS]) {
        abort();
    }
    prctl(PR_GET_NAME, watch->name);
    // Twice, so that what the first call brings in is not counted.
    faults_so_far();
    faults_before = faults_so_far();
    mine = watch;
}

const struct thread_watch *
thread_watch_find(const char *name)
{
    for (unsigned i = 0; i < atomic_load(&watch_count); ++i) {
        if (!strcmp(watches[i].name, name)) {
            return &watches[i];
        }
    }
    return NULL;
}

static _Thread_local struct thread_watch *left; // watched before, and to be so again

void
thread_watch_enter(void)
{
    if (left) {
        faults_before = faults_so_far();
        mine = left;
    } else {
        begin();
    }
}

void
thread_watch_leave(void)
{
    left = mine;
    mine = NULL;
    left->page_faults += faults_so_far() - faults_before;
}

void
thread_watch_reset(void)
{
    memset(watches, 0, sizeof watches);
    atomic_store(&watch_count, 0);
}

audyn_audio_frame_t *__real_audyn_frame_acquire(audyn_frame_pool_t *pool);
audyn_audio_frame_t *__wrap_audyn_frame_acquire(audyn_frame_pool_t *pool);
void __real_audyn_timeline_finish(audyn_timeline_t *timeline);
void __wrap_audyn_timeline_finish(audyn_timeline_t *timeline);

audyn_audio_frame_t *
__wrap_audyn_frame_acquire(audyn_frame_pool_t *pool)
{
    if (!mine) {
        begin();
    }
    return __real_audyn_frame_acquire(pool);
}

void
__wrap_audyn_timeline_finish(audyn_timeline_t *timeline)
{
    __real_audyn_timeline_finish(timeline);
    if (mine) {
        const long now = faults_so_far();
        mine->page_faults = now - faults_before;
        // Whoever started it names it, which may have come after its first acquire.
        prctl(PR_GET_NAME, mine->name);
        mine->complete = true;
        // Where a child shares this page, it is the watch itself that has faulted.
        faults_before += faults_so_far() - now;
    }
}

static void
note_allocation(void)
{
    if (mine) {
        ++mine->allocations;
    }
}

// The project hides its names; these must be seen by the C library too, which then calls
// them for its own.
#pragma GCC visibility push(default)

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

void *
malloc(size_t size)
{
    note_allocation();
    return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    note_allocation();
    return __libc_calloc(count, size);
}

void *
realloc(void *memory, size_t size)
{
    note_allocation();
    return __libc_realloc(memory, size);
}

void
free(void *memory)
{
    // A thread that ends gives back what it never had.
    if (memory) {
        note_allocation();
    }
    __libc_free(memory);
}

static int (*real_mutex_lock)(pthread_mutex_t *mutex);

// Not at the first lock, for the search takes memory.
__attribute__((constructor)) static void
find_real_functions(void)
{
    *(void **)&real_mutex_lock = dlsym(RTLD_NEXT, "pthread_mutex_lock");
}

int
pthread_mutex_lock(pthread_mutex_t *mutex)
{
    if (!real_mutex_lock) {
        find_real_functions();
    }
    if (mine) {
        ++mine->locks;
    }
    return real_mutex_lock(mutex);
}

#pragma GCC visibility pop
