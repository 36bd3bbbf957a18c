// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/clock.h"
#include "input/arrival_clock.h"

#define MS AUDYN_NS_PER_MS
#define UTC (INT64_C(1790000000) * AUDYN_NS_PER_SECOND)

#define TAI_OFFSET (37 * AUDYN_NS_PER_SECOND)

// Read every 4 ms up to `monotonic_ns`, with the time of day off by `step_ns` at the
// last, and TAI − UTC by `leap_ns`.
static audyn_arrival_clock_t
read_until(int64_t monotonic_ns, int64_t step_ns, int64_t leap_ns)
{
    audyn_arrival_clock_t clock = {0};
    audyn_arrival_clock_read(&clock, UTC + monotonic_ns - 4 * MS, TAI_OFFSET,
                             monotonic_ns - 4 * MS);
    audyn_arrival_clock_read(&clock, UTC + step_ns + monotonic_ns, TAI_OFFSET + leap_ns,
                             monotonic_ns);
    return clock;
}

static void
assert_arrival(const audyn_arrival_clock_t *clock, int64_t utc_ns, int64_t tai_ns,
               int64_t monotonic_ns)
{
    int64_t tai, monotonic;
    audyn_arrival_clock_convert(clock, utc_ns, &tai, &monotonic);
    assert_true(tai == tai_ns);
    assert_true(monotonic == monotonic_ns);
}

static void
a_steady_clock_gives_the_moment_of_arrival(void **state)
{
    (void)state;
    const audyn_arrival_clock_t clock = read_until(1000 * MS, 0, 0);
    for (int64_t ago = 0; ago <= 4 * MS; ago += MS / 4) {
        const int64_t at = 1000 * MS - ago;
        assert_arrival(&clock, UTC + at, UTC + at + TAI_OFFSET, at);
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
        const audyn_arrival_clock_t clock = read_until(1000 * MS, steps[i], 0);
        // Stamped before the step, and after it.
        const int64_t before = UTC + 998 * MS;
        const int64_t after = UTC + steps[i] + 999 * MS;
        assert_arrival(&clock, before, before + TAI_OFFSET, 998 * MS);
        assert_arrival(&clock, after, after + TAI_OFFSET, 999 * MS);
    }
}

static void
a_leap_second_moves_no_packet_in_monotonic_time_or_tai(void **state)
{
    (void)state;
    const int64_t leap = AUDYN_NS_PER_SECOND;
    const audyn_arrival_clock_t clock = read_until(1000 * MS, -leap, leap);
    for (int64_t at = 996 * MS; at <= 1000 * MS; at += MS) {
        const int64_t tai = UTC + at + TAI_OFFSET;
        assert_arrival(&clock, UTC + at - (at < 998 * MS ? 0 : leap), tai, at);
    }
}

static void
a_timestamp_that_cannot_be_is_now(void **state)
{
    (void)state;
    const audyn_arrival_clock_t clock = read_until(1000 * MS, 0, 0);
    const int64_t now = UTC + 1000 * MS + TAI_OFFSET;
    assert_arrival(&clock, UTC + 2000 * MS, now, 1000 * MS);
    assert_arrival(&clock, UTC + 500 * MS, now, 1000 * MS);
}

static void
what_waited_before_the_first_look_keeps_its_time(void **state)
{
    (void)state;
    audyn_arrival_clock_t clock = {0};
    audyn_arrival_clock_read(&clock, UTC + 1000 * MS, TAI_OFFSET, 1000 * MS);
    assert_arrival(&clock, UTC + 100 * MS, UTC + 100 * MS + TAI_OFFSET, 100 * MS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_steady_clock_gives_the_moment_of_arrival),
        cmocka_unit_test(a_clock_that_is_set_moves_no_packet),
        cmocka_unit_test(a_leap_second_moves_no_packet_in_monotonic_time_or_tai),
        cmocka_unit_test(a_timestamp_that_cannot_be_is_now),
        cmocka_unit_test(what_waited_before_the_first_look_keeps_its_time),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
