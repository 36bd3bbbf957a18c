// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where the segments of a merged stream begin and end, and what they are called: where
/// those of the two sources do.  Where one source was cut for a reason of its own, a
/// restart say, and the other went on, there is no cut.

#ifndef AUDYN_ARCHIVE_MERGE_PLAN_H
#define AUDYN_ARCHIVE_MERGE_PLAN_H

#include "archive/layout.h"
#include "archive/merge/merge_source.h"

/// A segment to be.
typedef struct {
    uint64_t position, end;
    char *name; ///< below the stream's folder, without an ending
} merge_part_t;

/// In order; what lies between two that do not touch, neither source has.
typedef struct {
    merge_part_t *parts;
    size_t count;
} merge_plan_t;

/// A cut of the first source, where it has samples on both sides, is one of the result;
/// one of the second, where the first has no samples across it.  To be finished in any
/// case.
audyn_status_t merge_plan_make(merge_plan_t *plan, const merge_source_t sources[2]);

void merge_plan_finish(merge_plan_t *plan);

#endif
