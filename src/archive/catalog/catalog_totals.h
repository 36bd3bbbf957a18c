// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Sums over the catalog, and what is oldest and newest in it.

#ifndef AUDYN_ARCHIVE_CATALOG_TOTALS_H
#define AUDYN_ARCHIVE_CATALOG_TOTALS_H

#include "archive/catalog/catalog.h"

/// Sample frames of all segments of a stream.
typedef struct {
    uint64_t sample_frames;
    uint64_t missing[AUDYN_SAMPLE_RECEIVED];
    uint64_t unclassified;
    uint64_t holes; ///< between segments
    int64_t hole_ns;
} audyn_catalog_totals_t;

audyn_status_t audyn_catalog_totals(audyn_catalog_t *catalog, const char *stream,
                                    audyn_catalog_totals_t *totals);

/// The files of a stream that are there, by format.
typedef bool audyn_catalog_visit_size_t(void *context, const char *format, uint64_t files,
                                        uint64_t bytes);
audyn_status_t audyn_catalog_sizes(audyn_catalog_t *catalog, const char *stream,
                                   audyn_catalog_visit_size_t *visit, void *context);

/// When the first segment of all ended that did so at `from_ns` (TAI) or later; 0: none.
audyn_status_t audyn_catalog_first_end(audyn_catalog_t *catalog, int64_t from_ns,
                                       int64_t *end_ns);

/// When the last segment of all ended that did so at `until_ns` (TAI) or before; 0: none.
audyn_status_t audyn_catalog_last_end(audyn_catalog_t *catalog, int64_t until_ns,
                                      int64_t *end_ns);

#endif
