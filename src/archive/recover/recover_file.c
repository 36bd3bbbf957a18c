// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/recover/recover_file_private.h"

#include "core/file_lock.h"
#include "sink/sink_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FORMATS 3

static audyn_status_t
cannot(recover_file_t *file, const char *done, audyn_status_t status)
{
    return status ? audyn_error_set(file->error, status, "%s cannot be %s: %s",
                                    file->path, done, audyn_strerror(status))
                  : AUDYN_OK;
}

void
recover_comment(recover_file_t *file, const char *key, const char *value)
{
    audyn_recovered_file_t *out = file->out;
    if (!strcasecmp(key, "DATE")) {
        snprintf(out->date, sizeof out->date, "%s", value);
    } else if (!strcasecmp(key, "POSITION")) {
        char *end;
        errno = 0;
        out->position = strtoull(value, &end, 10);
        out->has_position = *value >= '0' && *value <= '9' && !*end && !errno;
    }
}

audyn_status_t
audyn_recover_go_on(const atomic_bool *stop, audyn_error_t *error)
{
    return stop && atomic_load(stop)
               ? audyn_error_set(error, AUDYN_BUSY, "the recovery was stopped")
               : AUDYN_OK;
}

audyn_status_t
recover_read(recover_file_t *file, void *bytes, size_t size, uint64_t offset, size_t *got)
{
    *got = 0;
    const audyn_status_t status = audyn_recover_go_on(file->limits.stop, file->error);
    if (status) {
        return status;
    }
    while (*got < size) {
        const ssize_t n = TEMP_FAILURE_RETRY(
            pread(file->fd, (char *)bytes + *got, size - *got, (off_t)(offset + *got)));
        if (n <= 0) {
            return n ? cannot(file, "read", audyn_status_from_errno(errno)) : AUDYN_OK;
        }
        *got += (size_t)n;
    }
    return AUDYN_OK;
}

audyn_status_t
recover_sync(recover_file_t *file)
{
    return cannot(file, "put on disk",
                  fdatasync(file->fd) ? audyn_status_from_errno(errno) : AUDYN_OK);
}

audyn_status_t
recover_end_at(recover_file_t *file, uint64_t end)
{
    audyn_recovered_file_t *out = file->out;
    if (end == out->bytes) {
        return AUDYN_OK;
    }
    if (end < out->bytes && out->bytes - end > file->limits.most_cut) {
        return audyn_error_set(file->error, AUDYN_BAD_DATA,
                               "%s is damaged from byte %llu on, and is left as it is: "
                               "%llu bytes follow, more than an interrupted recorder "
                               "leaves",
                               file->path, (unsigned long long)end,
                               (unsigned long long)(out->bytes - end));
    }
    if (TEMP_FAILURE_RETRY(ftruncate(file->fd, (off_t)end))) {
        return cannot(file, "repaired", audyn_status_from_errno(errno));
    }
    out->cut_bytes += end < out->bytes ? out->bytes - end : 0;
    out->bytes = end;
    out->changed = true;
    return recover_sync(file);
}

audyn_status_t
recover_write(recover_file_t *file, const void *bytes, size_t size, uint64_t offset)
{
    size_t done;
    const audyn_status_t status =
        audyn_sink_write_at(file->fd, bytes, size, offset, &done);
    file->out->changed |= done > 0;
    return status ? cannot(file, "repaired", status) : recover_sync(file);
}

audyn_status_t
recover_refuse(recover_file_t *file, const char *what)
{
    return audyn_error_set(file->error, AUDYN_BAD_DATA, "%s: %s", file->path, what);
}

audyn_status_t
recover_check_origin(recover_file_t *file)
{
    return file->out->has_position
               ? AUDYN_OK
               : recover_refuse(file, "it does not say which sample its first one is: "
                                      "another program has made it, or changed it");
}

static audyn_status_t
open_file(recover_file_t *file)
{
    struct stat about = {0};
    file->fd = open(file->path, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    const int cause =
        file->fd < 0 || fstat(file->fd, &about) ? errno : audyn_file_lock(file->fd);
    if (cause == EAGAIN) {
        return audyn_error_set(file->error, AUDYN_BUSY,
                               "%s is being recorded by another program", file->path);
    }
    if (cause == ELOOP) {
        return audyn_error_set(file->error, AUDYN_INVALID,
                               "%s is a symbolic link; it is left as it is, and so is "
                               "the file that it leads to",
                               file->path);
    }
    if (cause) {
        return cannot(file, "repaired", audyn_status_from_errno(cause));
    }
    file->out->bytes = (uint64_t)about.st_size;
    return AUDYN_OK;
}

audyn_status_t
audyn_recover_file(const char *path, const audyn_recover_limits_t *limits,
                   audyn_recovered_file_t *out, audyn_error_t *error)
{
    static const struct {
        const char *ending;
        audyn_status_t (*recover)(recover_file_t *file);
    } formats[FORMATS] = {
        {".wav", recover_wav}, {".flac", recover_flac}, {".opus", recover_opus}};
    *out = (audyn_recovered_file_t){.rate_numerator = 1, .rate_denominator = 1};
    recover_file_t file = {
        .path = path, .fd = -1, .limits = *limits, .out = out, .error = error};
    const char *ending = strrchr(path, '.');
    size_t i = 0;
    while (ending && i < FORMATS && strcasecmp(ending, formats[i].ending) != 0) {
        ++i;
    }
    if (!ending || i == FORMATS) {
        return recover_refuse(&file, "this is no audio file");
    }
    audyn_status_t status = open_file(&file);
    if (!status) {
        status = formats[i].recover(&file);
    }
    if (file.fd >= 0) {
        close(file.fd);
    }
    return status;
}
