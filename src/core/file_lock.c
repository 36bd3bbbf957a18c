// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

int
audyn_file_lock(int fd)
{
    struct stat status;
    if (fstat(fd, &status)) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return ENOTSUP;
    }
    struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
    const bool locked = fcntl(fd, F_OFD_SETLK, &lock) == 0;
    return locked || (errno != EAGAIN && errno != EACCES) ? 0 : EAGAIN;
}
