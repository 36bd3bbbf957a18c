// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A file that grows, and is put on disk again and again while it does: flush, sync and
/// commit, until it has ended and is complete.

#ifndef AUDYN_ARCHIVE_GROWING_FILE_H
#define AUDYN_ARCHIVE_GROWING_FILE_H

#include "sink/sink.h"

/// Start with all zero but `sink`.
typedef struct {
    audyn_sink_t *sink;
    enum {
        AUDYN_FILE_GROWING,
        AUDYN_FILE_FLUSHED,  ///< all samples; their sync is under way
        AUDYN_FILE_FINISHED, ///< the header says so; that is to be synced
        AUDYN_FILE_COMPLETE,
    } completion;
    bool placed;           ///< the first sync, which puts the name on disk, was started
    bool syncing;          ///< a sync is to follow, or done and to be committed
    audyn_status_t synced; ///< how it went; of the thread that syncs until it is done
    audyn_status_t status; ///< the first failure
} audyn_growing_file_t;

/// Notes a failure; the first one counts.
void audyn_growing_file_fail(audyn_growing_file_t *file, audyn_status_t status);

/// `begun`: there are samples; `ended`: there will be no more.  Returns whether there is
/// something to sync.
bool audyn_growing_file_flush(audyn_growing_file_t *file, bool begun, bool ended);

/// Any thread.
void audyn_growing_file_sync(audyn_growing_file_t *file);

void audyn_growing_file_commit(audyn_growing_file_t *file);

#endif
