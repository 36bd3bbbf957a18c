// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The command line of `audyn record`.

#ifndef AUDYN_CLI_RECORD_OPTIONS_H
#define AUDYN_CLI_RECORD_OPTIONS_H

#include "cli/record_inputs.h"
#include "core/error.h"
#include "sink/sink.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    audyn_record_inputs_t inputs; ///< those of the list come behind
    const char *list_path;        ///< NULL: none; "-": standard input
    const char *path;             ///< of the one file; or NULL
    const char *out_dir;          ///< where a file for each input goes; or NULL
    int64_t duration_ns;          ///< 0: until stopped
    int64_t timeout_ns;           ///< 0: wait for ever
    uint32_t window_ms, buffer_ms, stall_ms;
    const char *format; ///< ending of the files in `out_dir`
    audyn_codec_t codec;
    bool has_encoding; ///< else that of the input
    audyn_encoding_t encoding;
    bool dither, force, json, json_events, quiet, live, help;
} audyn_record_options_t;

/// Fails with AUDYN_INVALID and a sentence that says what would be right.  To be finished
/// in any case.
audyn_status_t audyn_record_options_parse(audyn_record_options_t *options, int argc,
                                          char **argv, audyn_error_t *error);

void audyn_record_options_print_help(void);

void audyn_record_options_finish(audyn_record_options_t *options);

#endif
