// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/growing_file.h"

void
audyn_growing_file_fail(audyn_growing_file_t *file, audyn_status_t status)
{
    if (!file->status) {
        file->status = status;
    }
}

bool
audyn_growing_file_flush(audyn_growing_file_t *file, bool begun, bool ended)
{
    const bool needed = begun || !file->placed;
    if (!needed || file->completion == AUDYN_FILE_COMPLETE) {
        return false;
    }
    file->placed = true;
    if (file->completion == AUDYN_FILE_GROWING) {
        audyn_growing_file_fail(file, audyn_sink_flush(file->sink));
        file->completion = ended ? AUDYN_FILE_FLUSHED : AUDYN_FILE_GROWING;
    }
    file->syncing = true;
    return true;
}

void
audyn_growing_file_sync(audyn_growing_file_t *file)
{
    if (file->syncing) {
        file->synced = audyn_sink_sync(file->sink);
    }
}

void
audyn_growing_file_commit(audyn_growing_file_t *file)
{
    if (!file->syncing) {
        return;
    }
    file->syncing = false;
    audyn_status_t status = file->synced;
    if (file->completion == AUDYN_FILE_FINISHED) {
        file->completion = AUDYN_FILE_COMPLETE;
    } else {
        const bool finished = file->completion == AUDYN_FILE_FLUSHED;
        status = audyn_sink_commit(file->sink, status, finished);
        file->completion = finished ? AUDYN_FILE_FINISHED : AUDYN_FILE_GROWING;
    }
    audyn_growing_file_fail(file, status);
}
