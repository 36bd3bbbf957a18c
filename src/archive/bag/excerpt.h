// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What is said of an archive that has only some entries of one stream's chain: the
/// payload of a package.  doc/archive-format.md.

#ifndef AUDYN_ARCHIVE_EXCERPT_H
#define AUDYN_ARCHIVE_EXCERPT_H

#include "archive/entry.h"

#define AUDYN_EXCERPT_FILE ".audyn/excerpt.json"
#define AUDYN_EXCERPT_VERSION 1

/// All zero: the archive is none.
typedef struct {
    char stream[AUDYN_ENTRY_NAME];
    uint64_t *entries; ///< sequences in order, owned
    size_t count;
} audyn_excerpt_t;

/// Leaves it all zero where the archive is none.  Fails where the file says no such
/// thing; to be finished all the same.
audyn_status_t audyn_excerpt_read(audyn_excerpt_t *excerpt, const char *archive,
                                  audyn_error_t *error);

bool audyn_excerpt_has(const audyn_excerpt_t *excerpt, uint64_t sequence);

/// Harmless where all is zero, or when repeated.
void audyn_excerpt_finish(audyn_excerpt_t *excerpt);

#endif
