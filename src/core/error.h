// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What went wrong, in words for a person: what happened, where, what to do.

#ifndef AUDYN_CORE_ERROR_H
#define AUDYN_CORE_ERROR_H

#include <audyn/status.h>

typedef struct {
    char text[512]; ///< no newline at the end; empty where nothing was said
} audyn_error_t;

/// Writes the sentence and returns `status`, so that a failing function can end with
/// `return audyn_error_set(error, AUDYN_NOT_FOUND, "…", …);`.  `error` may be NULL.
audyn_status_t audyn_error_set(audyn_error_t *error, audyn_status_t status,
                               const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
