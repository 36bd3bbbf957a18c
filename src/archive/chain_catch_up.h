// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Entries that are on disk and of which the catalog does not know: it is older than they
/// are, having come from a backup or lost its log, or their writer was killed before it
/// told.

#ifndef AUDYN_ARCHIVE_CHAIN_CATCH_UP_H
#define AUDYN_ARCHIVE_CHAIN_CATCH_UP_H

#include "archive/catalog/catalog_private.h"
#include "archive/chain.h"

typedef struct {
    audyn_catalog_t *catalog; ///< within a transaction
    const char *archive;      ///< its directory, without a slash at its end
    audyn_chain_tell_t *tell; ///< or NULL
    void *context;
    uint64_t taken_up; ///< so many have been
} chain_catch_up_t;

/// Tells the catalog, which does not know it, of the entry at `path`, below the archive's
/// directory.  Where that is none, or does not continue its stream's chain, `left` says
/// so; else it is empty.  Fails only for the catalog's reasons.
audyn_status_t chain_take_up(chain_catch_up_t *work, const char *path,
                             audyn_error_t *left);

/// Notes in `.audyn/catalog.lock` which entry is written now, so that whoever appends
/// next can look whether the catalog was told.  Within a transaction.  Returns 0 or an
/// errno value.
int chain_note(int lock_fd, const char *path);

/// Takes up the one that was noted last, where the catalog does not know it.
audyn_status_t chain_take_up_noted(chain_catch_up_t *work, int lock_fd);

/// Of the entry at `path`; empty where the catalog does not know it.
audyn_status_t chain_find_known(audyn_catalog_t *catalog, const char *path,
                                char sha256[AUDYN_SHA256_TEXT]);

/// Takes up all that lie in the folders of the stream, NULL: of any, in the order of
/// their chains.  Looks at the names of files that are known, and no further.  Fails also
/// where a folder cannot be read, but for one that is not this stream's.
audyn_status_t chain_catch_up(chain_catch_up_t *work, const char *stream);

#endif
