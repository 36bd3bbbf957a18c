// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// After a crash: segments whose recorder never came to write their sidecar get one, of
/// the samples that are there, and what was left half done is done or undone.  Killed at
/// any moment and done again it comes to the same.

#ifndef AUDYN_ARCHIVE_RECOVER_H
#define AUDYN_ARCHIVE_RECOVER_H

#include "archive/chain.h"

#include <stdatomic.h>

/// What was done, of which `text` tells people.
typedef struct {
    enum {
        AUDYN_RECOVERED_FILE,    ///< an audio file was made whole
        AUDYN_RECOVERED_SEGMENT, ///< it has a sidecar now, at `path`
        AUDYN_RECOVERED_ENTRY,   ///< the catalog knows it now
        AUDYN_RECOVERED_NOTHING, ///< removed, since nothing was recorded in it
        AUDYN_NOT_RECOVERED,     ///< left as it is
    } kind;
    const char *path;                 ///< below the archive's directory
    const char *text;                 ///< a sentence that names the path
    uint64_t position, sample_frames; ///< of a segment; a file has so many
    uint64_t cut_bytes;               ///< of a file
} audyn_recovered_t;

/// Borrowed.  The archive has no recorder but the caller.
typedef struct {
    audyn_chain_t *chain;
    void (*tell)(void *context, const audyn_recovered_t *what);
    void *context;
} audyn_recovery_t;

/// What the journals tell of, after the catalog has caught up with the entries that are
/// there: takes as long as reading those segments does, and the names of all files.  What
/// cannot be recovered is told, left, and no failure.
audyn_status_t audyn_recover_journals(const audyn_recovery_t *recovery,
                                      audyn_error_t *error);

typedef struct audyn_background_recovery audyn_background_recovery_t;

/// The same, on a thread of its own, which tells: of those journals that are there now.
/// Sidecars that follow them in their chains have to wait until it is done.  On failure
/// `*out` is NULL.
audyn_status_t audyn_recover_in_background(audyn_background_recovery_t **out,
                                           const audyn_recovery_t *recovery,
                                           audyn_error_t *error);

/// Any thread.  All is recovered that can be.  NULL is done.
bool audyn_background_recovery_is_done(audyn_background_recovery_t *background);

/// Any thread.  Ends it as soon as may be, wherever it is; the next recovery goes on
/// there.  Accepts NULL.
void audyn_background_recovery_stop(audyn_background_recovery_t *background);

/// Any thread.  It was stopped before it was done, and never will be.
bool audyn_background_recovery_is_stopped(audyn_background_recovery_t *background);

/// Any thread.  Returns once it is done, or stopped.  Accepts NULL.
void audyn_background_recovery_wait(audyn_background_recovery_t *background);

/// Waits for that, and frees it.  Accepts NULL.
void audyn_background_recovery_end(audyn_background_recovery_t *background);

/// All that is in the archive: also audio without sidecar or journal, and what
/// interrupted writes have left.
audyn_status_t audyn_recover_archive(const audyn_recovery_t *recovery,
                                     audyn_error_t *error);

#endif
