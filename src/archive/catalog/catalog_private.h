// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The catalog as those see it who write it.

#ifndef AUDYN_ARCHIVE_CATALOG_PRIVATE_H
#define AUDYN_ARCHIVE_CATALOG_PRIVATE_H

#include "archive/catalog/catalog.h"

#include <sqlite3.h>

#define CATALOG_STATEMENTS 32

struct audyn_catalog {
    sqlite3 *database;
    char *path;
    /// Those of catalog_run(), to be run again.
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } kept[CATALOG_STATEMENTS];
};

/// Opens the catalog that is there, to be written.  As audyn_catalog_open().
audyn_status_t catalog_open_to_write(audyn_catalog_t **out, const char *archive,
                                     audyn_error_t *error);

/// A new one, empty, in the file `path`, which does not exist, to be put into its place
/// later.
audyn_status_t catalog_create(audyn_catalog_t **out, const char *path,
                              audyn_error_t *error);

/// Begins a transaction that keeps all other writers out, having waited at most so long:
/// AUDYN_BUSY.
audyn_status_t catalog_begin(audyn_catalog_t *catalog, int patience_ms);
audyn_status_t catalog_commit(audyn_catalog_t *catalog);

/// Harmless outside a transaction.
void catalog_roll_back(audyn_catalog_t *catalog);

/// Within a transaction.  AUDYN_EXISTS: the stream has another entry of this sequence, or
/// another stream one of this path.  In any order, but for tombstones and releases, which
/// come after what they are about.
audyn_status_t catalog_insert(audyn_catalog_t *catalog, const audyn_entry_t *entry,
                              const char *path, const char *sha256);

/// The events that the sidecar of a segment tells.  Within a transaction.
audyn_status_t catalog_insert_events(audyn_catalog_t *catalog,
                                     const audyn_entry_t *entry);

/// Within a transaction.  As if it had never been inserted, but for bounds.
audyn_status_t catalog_remove(audyn_catalog_t *catalog, const char *stream,
                              uint64_t sequence);

/// Prepares a statement and binds values by letters of `types`: 's' const char *, which
/// may be NULL, 'i' int64_t.  The caller finalises `*statement`, also after a failure.
audyn_status_t catalog_prepare(audyn_catalog_t *catalog, sqlite3_stmt **statement,
                               const char *sql, const char *types, ...);

/// True: there is a row.  Does nothing where `*status` is one of failure.
bool catalog_next(sqlite3_stmt *statement, audyn_status_t *status);

/// Runs what has no rows.  `sql` is a constant, by whose address it is found again.
audyn_status_t catalog_run(audyn_catalog_t *catalog, const char *sql, const char *types,
                           ...);

/// Whether its file was removed, or another one is in its place.
bool catalog_has_moved(audyn_catalog_t *catalog);

/// Of what SQLite returned.
audyn_status_t catalog_status(int code);

/// Why a call failed, in words, with the catalog's name.
audyn_status_t catalog_explain(const audyn_catalog_t *catalog, audyn_status_t status,
                               audyn_error_t *error);

#endif
