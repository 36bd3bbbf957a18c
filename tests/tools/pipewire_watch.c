// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Records from PipeWire, with each callback under a watch for allocations, locks and page
// faults, and marked for a trace of system calls by a getppid() before and after:
//   pipewire-watch INPUT CALLBACKS [misbehave]
// Prints what was seen in so many callbacks.  The first ones, in which memory of
// PipeWire's is touched for the first time, are not counted.

#include "input/input.h"
#include "take.h"
#include "thread_watch.h"

#include <pipewire/stream.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { FIRST_CALLBACKS = 20 };

static bool misbehaving;
static _Atomic unsigned callbacks; // written by the data thread
static _Atomic unsigned wanted;    // before that: none are counted any more
static _Thread_local bool inside;

struct pw_buffer *__real_pw_stream_dequeue_buffer(struct pw_stream *stream);
struct pw_buffer *__wrap_pw_stream_dequeue_buffer(struct pw_stream *stream);

static void
misbehave(void)
{
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    void *volatile memory = malloc(1);
    free(memory);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    getuid();
}

static void
enter(void)
{
    // As top shows the thread, so that it can be told in a trace.
    prctl(PR_SET_NAME, "watched");
    thread_watch_enter();
    getppid();
    inside = true;
}

static void
leave(void)
{
    getppid();
    thread_watch_leave();
    inside = false;
}

// The callback takes buffers until there is none.
struct pw_buffer *
__wrap_pw_stream_dequeue_buffer(struct pw_stream *stream)
{
    const unsigned count = atomic_load(&callbacks);
    const bool counted = count >= FIRST_CALLBACKS && count < atomic_load(&wanted);
    if (!inside && counted) {
        enter();
    }
    if (inside && misbehaving) {
        misbehave();
    }
    struct pw_buffer *buffer = __real_pw_stream_dequeue_buffer(stream);
    if (!buffer) {
        if (inside) {
            leave();
        }
        atomic_store(&callbacks, count + 1);
    }
    return buffer;
}

int
main(int argc, char **argv)
{
    audyn_error_t error = {""};
    audyn_input_t *input;
    const audyn_input_config_t config = {0};
    if (argc < 3 || audyn_input_open(&input, argv[1], &config, &error) ||
        audyn_input_start(input, &error)) {
        fprintf(stderr, "pipewire-watch: %s\n", error.text);
        return EXIT_FAILURE;
    }
    misbehaving = argc > 3 && !strcmp(argv[3], "misbehave");
    atomic_store(&wanted, FIRST_CALLBACKS + (unsigned)strtoul(argv[2], NULL, 10));
    uint64_t taken = 0;
    while (atomic_load(&callbacks) <= atomic_load(&wanted)) {
        usleep(10000);
        taken += take(audyn_input_timeline(input));
    }
    audyn_input_stop(input);
    taken += take(audyn_input_timeline(input));
    const struct thread_watch *watch = thread_watch_find("watched");
    printf("{\"sample_frames\": %llu, \"allocations\": %u, \"locks\": %u, "
           "\"page_faults\": %ld}\n",
           (unsigned long long)taken, watch->allocations, watch->locks,
           watch->page_faults);
    audyn_input_close(input);
    return EXIT_SUCCESS;
}
