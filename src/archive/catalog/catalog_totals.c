// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/catalog/catalog_totals.h"

#include "archive/catalog/catalog_private.h"
#include "archive/catalog/catalog_sql.h"

static uint64_t
count_at(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

audyn_status_t
audyn_catalog_totals(audyn_catalog_t *catalog, const char *stream,
                     audyn_catalog_totals_t *totals)
{
    *totals = (audyn_catalog_totals_t){0};
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, CATALOG_TOTALS, "s", stream);
    if (catalog_next(row, &status)) {
        *totals = (audyn_catalog_totals_t){
            .sample_frames = count_at(row, 0),
            .missing = {[AUDYN_SAMPLE_LOST] = count_at(row, 1),
                        [AUDYN_SAMPLE_LATE] = count_at(row, 2),
                        [AUDYN_SAMPLE_NO_FRAME] = count_at(row, 3),
                        [AUDYN_SAMPLE_NO_SIGNAL] = count_at(row, 4)},
            .unclassified = count_at(row, 5),
        };
    }
    sqlite3_finalize(row);
    if (status) {
        return status;
    }
    status = catalog_prepare(catalog, &row, CATALOG_HOLE_TOTALS, "s", stream);
    if (catalog_next(row, &status)) {
        totals->holes = count_at(row, 0);
        totals->hole_ns = sqlite3_column_int64(row, 1);
    }
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_sizes(audyn_catalog_t *catalog, const char *stream,
                    audyn_catalog_visit_size_t *visit, void *context)
{
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, CATALOG_SIZES, "s", stream);
    for (bool more = true; more && catalog_next(row, &status);) {
        const char *format = (const char *)sqlite3_column_text(row, 0);
        more = visit(context, format, count_at(row, 1), count_at(row, 2));
    }
    sqlite3_finalize(row);
    return status;
}

// 0 where there is no row, or NULL in it.
static audyn_status_t
read_end(audyn_catalog_t *catalog, const char *sql, int64_t at_ns, int64_t *end_ns)
{
    *end_ns = 0;
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, sql, "i", at_ns);
    if (catalog_next(row, &status)) {
        *end_ns = sqlite3_column_int64(row, 0);
    }
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_first_end(audyn_catalog_t *catalog, int64_t from_ns, int64_t *end_ns)
{
    return read_end(catalog, CATALOG_FIRST_END, from_ns, end_ns);
}

audyn_status_t
audyn_catalog_last_end(audyn_catalog_t *catalog, int64_t until_ns, int64_t *end_ns)
{
    return read_end(catalog, CATALOG_LAST_END, until_ns, end_ns);
}
