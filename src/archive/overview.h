// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A stream day by day: what was recorded of it, and what is missing.

#ifndef AUDYN_ARCHIVE_OVERVIEW_H
#define AUDYN_ARCHIVE_OVERVIEW_H

#include "archive/catalog/catalog.h"
#include "archive/layout.h"

#define AUDYN_OVERVIEW_HOURS 25 // of the longest day

/// One day of the calendar, or what the range has of it.  All times in nanoseconds.
typedef struct {
    int64_t from_ns, to_ns;                 ///< TAI
    int64_t midnight_ns;                    ///< TAI; hours count from there
    int64_t recorded_ns;                    ///< received
    int64_t hours_ns[AUDYN_OVERVIEW_HOURS]; ///< the same, of each hour
    int64_t lost_ns;                        ///< within segments, not received
    uint64_t losses;                        ///< in how many places
    int64_t hole_ns;                        ///< between segments
    uint64_t holes;
    int64_t longest_hole_ns, longest_hole_from_ns;
} audyn_overview_day_t;

typedef struct {
    audyn_overview_day_t *days;
    size_t count;
} audyn_overview_t;

/// From `from_ns` until before `to_ns` (TAI), which lie within what the stream has, with
/// the midnights of `days`, a layout of 24 hours.  On success the caller frees `days`.
audyn_status_t audyn_overview_make(audyn_overview_t *overview, audyn_catalog_t *catalog,
                                   const audyn_catalog_stream_t *stream,
                                   const audyn_layout_t *days, int64_t from_ns,
                                   int64_t to_ns);

/// Nothing is missing.
bool audyn_overview_day_is_whole(const audyn_overview_day_t *day);

/// The midnight at which the day of this moment begins.
int64_t audyn_overview_midnight(const audyn_layout_t *days, int64_t tai_ns);

#endif
