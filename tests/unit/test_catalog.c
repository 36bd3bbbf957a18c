// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"

#include "archive/catalog/catalog_private.h"
#include "core/clock.h"
#include "core/directory.h"
#include "sample_entries.h"

#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR_NS (3600 * AUDYN_NS_PER_SECOND)
#define HOURS 8760
#define NOBODY 65534

static audyn_catalog_t *
create(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/" AUDYN_CATALOG_FILE, archive_folder);
    assert_int_equal(audyn_directory_make_for(path), 0);
    audyn_catalog_t *catalog;
    assert_int_equal(catalog_create(&catalog, path, NULL), AUDYN_OK);
    return catalog;
}

// 5 streams of hourly segments for a year, one sample frame a second, each with a file
// and a span.
static void
fill_year(audyn_catalog_t *catalog)
{
    static const char hours[] =
        "CREATE TEMP TABLE hours AS WITH RECURSIVE s(n) AS"
        " (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 5),"
        " h(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM h WHERE n < 8759)"
        " SELECT printf('s%02d', s.n) AS stream, h.n AS hour FROM s, h";
    static const char *const fills[] = {
        hours,
        "INSERT INTO streams SELECT DISTINCT stream, 1, 1, 1, 2, 24, 8759, 8760, 0,"
        " 31536000000000000, 3600, 3600000000000 FROM hours",
        "INSERT INTO entries SELECT stream, hour, 'segment', stream || '/' || hour ||"
        " '.json', '' FROM hours",
        "INSERT INTO segments SELECT stream, hour, hour * 3600, 3600,"
        " hour * 3600000000000, (hour + 1) * 3600000000000, 1, 1, 1, 2, 24, 3600, 0, 0,"
        " 0, 0, 0 FROM hours",
        "INSERT INTO files SELECT stream, hour, stream || '/' || hour || '.wav', 'wav',"
        " 'pcm24', 1, '', NULL, (hour + 1) * 3600000000000, NULL FROM hours",
        "INSERT INTO spans SELECT stream, hour, hour * 3600 + 7, 5, 'lost' FROM hours",
    };
    assert_int_equal(catalog_begin(catalog, 0), AUDYN_OK);
    for (size_t i = 0; i < sizeof fills / sizeof *fills; ++i) {
        assert_int_equal(catalog_run(catalog, fills[i], ""), AUDYN_OK);
    }
    assert_int_equal(catalog_commit(catalog), AUDYN_OK);
}

struct seen {
    uint64_t count, first;
};

static bool
see_segment(void *context, const audyn_catalog_segment_t *segment)
{
    struct seen *seen = context;
    seen->first = seen->count++ ? seen->first : segment->sequence;
    return true;
}

static bool
see_span(void *context, const audyn_catalog_span_t *span)
{
    struct seen *seen = context;
    assert_string_equal(span->class, "lost");
    seen->first = seen->count++ ? seen->first : span->sequence;
    return true;
}

static bool
see_one_file(void *context, const audyn_catalog_file_t *file)
{
    struct seen *seen = context;
    seen->first = file->sequence;
    return ++seen->count < 10;
}

static void
tell_time(const char *what, int64_t start_ns)
{
    const audyn_clock_t *clock = audyn_clock_system();
    print_message("# %s: %.2f ms\n", what,
                  (double)(clock->monotonic_ns(clock) - start_ns) / 1e6);
}

static int64_t
now_ns(void)
{
    const audyn_clock_t *clock = audyn_clock_system();
    return clock->monotonic_ns(clock);
}

static void
any_day_is_found_in_a_year_of_five_streams(void **state)
{
    (void)state;
    audyn_catalog_t *catalog = create();
    fill_year(catalog);
    const audyn_catalog_range_t day = {
        .by_tai = true, .from = 4000 * HOUR_NS - 1, .to = 4023 * HOUR_NS + 1};
    const audyn_catalog_range_t positions = {.from = 4000 * 3600, .to = 4024 * 3600};
    struct seen seen = {0};
    int64_t start_ns = now_ns();
    assert_int_equal(audyn_catalog_segments(catalog, "s03", &day, see_segment, &seen),
                     AUDYN_OK);
    tell_time("segments of a day by time", start_ns);
    assert_true(seen.count == 25 && seen.first == 3999);
    seen = (struct seen){0};
    start_ns = now_ns();
    assert_int_equal(
        audyn_catalog_segments(catalog, "s03", &positions, see_segment, &seen), AUDYN_OK);
    tell_time("segments of a day by position", start_ns);
    assert_true(seen.count == 24 && seen.first == 4000);
    seen = (struct seen){0};
    start_ns = now_ns();
    assert_int_equal(audyn_catalog_spans(catalog, "s03", &positions, see_span, &seen),
                     AUDYN_OK);
    tell_time("losses of a day", start_ns);
    assert_true(seen.count == 24 && seen.first == 4000);
    seen = (struct seen){0};
    start_ns = now_ns();
    assert_int_equal(
        audyn_catalog_oldest_files(catalog, "wav", HOURS * HOUR_NS, see_one_file, &seen),
        AUDYN_OK);
    tell_time("the oldest ten files", start_ns);
    assert_true(seen.count == 10 && seen.first == 1);
    audyn_catalog_close(catalog);
}

static bool
see_file(void *context, const audyn_catalog_file_t *file)
{
    audyn_catalog_file_t *seen = context;
    if (!strcmp(file->path, "studio/a/2026-11-22-14.wav")) {
        *seen = *file;
    }
    return true;
}

static bool
see_hold(void *context, const audyn_catalog_hold_t *hold)
{
    audyn_catalog_hold_t *seen = context;
    assert_string_equal(hold->by, "archivist");
    *seen = *hold;
    return true;
}

static void
insert(audyn_catalog_t *catalog, audyn_entry_kind_t kind, uint64_t sequence)
{
    audyn_entry_t entry;
    make_entry(&entry, kind, sequence);
    char path[64];
    snprintf(path, sizeof path, "studio/a/%" PRIu64 ".json", sequence);
    assert_int_equal(catalog_insert(catalog, &entry, path, ENTRY_SHA256), AUDYN_OK);
    audyn_entry_finish(&entry);
}

static void
a_tombstone_and_a_release_are_told_where_they_belong(void **state)
{
    (void)state;
    audyn_catalog_t *catalog = create();
    insert(catalog, AUDYN_ENTRY_SEGMENT, 3);
    insert(catalog, AUDYN_ENTRY_HOLD, 5);
    audyn_catalog_file_t file = {0};
    audyn_catalog_hold_t hold = {0};
    for (int after = 0; after < 2; ++after) {
        assert_int_equal(audyn_catalog_files(catalog, "studio", 3, see_file, &file),
                         AUDYN_OK);
        assert_int_equal(audyn_catalog_holds(catalog, NULL, see_hold, &hold), AUDYN_OK);
        assert_int_equal(file.deleted, after);
        assert_int_equal(hold.released, after);
        if (!after) {
            insert(catalog, AUDYN_ENTRY_RELEASE, 6);
            insert(catalog, AUDYN_ENTRY_TOMBSTONE, 7);
        }
    }
    assert_int_equal(hold.released_by, 6);
    assert_int_equal(file.deleted_by, 7);
    audyn_catalog_close(catalog);
}

static void
a_place_in_the_chain_is_given_once(void **state)
{
    (void)state;
    audyn_catalog_t *catalog = create();
    insert(catalog, AUDYN_ENTRY_SEGMENT, 3);
    audyn_entry_t entry;
    make_entry(&entry, AUDYN_ENTRY_HOLD, 3);
    assert_int_equal(catalog_insert(catalog, &entry, "other.json", ENTRY_SHA256),
                     AUDYN_EXISTS);
    entry.sequence = 4;
    assert_int_equal(catalog_insert(catalog, &entry, "studio/a/3.json", ENTRY_SHA256),
                     AUDYN_EXISTS);
    assert_int_equal(catalog_insert(catalog, &entry, "other.json", ENTRY_SHA256),
                     AUDYN_OK);
    audyn_entry_finish(&entry);
    audyn_catalog_close(catalog);
}

static void
a_catalog_is_read_where_nothing_can_be_written(void **state)
{
    (void)state;
    char folder[PATH_MAX];
    audyn_catalog_close(create());
    audyn_catalog_t *catalog;
    assert_int_equal(catalog_open_to_write(&catalog, archive_folder, NULL), AUDYN_OK);
    audyn_catalog_close(catalog);
    snprintf(folder, sizeof folder, "%s/.audyn", archive_folder);
    assert_int_equal(chmod(archive_folder, 0755), 0);
    assert_int_equal(chmod(folder, 0555), 0);
    const bool root = geteuid() == 0;
    assert_int_equal(root ? seteuid(NOBODY) : 0, 0);
    audyn_error_t error = {""};
    const audyn_status_t status = audyn_catalog_open(&catalog, archive_folder, &error);
    audyn_catalog_close(catalog);
    assert_int_equal(root ? seteuid(0) : 0, 0);
    assert_int_equal(chmod(folder, 0755), 0);
    assert_string_equal(error.text, "");
    assert_int_equal(status, AUDYN_OK);
}

int
main(void)
{
#define IN_FOLDER(test)                                                                  \
    cmocka_unit_test_setup_teardown(test, NULL, archive_bench_clear_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(any_day_is_found_in_a_year_of_five_streams),
        IN_FOLDER(a_tombstone_and_a_release_are_told_where_they_belong),
        IN_FOLDER(a_place_in_the_chain_is_given_once),
        IN_FOLDER(a_catalog_is_read_where_nothing_can_be_written),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
