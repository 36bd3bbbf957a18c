// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The one line that a person watches while recording.

#ifndef AUDYN_CLI_LIVE_LINE_H
#define AUDYN_CLI_LIVE_LINE_H

#include "cli/record_totals.h"
#include "recorder/recorder.h"

#include <stdio.h>

/// Formats time, level bars per channel, missing samples and buffer fill into `line`, at
/// most `width` columns wide.
void audyn_live_line_format(char *line, size_t size, unsigned width,
                            const audyn_input_format_t *format,
                            const audyn_recorder_progress_t *progress,
                            const audyn_frame_pool_stats_t *pool);

/// The same for many: time since the start, how many streams are in which state, missing
/// samples, and how full the fullest buffer is.
void audyn_live_line_format_many(char *line, size_t size, unsigned width,
                                 int64_t elapsed_ns, const audyn_record_totals_t *totals);

#endif
