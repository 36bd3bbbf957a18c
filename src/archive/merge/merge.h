// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Two recorders' archives of the same streams heal each other's losses: a third one gets
/// each sample from where it was received.  Both are only read.

#ifndef AUDYN_ARCHIVE_MERGE_H
#define AUDYN_ARCHIVE_MERGE_H

#include "core/error.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A stream's names in the two archives.
typedef struct {
    const char *names[2];
} audyn_merge_names_t;

/// Borrowed for the call.
typedef struct {
    const char *archives[2]; ///< where both have a sample, that of the first is taken
    const char *out;         ///< a directory that is empty, or does not exist
    const char *key_path;    ///< signs what is written; NULL: nothing does
    const audyn_merge_names_t *streams; ///< these only; the new ones get the first names
    size_t stream_count;                ///< 0: all that both have by the same name
    bool has_offset;
    int64_t offset; ///< sample frames: a position of the second, and this, is the first's
    /// What is worth a line for people; NULL: nobody is told.
    void (*tell)(void *context, const char *what);
    /// Bytes of samples; may be NULL.
    void (*progress)(void *context, uint64_t done, uint64_t total);
    /// Asked several times a second; may be NULL.
    bool (*is_interrupted)(void *context);
    void *context;
} audyn_merge_config_t;

#define AUDYN_MERGE_DIFFERENCES 1000

typedef struct {
    uint64_t position, sample_frames;
} audyn_merge_span_t;

/// Sample frames of a segment that were not used, as another segment of its archive has
/// them too and was recorded before.
typedef struct {
    int side;      ///< in which of the archives
    char *sidecar; ///< below that
    uint64_t sample_frames;
} audyn_merge_overlap_t;

/// What became of one stream.
typedef struct {
    char *name;
    uint64_t segments, sample_frames;
    uint64_t from[2];   ///< sample frames that were taken from each
    uint64_t missing;   ///< that neither received, or recorded
    uint64_t differing; ///< that both received, and not the same
    audyn_merge_span_t differences[AUDYN_MERGE_DIFFERENCES]; ///< the first of those
    size_t difference_count;
    audyn_merge_overlap_t *overlaps;
    size_t overlap_count;
} audyn_merge_stream_t;

typedef struct {
    audyn_merge_stream_t *streams; ///< owned, as far as they were begun
    size_t stream_count;
    uint64_t damaged; ///< files that were not used, as their checksum is another one, or
                      ///< as they are no sidecars though they are called so
} audyn_merge_report_t;

/// To be finished in any case.  AUDYN_OK also where samples are missing or differ, of
/// which `*report` tells.  Fails with AUDYN_INVALID where the archives do not fit
/// together, and with AUDYN_BUSY where it is interrupted: then `out` is removed if it was
/// not there before.  What was written before another failure stays.
audyn_status_t audyn_merge(const audyn_merge_config_t *config,
                           audyn_merge_report_t *report, audyn_error_t *error);

void audyn_merge_report_finish(audyn_merge_report_t *report);

#endif
