// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Whether a catalog says what the entries say: another one is made of these, in memory
/// and a temporary file, and held against it.

#ifndef AUDYN_ARCHIVE_CATALOG_COMPARE_H
#define AUDYN_ARCHIVE_CATALOG_COMPARE_H

#include "archive/catalog/catalog.h"

/// An empty catalog of no archive, gone once it is closed.
audyn_status_t audyn_catalog_create_mirror(audyn_catalog_t **out, audyn_error_t *error);

/// Only tombstones and releases must come after what they are about.  What cannot have a
/// place beside the others is left out.
audyn_status_t audyn_catalog_mirror(audyn_catalog_t *mirror, const audyn_entry_t *entry,
                                    const char *path, const char *sha256);

/// Calls `differs` with the sequence of an entry, and what the catalog has of it, as in
/// "other files of it", once for each of its tables.  Entries of the stream from `end` on
/// and what they say of earlier ones are left out.
audyn_status_t audyn_catalog_compare(
    audyn_catalog_t *catalog, audyn_catalog_t *mirror, const char *stream, uint64_t end,
    void (*differs)(void *context, uint64_t sequence, const char *what), void *context);

/// Reads all of it: AUDYN_BAD_DATA where tables and indices are not whole, or streams are
/// not what their segments make them.
audyn_status_t audyn_catalog_check(audyn_catalog_t *catalog);

#endif
