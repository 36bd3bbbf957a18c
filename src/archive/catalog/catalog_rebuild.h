// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Who may write the catalog, and who may replace it.

#ifndef AUDYN_ARCHIVE_CATALOG_REBUILD_H
#define AUDYN_ARCHIVE_CATALOG_REBUILD_H

#include "archive/catalog/catalog_private.h"

/// Opens `.audyn/catalog.lock`, which those who append share, and who replaces the
/// catalog has alone: see core/file_lock.h.  Returns −1 and sets errno where it cannot be
/// had.
int catalog_open_lock(const char *archive);

/// As audyn_catalog_rebuild(), by who has the lock alone.
audyn_status_t catalog_rebuild_alone(const char *archive,
                                     void (*tell)(void *context, const char *what),
                                     void *context, audyn_error_t *error);

#endif
