// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What an implementation of an output provides.  It embeds `struct audyn_output` first.

#ifndef AUDYN_ARCHIVE_OUTPUT_PRIVATE_H
#define AUDYN_ARCHIVE_OUTPUT_PRIVATE_H

#include "archive/output.h"

typedef struct {
    audyn_status_t (*begin)(audyn_output_t *output, const audyn_sink_start_t *start);
    bool (*has_room)(const audyn_output_t *output);
    audyn_status_t (*write)(audyn_output_t *output, const float *samples,
                            uint64_t sample_frames);
    void (*classify)(audyn_output_t *output, const audyn_span_t *span);
    bool (*flush)(audyn_output_t *output, bool ended);
    void (*sync)(audyn_output_t *output);
    void (*commit)(audyn_output_t *output);
    audyn_status_t (*status)(const audyn_output_t *output);
    bool (*is_complete)(const audyn_output_t *output);
    /// NULL: a failure is the end.
    void (*get_unwritten)(const audyn_output_t *output, audyn_unwritten_t *unwritten);
    uint64_t (*sample_frames)(const audyn_output_t *output);
    audyn_status_t (*close)(audyn_output_t *output);
    void (*discard)(audyn_output_t *output);
} audyn_output_type_t;

struct audyn_output {
    const audyn_output_type_t *type;
};

#endif
