// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the parts of audyn_merge() share.

#ifndef AUDYN_ARCHIVE_MERGE_PRIVATE_H
#define AUDYN_ARCHIVE_MERGE_PRIVATE_H

#include "archive/archive.h"
#include "archive/merge/merge.h"
#include "archive/merge/merge_plan.h"

/// Neighbouring samples that come from one segment of one source.
typedef struct {
    uint64_t position, sample_frames;
    unsigned side;
    size_t segment;
    bool unknown; ///< what became of them, there
} merge_run_t;

/// Where the samples of a stream come from, in order.
typedef struct {
    merge_run_t *runs;
    size_t count, room;
} merge_trace_t;

/// One stream on its way.
typedef struct {
    const audyn_merge_config_t *config;
    audyn_merge_stream_t *told;
    audyn_error_t *error;
    uint64_t *done_bytes; ///< of all streams
    uint64_t total_bytes;
    const char *name;
    merge_source_t sources[2];
    merge_plan_t plan;
    merge_trace_t trace;
    char station[AUDYN_ENTRY_NAME];
    audyn_archive_settings_t settings;
    audyn_archive_stream_t stream;
    audyn_archive_plan_t hooks;
    audyn_archive_t *archive; ///< NULL: no output is open
    audyn_output_t *output;
    uint64_t position; ///< of the next sample in it
    bool interrupted;
    audyn_status_t unwritten; ///< why the output has not all that was written to it
    uint64_t unsynced_bytes;
    float *samples[2];
    uint8_t *states[2];
} merge_job_t;

/// Notes that the next samples come from this source, whose segments they are in.
audyn_status_t merge_trace_add(merge_trace_t *trace, const merge_source_t *sources,
                               const merge_run_t *run);

/// For the plan's hook: where the samples of this segment come from.
audyn_status_t merge_trace_describe(const merge_job_t *job, audyn_entry_t *entry);

void merge_trace_finish(merge_trace_t *trace);

/// How the files of this part are to be made so that they have the bytes that a recorder
/// would have written; `station` is where that text is to stand.  Fails with
/// AUDYN_INVALID where the sources' files cannot be compared.
audyn_status_t merge_settings_choose(merge_job_t *job, const merge_part_t *part,
                                     audyn_archive_settings_t *settings,
                                     char station[AUDYN_ENTRY_NAME]);

bool merge_settings_are_same(const audyn_archive_settings_t *a,
                             const audyn_archive_settings_t *b);

/// Writes the whole stream.
audyn_status_t merge_stream(merge_job_t *job);

#endif
