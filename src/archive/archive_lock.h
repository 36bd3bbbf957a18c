// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One process at a time records to an archive, or changes what a recorder has left.

#ifndef AUDYN_ARCHIVE_ARCHIVE_LOCK_H
#define AUDYN_ARCHIVE_ARCHIVE_LOCK_H

#include "core/error.h"

/// `path` is the archive's directory.  The lock goes with `*fd`, which the caller closes.
/// Fails with AUDYN_BUSY where another process has it; `*fd` is -1 then.
audyn_status_t audyn_archive_lock(int *fd, const char *path, audyn_error_t *error);

#endif
