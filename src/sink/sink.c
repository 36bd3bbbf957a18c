// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What all sinks share: the choice of the format, and the file.

#include "sink/sink_private.h"

#include "core/directory.h"
#include "core/file_lock.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const audyn_sink_type_t *const types[] = {&audyn_wav_sink, &audyn_flac_sink,
                                                 &audyn_opus_sink};

static const audyn_sink_type_t *
find_type(const char *path)
{
    const char *ending = strrchr(path, '.');
    for (size_t i = 0; ending && i < sizeof types / sizeof *types; ++i) {
        if (strcasecmp(ending, types[i]->ending) == 0) {
            return types[i];
        }
    }
    return NULL;
}

audyn_encoding_t
audyn_sink_encoding(const char *path, uint32_t bits)
{
    const audyn_sink_type_t *type = find_type(path);
    const audyn_encoding_t encoding = bits <= 16   ? AUDYN_PCM16
                                      : bits <= 24 ? AUDYN_PCM24
                                                   : AUDYN_FLOAT32;
    return type && type->encoding < encoding ? type->encoding : encoding;
}

const char *
audyn_sink_encoding_name(const char *path, audyn_encoding_t encoding)
{
    const audyn_sink_type_t *type = find_type(path);
    return type && type->lossy ? type->lossy : audyn_encoding_name(encoding);
}

size_t
audyn_sink_ending_bytes(const char *path)
{
    const audyn_sink_type_t *type = find_type(path);
    return type ? strlen(type->ending) : 0;
}

static audyn_status_t
explain_ending(const char *path, audyn_error_t *error)
{
    char endings[64] = "";
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
        const size_t length = strlen(endings);
        snprintf(endings + length, sizeof endings - length, " %s", types[i]->ending);
    }
    return audyn_error_set(
        error, AUDYN_NOT_SUPPORTED,
        "%s: the file's ending chooses its format, and this is none of:%s", path,
        endings);
}

static audyn_status_t
explain_errno(const char *path, int error_number, audyn_error_t *error)
{
    const audyn_status_t status = audyn_status_from_errno(error_number);
    switch (error_number) {
    case EEXIST:
        return audyn_error_set(error, status,
                               "%s exists already and is kept; choose another name, or "
                               "replace it with --force",
                               path);
    case ENOENT:
    case ENOTDIR:
        return audyn_error_set(error, status,
                               "%s: there is no such directory; create it first", path);
    case EACCES:
    case EPERM:
        return audyn_error_set(
            error, status,
            "%s: no permission to write here; check the owner and mode "
            "of the directory, and of the file if it exists",
            path);
    case EISDIR:
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s is a directory; name a file in it", path);
    case EAGAIN:
        return audyn_error_set(error, AUDYN_BUSY,
                               "%s is being recorded by another program", path);
    case ENXIO: // a FIFO without a reader
    case ENOTSUP:
        return audyn_error_set(
            error, AUDYN_NOT_SUPPORTED,
            "%s is not an ordinary file, and only those can be recorded", path);
    default:
        return audyn_error_set(error, status, "%s cannot be written: %s", path,
                               strerror(error_number));
    }
}

// Returns 0 or an errno value.  A file that is there already is not changed before
// begin(), so that a recording that never starts costs nobody the previous one.
static int
open_file(audyn_sink_t *sink, bool overwrite)
{
    // Not to wait for the reader of a FIFO; no effect on files.
    const int flags = O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    sink->fd = open(sink->path, flags | O_EXCL, 0666);
    sink->created = sink->fd >= 0;
    sink->named = !sink->created;
    if (sink->fd < 0 && errno == EEXIST && overwrite) {
        sink->fd = open(sink->path, flags, 0666);
    }
    if (sink->fd < 0) {
        return errno;
    }
    return audyn_file_lock(sink->fd);
}

static void
free_sink(audyn_sink_t *sink)
{
    free(sink->path);
    sink->type->destroy(sink);
}

audyn_status_t
audyn_sink_check(const char *path, const audyn_sink_config_t *config,
                 audyn_error_t *error)
{
    const audyn_sink_type_t *type = find_type(path);
    if (!type) {
        return explain_ending(path, error);
    }
    audyn_sink_t *sink;
    const audyn_status_t status = type->create(&sink, config, error);
    if (!status) {
        type->destroy(sink);
    }
    return status;
}

audyn_status_t
audyn_sink_open(audyn_sink_t **out, const char *path, const audyn_sink_config_t *config,
                audyn_error_t *error)
{
    *out = NULL;
    const audyn_sink_type_t *type = find_type(path);
    if (!type) {
        return explain_ending(path, error);
    }
    audyn_sink_t *sink;
    audyn_status_t status = type->create(&sink, config, error);
    if (status) {
        return status;
    }
    const size_t path_bytes = strlen(path) + 1;
    *sink = (audyn_sink_t){
        .type = type,
        .fd = -1,
        .path = malloc(path_bytes),
        .sidecar = config->sidecar,
    };
    if (!sink->path) {
        status = audyn_error_set(error, AUDYN_NO_MEMORY, "%s: out of memory", path);
        goto fail;
    }
    memcpy(sink->path, path, path_bytes);
    const int error_number = open_file(sink, config->overwrite);
    if (error_number) {
        status = explain_errno(path, error_number, error);
        goto fail;
    }
    if (sink->created && (status = sink->type->start(sink))) {
        audyn_error_set(error, status, "%s cannot be written: %s", path,
                        audyn_strerror(status));
        goto fail;
    }
    *out = sink;
    return AUDYN_OK;
fail:
    audyn_sink_discard(sink);
    return status;
}

void
audyn_sink_observe(audyn_sink_t *sink, const audyn_sink_observer_t *observer)
{
    assert(!sink->begun);
    sink->observer = *observer;
}

void
audyn_sink_tell(const audyn_sink_t *sink, uint64_t offset, const void *bytes,
                uint64_t size)
{
    if (sink->observer.tell && size) {
        sink->observer.tell(sink->observer.context, offset, bytes, size);
    }
}

audyn_status_t
audyn_sink_begin(audyn_sink_t *sink, const audyn_sink_start_t *start)
{
    assert(!sink->begun);
    sink->begun = true;
    const audyn_status_t status = sink->type->begin(sink, start);
    sink->ours = !status || sink->created;
    if (!status && sink->sidecar && truncate(sink->sidecar, 0) && errno != ENOENT) {
        return audyn_status_from_errno(errno);
    }
    return status;
}

audyn_status_t
audyn_sink_write(audyn_sink_t *sink, const float *samples, size_t sample_frames)
{
    assert(sink->begun && !sink->finished);
    return sink->type->write(sink, samples, sample_frames);
}

audyn_status_t
audyn_sink_write_silence(audyn_sink_t *sink, uint64_t sample_frames)
{
    assert(sink->begun && !sink->finished);
    return sink->type->write_silence(sink, sample_frames);
}

bool
audyn_sink_can_copy(const audyn_sink_t *sink)
{
    return sink->type->copy;
}

audyn_status_t
audyn_sink_copy(audyn_sink_t *sink, int fd, uint64_t offset, uint64_t sample_frames)
{
    assert(sink->begun && !sink->finished);
    return sink->type->copy ? sink->type->copy(sink, fd, offset, sample_frames)
                            : AUDYN_NOT_SUPPORTED;
}

audyn_status_t
audyn_sink_flush(audyn_sink_t *sink)
{
    assert(!sink->flushed && !sink->finished);
    sink->flushed = true;
    return sink->ours ? sink->type->flush(sink) : AUDYN_OK;
}

// The content is on disk before its name is, as far as that is ours to say.
audyn_status_t
audyn_sink_sync(audyn_sink_t *sink)
{
    if (TEMP_FAILURE_RETRY(fdatasync(sink->fd))) {
        return audyn_status_from_errno(errno);
    }
    if (!sink->named) {
        const int error_number = audyn_directory_sync_for(sink->path);
        if (error_number) {
            return audyn_status_from_errno(error_number);
        }
        sink->named = true;
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_sink_commit(audyn_sink_t *sink, audyn_status_t synced, bool finished)
{
    assert(sink->flushed);
    sink->flushed = false;
    sink->finished = finished;
    return sink->ours ? sink->type->commit(sink, synced, finished) : synced;
}

uint64_t
audyn_sink_sample_frames(const audyn_sink_t *sink)
{
    return sink->type->sample_frames(sink);
}

// Nothing is lost that can be kept: what fails is told, and the rest is done.
static audyn_status_t
finish(audyn_sink_t *sink)
{
    audyn_sink_flush(sink);
    const audyn_status_t status = audyn_sink_commit(sink, audyn_sink_sync(sink), true);
    const audyn_status_t synced = audyn_sink_sync(sink);
    return status ? status : synced;
}

audyn_status_t
audyn_sink_close(audyn_sink_t *sink)
{
    if (!sink) {
        return AUDYN_OK;
    }
    audyn_status_t status = sink->ours && !sink->finished ? finish(sink) : AUDYN_OK;
    if (close(sink->fd) && !status) {
        status = audyn_status_from_errno(errno);
    }
    free_sink(sink);
    return status;
}

void
audyn_sink_discard(audyn_sink_t *sink)
{
    if (!sink) {
        return;
    }
    if (sink->created) {
        unlink(sink->path);
    }
    if (sink->fd >= 0) {
        close(sink->fd);
    }
    free_sink(sink);
}

audyn_status_t
audyn_sink_write_at(int fd, const void *bytes, size_t size, uint64_t offset, size_t *done)
{
    *done = 0;
    while (*done < size) {
        const ssize_t n = pwrite(fd, (const char *)bytes + *done, size - *done,
                                 (off_t)(offset + *done));
        if (n > 0) {
            *done += (size_t)n;
        } else if (n == 0 || errno != EINTR) {
            return n == 0 ? AUDYN_IO : audyn_status_from_errno(errno);
        }
    }
    return AUDYN_OK;
}
