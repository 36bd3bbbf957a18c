// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/catalog/catalog_totals.h"
#include "archive/overview.h"
#include "archived_hours.h"

#include <stdlib.h>
#include <time.h>

#define DAY_S 86400

// 2026-11-22 00:00:37 TAI is midnight of UTC.
#define MIDNIGHT_NS (HOURS_BEGIN_NS + 37 * AUDYN_NS_PER_SECOND)

static audyn_layout_t
days_of(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
    audyn_layout_t days;
    assert_int_equal(
        audyn_layout_init(&days, "custom=%Y-%m-%d", DAY_S, AUDYN_ARCHIVE_LOCAL, NULL),
        AUDYN_OK);
    return days;
}

struct made {
    const audyn_layout_t *days;
    int64_t from_ns, to_ns; // 0: all there is
    audyn_catalog_t *catalog;
    audyn_overview_t overview;
    audyn_catalog_totals_t totals;
};

static bool
make_it(void *context, const audyn_catalog_stream_t *stream)
{
    struct made *made = context;
    assert_int_equal(audyn_overview_make(&made->overview, made->catalog, stream,
                                         made->days,
                                         made->from_ns ? made->from_ns : stream->first_ns,
                                         made->to_ns ? made->to_ns : stream->end_ns),
                     AUDYN_OK);
    assert_int_equal(audyn_catalog_totals(made->catalog, stream->name, &made->totals),
                     AUDYN_OK);
    return false;
}

static struct made
make(const audyn_layout_t *days, int64_t from_ns, int64_t to_ns)
{
    struct made made = {.days = days, .from_ns = from_ns, .to_ns = to_ns};
    assert_int_equal(audyn_catalog_open(&made.catalog, archive_folder, NULL), AUDYN_OK);
    assert_int_equal(audyn_catalog_streams(made.catalog, make_it, &made), AUDYN_OK);
    audyn_catalog_close(made.catalog);
    assert_non_null(made.overview.days);
    return made;
}

static void
each_day_has_what_was_recorded_of_it(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 20, 30, "wav");
    archive_hours(chain, "a", 33, 34, "wav");
    audyn_chain_close(chain);
    const audyn_layout_t days = days_of("UTC");
    struct made made = make(&days, 0, 0);
    assert_int_equal(made.overview.count, 2);
    const audyn_overview_day_t *first = &made.overview.days[0];
    const audyn_overview_day_t *second = &made.overview.days[1];
    assert_true(first->midnight_ns == MIDNIGHT_NS);
    // Segments begin 37 s before the hour.
    const int64_t early_ns = 37 * AUDYN_NS_PER_SECOND;
    assert_true(first->recorded_ns == 4 * HOUR_NS + early_ns);
    assert_true(audyn_overview_day_is_whole(first));
    assert_true(first->hours_ns[19] == early_ns);
    assert_true(first->hours_ns[20] == HOUR_NS);
    assert_true(second->recorded_ns == 7 * HOUR_NS - early_ns);
    assert_false(audyn_overview_day_is_whole(second));
    assert_int_equal(second->holes, 1);
    assert_true(second->hole_ns == 3 * HOUR_NS);
    assert_true(second->longest_hole_from_ns == HOURS_BEGIN_NS + 30 * HOUR_NS);
    assert_true(second->hours_ns[6] == 0);
    free(made.overview.days);
}

static void
a_hole_over_midnight_is_shared_by_both_days(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hour(chain, "a", 21, "wav");
    archive_hour(chain, "a", 27, "wav");
    audyn_chain_close(chain);
    const audyn_layout_t days = days_of("UTC");
    // From the second hour before the first segment, though nothing was recorded yet.
    struct made made =
        make(&days, MIDNIGHT_NS + 19 * HOUR_NS, MIDNIGHT_NS + 30 * HOUR_NS);
    assert_int_equal(made.overview.count, 2);
    const int64_t early_ns = 37 * AUDYN_NS_PER_SECOND;
    assert_int_equal(made.overview.days[0].holes, 2);
    assert_true(made.overview.days[0].hole_ns == 4 * HOUR_NS);
    assert_true(made.overview.days[0].recorded_ns == HOUR_NS);
    assert_true(made.overview.days[1].hole_ns == 5 * HOUR_NS);
    assert_true(made.overview.days[1].longest_hole_ns == 3 * HOUR_NS - early_ns);
    free(made.overview.days);
}

static void
days_of_a_zone_are_longer_and_shorter(void **state)
{
    (void)state;
    // The midnight before 2026-10-25, the day on which Dublin leaves UTC+1.
    const int midnight = -28 * 24 - 1;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", midnight - 1, midnight + 50, "wav");
    audyn_chain_close(chain);
    const audyn_layout_t days = days_of("Europe/Dublin");
    struct made made = make(&days, 0, 0);
    assert_true(made.overview.count >= 3);
    const audyn_overview_day_t *day = &made.overview.days[1];
    assert_true(day->to_ns - day->from_ns == 25 * HOUR_NS);
    assert_true(day->recorded_ns == 25 * HOUR_NS);
    assert_true(day->hours_ns[24] == HOUR_NS);
    free(made.overview.days);
}

static void
what_was_lost_is_not_recorded(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    audyn_entry_t entry;
    make_hour(&entry, "a", 1, "wav");
    const uint64_t position = entry.segment.first.position;
    entry.segment.received -= 5 * UINT64_C(48000);
    entry.segment.missing[AUDYN_SAMPLE_LOST] = 2 * UINT64_C(48000);
    entry.segment.unclassified = 3 * UINT64_C(48000);
    audyn_entry_add_span(&entry, position, 48000, "received_b");
    audyn_entry_add_span(&entry, position + 480000, 96000, "lost");
    audyn_entry_add_span(&entry, position + 960000, 144000, "unclassified");
    append_entry(chain, &entry, "a/0001.json");
    audyn_chain_close(chain);
    const audyn_layout_t days = days_of("UTC");
    struct made made = make(&days, 0, 0);
    const audyn_overview_day_t *day = &made.overview.days[0];
    assert_int_equal(day->losses, 2);
    assert_true(day->lost_ns == 5 * AUDYN_NS_PER_SECOND);
    assert_true(day->recorded_ns == HOUR_NS - 5 * AUDYN_NS_PER_SECOND);
    assert_true(made.totals.sample_frames == 3600 * UINT64_C(48000));
    assert_true(made.totals.missing[AUDYN_SAMPLE_LOST] == 96000);
    assert_true(made.totals.unclassified == 144000);
    free(made.overview.days);
}

struct sizes {
    unsigned count;
    char formats[64];
    uint64_t files, bytes;
};

static bool
add_size(void *context, const char *format, uint64_t files, uint64_t bytes)
{
    struct sizes *sizes = context;
    ++sizes->count;
    strcat(strcat(sizes->formats, " "), format);
    sizes->files += files;
    sizes->bytes += bytes;
    return true;
}

static void
sizes_are_those_of_files_that_are_kept(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 3, "wav opus");
    archive_hours(chain, "b", 0, 3, "flac");
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_TOMBSTONE, "a", &hours_format);
    entry.tombstone = (audyn_entry_tombstone_t){.segment = 1, .file_count = 1};
    strcpy(entry.tombstone.files[0].path, "0001.wav");
    append_entry(chain, &entry, NULL);
    audyn_chain_close(chain);
    audyn_catalog_t *catalog;
    assert_int_equal(audyn_catalog_open(&catalog, archive_folder, NULL), AUDYN_OK);
    struct sizes sizes = {0};
    assert_int_equal(audyn_catalog_sizes(catalog, "a", add_size, &sizes), AUDYN_OK);
    audyn_catalog_close(catalog);
    assert_string_equal(sizes.formats, " opus wav");
    assert_true(sizes.files == 5);
    assert_true(sizes.bytes == 5 * HOUR_BYTES);
}

#define OVERVIEW_TEST(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        OVERVIEW_TEST(each_day_has_what_was_recorded_of_it),
        OVERVIEW_TEST(a_hole_over_midnight_is_shared_by_both_days),
        OVERVIEW_TEST(days_of_a_zone_are_longer_and_shorter),
        OVERVIEW_TEST(what_was_lost_is_not_recorded),
        OVERVIEW_TEST(sizes_are_those_of_files_that_are_kept),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
