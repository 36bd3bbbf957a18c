// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Puts many files on disk at once, each for itself: what one of them waits for, or fails
/// of, is not the others' concern.  See doc/decisions/0006-sync-files-side-by-side.md.

#ifndef AUDYN_RECORDER_SYNCER_H
#define AUDYN_RECORDER_SYNCER_H

#include "archive/output.h"

typedef struct audyn_syncer audyn_syncer_t;

/// The sync of a file that is asked for again and again.  All zero at first; used by one
/// thread, normally the worker, and the syncer.
typedef struct audyn_file_sync {
    audyn_output_t *output; ///< borrowed while the sync is under way
    bool urgent;            ///< somebody waits: tell that it is done
    // Set by the worker, cleared by the syncer, which publishes what the output notes.
    _Atomic bool under_way;
    struct audyn_file_sync *next; // in the syncer's queue
} audyn_file_sync_t;

/// `tell`, which may be NULL, is called on a thread of the syncer after each urgent sync.
/// On failure `*out` is NULL.
audyn_status_t audyn_syncer_create(audyn_syncer_t **out, void (*tell)(void *argument),
                                   void *argument);

/// Worker.  Has audyn_output_sync() called for `sync->output`; none is under way.
void audyn_syncer_start(audyn_syncer_t *syncer, audyn_file_sync_t *sync);

/// Worker.
bool audyn_file_sync_is_under_way(const audyn_file_sync_t *sync);

/// Waits for what is under way.  Accepts NULL.
void audyn_syncer_destroy(audyn_syncer_t *syncer);

#endif
