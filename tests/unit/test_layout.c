// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/layout.h"
#include "core/clock.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR 3600
#define DAY 86400
#define TAI_MINUS_UTC 37

static void
set_zone(const char *zone)
{
    setenv("TZ", zone, 1);
    tzset();
}

static audyn_layout_t
layout_of(const char *name, uint32_t period_s, audyn_archive_clock_t clock)
{
    audyn_layout_t layout;
    audyn_error_t error;
    assert_int_equal(audyn_layout_init(&layout, name, period_s, clock, &error), AUDYN_OK);
    return layout;
}

// 2026-01-01 00:00:00 UTC and so on, in TAI seconds.
static int64_t
tai_of(int year, int month, int day, int hour, int minute)
{
    struct tm tm = {.tm_year = year - 1900,
                    .tm_mon = month - 1,
                    .tm_mday = day,
                    .tm_hour = hour,
                    .tm_min = minute};
    return timegm(&tm) + TAI_MINUS_UTC;
}

static void
assert_path(const audyn_layout_t *layout, int64_t tai_ns, const char *expected)
{
    char path[512];
    assert_int_equal(audyn_layout_path(layout, tai_ns, path, sizeof path), AUDYN_OK);
    assert_string_equal(path, expected);
}

static void
files_are_named_as_rotter_names_them(void **state)
{
    (void)state;
    static const struct {
        const char *layout, *path;
    } names[] = {
        {"flat", "2026-11-22-09"},
        {"hierarchy", "2026/11/22/09/archive"},
        {"combo", "2026/11/22/09/2026-11-22-09"},
        {"dailydir", "2026-11-22/2026-11-22-09"},
        {"accurate", "2026-11-22/2026-11-22-09-05-00-07"},
        {"custom=a/%j_%H%M", "a/326_0905"},
    };
    const int64_t at =
        tai_of(2026, 11, 22, 9, 5) * AUDYN_NS_PER_SECOND + 79 * AUDYN_NS_PER_MS;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        const audyn_layout_t layout = layout_of(names[i].layout, HOUR, AUDYN_ARCHIVE_UTC);
        assert_path(&layout, at, names[i].path);
    }
}

static void
names_that_leave_the_archive_are_refused(void **state)
{
    (void)state;
    static const char *const names[] = {
        "custom=",      "custom=/%Y",
        "custom=../%Y", "custom=%Y/../../x",
        "custom=%Y/",   "custom=a//b",
        "custom=%Y/..", "custom=..",
        "custom=./%Y",  "custom=%Y/.",
        "custom=%n%Y",  "custom=%Y/./%H",
        "hourly",       "",
        "custom",
    };
    audyn_layout_t layout;
    audyn_error_t error;
    for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
        assert_int_equal(
            audyn_layout_init(&layout, names[i], HOUR, AUDYN_ARCHIVE_UTC, &error),
            AUDYN_INVALID);
    }
    char longer[AUDYN_LAYOUT_PATTERN + 16] = "custom=";
    memset(longer + 7, 'x', AUDYN_LAYOUT_PATTERN);
    assert_int_equal(audyn_layout_init(&layout, longer, HOUR, AUDYN_ARCHIVE_UTC, &error),
                     AUDYN_INVALID);
    assert_int_equal(audyn_layout_init(&layout, "flat", 0, AUDYN_ARCHIVE_UTC, &error),
                     AUDYN_INVALID);
    assert_int_equal(
        audyn_layout_init(&layout, "flat", DAY + 1, AUDYN_ARCHIVE_UTC, &error),
        AUDYN_INVALID);
}

static void
utc_is_cut_on_its_full_hours_and_tai_on_its_own(void **state)
{
    (void)state;
    const int64_t at = tai_of(2026, 11, 22, 9, 5);
    const audyn_layout_t utc = layout_of("flat", HOUR, AUDYN_ARCHIVE_UTC);
    assert_int_equal(audyn_layout_next_cut(&utc, at), tai_of(2026, 11, 22, 10, 0));
    assert_int_equal(audyn_layout_next_cut(&utc, tai_of(2026, 11, 22, 10, 0)),
                     tai_of(2026, 11, 22, 11, 0));
    const audyn_layout_t tai = layout_of("flat", HOUR, AUDYN_ARCHIVE_TAI);
    assert_int_equal(audyn_layout_next_cut(&tai, at),
                     tai_of(2026, 11, 22, 10, 0) - TAI_MINUS_UTC);
}

static void
a_period_that_does_not_divide_the_day_begins_anew_at_midnight(void **state)
{
    (void)state;
    const audyn_layout_t layout = layout_of("flat", 7 * HOUR, AUDYN_ARCHIVE_UTC);
    int64_t at = tai_of(2026, 11, 22, 0, 0);
    static const int hours[] = {7, 14, 21, 24, 31};
    for (size_t i = 0; i < sizeof hours / sizeof *hours; ++i) {
        at = audyn_layout_next_cut(&layout, at);
        assert_int_equal(at, tai_of(2026, 11, 22, 0, 0) + hours[i] * HOUR);
    }
}

// Walks through the local year and returns how many files it has.
static unsigned
walk_year(const audyn_layout_t *layout, unsigned *repeated, unsigned *short_files,
          unsigned *longer)
{
    const int64_t end = tai_of(2027, 1, 1, 0, 0);
    char before[64] = "";
    unsigned files = 0;
    for (int64_t at = tai_of(2026, 1, 1, 0, 0); at < end; ++files) {
        const int64_t cut = audyn_layout_next_cut(layout, at);
        assert_true(cut > at);
        char path[64];
        audyn_layout_path(layout, at * AUDYN_NS_PER_SECOND, path, sizeof path);
        assert_true(strcmp(path, before) >= 0);
        *repeated += !strcmp(path, before);
        *short_files += cut - at < layout->period_s;
        *longer += cut - at > layout->period_s;
        strcpy(before, path);
        at = cut;
    }
    return files;
}

static void
a_year_of_hours_has_each_sample_once_also_across_daylight_saving_time(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        unsigned files, repeated, short_files;
    } zones[] = {
        {"UTC", 8760, 0, 0},
        {"Europe/Dublin", 8760, 1, 0},
        // The year begins and ends within an hour there.
        {"America/St_Johns", 8761, 1, 1},
        // Half an hour is left out in spring, and half an hour comes twice in autumn.
        {"Australia/Lord_Howe", 8761, 1, 2},
    };
    for (size_t i = 0; i < sizeof zones / sizeof *zones; ++i) {
        set_zone(zones[i].zone);
        const audyn_layout_t layout = layout_of("flat", HOUR, AUDYN_ARCHIVE_LOCAL);
        unsigned repeated = 0;
        unsigned short_files = 0;
        unsigned longer = 0;
        const unsigned files = walk_year(&layout, &repeated, &short_files, &longer);
        assert_int_equal(files, zones[i].files);
        assert_int_equal(repeated, zones[i].repeated);
        assert_int_equal(short_files, zones[i].short_files);
        assert_int_equal(longer, 0);
    }
    set_zone("UTC");
}

static void
days_have_23_and_25_hours(void **state)
{
    (void)state;
    set_zone("Europe/Dublin");
    const audyn_layout_t layout = layout_of("flat", DAY, AUDYN_ARCHIVE_LOCAL);
    const int64_t spring = tai_of(2026, 3, 29, 0, 0);
    assert_int_equal(audyn_layout_next_cut(&layout, spring) - spring, 23 * HOUR);
    const int64_t autumn = tai_of(2026, 10, 24, 23, 0);
    assert_int_equal(audyn_layout_next_cut(&layout, autumn) - autumn, 25 * HOUR);
    set_zone("UTC");
}

static void
a_leap_second_belongs_to_the_hour_that_it_ends(void **state)
{
    (void)state;
    audyn_layout_t layout = layout_of("accurate", HOUR, AUDYN_ARCHIVE_UTC);
    const int64_t leap = tai_of(2027, 1, 1, 0, 0); // the second 23:59:60
    static const char list[] = "#\tcomment\n3692217600\t37\t# 1 Jan 2017\n"
                               "4007750400 38 # 1 Jan 2027\n";
    assert_int_equal(
        audyn_leap_seconds_parse(&layout.leap_seconds, list, sizeof list - 1), AUDYN_OK);
    assert_path(&layout, (leap - 1) * AUDYN_NS_PER_SECOND,
                "2026-12-31/2026-12-31-23-59-59-00");
    assert_path(&layout, leap * AUDYN_NS_PER_SECOND, "2026-12-31/2026-12-31-23-59-60-00");
    assert_path(&layout, (leap + 1) * AUDYN_NS_PER_SECOND,
                "2027-01-01/2027-01-01-00-00-00-00");
    assert_int_equal(audyn_layout_next_cut(&layout, leap - HOUR), leap + 1);
    assert_int_equal(audyn_layout_next_cut(&layout, leap), leap + 1);
    assert_int_equal(audyn_layout_next_cut(&layout, leap + 1), leap + 1 + HOUR);
}

static void
a_list_of_leap_seconds_that_is_none_leaves_what_holds_since_2017(void **state)
{
    (void)state;
    static const char *const lists[] = {"", "# nothing\n", "3692217600\n", "x 37\n",
                                        "3692217600 37\n3692217600 38\n"};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; ++i) {
        audyn_leap_seconds_t table;
        assert_int_equal(audyn_leap_seconds_parse(&table, lists[i], strlen(lists[i])),
                         AUDYN_BAD_DATA);
        bool leap;
        assert_int_equal(audyn_leap_seconds_to_utc(&table, 1800000037, &leap),
                         1800000000);
        assert_false(leap);
    }
}

static void
the_systems_list_knows_the_last_leap_second(void **state)
{
    (void)state;
    audyn_leap_seconds_t table;
    audyn_leap_seconds_init(&table);
    bool leap;
    assert_int_equal(audyn_leap_seconds_to_utc(&table, 1483228836, &leap), 1483228799);
    assert_true(leap || table.count == 1);
    assert_int_equal(audyn_leap_seconds_to_utc(&table, 1483228837, &leap), 1483228800);
    assert_false(leap);
}

int
main(void)
{
    set_zone("UTC");
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(files_are_named_as_rotter_names_them),
        cmocka_unit_test(names_that_leave_the_archive_are_refused),
        cmocka_unit_test(utc_is_cut_on_its_full_hours_and_tai_on_its_own),
        cmocka_unit_test(a_period_that_does_not_divide_the_day_begins_anew_at_midnight),
        cmocka_unit_test(
            a_year_of_hours_has_each_sample_once_also_across_daylight_saving_time),
        cmocka_unit_test(days_have_23_and_25_hours),
        cmocka_unit_test(a_leap_second_belongs_to_the_hour_that_it_ends),
        cmocka_unit_test(
            a_list_of_leap_seconds_that_is_none_leaves_what_holds_since_2017),
        cmocka_unit_test(the_systems_list_knows_the_last_leap_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
