// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/archive_lock.h"

#include "core/directory.h"
#include "core/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// Returns 0 or an errno value.
static int
lock(int *fd, const char *archive)
{
    char path[PATH_MAX];
    if (access(archive, F_OK)) {
        return errno;
    }
    if (snprintf(path, sizeof path, "%s/.audyn/recording.lock", archive) >=
        (int)sizeof path) {
        return ENAMETOOLONG;
    }
    const int cause = audyn_directory_make_for(path);
    if (cause) {
        return cause;
    }
    *fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    return *fd < 0 ? errno : audyn_file_lock(*fd);
}

audyn_status_t
audyn_archive_lock(int *fd, const char *path, audyn_error_t *error)
{
    *fd = -1;
    const int cause = lock(fd, path);
    if (!cause) {
        return AUDYN_OK;
    }
    if (*fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    if (cause == EAGAIN) {
        return audyn_error_set(error, AUDYN_BUSY,
                               "the archive %s is being recorded to by another process; "
                               "end that first, or choose another directory",
                               path);
    }
    return audyn_error_set(error, audyn_status_from_errno(cause),
                           "the archive %s cannot be used: %s", path, strerror(cause));
}
