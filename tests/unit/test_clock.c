// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/clock.h"
#include "random.h"

#include <signal.h>
#include <stdbool.h>
#include <sys/time.h>
#include <time.h>

static const uint32_t rates[] = {44100, 48000, 96000};

__extension__ typedef unsigned __int128 wide_t;

static wide_t
exact_position(int64_t tai_ns, uint32_t rate)
{
    return (wide_t)tai_ns * rate / (wide_t)AUDYN_NS_PER_SECOND;
}

static void
check_time(int64_t tai_ns)
{
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; ++i) {
        const uint64_t position = audyn_clock_position(tai_ns, rates[i]);
        assert_true(position == exact_position(tai_ns, rates[i]));
        // The sample begins no later, and the one before it ends there.
        const int64_t start_ns = audyn_clock_tai_ns(position, rates[i]);
        assert_true(start_ns >= 0 && start_ns <= tai_ns);
        assert_true(audyn_clock_position(start_ns, rates[i]) == position);
        if (start_ns > 0) {
            assert_true(audyn_clock_position(start_ns - 1, rates[i]) == position - 1);
        }
    }
}

static void
positions_are_exact_at_random_and_at_extreme_times(void **state)
{
    (void)state;
    check_time(INT64_MAX);
    for (int64_t i = 0; i < 100000; ++i) {
        check_time(i);
        check_time(INT64_MAX - i);
    }
    uint64_t random = 4;
    for (int i = 0; i < 1000000; ++i) {
        check_time((int64_t)(random_next(&random) >> (1 + random_below(&random, 63))));
    }
}

static void
positions_are_exact_around_every_kind_of_second(void **state)
{
    (void)state;
    static const int64_t seconds[] = {1,          86400,      1483228837, 1767225637,
                                      2147483648, 4294967296, 9223372036};
    for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; ++i) {
        for (int64_t ns = -50000; ns <= 50000; ++ns) {
            check_time(seconds[i] * AUDYN_NS_PER_SECOND + ns);
        }
    }
}

static void
a_position_turned_into_time_and_back_is_the_same(void **state)
{
    (void)state;
    uint64_t random = 9;
    for (size_t i = 0; i < sizeof rates / sizeof rates[0]; ++i) {
        const uint64_t last = audyn_clock_position(INT64_MAX, rates[i]);
        for (uint64_t n = 0; n < 1000000; ++n) {
            const uint64_t positions[] = {n, last - n, random_next(&random) % last};
            for (int k = 0; k < 3; ++k) {
                const int64_t tai_ns = audyn_clock_tai_ns(positions[k], rates[i]);
                assert_true(audyn_clock_position(tai_ns, rates[i]) == positions[k]);
            }
        }
    }
}

static void
whole_seconds_hold_whole_rates(void **state)
{
    (void)state;
    // 2026-01-01 00:00:37 TAI, that is midnight UTC.
    const int64_t second = 1767225637;
    assert_true(audyn_clock_position(second * AUDYN_NS_PER_SECOND, 48000) ==
                UINT64_C(84826830576000));
    assert_true(audyn_clock_tai_ns(UINT64_C(84826830576000), 48000) ==
                second * AUDYN_NS_PER_SECOND);
    // The second sample at 44.1 kHz begins at 22675.73… ns.
    assert_int_equal(audyn_clock_tai_ns(1, 44100), 22676);
    assert_int_equal(audyn_clock_position(22675, 44100), 0);
    assert_int_equal(audyn_clock_position(22676, 44100), 1);
}

static void
a_media_clock_may_run_at_a_fraction_of_its_rate(void **state)
{
    (void)state;
    static const uint32_t fractions[][2] = {
        {1000, 1001}, {1001, 1000}, {1, 1},   {0, 0},
        {1, 2},       {2, 1},       {25, 24}, {4294967295, 4294967294}};
    uint64_t random = 5;
    for (size_t i = 0; i < sizeof fractions / sizeof fractions[0]; ++i) {
        for (size_t k = 0; k < sizeof rates / sizeof rates[0]; ++k) {
            const audyn_media_rate_t rate = {rates[k], fractions[i][0], fractions[i][1]};
            const uint32_t n = rate.numerator ? rate.numerator : 1;
            const uint32_t d = rate.denominator ? rate.denominator : 1;
            for (int times = 0; times < 30000; ++times) {
                const int64_t tai_ns = (int64_t)(random_next(&random) >> 1);
                const wide_t parts = (wide_t)AUDYN_NS_PER_SECOND * d;
                const uint64_t exact =
                    (uint64_t)((wide_t)tai_ns * rate.sample_rate * n / parts);
                assert_true(audyn_media_position(tai_ns, &rate) == exact);
                const int64_t start_ns = audyn_media_tai_ns(exact, &rate);
                assert_true(start_ns <= tai_ns);
                assert_true(audyn_media_position(start_ns, &rate) == exact);
                const uint64_t nominal = audyn_media_nominal(exact, &rate);
                assert_true(nominal == (uint64_t)((wide_t)exact * d / n));
            }
        }
    }
    // NTSC's pulled-down 48 kHz: 48,000,000 samples in 1,001 seconds.
    const audyn_media_rate_t slow = {48000, 1000, 1001};
    assert_true(audyn_media_position(1001 * AUDYN_NS_PER_SECOND, &slow) == 48000000);
    assert_true(audyn_media_nominal(48000000, &slow) == 48048000);
}

// The kernel's clocks stand still but for the thread's waiting between readings.
static struct {
    bool fake;
    int64_t utc_ns;
    int64_t tai_offset_s;
    unsigned waits; // so many readings of TAI come 700 ms after those of UTC
} kernel;

int __real_clock_gettime(clockid_t id, struct timespec *time);
int __wrap_clock_gettime(clockid_t id, struct timespec *time);

int
__wrap_clock_gettime(clockid_t id, struct timespec *time)
{
    if (!kernel.fake) {
        return __real_clock_gettime(id, time);
    }
    if (id == CLOCK_TAI && kernel.waits) {
        --kernel.waits;
        kernel.utc_ns += 700 * AUDYN_NS_PER_MS;
    }
    const int64_t offset_s = id == CLOCK_TAI ? kernel.tai_offset_s : 0;
    const int64_t now_ns = kernel.utc_ns + offset_s * AUDYN_NS_PER_SECOND;
    time->tv_sec = now_ns / AUDYN_NS_PER_SECOND;
    time->tv_nsec = now_ns % AUDYN_NS_PER_SECOND;
    return 0;
}

static void
fake_kernel(int64_t tai_offset_s)
{
    kernel.fake = true;
    kernel.utc_ns = INT64_C(1798761599) * AUDYN_NS_PER_SECOND;
    kernel.tai_offset_s = tai_offset_s;
    kernel.waits = 0;
}

static int
stop_faking(void **state)
{
    (void)state;
    kernel.fake = false;
    return 0;
}

static void
the_tai_offset_is_the_kernels_where_it_is_set_and_37_elsewhere(void **state)
{
    (void)state;
    const audyn_clock_t *clock = audyn_clock_system();
    fake_kernel(38);
    assert_int_equal(clock->tai_offset_s(clock), 38);
    fake_kernel(0);
    assert_int_equal(clock->tai_offset_s(clock), 37);
    assert_true(audyn_clock_tai_now_ns(clock) ==
                kernel.utc_ns + 37 * AUDYN_NS_PER_SECOND);
    // A thread that has to wait between the two readings reads again.
    fake_kernel(37);
    kernel.waits = 2;
    assert_int_equal(clock->tai_offset_s(clock), 37);
    assert_int_equal(kernel.waits, 0);
}

static void
tai_goes_on_through_a_leap_second(void **state)
{
    (void)state;
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t offsets[] = {37, 0}; // set, and left as the kernel starts with
    for (unsigned i = 0; i < 2; ++i) {
        fake_kernel(offsets[i]);
        kernel.utc_ns += 999 * AUDYN_NS_PER_MS;
        const int64_t before_ns = audyn_clock_tai_now_ns(clock);
        // 23:59:59 comes once more.
        kernel.utc_ns += 2 * AUDYN_NS_PER_MS - AUDYN_NS_PER_SECOND;
        ++kernel.tai_offset_s;
        assert_true(audyn_clock_tai_now_ns(clock) == before_ns + 2 * AUDYN_NS_PER_MS);
    }
}

static int64_t
now_ns(clockid_t id)
{
    struct timespec now;
    assert_int_equal(clock_gettime(id, &now), 0);
    return now.tv_sec * AUDYN_NS_PER_SECOND + now.tv_nsec;
}

static void
the_system_clock_reads_utc_and_a_clock_that_is_never_stepped(void **state)
{
    (void)state;
    const audyn_clock_t *clock = audyn_clock_system();
    int64_t before = now_ns(CLOCK_MONOTONIC);
    const int64_t monotonic = clock->monotonic_ns(clock);
    assert_true(before <= monotonic && monotonic <= now_ns(CLOCK_MONOTONIC));
    before = now_ns(CLOCK_REALTIME);
    const int64_t utc = clock->utc_ns(clock);
    assert_true(before <= utc && utc <= now_ns(CLOCK_REALTIME));
}

static volatile sig_atomic_t alarms;

static void
count_alarm(int signal_number)
{
    (void)signal_number;
    ++alarms;
}

static void
a_sleep_ends_at_its_deadline_and_not_with_a_signal(void **state)
{
    (void)state;
    const audyn_clock_t *clock = audyn_clock_system();
    const struct sigaction interrupting = {.sa_handler = count_alarm};
    struct sigaction before;
    assert_int_equal(sigaction(SIGALRM, &interrupting, &before), 0);
    const struct itimerval often = {{.tv_usec = 1000}, {.tv_usec = 1000}};
    assert_int_equal(setitimer(ITIMER_REAL, &often, NULL), 0);
    do {
        const int64_t deadline = clock->monotonic_ns(clock) + 10 * AUDYN_NS_PER_MS;
        clock->sleep_until(clock, deadline);
        assert_true(clock->monotonic_ns(clock) >= deadline);
    } while (!alarms);
    assert_int_equal(setitimer(ITIMER_REAL, &(struct itimerval){0}, NULL), 0);
    assert_int_equal(sigaction(SIGALRM, &before, NULL), 0);
}

static void
a_deadline_in_the_past_is_no_reason_to_wait(void **state)
{
    (void)state;
    const audyn_clock_t *clock = audyn_clock_system();
    clock->sleep_until(clock, 0);
    clock->sleep_until(clock, clock->monotonic_ns(clock) - 1);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(positions_are_exact_at_random_and_at_extreme_times),
        cmocka_unit_test(positions_are_exact_around_every_kind_of_second),
        cmocka_unit_test(a_position_turned_into_time_and_back_is_the_same),
        cmocka_unit_test(whole_seconds_hold_whole_rates),
        cmocka_unit_test(a_media_clock_may_run_at_a_fraction_of_its_rate),
        cmocka_unit_test_teardown(
            the_tai_offset_is_the_kernels_where_it_is_set_and_37_elsewhere, stop_faking),
        cmocka_unit_test_teardown(tai_goes_on_through_a_leap_second, stop_faking),
        cmocka_unit_test(the_system_clock_reads_utc_and_a_clock_that_is_never_stepped),
        cmocka_unit_test(a_sleep_ends_at_its_deadline_and_not_with_a_signal),
        cmocka_unit_test(a_deadline_in_the_past_is_no_reason_to_wait),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
