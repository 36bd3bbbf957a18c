// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Files that are read or written whole: descriptions, reports.

#ifndef AUDYN_CORE_SMALL_FILE_H
#define AUDYN_CORE_SMALL_FILE_H

#include "core/error.h"

#include <stddef.h>

/// Reads all of it, `*size` bytes.  Fails with AUDYN_TOO_LARGE where it does not fit,
/// with AUDYN_NOT_SUPPORTED where it is no ordinary file, and with what the system says.
audyn_status_t audyn_small_file_read(const char *path, char *text, size_t room,
                                     size_t *size, audyn_error_t *error);

/// The same, with memory for it, which the caller frees; on failure `*text` is NULL.  It
/// may have `most` bytes.
audyn_status_t audyn_small_file_load(const char *path, char **text, size_t *size,
                                     size_t most, audyn_error_t *error);

/// Puts `text` in the place of what was there: the file is seen either as it was before
/// or complete.  Only an ordinary file is replaced.
audyn_status_t audyn_small_file_write(const char *path, const char *text,
                                      audyn_error_t *error);

/// The same of `size` bytes.
audyn_status_t audyn_small_file_write_bytes(const char *path, const void *bytes,
                                            size_t size, audyn_error_t *error);

#endif
