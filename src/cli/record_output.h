// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where one stream is recorded to: FILE.wav, and the report FILE.json beside it; or an
/// archive, whose files have their own.

#ifndef AUDYN_CLI_RECORD_OUTPUT_H
#define AUDYN_CLI_RECORD_OUTPUT_H

#include "archive/archive.h"
#include "cli/record_notes.h"
#include "cli/record_options.h"
#include "cli/sidecar.h"

#include <jansson.h>

typedef struct {
    char *path;       ///< of the audio, or of the stream's folder in the archive
    const char *name; ///< of the stream
    const audyn_archive_t *archive; ///< NULL: a file
    const char *encoding_name;      ///< of an archive: that of its first format
    audyn_sidecar_t sidecar;
    audyn_event_log_t *log;      ///< of an archive: for its sidecars
    audyn_record_notes_t *notes; ///< of an archive: what happens there, if asked for
} audyn_record_output_t;

/// The file that was asked for, or `name` in the directory that was.  Touches no file.
/// Fails with AUDYN_NO_MEMORY, and is to be finished then too.
audyn_status_t audyn_record_output_init(audyn_record_output_t *output, const char *name,
                                        const audyn_record_options_t *options,
                                        const audyn_archive_t *archive);

/// Before anything is recorded: creates the audio file and takes the report's name, so
/// that neither meets a file that is needed, or somebody else's; or creates the folder.
/// On success the caller owns `*out`, which borrows `input`; on failure it is NULL, and
/// no file was changed.
audyn_status_t audyn_record_output_open(audyn_record_output_t *output,
                                        audyn_output_t **out, const char *uri,
                                        const audyn_input_t *input,
                                        const audyn_record_options_t *options,
                                        audyn_error_t *error);

/// Puts the report beside the audio; not in an archive.
audyn_status_t audyn_record_output_report(const audyn_record_output_t *output,
                                          const json_t *report, audyn_error_t *error);

/// After the output was closed.  Harmless when repeated, or where nothing was opened.
void audyn_record_output_close(audyn_record_output_t *output);

void audyn_record_output_finish(audyn_record_output_t *output);

#endif
