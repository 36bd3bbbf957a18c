// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One segment without a sidecar.

#ifndef AUDYN_ARCHIVE_RECOVER_SEGMENT_H
#define AUDYN_ARCHIVE_RECOVER_SEGMENT_H

#include "archive/recover/recover.h"
#include "archive/recover/recover_file.h"

#include <limits.h>

typedef struct {
    const audyn_recovery_t *recovery;
    const char *base;     ///< of its files below the archive's directory, without ending
    audyn_entry_t *entry; ///< as in a journal: stream, first sample, files, spans
    uint64_t classified;  ///< what became of the samples before this position is known
    audyn_recover_limits_t limits;
} recover_segment_t;

/// Makes its files whole and its entry complete, and appends that to the chain.  Where it
/// has a sidecar already, that is made known.  Files in which nothing was recorded are
/// removed, a segment of which no file is left is forgotten.  Fails where it is worth
/// trying again.
audyn_status_t recover_segment(recover_segment_t *segment, audyn_error_t *error);

/// "ARCHIVE/PATH"
void recover_path(const audyn_recovery_t *recovery, const char *path, char out[PATH_MAX]);

/// Removes the file at `path` where it is what an interrupted write has left
/// (core/small_file.h).  False where it is none.
bool recover_part(const audyn_recovery_t *recovery, const char *path);

/// Tells of something, in a sentence.
void recover_tell(const audyn_recovery_t *recovery, audyn_recovered_t what,
                  const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
