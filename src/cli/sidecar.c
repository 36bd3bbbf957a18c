// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/sidecar.h"

#include "core/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

audyn_status_t
audyn_sidecar_name(audyn_sidecar_t *sidecar, const char *audio_path, audyn_error_t *error)
{
    sidecar->fd = -1;
    const char *ending = strrchr(audio_path, '.');
    const int stem = (int)(ending ? ending - audio_path : (ptrdiff_t)strlen(audio_path));
    const int length =
        snprintf(sidecar->path, sizeof sidecar->path, "%.*s.json", stem, audio_path);
    return length >= 0 && (size_t)length < sizeof sidecar->path
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID, "%s: the name is too long",
                                 audio_path);
}

static audyn_status_t
explain(const char *path, int cause, audyn_error_t *error)
{
    const audyn_status_t status = audyn_status_from_errno(cause);
    switch (cause) {
    case EEXIST:
        return audyn_error_set(
            error, status,
            "%s, where the report would go, exists already and is kept; "
            "choose another name, or replace it with --force",
            path);
    case EAGAIN:
        return audyn_error_set(error, AUDYN_BUSY,
                               "%s, where the report would go, belongs to a recording "
                               "that is going on",
                               path);
    case ENXIO: // a FIFO without a reader
    case ENOTSUP:
        return audyn_error_set(error, AUDYN_EXISTS,
                               "%s, where the report would go, is not an ordinary file",
                               path);
    default:
        return audyn_error_set(error, status,
                               "%s, where the report would go, cannot be written: %s",
                               path, strerror(cause));
    }
}

audyn_status_t
audyn_sidecar_take(audyn_sidecar_t *sidecar, bool force, audyn_error_t *error)
{
    const int flags = O_WRONLY | O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
    const int fd = open(sidecar->path, flags | (force ? 0 : O_EXCL), 0666);
    if (fd < 0) {
        return explain(sidecar->path, errno, error);
    }
    const int cause = audyn_file_lock(fd);
    if (cause) {
        close(fd);
        return explain(sidecar->path, cause, error);
    }
    sidecar->fd = fd;
    return AUDYN_OK;
}

void
audyn_sidecar_release(audyn_sidecar_t *sidecar)
{
    if (sidecar->fd < 0) {
        return;
    }
    // The finished report has taken the place of what was opened, which has no name then.
    struct stat about;
    if (!fstat(sidecar->fd, &about) && about.st_nlink && !about.st_size) {
        unlink(sidecar->path);
    }
    close(sidecar->fd);
    sidecar->fd = -1;
}
