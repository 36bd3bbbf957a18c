// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/catalog/catalog_private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define READ_PATIENCE_MS 5000
#define FROZEN_URI_BYTES (3 * PATH_MAX + 32)

// Everything is known by stream and sequence, so that the same entries make the same
// catalog in whatever order they came.  `longest_frames` and `longest_ns` bound how far
// before a range a segment may begin that reaches into it.
static const char schema[] =
    "BEGIN;"                              // one sync, not one for each table
    "PRAGMA application_id = 1098212473;" // "Audy"
    "CREATE TABLE streams("
    " name TEXT PRIMARY KEY, sample_rate INTEGER NOT NULL,"
    " rate_numerator INTEGER NOT NULL, rate_denominator INTEGER NOT NULL,"
    " channels INTEGER NOT NULL, bits INTEGER NOT NULL, newest INTEGER NOT NULL,"
    " segments INTEGER NOT NULL, first_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,"
    " longest_frames INTEGER NOT NULL, longest_ns INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE entries("
    " stream TEXT NOT NULL, sequence INTEGER NOT NULL, kind TEXT NOT NULL,"
    " path TEXT NOT NULL UNIQUE, sha256 TEXT NOT NULL,"
    " PRIMARY KEY(stream, sequence)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE segments("
    " stream TEXT NOT NULL, sequence INTEGER NOT NULL, position INTEGER NOT NULL,"
    " sample_frames INTEGER NOT NULL, first_ns INTEGER NOT NULL,"
    " end_ns INTEGER NOT NULL, sample_rate INTEGER NOT NULL,"
    " rate_numerator INTEGER NOT NULL, rate_denominator INTEGER NOT NULL,"
    " channels INTEGER NOT NULL, bits INTEGER NOT NULL, received INTEGER NOT NULL,"
    " lost INTEGER NOT NULL, late INTEGER NOT NULL, no_frame INTEGER NOT NULL,"
    " no_signal INTEGER NOT NULL, unclassified INTEGER NOT NULL,"
    " PRIMARY KEY(stream, sequence)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX segments_by_position ON segments(stream, position);"
    "CREATE INDEX segments_by_time ON segments(stream, first_ns);"
    "CREATE INDEX segments_by_end ON segments(end_ns);"
    "CREATE TABLE files("
    " stream TEXT NOT NULL, sequence INTEGER NOT NULL, path TEXT NOT NULL,"
    " format TEXT NOT NULL, encoding TEXT NOT NULL, bytes INTEGER NOT NULL,"
    " sha256 TEXT NOT NULL, sample_frames INTEGER, end_ns INTEGER NOT NULL,"
    " deleted_by INTEGER, PRIMARY KEY(stream, sequence, path)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX files_kept ON files(end_ns) WHERE deleted_by IS NULL;"
    "CREATE INDEX files_kept_by_format ON files(format, end_ns)"
    " WHERE deleted_by IS NULL;"
    "CREATE INDEX files_by_format ON files(stream, deleted_by, format, bytes);"
    "CREATE TABLE spans("
    " stream TEXT NOT NULL, sequence INTEGER NOT NULL, position INTEGER NOT NULL,"
    " sample_frames INTEGER NOT NULL, class TEXT NOT NULL,"
    " PRIMARY KEY(stream, sequence, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE holes("
    " stream TEXT NOT NULL, sequence INTEGER NOT NULL, position INTEGER NOT NULL,"
    " sample_frames INTEGER NOT NULL, first_ns INTEGER NOT NULL,"
    " end_ns INTEGER NOT NULL, class TEXT NOT NULL,"
    " PRIMARY KEY(stream, sequence)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE holds("
    " stream TEXT NOT NULL, sequence INTEGER NOT NULL, from_position INTEGER NOT NULL,"
    " to_position INTEGER NOT NULL, from_ns INTEGER NOT NULL, to_ns INTEGER NOT NULL,"
    " why TEXT NOT NULL, who TEXT NOT NULL, released_by INTEGER,"
    " PRIMARY KEY(stream, sequence)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE events("
    " stream TEXT NOT NULL, sequence INTEGER NOT NULL, number INTEGER NOT NULL,"
    " event TEXT NOT NULL, tai_ns INTEGER, position INTEGER, detail TEXT NOT NULL,"
    " PRIMARY KEY(stream, sequence, number)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX events_by_time ON events(stream, tai_ns);"
    "PRAGMA user_version = 1;"
    "COMMIT;";

audyn_status_t
catalog_status(int code)
{
    switch (code & 0xFF) {
    case SQLITE_OK:
    case SQLITE_ROW:
    case SQLITE_DONE:
        return AUDYN_OK;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return AUDYN_BUSY;
    case SQLITE_NOMEM:
        return AUDYN_NO_MEMORY;
    case SQLITE_FULL:
        return AUDYN_NO_SPACE;
    case SQLITE_PERM:
    case SQLITE_READONLY:
        return AUDYN_DENIED;
    case SQLITE_CANTOPEN:
        return AUDYN_NOT_FOUND;
    case SQLITE_CONSTRAINT:
        return AUDYN_EXISTS;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR: // a table is missing
        return AUDYN_BAD_DATA;
    default:
        return AUDYN_IO;
    }
}

audyn_status_t
catalog_explain(const audyn_catalog_t *catalog, audyn_status_t status,
                audyn_error_t *error)
{
    const char *advice =
        status == AUDYN_BAD_DATA ? "; audyn catalog rebuild DIR makes it anew" : "";
    return audyn_error_set(error, status, "the catalog %s cannot be used: %s%s",
                           catalog->path, sqlite3_errmsg(catalog->database), advice);
}

bool
catalog_has_moved(audyn_catalog_t *catalog)
{
    int moved = 0;
    sqlite3_file_control(catalog->database, NULL, SQLITE_FCNTL_HAS_MOVED, &moved);
    return moved;
}

static audyn_status_t
bind_all(sqlite3_stmt *statement, const char *types, va_list values)
{
    int code = SQLITE_OK;
    for (int i = 0; !code && types[i]; ++i) {
        code = types[i] == 's'
                   ? sqlite3_bind_text(statement, i + 1, va_arg(values, const char *), -1,
                                       SQLITE_STATIC)
                   : sqlite3_bind_int64(statement, i + 1, va_arg(values, int64_t));
    }
    return catalog_status(code);
}

static audyn_status_t
prepare(audyn_catalog_t *catalog, sqlite3_stmt **statement, const char *sql,
        const char *types, va_list values)
{
    *statement = NULL;
    const audyn_status_t status =
        catalog_status(sqlite3_prepare_v2(catalog->database, sql, -1, statement, NULL));
    return status ? status : bind_all(*statement, types, values);
}

audyn_status_t
catalog_prepare(audyn_catalog_t *catalog, sqlite3_stmt **statement, const char *sql,
                const char *types, ...)
{
    va_list values;
    va_start(values, types);
    const audyn_status_t status = prepare(catalog, statement, sql, types, values);
    va_end(values);
    return status;
}

bool
catalog_next(sqlite3_stmt *statement, audyn_status_t *status)
{
    if (*status) {
        return false;
    }
    const int code = sqlite3_step(statement);
    *status = catalog_status(code);
    return code == SQLITE_ROW;
}

// A place for the statement; NULL: all are taken.
static sqlite3_stmt **
find_kept(audyn_catalog_t *catalog, const char *sql)
{
    for (size_t i = 0; i < CATALOG_STATEMENTS; ++i) {
        if (!catalog->kept[i].sql || catalog->kept[i].sql == sql) {
            catalog->kept[i].sql = sql;
            return &catalog->kept[i].statement;
        }
    }
    return NULL;
}

audyn_status_t
catalog_run(audyn_catalog_t *catalog, const char *sql, const char *types, ...)
{
    sqlite3_stmt *own = NULL;
    sqlite3_stmt **kept = find_kept(catalog, sql);
    sqlite3_stmt **statement = kept ? kept : &own;
    va_list values;
    va_start(values, types);
    audyn_status_t status = *statement ? bind_all(*statement, types, values)
                                       : prepare(catalog, statement, sql, types, values);
    va_end(values);
    while (catalog_next(*statement, &status)) {
    }
    sqlite3_reset(*statement);
    sqlite3_finalize(own);
    return status;
}

audyn_status_t
catalog_begin(audyn_catalog_t *catalog, int patience_ms)
{
    sqlite3_busy_timeout(catalog->database, patience_ms);
    return catalog_run(catalog, "BEGIN IMMEDIATE", "");
}

audyn_status_t
catalog_commit(audyn_catalog_t *catalog)
{
    return catalog_run(catalog, "COMMIT", "");
}

void
catalog_roll_back(audyn_catalog_t *catalog)
{
    if (!sqlite3_get_autocommit(catalog->database)) {
        catalog_run(catalog, "ROLLBACK", "");
    }
}

// Without permission to write, SQLite cannot make the files by which it learns of who
// writes meanwhile; where there is no log, nobody does.
static bool
is_frozen(const char *path)
{
    char directory[PATH_MAX];
    char log[PATH_MAX];
    const int length = (int)(strrchr(path, '/') - path);
    return snprintf(directory, sizeof directory, "%.*s", length, path) < PATH_MAX &&
           snprintf(log, sizeof log, "%s-wal", path) < PATH_MAX &&
           faccessat(AT_FDCWD, directory, W_OK, AT_EACCESS) && access(log, F_OK);
}

// See https://www.sqlite.org/uri.html.
static void
name_frozen(char uri[FROZEN_URI_BYTES], const char *path)
{
    uri += sprintf(uri, *path == '/' ? "file://" : "file:");
    for (const char *c = path; *c; ++c) {
        uri += sprintf(uri, strchr("%?#", *c) ? "%%%02X" : "%c", *c);
    }
    strcpy(uri, "?immutable=1");
}

// On failure `*out` has what there is, to explain it.
static audyn_status_t
open_database(audyn_catalog_t **out, const char *path, int flags)
{
    *out = calloc(1, sizeof **out);
    if (!*out || !((*out)->path = strdup(path))) {
        return AUDYN_NO_MEMORY;
    }
    char uri[FROZEN_URI_BYTES];
    const bool frozen = flags == SQLITE_OPEN_READONLY && is_frozen(path);
    if (frozen) {
        name_frozen(uri, path);
    }
    const int code = sqlite3_open_v2(frozen ? uri : path, &(*out)->database,
                                     frozen ? flags | SQLITE_OPEN_URI : flags, NULL);
    if (code) {
        return catalog_status(code);
    }
    sqlite3_busy_timeout((*out)->database, READ_PATIENCE_MS);
    return AUDYN_OK;
}

static audyn_status_t
check_version(audyn_catalog_t *catalog, audyn_error_t *error)
{
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, "PRAGMA user_version", "");
    const int version = catalog_next(row, &status) ? sqlite3_column_int(row, 0) : 0;
    sqlite3_finalize(row);
    if (status) {
        return catalog_explain(catalog, status, error);
    }
    if (version > AUDYN_CATALOG_VERSION) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                               "the catalog %s is of version %d, of which this program "
                               "knows nothing; use a later audyn",
                               catalog->path, version);
    }
    return version == AUDYN_CATALOG_VERSION
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_BAD_DATA,
                                 "%s is not the catalog of an archive; audyn catalog "
                                 "rebuild DIR makes it anew",
                                 catalog->path);
}

static audyn_status_t
give_up(audyn_catalog_t **out, audyn_status_t status, audyn_error_t *error)
{
    if (!*out || !(*out)->database) {
        audyn_error_set(error, status, "out of memory for a catalog");
    } else {
        catalog_explain(*out, status, error);
    }
    audyn_catalog_close(*out);
    *out = NULL;
    return status;
}

static audyn_status_t
open_existing(audyn_catalog_t **out, const char *archive, int flags, audyn_error_t *error)
{
    *out = NULL;
    char path[PATH_MAX];
    const bool fits =
        snprintf(path, sizeof path, "%s/" AUDYN_CATALOG_FILE, archive) < PATH_MAX;
    if (!fits || access(path, R_OK)) {
        const int cause = fits ? errno : ENAMETOOLONG;
        if (cause != ENOENT || access(archive, F_OK)) {
            return audyn_error_set(error, audyn_status_from_errno(cause),
                                   "the archive %s cannot be read: %s", archive,
                                   strerror(cause));
        }
        return audyn_error_set(error, AUDYN_NOT_FOUND,
                               "%s is no archive, or has lost its catalog: there is no "
                               "%s; if it is one, audyn catalog rebuild makes it anew",
                               archive, path);
    }
    audyn_status_t status = open_database(out, path, flags);
    if (status) {
        return give_up(out, status, error);
    }
    status = check_version(*out, error);
    if (status) {
        audyn_catalog_close(*out);
        *out = NULL;
    }
    return status;
}

audyn_status_t
audyn_catalog_open(audyn_catalog_t **out, const char *archive, audyn_error_t *error)
{
    return open_existing(out, archive, SQLITE_OPEN_READONLY, error);
}

audyn_status_t
catalog_open_to_write(audyn_catalog_t **out, const char *archive, audyn_error_t *error)
{
    audyn_status_t status = open_existing(out, archive, SQLITE_OPEN_READWRITE, error);
    if (!status) {
        status = catalog_run(*out, "PRAGMA journal_mode = WAL", "");
        status = status ? status : catalog_run(*out, "PRAGMA synchronous = FULL", "");
        status = status ? give_up(out, status, error) : AUDYN_OK;
    }
    return status;
}

audyn_status_t
catalog_create(audyn_catalog_t **out, const char *path, audyn_error_t *error)
{
    audyn_status_t status =
        open_database(out, path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    if (!status) {
        status = catalog_status(sqlite3_exec((*out)->database, schema, NULL, NULL, NULL));
    }
    return status ? give_up(out, status, error) : AUDYN_OK;
}

void
audyn_catalog_close(audyn_catalog_t *catalog)
{
    if (catalog) {
        for (size_t i = 0; i < CATALOG_STATEMENTS; ++i) {
            sqlite3_finalize(catalog->kept[i].statement);
        }
        sqlite3_close(catalog->database);
        free(catalog->path);
        free(catalog);
    }
}
