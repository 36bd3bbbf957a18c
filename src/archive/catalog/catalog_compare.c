// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/catalog/catalog_compare.h"

#include "archive/catalog/catalog_private.h"

#include <string.h>

// An entry from the end on, which may have come meanwhile.
#define IS_LATER(sequence)                                                               \
    sequence " >= ?2 AND EXISTS (SELECT 1 FROM entries e"                                \
             " WHERE e.stream = t.stream AND e.sequence = " sequence ")"
#define NULL_IF_LATER(sequence) "iif(" IS_LATER(sequence) ", NULL, " sequence ")"
#define BEFORE_END                                                                       \
    " t WHERE t.stream = ?1 AND NOT (" IS_LATER("t.sequence") ") ORDER BY t.sequence"

// Each in the order of its primary key, the sequence first.
static const struct {
    const char *sql, *what;
} tables[] = {
    {"SELECT sequence, kind FROM entries" BEFORE_END, "another kind of entry"},
    {"SELECT sequence, position, sample_frames, first_ns, end_ns, sample_rate,"
     " rate_numerator, rate_denominator, channels, bits, received, lost, late, no_frame,"
     " no_signal, unclassified FROM segments" BEFORE_END,
     "other samples of it"},
    {"SELECT sequence, path, format, encoding, bytes, sha256, sample_frames, end_ns,"
     " " NULL_IF_LATER("t.deleted_by") " FROM files" BEFORE_END ", path",
     "other files of it"},
    {"SELECT sequence, position, sample_frames, class FROM spans" BEFORE_END ", position",
     "other losses of it"},
    {"SELECT sequence, position, sample_frames, first_ns, end_ns, class FROM "
     "holes" BEFORE_END,
     "another hole before it"},
    {"SELECT sequence, from_position, to_position, from_ns, to_ns, why, who,"
     " " NULL_IF_LATER("t.released_by") " FROM holds" BEFORE_END,
     "another hold than this, or another release of it"},
    {"SELECT sequence, number, event, tai_ns, position, detail FROM events" BEFORE_END
     ", number",
     "other events of it"},
};

audyn_status_t
audyn_catalog_create_mirror(audyn_catalog_t **out, audyn_error_t *error)
{
    audyn_status_t status = catalog_create(out, "", error);
    if (!status && (status = catalog_begin(*out, 0))) {
        catalog_explain(*out, status, error);
        audyn_catalog_close(*out);
        *out = NULL;
    }
    return status;
}

audyn_status_t
audyn_catalog_mirror(audyn_catalog_t *mirror, const audyn_entry_t *entry,
                     const char *path, const char *sha256)
{
    const audyn_status_t status = catalog_insert(mirror, entry, path, sha256);
    return status == AUDYN_EXISTS ? AUDYN_OK : status;
}

// UINT64_MAX: there is no row left.
static uint64_t
next_sequence(sqlite3_stmt *row, audyn_status_t *status)
{
    return catalog_next(row, status) ? (uint64_t)sqlite3_column_int64(row, 0)
                                     : UINT64_MAX;
}

static bool
is_same_value(sqlite3_stmt *a, sqlite3_stmt *b, int column)
{
    const unsigned char *left = sqlite3_column_text(a, column);
    const unsigned char *right = sqlite3_column_text(b, column);
    return left && right ? !strcmp((const char *)left, (const char *)right)
                         : !left && !right;
}

static bool
is_same_row(sqlite3_stmt *a, sqlite3_stmt *b)
{
    int column = 1;
    while (column < sqlite3_column_count(a) && is_same_value(a, b, column)) {
        ++column;
    }
    return column == sqlite3_column_count(a);
}

static audyn_status_t
compare_rows(sqlite3_stmt *a, sqlite3_stmt *b, const char *what,
             void (*differs)(void *context, uint64_t sequence, const char *what),
             void *context)
{
    audyn_status_t status = AUDYN_OK;
    uint64_t left = next_sequence(a, &status);
    uint64_t right = next_sequence(b, &status);
    uint64_t told = UINT64_MAX;
    while (!status && (left != UINT64_MAX || right != UINT64_MAX)) {
        const uint64_t first = left < right ? left : right;
        const bool same = left == right && is_same_row(a, b);
        if (!same && first != told) {
            differs(context, told = first, what);
        }
        left = left == first ? next_sequence(a, &status) : left;
        right = right == first ? next_sequence(b, &status) : right;
    }
    return status;
}

audyn_status_t
audyn_catalog_compare(audyn_catalog_t *catalog, audyn_catalog_t *mirror,
                      const char *stream, uint64_t end,
                      void (*differs)(void *context, uint64_t sequence, const char *what),
                      void *context)
{
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < sizeof tables / sizeof *tables; ++i) {
        sqlite3_stmt *rows[2] = {NULL, NULL};
        status =
            catalog_prepare(catalog, &rows[0], tables[i].sql, "si", stream, (int64_t)end);
        status = status ? status
                        : catalog_prepare(mirror, &rows[1], tables[i].sql, "si", stream,
                                          (int64_t)end);
        status = status
                     ? status
                     : compare_rows(rows[0], rows[1], tables[i].what, differs, context);
        sqlite3_finalize(rows[0]);
        sqlite3_finalize(rows[1]);
    }
    return status;
}

// Bounds may be wider than need be: see catalog_remove().
static const char check_streams[] =
    "SELECT CASE WHEN EXISTS"
    " (SELECT 1 FROM segments WHERE stream NOT IN (SELECT name FROM streams))"
    " OR EXISTS (SELECT 1 FROM streams t JOIN"
    " (SELECT stream, count(*) AS segments, max(sequence) AS newest,"
    " min(first_ns) AS first_ns, max(end_ns) AS end_ns,"
    " max(sample_frames) AS longest_frames, max(end_ns - first_ns) AS longest_ns"
    " FROM segments GROUP BY stream) s ON s.stream = t.name"
    " WHERE t.segments <> s.segments OR t.newest < s.newest OR t.first_ns > s.first_ns"
    " OR t.end_ns < s.end_ns OR t.longest_frames < s.longest_frames"
    " OR t.longest_ns < s.longest_ns)"
    " OR EXISTS (SELECT 1 FROM streams t JOIN segments s"
    " ON s.stream = t.name AND s.sequence = t.newest"
    " WHERE (t.sample_rate, t.rate_numerator, t.rate_denominator, t.channels, t.bits)"
    " <> (s.sample_rate, s.rate_numerator, s.rate_denominator, s.channels, s.bits))"
    " THEN 'streams' ELSE 'ok' END";

static audyn_status_t
expect_ok(audyn_catalog_t *catalog, const char *sql)
{
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, sql, "");
    const bool whole = catalog_next(row, &status) &&
                       !strcmp((const char *)sqlite3_column_text(row, 0), "ok");
    sqlite3_finalize(row);
    return status || whole ? status : AUDYN_BAD_DATA;
}

audyn_status_t
audyn_catalog_check(audyn_catalog_t *catalog)
{
    const audyn_status_t status = expect_ok(catalog, "PRAGMA integrity_check(1)");
    return status ? status : expect_ok(catalog, check_streams);
}
