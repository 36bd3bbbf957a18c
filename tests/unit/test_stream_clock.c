// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Senders of every kind, through days, by simulated time.

#include "unit_test.h"

#include "input/stream_clock.h"
#include "random.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define TAI_START (INT64_C(1790000000) * AUDYN_NS_PER_SECOND)
#define MONOTONIC_START INT64_C(777000000)
#define HOUR_NS (3600 * AUDYN_NS_PER_SECOND)

/// A sender on a network; `clock` measures it.
struct world {
    audyn_stream_clock_t clock;
    audyn_media_rate_t rate;
    uint64_t first, position;
    double elapsed_ns;      // by this host's clock, when the next packet is due
    double ppm;             // the sender's clock is faster
    int64_t delay_ns;       // of every packet
    uint32_t jitter_ns;     // up to so much more, at random
    int64_t burst_ns;       // packets wait for the next multiple; 0: they do not
    int64_t time_of_day_ns; // somebody has set this host's by so much
    uint64_t dice;
};

static void
set_up(struct world *world, const audyn_media_rate_t *rate, bool absolute)
{
    memset(world, 0, sizeof *world);
    world->rate = *rate;
    world->first = world->position = audyn_media_position(TAI_START, rate);
    world->dice = 7;
    audyn_stream_clock_begin(&world->clock, rate, absolute);
}

static void
set_up_48k(struct world *world, bool absolute)
{
    set_up(world, &(audyn_media_rate_t){.sample_rate = 48000}, absolute);
}

static int64_t
delay_of_next(struct world *world)
{
    int64_t sent_ns = (int64_t)world->elapsed_ns;
    if (world->burst_ns) {
        sent_ns +=
            world->burst_ns - 1 - (sent_ns + world->burst_ns - 1) % world->burst_ns;
    }
    const uint32_t jitter_ns =
        world->jitter_ns ? random_below(&world->dice, world->jitter_ns) : 0;
    return sent_ns - (int64_t)world->elapsed_ns + world->delay_ns + jitter_ns;
}

// Packets of so many sample frames.  Returns the last one's delay by the host's clock.
static int64_t
run(struct world *world, int64_t duration_ns, uint32_t sample_frames)
{
    const audyn_media_rate_t *rate = &world->rate;
    const double n = rate->numerator ? rate->numerator : 1;
    const double d = rate->denominator ? rate->denominator : 1;
    const double packet_ns = 1e9 * sample_frames * d / (rate->sample_rate * n);
    const double end_ns = world->elapsed_ns + (double)duration_ns;
    int64_t delay_ns = 0;
    while (world->elapsed_ns < end_ns) {
        delay_ns = delay_of_next(world);
        const int64_t at_ns = (int64_t)world->elapsed_ns + delay_ns;
        audyn_stream_clock_note(&world->clock, world->position,
                                TAI_START + world->time_of_day_ns + at_ns,
                                MONOTONIC_START + at_ns);
        world->position += sample_frames;
        world->elapsed_ns += packet_ns / (1 + world->ppm * 1e-6);
    }
    return delay_ns;
}

static double
drift_of(const struct world *world)
{
    double ppm;
    assert_true(audyn_stream_clock_get_drift(&world->clock, &ppm));
    return ppm;
}

static void
assert_drift(const struct world *world, double tolerance)
{
    const double ppm = drift_of(world);
    if (fabs(ppm - world->ppm) > tolerance) {
        fail_msg("%g ppm is measured as %g, not within %g", world->ppm, ppm, tolerance);
    }
}

static audyn_delay_t
delay_of(const struct world *world)
{
    audyn_delay_t delay;
    audyn_stream_clock_get_delay(&world->clock, &delay);
    return delay;
}

static void
assert_near_ns(int64_t value, int64_t right, int64_t tolerance)
{
    if (llabs(value - right) > tolerance) {
        fail_msg("%lld ns is not within %lld of %lld ns", (long long)value,
                 (long long)tolerance, (long long)right);
    }
}

static void
nothing_is_known_before_the_first_packet_and_no_drift_in_the_first_seconds(void **state)
{
    (void)state;
    struct world world;
    double ppm;
    set_up_48k(&world, true);
    assert_false(delay_of(&world).known);
    assert_false(audyn_stream_clock_get_drift(&world.clock, &ppm));
    world.delay_ns = 3 * AUDYN_NS_PER_MS;
    run(&world, 1, 48);
    assert_true(delay_of(&world).known);
    assert_near_ns(delay_of(&world).typical_ns, 3 * AUDYN_NS_PER_MS, 21000);
    run(&world, 2900 * AUDYN_NS_PER_MS, 48);
    assert_false(audyn_stream_clock_get_drift(&world.clock, &ppm));
    run(&world, 200 * AUDYN_NS_PER_MS, 48);
    assert_true(audyn_stream_clock_get_drift(&world.clock, &ppm));
    // A new start forgets it all.
    audyn_stream_clock_begin(&world.clock, &world.rate, true);
    assert_false(delay_of(&world).known);
    assert_false(audyn_stream_clock_get_drift(&world.clock, &ppm));
}

static void
a_drift_is_found_under_jitter_and_better_the_longer_it_lasts(void **state)
{
    (void)state;
    static const double ppms[] = {100, -100, 0, 1};
    for (unsigned i = 0; i < 4; ++i) {
        struct world world;
        set_up_48k(&world, false);
        world.ppm = ppms[i];
        world.jitter_ns = 5 * AUDYN_NS_PER_MS;
        run(&world, 5 * AUDYN_NS_PER_SECOND, 48);
        assert_drift(&world, 10);
        run(&world, 55 * AUDYN_NS_PER_SECOND, 48);
        assert_drift(&world, 0.5);
        run(&world, HOUR_NS, 480);
        assert_drift(&world, 0.01);
    }
}

static void
bursts_of_20_ms_hide_no_drift(void **state)
{
    (void)state;
    static const double ppms[] = {100, -100};
    for (unsigned i = 0; i < 2; ++i) {
        struct world world;
        set_up_48k(&world, false);
        world.ppm = ppms[i];
        world.burst_ns = 20 * AUDYN_NS_PER_MS;
        world.jitter_ns = AUDYN_NS_PER_MS;
        run(&world, 60 * AUDYN_NS_PER_SECOND, 48);
        // The first to leave of a burst has waited for up to a packet.
        assert_drift(&world, 5);
        run(&world, 10 * 60 * AUDYN_NS_PER_SECOND, 48);
        assert_drift(&world, 0.5);
        const audyn_delay_t delay = delay_of(&world);
        assert_true(delay.worst_ns - delay.least_ns > 19 * AUDYN_NS_PER_MS);
    }
}

static void
a_drift_that_changes_is_found_again_within_the_hour(void **state)
{
    (void)state;
    struct world world;
    set_up_48k(&world, false);
    world.jitter_ns = AUDYN_NS_PER_MS;
    world.ppm = 100;
    run(&world, 3 * HOUR_NS, 480);
    assert_drift(&world, 0.01);
    world.ppm = -50;
    run(&world, HOUR_NS + 64 * AUDYN_NS_PER_SECOND, 480);
    assert_drift(&world, 0.01);
}

static void
a_rate_of_1000_to_1001_is_no_drift(void **state)
{
    (void)state;
    struct world world;
    set_up(&world, &(audyn_media_rate_t){48000, 1000, 1001}, true);
    world.delay_ns = 2 * AUDYN_NS_PER_MS;
    world.jitter_ns = 100000;
    run(&world, 2 * HOUR_NS, 48);
    assert_drift(&world, 0.01);
    assert_near_ns(delay_of(&world).typical_ns, 2050000, 150000);
    assert_near_ns(delay_of(&world).worst_ns, 2100000, 25000);
    // Taken for 48 kHz, it is one.
    set_up_48k(&world, false);
    world.rate = (audyn_media_rate_t){48000, 1000, 1001};
    run(&world, 60 * AUDYN_NS_PER_SECOND, 48);
    assert_true(fabs(drift_of(&world) + 1e6 - 1e9 / 1001) < 1);
}

static void
setting_this_hosts_time_of_day_is_no_drift(void **state)
{
    (void)state;
    for (int absolute = 0; absolute < 2; ++absolute) {
        struct world world;
        set_up_48k(&world, absolute);
        world.ppm = -20;
        world.delay_ns = 4 * AUDYN_NS_PER_MS;
        world.jitter_ns = AUDYN_NS_PER_MS;
        run(&world, 600 * AUDYN_NS_PER_SECOND, 48);
        world.time_of_day_ns = HOUR_NS;
        run(&world, 300 * AUDYN_NS_PER_SECOND, 48);
        assert_drift(&world, 0.1);
        // By TAI the packets now come an hour late; the typical one came before.
        const audyn_delay_t delay = delay_of(&world);
        const int64_t apart_ns = delay.worst_ns - delay.least_ns;
        const int64_t drifted_ns = 18 * AUDYN_NS_PER_MS;
        assert_near_ns(apart_ns, absolute ? HOUR_NS + drifted_ns : drifted_ns,
                       2 * AUDYN_NS_PER_MS);
        assert_true(delay.typical_ns < 50 * AUDYN_NS_PER_MS);
    }
}

static void
days_of_packets_keep_the_measure_and_its_size(void **state)
{
    (void)state;
    static const uint32_t rates[] = {44100, 48000, 96000};
    for (unsigned i = 0; i < 3; ++i) {
        struct world world;
        set_up(&world, &(audyn_media_rate_t){.sample_rate = rates[i]}, true);
        world.delay_ns = 5 * AUDYN_NS_PER_MS;
        world.jitter_ns = AUDYN_NS_PER_MS;
        run(&world, 5 * 24 * HOUR_NS, rates[i] / 10);
        assert_true(world.position - world.first > UINT64_C(4) << 32);
        assert_drift(&world, 0.01);
        assert_near_ns(delay_of(&world).least_ns, 5 * AUDYN_NS_PER_MS, 25000);
        assert_near_ns(delay_of(&world).typical_ns, 5500000, 100000);
        assert_near_ns(delay_of(&world).worst_ns, 6 * AUDYN_NS_PER_MS, 25000);
        assert_int_equal(world.clock.interval_ns / AUDYN_NS_PER_SECOND, 32);
    }
}

static int
compare_ns(const void *a, const void *b)
{
    const int64_t left = *(const int64_t *)a;
    const int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

// Delays spread over ever more decades, before the time of the packet and after it.
static void
the_typical_delay_is_the_median_to_a_tenth_of_a_millisecond_or_4_percent(void **state)
{
    (void)state;
    enum { PACKETS = 999 };
    static int64_t delays[PACKETS];
    uint64_t dice = 3;
    for (int64_t spread = 1000; spread < 7 * HOUR_NS; spread = spread * 7 / 4) {
        for (int64_t shift = -2; shift <= 2; ++shift) {
            audyn_stream_clock_t clock = {0};
            const audyn_media_rate_t rate = {.sample_rate = 48000};
            audyn_stream_clock_begin(&clock, &rate, false);
            audyn_stream_clock_note(&clock, 0, 0, MONOTONIC_START);
            delays[0] = 0;
            for (int i = 1; i < PACKETS; ++i) {
                const int64_t random = (int64_t)(random_next(&dice) >> 1) % spread;
                delays[i] = shift * spread / 2 + random;
                const uint64_t position = (uint64_t)i * 48000;
                audyn_stream_clock_note(&clock, position, 0,
                                        MONOTONIC_START + i * AUDYN_NS_PER_SECOND +
                                            delays[i]);
            }
            qsort(delays, PACKETS, sizeof delays[0], compare_ns);
            audyn_delay_t delay;
            audyn_stream_clock_get_delay(&clock, &delay);
            assert_near_ns(delay.least_ns, delays[0], 1);
            assert_near_ns(delay.worst_ns, delays[PACKETS - 1], 1);
            const int64_t median = delays[PACKETS / 2];
            const int64_t exact = llabs(median) / 25;
            assert_near_ns(delay.typical_ns, median, exact > 100000 ? exact : 100000);
        }
    }
}

static void
delays_without_end_and_a_bin_that_runs_over_leave_the_median(void **state)
{
    (void)state;
    struct world world;
    set_up_48k(&world, true);
    run(&world, 100 * AUDYN_NS_PER_MS, 48);
    world.delay_ns = 100 * HOUR_NS;
    run(&world, AUDYN_NS_PER_MS, 48);
    assert_near_ns(delay_of(&world).typical_ns, 0, 100000);
    assert_near_ns(delay_of(&world).worst_ns, 100 * HOUR_NS, 100);
    world.delay_ns = -200 * HOUR_NS;
    run(&world, AUDYN_NS_PER_MS, 48);
    assert_near_ns(delay_of(&world).least_ns, -200 * HOUR_NS, 100);
    _Atomic uint32_t *fullest = &world.clock.bins[AUDYN_STREAM_CLOCK_BINS / 2];
    assert_in_range(*fullest, 99, 101);
    *fullest = UINT32_MAX - 1;
    world.delay_ns = 0;
    run(&world, AUDYN_NS_PER_MS, 48);
    assert_int_equal(*fullest, UINT32_MAX / 2);
    assert_near_ns(delay_of(&world).typical_ns, 0, 100000);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            nothing_is_known_before_the_first_packet_and_no_drift_in_the_first_seconds),
        cmocka_unit_test(a_drift_is_found_under_jitter_and_better_the_longer_it_lasts),
        cmocka_unit_test(bursts_of_20_ms_hide_no_drift),
        cmocka_unit_test(a_drift_that_changes_is_found_again_within_the_hour),
        cmocka_unit_test(a_rate_of_1000_to_1001_is_no_drift),
        cmocka_unit_test(setting_this_hosts_time_of_day_is_no_drift),
        cmocka_unit_test(days_of_packets_keep_the_measure_and_its_size),
        cmocka_unit_test(
            the_typical_delay_is_the_median_to_a_tenth_of_a_millisecond_or_4_percent),
        cmocka_unit_test(delays_without_end_and_a_bin_that_runs_over_leave_the_median),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
