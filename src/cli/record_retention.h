// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// --retain and --least-free of `audyn record`.

#ifndef AUDYN_CLI_RECORD_RETENTION_H
#define AUDYN_CLI_RECORD_RETENTION_H

#include "archive/retention/retention_keeper.h"
#include "cli/record_options.h"

/// Begins to delete what the options say, and tells so.  `*out` is NULL where they say
/// nothing of the kind, and on failure.
audyn_status_t audyn_record_retention_start(audyn_retention_keeper_t **out,
                                            const audyn_record_options_t *options,
                                            const audyn_archive_t *archive,
                                            audyn_error_t *error);

#endif
