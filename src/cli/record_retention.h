// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// --retain and --least-free of `audyn record`.

#ifndef AUDYN_CLI_RECORD_RETENTION_H
#define AUDYN_CLI_RECORD_RETENTION_H

#include "archive/retention/retention_keeper.h"
#include "cli/record_archive.h"

/// Begins to delete what the options say, and tells so.  `*out` is NULL where they say
/// nothing of the kind, and on failure.  `teller` is borrowed for the keeper's life.
audyn_status_t audyn_record_retention_start(audyn_retention_keeper_t **out,
                                            audyn_record_teller_t *teller,
                                            const audyn_archive_t *archive,
                                            audyn_error_t *error);

#endif
