// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How the files of one segment go: the tombstone first, then the files.

#ifndef AUDYN_ARCHIVE_RETENTION_DELETE_H
#define AUDYN_ARCHIVE_RETENTION_DELETE_H

#include "archive/retention/retention.h"

/// What is to go of a segment.
typedef struct {
    const char *stream;
    const audyn_input_format_t *format; ///< of the stream
    uint64_t sequence;
    const char *formats[AUDYN_ARCHIVE_FORMATS];
    unsigned format_count;
    const char *why;
} audyn_retention_target_t;

/// Deletes those of its files that are as the catalog knows them, unless a hold covers
/// the segment meanwhile.  `*bytes` is how many have gone, or would go.
audyn_status_t audyn_retention_delete(const audyn_retention_t *retention,
                                      audyn_catalog_t *catalog,
                                      const audyn_retention_target_t *target,
                                      uint64_t *bytes, audyn_error_t *error);

/// Removes what the newest tombstone of the stream names, where that is still there.
audyn_status_t audyn_retention_finish(const audyn_retention_t *retention,
                                      audyn_catalog_t *catalog, const char *stream,
                                      audyn_error_t *error);

/// Whether it is there as the catalog knows it; tells where it is something else.
bool audyn_retention_is_known(const audyn_retention_t *retention,
                              const audyn_catalog_file_t *file);

#endif
