// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What comes out of an archive may not come to lie among its own files.

#ifndef AUDYN_ARCHIVE_OUTSIDE_H
#define AUDYN_ARCHIVE_OUTSIDE_H

#include "core/error.h"

/// Whether `path`, which need not be there yet, would lie in a directory outside of
/// `archive`.  Fails with AUDYN_INVALID where it would not.  Where one of them is not to
/// be found it succeeds: who opens it says so.
audyn_status_t audyn_archive_check_outside(const char *archive, const char *path,
                                           audyn_error_t *error);

#endif
