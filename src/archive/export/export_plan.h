// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What of an archive makes up a stretch of a stream: which segments, in which order, and
/// what is known to be missing.  Used by one thread at a time.

#ifndef AUDYN_ARCHIVE_EXPORT_PLAN_H
#define AUDYN_ARCHIVE_EXPORT_PLAN_H

#include "archive/catalog/catalog.h"
#include "core/time_text.h"

typedef struct {
    uint64_t sequence, position, sample_frames;
    uint32_t bits; ///< of its samples: see audyn_input_format_t
    char *sidecar; ///< its path, below the archive's directory
} audyn_export_segment_t;

#define AUDYN_EXPORT_NO_SEGMENT SIZE_MAX

/// Samples that come from one segment, or from none.
typedef struct {
    uint64_t position, sample_frames;
    size_t segment; ///< AUDYN_EXPORT_NO_SEGMENT: it was not recorded
} audyn_export_piece_t;

/// Samples that two segments have.
typedef struct {
    uint64_t position, sample_frames;
    size_t used, left_out; ///< segments
} audyn_export_overlap_t;

typedef struct {
    char stream[AUDYN_ENTRY_NAME];
    audyn_input_format_t format;      ///< `bits` are the most of all segments
    uint64_t from, to;                ///< positions, at least 1 apart
    audyn_export_segment_t *segments; ///< in order of position
    size_t segment_count, segment_room;
    audyn_export_piece_t *pieces; ///< from `from` until `to` without a hole
    size_t piece_count, piece_room;
    audyn_export_overlap_t *overlaps;
    size_t overlap_count, overlap_room;
    audyn_entry_span_t *missing; ///< in no order until audyn_export_plan_sort()
    size_t missing_count, missing_room;
} audyn_export_plan_t;

/// The samples of `stream` from the first at or after `from` until before `to`.  Where
/// segments overlap, those of the one that was recorded first are used.  Fails with
/// AUDYN_INVALID (from ≥ to), AUDYN_NOT_FOUND (no such stream, or nothing of it lies in
/// between; `error` says what does), AUDYN_NOT_SUPPORTED (its format changes in between).
/// On failure the plan is empty.
audyn_status_t audyn_export_plan_make(audyn_export_plan_t *plan, audyn_catalog_t *catalog,
                                      const char *stream, const audyn_moment_text_t *from,
                                      const audyn_moment_text_t *to,
                                      audyn_error_t *error);

/// The piece that has the sample of this position, which is in the plan.
const audyn_export_piece_t *audyn_export_plan_piece(const audyn_export_plan_t *plan,
                                                    uint64_t position);

/// Notes that samples are missing; false: out of memory.
bool audyn_export_plan_miss(audyn_export_plan_t *plan, uint64_t position,
                            uint64_t sample_frames, const char *class);

/// Puts what is missing in order, and joins neighbours of one class.
void audyn_export_plan_sort(audyn_export_plan_t *plan);

/// Harmless where all is zero, or when repeated.
void audyn_export_plan_finish(audyn_export_plan_t *plan);

#endif
