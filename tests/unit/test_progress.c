// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "cli/progress.h"
#include "core/clock.h"

#include <string.h>

#define GB UINT64_C(1000000000)

static const char *
line_of(unsigned width, uint64_t done, uint64_t total, int64_t elapsed_ns)
{
    static char line[256];
    audyn_progress_format(line, sizeof line, width, done, total, elapsed_ns);
    return line;
}

static void
how_far_how_fast_and_how_long_yet_are_shown(void **state)
{
    (void)state;
    assert_string_equal(
        line_of(200, GB, 4 * GB, 2 * AUDYN_NS_PER_SECOND),
        "[#####---------------]  25 %  1.0 of 4.0 GB  500.0 MB/s  0:06 left");
    assert_string_equal(
        line_of(200, 1000, 3600000, AUDYN_NS_PER_SECOND),
        "[--------------------]   0 %  0.0 of 3.6 MB  1.0 kB/s  59:59 left");
    assert_string_equal(
        line_of(200, 1000, 3602000, AUDYN_NS_PER_SECOND),
        "[--------------------]   0 %  0.0 of 3.6 MB  1.0 kB/s  1:00:01 left");
}

static void
nothing_is_foretold_in_the_first_second_or_at_the_end(void **state)
{
    (void)state;
    assert_string_equal(line_of(200, GB, 4 * GB, AUDYN_NS_PER_SECOND / 2),
                        "[#####---------------]  25 %  1.0 of 4.0 GB  2.0 GB/s  ");
    assert_string_equal(line_of(200, 4 * GB, 4 * GB, 2 * AUDYN_NS_PER_SECOND),
                        "[####################] 100 %  4.0 of 4.0 GB  2.0 GB/s  ");
}

static void
how_fast_it_is_cannot_be_known_at_once(void **state)
{
    (void)state;
    assert_string_equal(line_of(200, GB, 4 * GB, AUDYN_NS_PER_SECOND / 2 - 1),
                        "[#####---------------]  25 %  1.0 of 4.0 GB");
}

static void
nothing_to_do_and_more_done_than_there_was_are_no_trouble(void **state)
{
    (void)state;
    assert_string_equal(line_of(200, 0, 0, 0),
                        "[####################] 100 %  0.0 of 0.0 B");
    assert_non_null(strstr(line_of(200, 5 * GB, 4 * GB, AUDYN_NS_PER_SECOND), "100 %"));
}

static void
a_narrow_terminal_cuts_the_line(void **state)
{
    (void)state;
    for (unsigned width = 0; width < 60; ++width) {
        assert_int_equal(strlen(line_of(width, GB, 4 * GB, 2 * AUDYN_NS_PER_SECOND)),
                         width);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(how_far_how_fast_and_how_long_yet_are_shown),
        cmocka_unit_test(nothing_is_foretold_in_the_first_second_or_at_the_end),
        cmocka_unit_test(how_fast_it_is_cannot_be_known_at_once),
        cmocka_unit_test(nothing_to_do_and_more_done_than_there_was_are_no_trouble),
        cmocka_unit_test(a_narrow_terminal_cuts_the_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
