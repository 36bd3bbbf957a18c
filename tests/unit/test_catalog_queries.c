// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/catalog/catalog_private.h"
#include "archive/catalog/catalog_sql.h"
#include "archived_hours.h"

#include <string.h>

// Of a step of SQLite's plan.  For a least or largest value it says SEARCH in any
// case, but by what only where an index has it: "(end_ns>?)".
static bool
reads_all(const char *step)
{
    return !strncmp(step, "SCAN", strlen("SCAN")) || strstr(step, "AUTOMATIC") ||
           (!strncmp(step, "SEARCH", strlen("SEARCH")) && !strchr(step, '('));
}

static bool
sorts(const char *step)
{
    return strstr(step, "TEMP B-TREE");
}

static void
assert_no_step(audyn_catalog_t *catalog, const char *sql, bool (*is_wrong)(const char *))
{
    char explain[2048];
    assert_in_range(snprintf(explain, sizeof explain, "EXPLAIN QUERY PLAN %s", sql), 1,
                    sizeof explain - 1);
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, explain, "");
    unsigned steps = 0;
    for (; catalog_next(row, &status); ++steps) {
        const char *step = (const char *)sqlite3_column_text(row, 3);
        if (is_wrong(step)) {
            fail_msg("%s: %s", sql, step);
        }
    }
    sqlite3_finalize(row);
    assert_int_equal(status, AUDYN_OK);
    assert_true(steps > 0);
}

static audyn_catalog_t *
open_catalog(void)
{
    audyn_chain_close(open_hours());
    audyn_catalog_t *catalog;
    assert_int_equal(audyn_catalog_open(&catalog, archive_folder, NULL), AUDYN_OK);
    return catalog;
}

static void
no_query_reads_a_whole_table(void **state)
{
    (void)state;
    // But those of all streams and holds, which are few.
    static const char *const queries[] = {
        CATALOG_SEGMENTS_BY_POSITION,
        CATALOG_SEGMENTS_BY_TIME,
        CATALOG_FILES,
        CATALOG_OLDEST_FILES,
        CATALOG_OLDEST_FILES_OF_FORMAT,
        CATALOG_SPANS_BY_POSITION,
        CATALOG_SPANS_BY_TIME,
        CATALOG_HOLES_BY_POSITION,
        CATALOG_HOLES_BY_TIME,
        CATALOG_HOLDS_OF_STREAM,
        CATALOG_ENTRIES,
        CATALOG_CHAIN_END,
        CATALOG_HAS_ENTRY,
        CATALOG_END_BEFORE,
        CATALOG_TOTALS,
        CATALOG_HOLE_TOTALS,
        CATALOG_SIZES,
        CATALOG_FIRST_END,
        CATALOG_LAST_END,
        CATALOG_LAST_DELETED,
    };
    audyn_catalog_t *catalog = open_catalog();
    for (size_t i = 0; i < sizeof queries / sizeof *queries; ++i) {
        assert_no_step(catalog, queries[i], reads_all);
    }
    audyn_catalog_close(catalog);
}

static void
what_comes_in_order_is_not_sorted_first(void **state)
{
    (void)state;
    static const char *const queries[] = {
        CATALOG_OLDEST_FILES_OF_FORMAT,
        CATALOG_OLDEST_FILES,
        CATALOG_SEGMENTS_BY_POSITION,
        CATALOG_SEGMENTS_BY_TIME,
        CATALOG_ENTRIES,
        CATALOG_SIZES,
    };
    audyn_catalog_t *catalog = open_catalog();
    for (size_t i = 0; i < sizeof queries / sizeof *queries; ++i) {
        assert_no_step(catalog, queries[i], sorts);
    }
    audyn_catalog_close(catalog);
}

#define CATALOG_TEST(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CATALOG_TEST(no_query_reads_a_whole_table),
        CATALOG_TEST(what_comes_in_order_is_not_sorted_first),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
