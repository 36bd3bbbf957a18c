// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/ordinary_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static audyn_status_t
check(int fd, const char *path, const char *what, audyn_error_t *error)
{
    struct stat about = {0};
    if (fd < 0 || fstat(fd, &about)) {
        const int cause = errno;
        return audyn_error_set(error, audyn_status_from_errno(cause),
                               "'%s' cannot be opened: %s", path, strerror(cause));
    }
    if (!S_ISREG(about.st_mode)) {
        return audyn_error_set(
            error, AUDYN_NOT_SUPPORTED, "'%s' is %s; name %s", path,
            S_ISDIR(about.st_mode) ? "a directory" : "a device or a pipe", what);
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_ordinary_file_open(int *fd, const char *path, const char *what,
                         audyn_error_t *error)
{
    // Non-blocking only for the case that it is a FIFO, which then does not hold us up.
    const int opened = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    const audyn_status_t status = check(opened, path, what, error);
    if (status && opened >= 0) {
        close(opened);
    }
    *fd = status ? -1 : opened;
    return status;
}
