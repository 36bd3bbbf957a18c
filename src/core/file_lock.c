// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

static int
lock_with(int fd, short type, int command)
{
    struct stat status;
    if (fstat(fd, &status)) {
        return errno;
    }
    if (!S_ISREG(status.st_mode)) {
        return ENOTSUP;
    }
    struct flock lock = {.l_type = type, .l_whence = SEEK_SET};
    const bool locked = TEMP_FAILURE_RETRY(fcntl(fd, command, &lock)) == 0;
    return locked || (errno != EAGAIN && errno != EACCES) ? 0 : EAGAIN;
}

int
audyn_file_lock(int fd)
{
    return lock_with(fd, F_WRLCK, F_OFD_SETLK);
}

int
audyn_file_lock_wait(int fd)
{
    return lock_with(fd, F_WRLCK, F_OFD_SETLKW);
}

int
audyn_file_lock_shared(int fd)
{
    return lock_with(fd, F_RDLCK, F_OFD_SETLKW);
}

bool
audyn_file_is_locked(int fd)
{
    struct flock lock = {.l_type = F_RDLCK, .l_whence = SEEK_SET};
    return !fcntl(fd, F_OFD_GETLK, &lock) && lock.l_type != F_UNLCK;
}
