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
    int lock_fd;                           // -1: not locked
    audyn_background_recovery_t *recovery; // NULL: there is none
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

audyn_status_t
audyn_archive_recover(audyn_archive_t *archive,
                      void (*tell)(void *context, const audyn_recovered_t *what),
                      void *context, audyn_error_t *error)
{
    return audyn_recover_in_background(
        &archive->recovery,
        &(audyn_recovery_t){.chain = archive->chain, .tell = tell, .context = context},
        error);
}

bool
audyn_archive_is_recovered(const audyn_archive_t *archive)
{
    return audyn_background_recovery_is_done(archive->recovery);
}

void
audyn_archive_stop_recovery(const audyn_archive_t *archive)
{
    audyn_background_recovery_stop(archive->recovery);
}

bool
audyn_archive_is_recovery_stopped(const audyn_archive_t *archive)
{
    return audyn_background_recovery_is_stopped(archive->recovery);
}

void
audyn_archive_wait_recovered(const audyn_archive_t *archive)
{
    audyn_background_recovery_wait(archive->recovery);
}

void
audyn_archive_close(audyn_archive_t *archive)
{
    if (archive) {
        audyn_background_recovery_stop(archive->recovery);
        audyn_background_recovery_end(archive->recovery);
        if (archive->lock_fd >= 0) {
            close(archive->lock_fd);
        }
        audyn_chain_close(archive->chain);
        free(archive);
    }
}
