// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/archive.h"

#include "archive/archive_lock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audyn_archive {
    char *path;
    audyn_archive_settings_t settings;
    int lock_fd; // -1: not locked
};

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
    audyn_archive_t *archive = calloc(1, sizeof *archive);
    if (!archive) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for an archive");
    }
    archive->lock_fd = -1;
    archive->settings = *settings;
    archive->path = strdup(path);
    audyn_status_t status =
        audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for an archive");
    if (archive->path) {
        cut_slashes(archive->path);
        status = audyn_archive_lock(&archive->lock_fd, archive->path, error);
    }
    if (status) {
        audyn_archive_close(archive);
        return status;
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
