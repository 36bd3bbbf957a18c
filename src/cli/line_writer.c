// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/line_writer.h"

#include "core/clock.h"
#include "core/thread.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

// So that a reader who takes a little at a time is seen to.
#define PIECE_BYTES 4096

struct line {
    struct line *next;
    size_t size;
    char text[]; // its newline, but no NUL
};

struct audyn_line_writer {
    int fd;
    size_t room;
    pthread_t thread;

    // Guards what follows; free while the thread writes.
    pthread_mutex_t mutex;
    pthread_cond_t wanted; // there is a line, or the end
    pthread_cond_t moved;  // something was taken, or the thread has ended
    struct line *first, **end;
    size_t waiting; // bytes of the lines, the one that is being written included
    uint64_t taken; // bytes
    bool ending, ended;
    bool abandoned;        // by everybody but the thread, which may wait for ever
    audyn_status_t status; // why nothing is written any more
};

// Holding the mutex, as write_all().
static void
write_line(audyn_line_writer_t *writer, const struct line *line)
{
    for (size_t done = 0; done < line->size && !writer->status;) {
        pthread_mutex_unlock(&writer->mutex);
        const size_t left = line->size - done;
        const ssize_t taken =
            write(writer->fd, line->text + done, left < PIECE_BYTES ? left : PIECE_BYTES);
        const int cause = errno;
        pthread_mutex_lock(&writer->mutex);
        if (taken > 0) {
            done += (size_t)taken;
            writer->taken += (uint64_t)taken;
            pthread_cond_signal(&writer->moved);
        } else if (taken == 0 || cause != EINTR) {
            writer->status = taken ? audyn_status_from_errno(cause) : AUDYN_IO;
        }
    }
}

static void
write_all(audyn_line_writer_t *writer)
{
    while (writer->first) {
        struct line *line = writer->first;
        write_line(writer, line);
        writer->first = line->next;
        if (!line->next) {
            writer->end = &writer->first;
        }
        writer->waiting -= line->size;
        free(line);
    }
}

static void
init_locking(audyn_line_writer_t *writer)
{
    pthread_mutex_init(&writer->mutex, NULL);
    pthread_cond_init(&writer->wanted, NULL);
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&writer->moved, &attributes);
    pthread_condattr_destroy(&attributes);
}

static void
destroy(audyn_line_writer_t *writer)
{
    while (writer->first) {
        struct line *line = writer->first;
        writer->first = line->next;
        free(line);
    }
    pthread_cond_destroy(&writer->wanted);
    pthread_cond_destroy(&writer->moved);
    pthread_mutex_destroy(&writer->mutex);
    free(writer);
}

static void *
run(void *argument)
{
    audyn_line_writer_t *writer = argument;
    pthread_mutex_lock(&writer->mutex);
    while (writer->first || !writer->ending) {
        write_all(writer);
        if (!writer->ending) {
            pthread_cond_wait(&writer->wanted, &writer->mutex);
        }
    }
    writer->ended = true;
    pthread_cond_signal(&writer->moved);
    const bool abandoned = writer->abandoned;
    pthread_mutex_unlock(&writer->mutex);
    if (abandoned) {
        destroy(writer);
    }
    return NULL;
}

audyn_status_t
audyn_line_writer_start(audyn_line_writer_t **out, int fd, size_t room)
{
    *out = NULL;
    audyn_line_writer_t *writer = calloc(1, sizeof *writer);
    if (!writer) {
        return AUDYN_NO_MEMORY;
    }
    writer->fd = fd;
    writer->room = room;
    writer->end = &writer->first;
    init_locking(writer);
    const int error = audyn_thread_create(&writer->thread, NULL, run, writer);
    if (error) {
        destroy(writer);
        return audyn_status_from_errno(error);
    }
    pthread_setname_np(writer->thread, "audyn-lines");
    *out = writer;
    return AUDYN_OK;
}

static bool
put(audyn_line_writer_t *writer, const char *text, size_t room)
{
    const size_t size = strlen(text) + 1;
    struct line *line = malloc(sizeof *line + size);
    if (!line) {
        return false;
    }
    line->next = NULL;
    line->size = size;
    memcpy(line->text, text, size - 1);
    line->text[size - 1] = '\n';
    pthread_mutex_lock(&writer->mutex);
    const bool fits =
        !writer->status && writer->waiting <= room && size <= room - writer->waiting;
    if (fits) {
        *writer->end = line;
        writer->end = &line->next;
        writer->waiting += size;
        pthread_cond_signal(&writer->wanted);
    }
    pthread_mutex_unlock(&writer->mutex);
    if (!fits) {
        free(line);
    }
    return fits;
}

bool
audyn_line_writer_put(audyn_line_writer_t *writer, const char *line)
{
    return put(writer, line, writer->room);
}

// Until it has ended, or has moved nothing for that long.  Returns whether it has ended.
static bool
wait_for_end(audyn_line_writer_t *writer, int64_t patience_ns)
{
    const audyn_clock_t *clock = audyn_clock_system();
    uint64_t taken = UINT64_MAX;
    while (!writer->ended && taken != writer->taken) {
        taken = writer->taken;
        const int64_t until_ns = clock->monotonic_ns(clock) + patience_ns;
        const struct timespec until = {.tv_sec = until_ns / AUDYN_NS_PER_SECOND,
                                       .tv_nsec = until_ns % AUDYN_NS_PER_SECOND};
        int error = 0;
        while (!writer->ended && taken == writer->taken && !error) {
            error = pthread_cond_timedwait(&writer->moved, &writer->mutex, &until);
        }
    }
    return writer->ended;
}

audyn_status_t
audyn_line_writer_finish(audyn_line_writer_t *writer, const char *last,
                         int64_t patience_ns)
{
    if (!writer) {
        return AUDYN_OK;
    }
    const bool kept = !last || put(writer, last, SIZE_MAX);
    pthread_mutex_lock(&writer->mutex);
    writer->ending = true;
    pthread_cond_signal(&writer->wanted);
    const bool ended = wait_for_end(writer, patience_ns);
    if (!ended) {
        pthread_detach(writer->thread);
        writer->abandoned = true;
        writer->status = AUDYN_BUSY;
    }
    pthread_mutex_unlock(&writer->mutex);
    if (!ended) {
        return AUDYN_BUSY;
    }
    pthread_join(writer->thread, NULL);
    const audyn_status_t status =
        writer->status || kept ? writer->status : AUDYN_NO_MEMORY;
    destroy(writer);
    return status;
}
