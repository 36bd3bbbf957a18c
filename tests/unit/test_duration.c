// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/duration.h"

#include <stdbool.h>

static void
times_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t ms;
    } times[] = {
        {"10s", 10000},     {"10", 10000},          {"0", 0},
        {"500ms", 500},     {"2m", 120000},         {"1.5s", 1500},
        {"1h30m", 5400000}, {"1h1m1s1ms", 3661001}, {"42d", INT64_C(42) * 86400000},
        {"1d1h", 90000000},
    };
    for (size_t i = 0; i < sizeof times / sizeof *times; ++i) {
        int64_t ns = -1;
        assert_true(audyn_duration_parse(times[i].text, &ns));
        assert_true(ns == times[i].ms * 1000000);
    }
}

static void
anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",       "s",    "-1s", "1x",   "1s ",    " 1s",
                                        "1s2",    "1e",   "nan", "1e30", "inf",    "1w",
                                        "0x10ms", "0x10", "1e2", "1e2s", "1.2.3s", ".5s"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        int64_t ns = -1;
        assert_false(audyn_duration_parse(texts[i], &ns));
        assert_true(ns == -1);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_are_read_as_people_write_them),
        cmocka_unit_test(anything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
