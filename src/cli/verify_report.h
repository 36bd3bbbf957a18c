// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn verify` has found, as text while it goes on, or as JSON at the end.

#ifndef AUDYN_CLI_VERIFY_REPORT_H
#define AUDYN_CLI_VERIFY_REPORT_H

#include "archive/verify/verify.h"
#include "cli/progress.h"

#include <jansson.h>

/// Start with all zero but for the first three.
typedef struct {
    const char *archive;
    bool json, quiet; ///< quiet: damage alone
    bool begun;       ///< the progress is
    audyn_progress_t progress;
    json_t *findings, *streams;
} audyn_verify_reporter_t;

/// As audyn_verify() wants them.
void audyn_verify_reporter_tell(void *context, const audyn_verify_finding_t *finding);
void audyn_verify_reporter_progress(void *context, uint64_t done_bytes,
                                    uint64_t total_bytes);
void audyn_verify_reporter_summary(void *context, const audyn_verify_stream_t *stream);

/// Says how it went.  False where standard output takes it not.
bool audyn_verify_reporter_end(audyn_verify_reporter_t *reporter,
                               const audyn_verify_report_t *report);

/// Gives back what it owns.
void audyn_verify_reporter_finish(audyn_verify_reporter_t *reporter);

#endif
