// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Applies a retention policy while an archive is recorded to, on a thread of its own:
/// nothing waits for it.

#ifndef AUDYN_ARCHIVE_RETENTION_KEEPER_H
#define AUDYN_ARCHIVE_RETENTION_KEEPER_H

#include "archive/retention/retention.h"

typedef struct audyn_retention_keeper audyn_retention_keeper_t;

typedef struct {
    const char *archive;             ///< its directory; borrowed
    const audyn_clock_t *clock;      ///< by which files age; borrowed
    audyn_chain_t *chain;            ///< borrowed
    audyn_retention_policy_t policy; ///< copied
    /// On the keeper's thread: each file.
    void (*deleted)(void *context, const audyn_retention_deletion_t *deletion);
    /// On the keeper's thread: what was deleted, or why something is not, as it changes.
    void (*tell)(void *context, bool is_problem, const char *what);
    void *context;
} audyn_retention_keeper_config_t;

/// Looks at once and then every minute, more often where files are kept for less than
/// ten minutes.  On failure `*out` is NULL.
audyn_status_t
audyn_retention_keeper_start(audyn_retention_keeper_t **out,
                             const audyn_retention_keeper_config_t *config);

/// Returns once a deletion that is under way has come to its end.  Accepts NULL.
void audyn_retention_keeper_stop(audyn_retention_keeper_t *keeper);

#endif
