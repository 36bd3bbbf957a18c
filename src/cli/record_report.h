// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn record` says at the end.

#ifndef AUDYN_CLI_RECORD_REPORT_H
#define AUDYN_CLI_RECORD_REPORT_H

#include "recorder/recorder.h"

typedef struct {
    const char *input; ///< as given
    const char *path;  ///< of the file
    audyn_encoding_t encoding;
    audyn_input_format_t format;
    audyn_recorder_progress_t progress;
    audyn_input_report_t packets;
    audyn_frame_pool_stats_t pool;
    const audyn_loss_map_t *losses; ///< NULL where nothing was recorded
    const char *error;              ///< what failed, or NULL
} audyn_record_report_t;

/// Sample frames in the file that were not received.
uint64_t audyn_record_report_missing(const audyn_record_report_t *report);

/// One JSON object with a newline at its end, which the caller frees; NULL: out of
/// memory.
char *audyn_record_report_json(const audyn_record_report_t *report);

/// A few lines for a person, on standard error.
void audyn_record_report_print(const audyn_record_report_t *report);

#endif
