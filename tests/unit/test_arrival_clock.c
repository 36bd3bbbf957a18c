// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/clock.h"
#include "input/arrival_clock.h"

#define MS AUDYN_NS_PER_MS
#define UTC (INT64_C(1790000000) * AUDYN_NS_PER_SECOND)

// Read every 4 ms up to `monotonic_ns`, with the time of day off by `step_ns` at the
// last.
static audyn_arrival_clock_t
read_until(int64_t monotonic_ns, int64_t step_ns)
{
    audyn_arrival_clock_t clock = {0};
    audyn_arrival_clock_read(&clock, UTC + monotonic_ns - 4 * MS, monotonic_ns - 4 * MS);
    audyn_arrival_clock_read(&clock, UTC + step_ns + monotonic_ns, monotonic_ns);
    return clock;
}

static void
a_steady_clock_gives_the_moment_of_arrival(void **state)
{
    (void)state;
    const audyn_arrival_clock_t clock = read_until(1000 * MS, 0);
    for (int64_t ago = 0; ago <= 4 * MS; ago += MS / 4) {
        assert_true(audyn_arrival_clock_monotonic(&clock, UTC + 1000 * MS - ago) ==
                    1000 * MS - ago);
    }
}

static void
a_clock_that_is_set_moves_no_packet(void **state)
{
    (void)state;
    const int64_t steps[] = {3600 * INT64_C(1000) * MS,
                             -3600 * INT64_C(1000) * MS,
                             5000 * MS,
                             -5000 * MS,
                             100 * MS,
                             -100 * MS};
    for (size_t i = 0; i < sizeof steps / sizeof *steps; ++i) {
        const audyn_arrival_clock_t clock = read_until(1000 * MS, steps[i]);
        // Stamped before the step, and after it.
        assert_true(audyn_arrival_clock_monotonic(&clock, UTC + 998 * MS) == 998 * MS);
        assert_true(audyn_arrival_clock_monotonic(&clock, UTC + steps[i] + 999 * MS) ==
                    999 * MS);
    }
}

static void
a_timestamp_that_cannot_be_is_now(void **state)
{
    (void)state;
    const audyn_arrival_clock_t clock = read_until(1000 * MS, 0);
    assert_true(audyn_arrival_clock_monotonic(&clock, UTC + 2000 * MS) == 1000 * MS);
    assert_true(audyn_arrival_clock_monotonic(&clock, UTC + 500 * MS) == 1000 * MS);
}

static void
what_waited_before_the_first_look_keeps_its_time(void **state)
{
    (void)state;
    audyn_arrival_clock_t clock = {0};
    audyn_arrival_clock_read(&clock, UTC + 1000 * MS, 1000 * MS);
    assert_true(audyn_arrival_clock_monotonic(&clock, UTC + 100 * MS) == 100 * MS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_clock_gives_the_moment_of_arrival),
        cmocka_unit_test(a_clock_that_is_set_moves_no_packet),
        cmocka_unit_test(a_timestamp_that_cannot_be_is_now),
        cmocka_unit_test(what_waited_before_the_first_look_keeps_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
