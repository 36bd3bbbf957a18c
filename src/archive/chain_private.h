// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A chain's catalog, and what is done where it is damaged.  Its functions are called
/// with the mutex held, but for the first and the last.

#ifndef AUDYN_ARCHIVE_CHAIN_PRIVATE_H
#define AUDYN_ARCHIVE_CHAIN_PRIVATE_H

#include "archive/catalog/catalog_private.h"
#include "archive/chain.h"
#include "archive/signing.h"

#include <pthread.h>

struct audyn_chain {
    char *path;
    audyn_key_t *key; // NULL: entries are not signed
    int lock_fd;
    pthread_mutex_t mutex;            // guards what follows
    audyn_catalog_t *catalog;         // NULL: it is to be opened again
    bool is_caught_up;                // with what was there before, of this stream
    char caught_up[AUDYN_ENTRY_NAME]; // empty: of any
    bool is_damaged;                  // the catalog, which is to be made anew,
    int64_t mend_ns;                  // not before this monotonic time
    audyn_error_t trouble;            // that nobody has been told yet
    pthread_t mender;                 // to be joined where
    bool has_mender;
    bool is_mending; // which has not come to its end
};

/// Opens the catalog, or makes it anew where it is missing or broken, and nobody else has
/// it open.
audyn_status_t chain_open_catalog(audyn_chain_t *chain, audyn_error_t *error);

/// Fails with AUDYN_BAD_DATA where the catalog is known to be damaged, or another file is
/// in its place.
audyn_status_t chain_check_catalog(audyn_chain_t *chain, audyn_error_t *error);

/// As catalog_explain(), and notes damage.
audyn_status_t chain_explain(audyn_chain_t *chain, audyn_status_t status,
                             audyn_error_t *error);

/// After a failure.  True: it came of the catalog, which was made anew, and is to be
/// tried once more.  Where the caller does not wait that is done on another thread.
bool chain_mends(audyn_chain_t *chain, bool waits, audyn_error_t *error);

/// Waits for that thread.
void chain_end_mending(audyn_chain_t *chain);

#endif
