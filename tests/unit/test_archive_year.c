// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define MINUTE 60
#define HOUR 3600
#define DAY 86400

static void
set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

// The TAI second at which this day and minute of 2026 begin in UTC; days of further
// months count on.
static uint64_t
tai_of(int month, int day, int minute)
{
    struct tm tm = {
        .tm_year = 2026 - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_min = minute};
    return (uint64_t)timegm(&tm) + 37;
}

static void
a_year_of_days_has_one_that_is_shorter_and_one_that_is_longer(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        size_t segments;
        uint64_t shorter, longer;
    } zones[] = {
        {"Europe/Dublin", 365, 23 * HOUR, 25 * HOUR},
        // The year begins and ends within a day there.
        {"America/St_Johns", 366, 23 * HOUR, 25 * HOUR},
        {"Australia/Lord_Howe", 366, 23 * HOUR + HOUR / 2, 24 * HOUR + HOUR / 2},
    };
    for (size_t i = 0; i < sizeof zones / sizeof *zones; ++i) {
        set_zone(zones[i].zone);
        const audyn_archive_settings_t settings =
            archive_bench_settings("custom=%Y/%m-%d", DAY, AUDYN_ARCHIVE_LOCAL);
        struct archive_bench bench;
        archive_bench_record(&bench, &settings, tai_of(1, 1, 0), 365 * DAY);
        size_t count;
        const struct told_segment *days = archive_bench_assert_unbroken(&bench, &count);
        assert_int_equal(count, zones[i].segments);
        unsigned shorter = 0;
        unsigned longer = 0;
        for (size_t day = 1; day + 1 < count; ++day) {
            shorter += days[day].sample_frames == zones[i].shorter;
            longer += days[day].sample_frames == zones[i].longer;
            assert_true(days[day].sample_frames == DAY || shorter + longer > 0);
        }
        assert_int_equal(shorter, 1);
        assert_int_equal(longer, 1);
        archive_bench_clear_folder(NULL);
    }
}

// From four hours before a change of the zone's offset to four hours after it.
static void
assert_change(const char *layout, uint32_t period_s, uint64_t change)
{
    const audyn_archive_settings_t settings =
        archive_bench_settings(layout, period_s, AUDYN_ARCHIVE_LOCAL);
    struct archive_bench bench;
    archive_bench_record(&bench, &settings, change - 4 * HOUR - 137, 8 * HOUR);
    size_t count;
    const struct told_segment *told = archive_bench_assert_unbroken(&bench, &count);
    bool is_cut = false;
    unsigned shorter = 0;
    for (size_t i = 1; i + 1 < count; ++i) {
        assert_true(told[i].sample_frames <= period_s);
        shorter += told[i].sample_frames < period_s;
        is_cut |= told[i].position == change;
    }
    assert_true(is_cut);
    // A period that divides no hour: before the change, after it, and at midnight.
    assert_true(shorter <= (HOUR % period_s ? 3 : 0));
    archive_bench_clear_folder(NULL);
}

// Each layout in one zone; all of them in all zones are in test_segment_place.c.
static void
quarters_and_seven_minutes_are_whole_across_changes_in_each_layout(void **state)
{
    (void)state;
    static const char *const layouts[] = {"flat",     "hierarchy", "combo",
                                          "dailydir", "accurate",  "custom=%H%M"};
    const struct {
        const char *zone;
        uint64_t changes[2];
    } zones[] = {
        {"Europe/Dublin", {tai_of(3, 29, HOUR / MINUTE), tai_of(10, 25, HOUR / MINUTE)}},
        {"America/St_Johns", {tai_of(3, 8, 330), tai_of(11, 1, 270)}},
        {"Australia/Lord_Howe", {tai_of(4, 4, 900), tai_of(10, 3, 930)}},
    };
    for (size_t i = 0; i < sizeof layouts / sizeof *layouts; ++i) {
        set_zone(zones[i % 3].zone);
        const uint64_t change = zones[i % 3].changes[i / 3];
        assert_change(layouts[i], 15 * MINUTE, change);
        assert_change(layouts[i], 7 * MINUTE, change);
    }
}

static void
a_leap_second_makes_the_last_file_of_its_day_longer(void **state)
{
    (void)state;
    static const struct {
        uint32_t period_s, last_s;
    } periods[] = {{HOUR, HOUR + 1},
                   {DAY, DAY + 1},
                   {15 * MINUTE, 15 * MINUTE + 1},
                   {7 * MINUTE, DAY % (7 * MINUTE) + 1}};
    static const char list[] = "3692217600 37\n4007750400 38\n"; // 2017, 2027
    set_zone("UTC");
    for (size_t i = 0; i < sizeof periods / sizeof *periods; ++i) {
        audyn_archive_settings_t settings =
            archive_bench_settings("accurate", periods[i].period_s, AUDYN_ARCHIVE_UTC);
        assert_int_equal(audyn_leap_seconds_parse(&settings.layout.leap_seconds, list,
                                                  sizeof list - 1),
                         AUDYN_OK);
        struct archive_bench bench;
        archive_bench_record(&bench, &settings, tai_of(12, 31, 0),
                             DAY + 1 + periods[i].period_s);
        size_t count;
        const struct told_segment *told = archive_bench_assert_unbroken(&bench, &count);
        assert_int_equal(told[count - 2].sample_frames, periods[i].last_s);
        assert_int_equal(told[count - 1].sample_frames, periods[i].period_s);
        assert_true(archive_bench_exists("2027-01-01/2027-01-01-00-00-00-00.wav"));
        archive_bench_clear_folder(NULL);
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_year_of_days_has_one_that_is_shorter_and_one_that_is_longer),
        CASE(quarters_and_seven_minutes_are_whole_across_changes_in_each_layout),
        CASE(a_leap_second_makes_the_last_file_of_its_day_longer),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
