// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Which stretches of which streams may not be deleted.

#ifndef AUDYN_ARCHIVE_HOLDS_H
#define AUDYN_ARCHIVE_HOLDS_H

#include "archive/catalog/catalog.h"

/// Start with all zero.
typedef struct {
    struct audyn_held *items;
    size_t count;
    audyn_status_t status;
} audyn_holds_t;

/// All that are not released, in the place of what was there.
audyn_status_t audyn_holds_load(audyn_holds_t *holds, audyn_catalog_t *catalog);

/// Whether a hold covers a part of what the file's segment has, by position or by time.
bool audyn_holds_cover(const audyn_holds_t *holds, const audyn_catalog_file_t *file);

/// Harmless where all is zero, or when repeated.
void audyn_holds_finish(audyn_holds_t *holds);

#endif
