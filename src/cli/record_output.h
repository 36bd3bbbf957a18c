// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where one stream is recorded to: FILE.wav, and the report FILE.json beside it.

#ifndef AUDYN_CLI_RECORD_OUTPUT_H
#define AUDYN_CLI_RECORD_OUTPUT_H

#include "cli/record_options.h"
#include "cli/sidecar.h"
#include "input/input.h"
#include "sink/sink.h"

#include <jansson.h>

typedef struct {
    char *path; ///< of the audio
    audyn_encoding_t encoding;
    audyn_sidecar_t sidecar;
} audyn_record_output_t;

/// The file that was asked for, or `name` in the directory that was.  Touches no file.
/// Fails with AUDYN_NO_MEMORY, and is to be finished then too.
audyn_status_t audyn_record_output_init(audyn_record_output_t *output, const char *name,
                                        const audyn_record_options_t *options);

/// Before anything is recorded: creates the audio file and takes the report's name, so
/// that neither meets a file that is needed, or somebody else's.  On success the caller
/// owns `*sink`; on failure it is NULL and nothing was changed on disk.
audyn_status_t audyn_record_output_open(audyn_record_output_t *output,
                                        audyn_sink_t **sink, const char *input,
                                        const audyn_input_format_t *format,
                                        const audyn_record_options_t *options,
                                        audyn_error_t *error);

/// Puts the report beside the audio.
audyn_status_t audyn_record_output_report(const audyn_record_output_t *output,
                                          const json_t *report, audyn_error_t *error);

/// After the sink was closed.  Harmless when repeated, or where nothing was opened.
void audyn_record_output_close(audyn_record_output_t *output);

void audyn_record_output_finish(audyn_record_output_t *output);

#endif
