// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// All that lies in an archive, and what is not known of it.

#ifndef AUDYN_ARCHIVE_RECOVER_SCAN_H
#define AUDYN_ARCHIVE_RECOVER_SCAN_H

#include "archive/recover/recover.h"

/// Removes what interrupted writes have left, and makes entries for audio that has none,
/// as far as its own metadata says when it was.
audyn_status_t recover_scan(const audyn_recovery_t *recovery, audyn_error_t *error);

#endif
