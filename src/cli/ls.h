// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn ls` tells, as text and in JSON.

#ifndef AUDYN_CLI_LS_H
#define AUDYN_CLI_LS_H

#include "archive/catalog/catalog_totals.h"
#include "archive/loss_map.h"
#include "archive/overview.h"

#define AUDYN_LS_FORMATS 8

typedef struct {
    const audyn_catalog_stream_t *stream;
    const audyn_layout_t *days;
    audyn_catalog_totals_t totals;
    struct {
        char format[16];
        uint64_t files, bytes;
    } sizes[AUDYN_LS_FORMATS];
    unsigned size_count;
    audyn_overview_t overview;
    audyn_catalog_t *catalog; ///< for its holds
} audyn_ls_stream_t;

/// A moment by the clock of `days`, to the second: "2026-11-22 14:00:00".
void audyn_ls_time(char text[32], const audyn_layout_t *days, int64_t tai_ns);

/// Nanoseconds of so many sample frames of the stream.
int64_t audyn_ls_duration_ns(const audyn_ls_stream_t *stream, uint64_t sample_frames);

/// With bars where the terminal can show them.
audyn_status_t audyn_ls_print(const audyn_ls_stream_t *stream, bool bars);

/// NULL: out of memory, or the catalog cannot be read.
json_t *audyn_ls_json(const audyn_ls_stream_t *stream);

#endif
