// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How long the files of an archive are kept, and how they go: only what the catalog
/// knows, never what a hold covers, and each deletion leaves a tombstone in the chain
/// before the file is gone.  Used by one thread at a time; processes take turns.

#ifndef AUDYN_ARCHIVE_RETENTION_H
#define AUDYN_ARCHIVE_RETENTION_H

#include "archive/archive.h"
#include "archive/chain.h"
#include "core/clock.h"

#include <stdatomic.h>

#define AUDYN_RETENTION_TEXT 64

/// Of files of this format.
typedef struct {
    const char *format;             ///< static
    int64_t keep_ns;                ///< from the segment's last sample on
    char why[AUDYN_RETENTION_TEXT]; ///< "retention 42d"
} audyn_retention_rule_t;

/// Which files go.  All zero: none.
typedef struct {
    audyn_retention_rule_t rules[AUDYN_ARCHIVE_FORMATS];
    unsigned count;      ///< of formats that are named; others are kept for good
    uint64_t least_free; ///< bytes: below, the oldest files of those formats go
    bool trust_clock;    ///< whatever the newest segments say
} audyn_retention_policy_t;

/// "42d": of all formats; "wav=7d,flac=90d": of these.  Days, hours or seconds, with
/// their unit.  Fails with AUDYN_INVALID; nothing has changed then.
audyn_status_t audyn_retention_parse(audyn_retention_policy_t *policy, const char *text,
                                     audyn_error_t *error);

/// "20G".  The same.
audyn_status_t audyn_retention_parse_free(audyn_retention_policy_t *policy,
                                          const char *text, audyn_error_t *error);

/// Whether it says what may be deleted at all.  Fails with AUDYN_INVALID.
audyn_status_t audyn_retention_check(const audyn_retention_policy_t *policy,
                                     audyn_error_t *error);

/// A file that was deleted, or would be.
typedef struct {
    const char *path; ///< below the archive's directory
    const char *why;  ///< "retention 42d", "least free space 20G"
    uint64_t bytes;
} audyn_retention_deletion_t;

typedef struct {
    const char *archive;  ///< its directory
    audyn_chain_t *chain; ///< NULL: only tells what would be deleted
    const audyn_retention_policy_t *policy;
    const audyn_clock_t *clock;
    const atomic_bool *stop; ///< written by anybody: ends between deletions; or NULL
    void (*deleted)(void *context, const audyn_retention_deletion_t *deletion);
    /// A file that is to go, and does not.
    void (*left)(void *context, const char *what);
    void *context;
} audyn_retention_t;

/// Deletes what the policy says, after finishing a deletion that was interrupted.  Fails
/// with AUDYN_DENIED, deleting nothing, where the clock is so far from what the segments
/// say that one of the two is wrong.
audyn_status_t audyn_retention_apply(const audyn_retention_t *retention,
                                     audyn_error_t *error);

/// Kept while a segment is looked at and deleted, or a hold is put into the chain, so
/// that neither sees half of the other.  Waits.  Returns a descriptor, to be closed; -1
/// and errno on failure.
int audyn_retention_lock(const char *archive);

#endif
