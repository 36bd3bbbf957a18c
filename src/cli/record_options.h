// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The command line of `audyn record`.

#ifndef AUDYN_CLI_RECORD_OPTIONS_H
#define AUDYN_CLI_RECORD_OPTIONS_H

#include "archive/archive.h"
#include "archive/retention/retention.h"
#include "cli/coding.h"
#include "cli/record_inputs.h"
#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *path;   ///< or NULL
    const char *name;   ///< of the one stream; or NULL
    const char *layout; ///< NULL: the usual one
    uint32_t period_s;  ///< 0: the usual one
    bool has_clock;
    audyn_archive_clock_t clock;
    bool has_levels;
    audyn_levels_mode_t levels;
    const char *key; ///< or NULL
    audyn_retention_policy_t retention;
} audyn_record_archive_t;

typedef struct {
    audyn_record_inputs_t inputs; ///< those of the list come behind
    const char *list_path;        ///< NULL: none; "-": standard input
    const char *path;             ///< of the one file; or NULL
    const char *out_dir;          ///< where a file for each input goes; or NULL
    audyn_record_archive_t archive;
    int64_t duration_ns; ///< 0: until stopped
    int64_t timeout_ns;  ///< 0: wait for ever
    uint32_t window_ms, buffer_ms, stall_ms;
    const char *format; ///< ending of the files in `out_dir`; of an archive: a list
    audyn_coding_t coding;
    const char *station; ///< or NULL
    bool force, json, json_events, quiet, live, help;
} audyn_record_options_t;

/// Each stream has a name and a place of its own in what was asked for.
static inline bool
audyn_record_options_are_for_many(const audyn_record_options_t *options)
{
    return options->out_dir || options->archive.path;
}

/// Fails with AUDYN_INVALID and a sentence that says what would be right.  To be finished
/// in any case.
audyn_status_t audyn_record_options_parse(audyn_record_options_t *options, int argc,
                                          char **argv, audyn_error_t *error);

void audyn_record_options_print_help(void);

void audyn_record_options_finish(audyn_record_options_t *options);

#endif
