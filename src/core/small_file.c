// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/small_file.h"

#include "core/ordinary_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static audyn_status_t
cannot(const char *what, const char *path, int cause, audyn_error_t *error)
{
    return audyn_error_set(error, audyn_status_from_errno(cause), "'%s' cannot be %s: %s",
                           path, what, strerror(cause));
}

static const char *
kind_of(const struct stat *about)
{
    return S_ISDIR(about->st_mode) ? "a directory" : "a device or a pipe";
}

audyn_status_t
audyn_small_file_read(const char *path, char *text, size_t room, size_t *size,
                      audyn_error_t *error)
{
    *size = 0;
    int fd;
    const audyn_status_t status = audyn_ordinary_file_open(&fd, path, "a file", error);
    if (status) {
        return status;
    }
    ssize_t got;
    do {
        got = read(fd, text + *size, room - *size);
        *size += got > 0 ? (size_t)got : 0;
    } while (got > 0 && *size < room);
    const int cause = got < 0 ? errno : 0;
    close(fd);
    if (cause) {
        return cannot("read", path, cause, error);
    }
    return *size < room ? AUDYN_OK
                        : audyn_error_set(error, AUDYN_TOO_LARGE,
                                          "'%s' is larger than the %zu bytes that such a "
                                          "file may have",
                                          path, room - 1);
}

audyn_status_t
audyn_small_file_load(const char *path, char **text, size_t *size, size_t most,
                      audyn_error_t *error)
{
    *text = NULL;
    *size = 0;
    struct stat about;
    if (stat(path, &about)) {
        return cannot("read", path, errno, error);
    }
    // One more than there is now, to see that it ends there.
    const uint64_t room = (about.st_size > 0 ? (uint64_t)about.st_size : 0) + 1;
    if (room > most) {
        return audyn_error_set(error, AUDYN_TOO_LARGE,
                               "'%s' is larger than the %zu bytes that such a file may "
                               "have",
                               path, most);
    }
    char *bytes = malloc((size_t)room);
    if (!bytes) {
        return cannot("read", path, ENOMEM, error);
    }
    const audyn_status_t status =
        audyn_small_file_read(path, bytes, (size_t)room, size, error);
    if (status) {
        free(bytes);
        return status;
    }
    *text = bytes;
    return AUDYN_OK;
}

// Leaves nothing behind where it fails.  Returns an errno value.
static int
write_new(const char *path, const char *text, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    if (fd < 0) {
        return errno;
    }
    int cause = 0;
    for (size_t left = size; left && !cause;) {
        const ssize_t n = write(fd, text, left);
        cause = n < 0 && errno != EINTR ? errno : 0;
        text += n > 0 ? n : 0;
        left -= n > 0 ? (size_t)n : 0;
    }
    if (!cause && fsync(fd)) {
        cause = errno;
    }
    if (close(fd) && !cause) {
        cause = errno;
    }
    if (cause) {
        unlink(path);
    }
    return cause;
}

audyn_status_t
audyn_small_file_write(const char *path, const char *text, audyn_error_t *error)
{
    return audyn_small_file_write_bytes(path, text, strlen(text), error);
}

audyn_status_t
audyn_small_file_write_bytes(const char *path, const void *bytes, size_t size,
                             audyn_error_t *error)
{
    // Renaming over a device would replace it.
    struct stat about;
    if (!stat(path, &about) && !S_ISREG(about.st_mode)) {
        return audyn_error_set(error, AUDYN_EXISTS,
                               "'%s' cannot be written: %s is in its place; name a file",
                               path, kind_of(&about));
    }
    // In the same directory, with a name that is short whatever that of the file is.
    char part[PATH_MAX];
    const char *slash = strrchr(path, '/');
    const int directory = slash ? (int)(slash + 1 - path) : 0;
    const int length =
        snprintf(part, sizeof part, "%.*s.audyn-%d.part", directory, path, (int)gettid());
    if (length < 0 || (size_t)length >= sizeof part) {
        return cannot("written", path, ENAMETOOLONG, error);
    }
    int cause = write_new(part, bytes, size);
    if (!cause && rename(part, path)) {
        cause = errno;
        unlink(part);
    }
    return cause ? cannot("written", path, cause, error) : AUDYN_OK;
}
