// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn record` says at the end.

#ifndef AUDYN_CLI_RECORD_REPORT_H
#define AUDYN_CLI_RECORD_REPORT_H

#include "recorder/recorder.h"

#include <jansson.h>

typedef struct {
    const char *name;  ///< among many; NULL where it is the only one
    const char *input; ///< as given
    const char *path;  ///< of the file, or of the stream's folder in an archive
    bool is_archive;
    const char *encoding; ///< of the file
    audyn_input_format_t format;
    const audyn_sdp_media_t *description; ///< of the stream, or NULL
    audyn_recorder_progress_t progress;
    audyn_input_report_t packets;
    audyn_frame_pool_stats_t pool;
    size_t memory_bytes;            ///< for this stream, at most
    const audyn_loss_map_t *losses; ///< NULL where nothing was recorded
    const char *error;              ///< what failed, or NULL
} audyn_record_report_t;

/// Sample frames that were not received, or not written.
uint64_t audyn_record_report_missing(const audyn_record_report_t *report);

/// One JSON object, which the caller owns; NULL: out of memory.
json_t *audyn_record_report_json(const audyn_record_report_t *report);

/// For what has failed since that was made.
void audyn_record_report_json_error(json_t *json, const char *error);

/// A few lines for a person, on standard error.
void audyn_record_report_print(const audyn_record_report_t *report);

#endif
