// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The files of an archive that may be entries, by their names below it.

#ifndef AUDYN_ARCHIVE_ENTRY_WALK_H
#define AUDYN_ARCHIVE_ENTRY_WALK_H

#include "archive/entry.h"

/// `path` is below the archive's directory.  A failure ends the walk.
typedef audyn_status_t audyn_entry_visit_t(void *context, const char *path);

/// All below `folder`, itself below the archive, in the order of names, without looking
/// into any; "" is the archive, but for `.audyn`.  Goes on where a folder cannot be read,
/// and fails in the end; one that is not there has none.
audyn_status_t audyn_entry_walk(const char *archive, const char *folder,
                                audyn_entry_visit_t *visit, void *context);

/// As audyn_entry_read(), of the file at `path` below the archive's directory.
audyn_status_t audyn_entry_read_below(audyn_entry_t *entry, const char *archive,
                                      const char *path, char sha256[AUDYN_SHA256_TEXT],
                                      audyn_error_t *error);

/// Whether it failed for want of something that there may be later: it is not known
/// whether there is an entry.
bool audyn_entry_may_be_read_later(audyn_status_t status);

#endif
