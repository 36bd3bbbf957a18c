// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#define DIRECTORIES_OPEN 16 // while one is removed

int
audyn_directory_make_for(const char *path)
{
    char directory[PATH_MAX];
    if (strlen(path) >= sizeof directory) {
        return ENAMETOOLONG;
    }
    strcpy(directory, path);
    for (char *slash = directory; (slash = strchr(slash + 1, '/'));) {
        *slash = '\0';
        if (mkdir(directory, 0777) && errno != EEXIST) {
            return errno;
        }
        *slash = '/';
    }
    return 0;
}

int
audyn_directory_sync_for(const char *path)
{
    char directory[PATH_MAX] = ".";
    const char *slash = strrchr(path, '/');
    if (slash) {
        // The slash stays, so that "/file.wav" has a directory too.
        snprintf(directory, sizeof directory, "%.*s", (int)(slash + 1 - path), path);
    }
    const int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return errno;
    }
    // Some file systems have no use for it, and say so.
    const int cause = fsync(fd) && errno != EINVAL && errno != ENOTSUP ? errno : 0;
    close(fd);
    return cause;
}

int
audyn_directory_sync_below(const char *path, size_t root_length)
{
    char above[PATH_MAX];
    snprintf(above, sizeof above, "%s", path);
    int cause = 0;
    for (char *slash; !cause && (slash = strrchr(above, '/')) > above + root_length;) {
        *slash = '\0';
        cause = audyn_directory_sync_for(above);
    }
    return cause;
}

static int
remove_one(const char *path, const struct stat *about, int kind, struct FTW *place)
{
    (void)about;
    (void)kind;
    (void)place;
    remove(path);
    return 0;
}

void
audyn_directory_remove(const char *path)
{
    nftw(path, remove_one, DIRECTORIES_OPEN, FTW_DEPTH | FTW_PHYS);
}

uint64_t
audyn_directory_room(const char *path)
{
    struct statvfs about;
    return statvfs(path, &about) ? UINT64_MAX : (uint64_t)about.f_bavail * about.f_frsize;
}

bool
audyn_directory_is_below(const char *path)
{
    bool below = true;
    for (const char *name = path; name && below;) {
        const size_t size = strcspn(name, "/");
        below = size > 2 || strncmp(name, "..", size) != 0;
        name = name[size] ? name + size + 1 : NULL;
    }
    return below;
}
