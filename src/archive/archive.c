// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/archive.h"

#include "archive/archive_lock.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audyn_archive {
    audyn_chain_t *chain;
    audyn_archive_settings_t settings;
    int lock_fd; // -1: not locked
};

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
    audyn_status_t status = audyn_archive_lock(&archive->lock_fd, path, error);
    if (!status) {
        status = audyn_chain_open(&archive->chain, path, settings->key, error);
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
    return audyn_chain_path(archive->chain);
}

audyn_chain_t *
audyn_archive_chain(const audyn_archive_t *archive)
{
    return archive->chain;
}

void
audyn_archive_close(audyn_archive_t *archive)
{
    if (archive) {
        if (archive->lock_fd >= 0) {
            close(archive->lock_fd);
        }
        audyn_chain_close(archive->chain);
        free(archive);
    }
}
