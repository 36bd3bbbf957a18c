// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/clock.h"
#include "core/time_text.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static audyn_leap_seconds_t leap_seconds;

// The last three, and one that is left out in 2035 as nobody has decided.
static int
set_up(void **state)
{
    (void)state;
    static const char list[] = "2272060800 10 # 1 Jan 1972\n"
                               "3550089600 35 # 1 Jul 2012\n"
                               "3644697600 36 # 1 Jul 2015\n"
                               "3692217600 37 # 1 Jan 2017\n"
                               "4260211200 36 # 1 Jan 2035\n";
    return audyn_leap_seconds_parse(&leap_seconds, list, sizeof list - 1) != AUDYN_OK;
}

static int64_t
parse(const char *text, const char *zone)
{
    audyn_moment_text_t moment;
    audyn_error_t error = {.text = ""};
    if (audyn_time_text_parse(&moment, text, zone, &leap_seconds, &error)) {
        fail_msg("%s", error.text);
    }
    assert_false(moment.is_position);
    return moment.tai_ns;
}

static int64_t
tai_ns(int64_t utc_s, int64_t tai_minus_utc, int64_t ns)
{
    return (utc_s + tai_minus_utc) * AUDYN_NS_PER_SECOND + ns;
}

static void
assert_refused(const char *text, const char *zone, const char *said)
{
    audyn_moment_text_t moment;
    audyn_error_t error = {.text = ""};
    assert_int_equal(audyn_time_text_parse(&moment, text, zone, &leap_seconds, &error),
                     AUDYN_INVALID);
    if (!strstr(error.text, said)) {
        fail_msg("“%s” does not say “%s”", error.text, said);
    }
}

static void
one_moment_is_read_in_all_its_spellings(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "2026-11-22T14:00:00.25Z",
        "2026-11-22t14:00:00.250000000z",
        "2026-11-22 14:00:00,25Z",
        "2026-11-22T15:00:00.25+01:00",
        "2026-11-22T15:00:00.25+0100",
        "2026-11-22 15:00:00.25+01",
        "2026-11-22T10:30:00.25-03:30",
        "2026-11-23T03:00:00.25+13:00",
        "2026-11-22 14:00:00.25 Europe/Dublin",
        "2026-11-22T10:30:00.25 America/St_Johns",
        "2026-11-23 01:00:00.25  Australia/Lord_Howe",
        "2026-11-22T14:00:00.25 UTC",
        "2026-11-22T14:00:00.25",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        assert_true(parse(texts[i], NULL) == tai_ns(1795356000, 37, 250000000));
    }
    assert_true(parse("2026-11-22T14:00Z", NULL) == tai_ns(1795356000, 37, 0));
    assert_true(parse("2026-11-22T14:00:00.000000001Z", NULL) ==
                tai_ns(1795356000, 37, 1));
}

static void
a_date_is_midnight_of_the_usual_zone_or_of_its_own(void **state)
{
    (void)state;
    const int64_t midnight = tai_ns(1795305600, 37, 0);
    const int64_t hour = 3600 * AUDYN_NS_PER_SECOND;
    assert_true(parse("2026-11-22", NULL) == midnight);
    assert_true(parse("2026-11-22", "Europe/Berlin") == midnight - hour);
    assert_true(parse("2026-11-22 Europe/Berlin", "Asia/Tokyo") == midnight - hour);
    assert_true(parse("2026-11-22 14:00", "America/St_Johns") ==
                midnight + 17 * hour + hour / 2);
    // What stands in the text counts.
    assert_true(parse("2026-11-22T14:00Z", "America/St_Johns") == midnight + 14 * hour);
}

static void
the_usual_zone_may_be_that_of_the_process(void **state)
{
    (void)state;
    setenv("TZ", "Europe/Berlin", 1);
    assert_true(parse("2026-11-22 13:00", "local") == tai_ns(1795348800, 37, 0));
    assert_true(parse("2026-11-22 12:00", NULL) == tai_ns(1795348800, 37, 0));
    // And stays as it is.
    assert_true(parse("2026-11-22 21:00 Asia/Tokyo", NULL) == tai_ns(1795348800, 37, 0));
    assert_string_equal(getenv("TZ"), "Europe/Berlin");
    const time_t seconds = 1795348800;
    struct tm tm;
    localtime_r(&seconds, &tm);
    assert_int_equal(tm.tm_hour, 13);
    unsetenv("TZ");
    parse("2026-11-22 21:00 Asia/Tokyo", NULL);
    assert_null(getenv("TZ"));
}

static void
an_hour_that_comes_twice_is_refused_with_both_offsets(void **state)
{
    (void)state;
    assert_refused("2026-10-25 01:30 Europe/Dublin", NULL,
                   "2026-10-25T01:30:00 comes twice in Europe/Dublin");
    assert_refused("2026-10-25 01:30", "Europe/Dublin",
                   "say 2026-10-25T01:30:00+01:00 or 2026-10-25T01:30:00+00:00");
    assert_refused("2026-11-01 01:00 America/St_Johns", NULL, "-02:30 or ");
    assert_refused("2026-11-01 01:59:59 America/St_Johns", NULL, "01:59:59-03:30");
    assert_refused("2026-04-05 01:45 Australia/Lord_Howe", NULL,
                   "+11:00 or 2026-04-05T01:45:00+10:30");
    // It begins and ends to the second.
    const int64_t second = AUDYN_NS_PER_SECOND;
    assert_true(parse("2026-10-25 00:59:59 Europe/Dublin", NULL) + second ==
                parse("2026-10-25T01:00:00+01:00", NULL));
    assert_true(parse("2026-10-25 02:00 Europe/Dublin", NULL) ==
                parse("2026-10-25T01:59:59+00:00", NULL) + second);
    assert_true(parse("2026-04-05 01:29:59 Australia/Lord_Howe", NULL) + second ==
                parse("2026-04-05T01:30:00+11:00", NULL));
    assert_true(parse("2026-04-05 02:00 Australia/Lord_Howe", NULL) ==
                parse("2026-04-05T01:59:59+10:30", NULL) + second);
}

static void
an_hour_that_never_comes_is_refused_with_both_offsets(void **state)
{
    (void)state;
    assert_refused("2026-03-29 01:30 Europe/Dublin", NULL,
                   "never comes in Europe/Dublin, where clocks are changed; say "
                   "2026-03-29T01:30:00+00:00 or 2026-03-29T01:30:00+01:00");
    assert_refused("2026-03-08 02:00 America/St_Johns", NULL,
                   "02:00:00-03:30 or 2026-03-08T02:00:00-02:30");
    assert_refused("2026-10-04 02:29:59 Australia/Lord_Howe", NULL,
                   "+10:30 or 2026-10-04T02:29:59+11:00");
    assert_refused("2017-10-15 America/Sao_Paulo", NULL, "2017-10-15T00:00:00 never");
    assert_refused("2011-12-30 12:00 Pacific/Apia", NULL, "never comes");
    const int64_t second = AUDYN_NS_PER_SECOND;
    assert_true(parse("2026-10-04 01:59:59 Australia/Lord_Howe", NULL) + second ==
                parse("2026-10-04 02:30 Australia/Lord_Howe", NULL));
    assert_true(parse("2026-03-29 00:59:59 Europe/Dublin", NULL) + second ==
                parse("2026-03-29 02:00 Europe/Dublin", NULL));
}

static void
a_leap_second_has_its_place(void **state)
{
    (void)state;
    const int64_t second = AUDYN_NS_PER_SECOND;
    const int64_t before = parse("2016-12-31T23:59:59Z", NULL);
    assert_true(before == tai_ns(1483228799, 36, 0));
    assert_true(parse("2016-12-31T23:59:60Z", NULL) == before + second);
    assert_true(parse("2016-12-31T23:59:60.5Z", NULL) == before + second + second / 2);
    assert_true(parse("2017-01-01T00:00:00Z", NULL) == before + 2 * second);
    assert_true(parse("2017-01-01T00:59:60+01:00", NULL) == before + second);
    assert_true(parse("2017-01-01 10:59:60 Australia/Lord_Howe", NULL) ==
                before + second);
    assert_refused("2016-12-31T22:59:60Z", NULL, "no such second");
    assert_refused("2026-12-31T23:59:60Z", NULL, "no such second");
    // Of one that is left out, 23:59:59 never comes.
    assert_true(parse("2034-12-31T23:59:58Z", NULL) + second ==
                parse("2035-01-01T00:00:00Z", NULL));
    assert_refused("2034-12-31T23:59:59Z", NULL, "no such second");
}

static void
a_position_is_a_number_behind_a_sign(void **state)
{
    (void)state;
    audyn_moment_text_t moment;
    assert_int_equal(audyn_time_text_parse(&moment, "@84826830576000", "Europe/Dublin",
                                           &leap_seconds, NULL),
                     AUDYN_OK);
    assert_true(moment.is_position);
    assert_true(moment.position == UINT64_C(84826830576000));
    static const char *const texts[] = {"@",   "@x",  "@-1",
                                        "@ 1", "@1 ", "@99999999999999999999"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        assert_refused(texts[i], NULL, "position");
    }
}

static void
anything_else_is_refused_with_an_example(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "14:00",
        "yesterday",
        "2026-11",
        "2026-1-2",
        "26-11-22",
        "2026-11-31",
        "2026-02-29",
        "2026-13-01",
        "2026-00-01",
        "2026-01-00",
        "2026-11-22T",
        "2026-11-22T14",
        "2026-11-22T14:",
        "2026-11-22T24:00",
        "2026-11-22T14:60",
        "2026-11-22T14:00:61Z",
        "2026-11-22T14:00:00.Z",
        "2026-11-22T14:00:00.0000000001Z",
        "2026-11-22T14:00:00+",
        "2026-11-22T14:00:00+1",
        "2026-11-22T14:00:00+24:00",
        "2026-11-22T14:00:00+01:60",
        "2026-11-22T14:00:00+01:0",
        "2026-11-22T14:00:00Zulu",
        "2026-11-22T14:00:00Z Europe/Dublin",
        "2026-11-22T14:00:00 +01:00",
        "2026-11-22Z",
        "1970-12-31T23:59Z",
        "2200-01-01",
        " 2026-11-22",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        assert_refused(texts[i], NULL, "");
    }
    assert_refused("soon", NULL, "write it as 2026-11-22T14:00:00.25Z");
}

static void
a_zone_that_does_not_exist_is_refused_by_name(void **state)
{
    (void)state;
    static const char *const zones[] = {
        "Europe/Atlantis", "", "..", "../zoneinfo/UTC", "/etc/passwd", " ", "Europe"};
    for (size_t i = 0; i < sizeof zones / sizeof *zones; ++i) {
        assert_refused("2026-11-22 14:00", zones[i], zones[i]);
    }
    assert_refused("2026-11-22 14:00 Europe/Atlantis", NULL, "'Europe/Atlantis'");
    assert_refused("2026-11-22 14:00 +0100", NULL, "no time zone");
}

// Against the C library, which goes the other way.
static void
every_moment_of_a_year_is_found_again_or_comes_twice(void **state)
{
    (void)state;
    static const char *const zones[] = {"Europe/Dublin", "America/St_Johns",
                                        "Australia/Lord_Howe", "UTC"};
    uint64_t random = 11;
    for (size_t z = 0; z < sizeof zones / sizeof *zones; ++z) {
        unsigned refused = 0;
        for (int i = 0; i < 3000; ++i) {
            const time_t utc_s = 1767225600 + random_below(&random, 365 * 86400);
            setenv("TZ", zones[z], 1);
            tzset();
            struct tm tm;
            char text[64];
            localtime_r(&utc_s, &tm);
            strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S", &tm);
            unsetenv("TZ");
            audyn_moment_text_t moment;
            if (audyn_time_text_parse(&moment, text, zones[z], &leap_seconds, NULL)) {
                ++refused;
            } else {
                assert_true(moment.tai_ns == tai_ns(utc_s, 37, 0));
            }
            strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%S%z", &tm);
            assert_true(parse(text, NULL) == tai_ns(utc_s, 37, 0));
        }
        assert_in_range(refused, 0, 5); // two hours of 8760
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_moment_is_read_in_all_its_spellings),
        cmocka_unit_test(a_date_is_midnight_of_the_usual_zone_or_of_its_own),
        cmocka_unit_test(the_usual_zone_may_be_that_of_the_process),
        cmocka_unit_test(an_hour_that_comes_twice_is_refused_with_both_offsets),
        cmocka_unit_test(an_hour_that_never_comes_is_refused_with_both_offsets),
        cmocka_unit_test(a_leap_second_has_its_place),
        cmocka_unit_test(a_position_is_a_number_behind_a_sign),
        cmocka_unit_test(anything_else_is_refused_with_an_example),
        cmocka_unit_test(a_zone_that_does_not_exist_is_refused_by_name),
        cmocka_unit_test(every_moment_of_a_year_is_found_again_or_comes_twice),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
