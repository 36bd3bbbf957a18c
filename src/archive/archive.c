// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/archive.h"

#include "core/directory.h"
#include "core/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audyn_archive {
    char *path;
    audyn_archive_settings_t settings;
    int lock_fd; // -1: not locked
};

static audyn_status_t
cannot(const char *path, int cause, audyn_error_t *error)
{
    if (cause == EAGAIN) {
        return audyn_error_set(error, AUDYN_BUSY,
                               "the archive %s is being recorded to by another process; "
                               "end that first, or choose another directory",
                               path);
    }
    return audyn_error_set(error, audyn_status_from_errno(cause),
                           "the archive %s cannot be used: %s", path, strerror(cause));
}

// Returns 0 or an errno value.
static int
lock(audyn_archive_t *archive)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/.audyn/recording.lock", archive->path) >=
        (int)sizeof path) {
        return ENAMETOOLONG;
    }
    const int cause = audyn_directory_make_for(path);
    if (cause) {
        return cause;
    }
    archive->lock_fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    return archive->lock_fd < 0 ? errno : audyn_file_lock(archive->lock_fd);
}

static void
cut_slashes(char *path)
{
    for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';) {
        path[--length] = '\0';
    }
}

audyn_status_t
audyn_archive_open(audyn_archive_t **out, const char *path,
                   const audyn_archive_settings_t *settings, audyn_error_t *error)
{
    *out = NULL;
    if (access(path, F_OK)) {
        return cannot(path, errno, error);
    }
    audyn_archive_t *archive = calloc(1, sizeof *archive);
    if (!archive) {
        return cannot(path, ENOMEM, error);
    }
    archive->lock_fd = -1;
    archive->settings = *settings;
    archive->path = strdup(path);
    int cause = ENOMEM;
    if (archive->path) {
        cut_slashes(archive->path);
        cause = lock(archive);
    }
    if (cause) {
        audyn_archive_close(archive);
        return cannot(path, cause, error);
    }
    *out = archive;
    return AUDYN_OK;
}

const audyn_archive_settings_t *
audyn_archive_settings(const audyn_archive_t *archive)
{
    return &archive->settings;
}

const char *
audyn_archive_path(const audyn_archive_t *archive)
{
    return archive->path;
}

void
audyn_archive_close(audyn_archive_t *archive)
{
    if (archive) {
        if (archive->lock_fd >= 0) {
            close(archive->lock_fd);
        }
        free(archive->path);
        free(archive);
    }
}
