// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn export` says at its end: what the file has, where it came from, and what
/// is missing.

#ifndef AUDYN_CLI_EXPORT_REPORT_H
#define AUDYN_CLI_EXPORT_REPORT_H

#include "archive/export/export.h"

/// Sample frames of the file that are silence, or may be wrong.
uint64_t audyn_export_report_missing(const audyn_export_plan_t *plan);

/// A few lines for a person, on standard error.
void audyn_export_report_print(const audyn_export_t *export, const char *path);

/// One JSON object on standard output.  False where that cannot be written.
bool audyn_export_report_json(const audyn_export_t *export, const char *archive,
                              const char *path);

#endif
