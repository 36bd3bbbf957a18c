// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Audio files of one segment without sidecar or journal.

#ifndef AUDYN_ARCHIVE_RECOVER_STRAY_H
#define AUDYN_ARCHIVE_RECOVER_STRAY_H

#include "archive/recover/recover.h"

/// `base`: where they lie below the archive's directory, without ending; its first folder
/// is the stream.  What they cannot tell is told.
void recover_stray(const audyn_recovery_t *recovery, const char *base);

/// Removes empty files of segments that were just begun behind that at `base`, whose own
/// journals were not on disk yet.  Before anything new is begun.
void recover_begun(const audyn_recovery_t *recovery, const char *base);

#endif
