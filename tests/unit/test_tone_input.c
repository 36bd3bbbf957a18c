// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The tone, and with it the pacing that tone and file share.

#include "unit_test.h"

#include "collection.h"
#include "failing_allocations.h"
#include "input/paced_source.h"
#include "input_checks.h"
#include "simulated_clock.h"

#include <math.h>
#include <stdlib.h>

#define SOME_DAY (INT64_C(1767225600) * AUDYN_NS_PER_SECOND + 123456789)

static uint64_t
position_now(const struct simulated_clock *simulated, uint32_t sample_rate)
{
    return audyn_clock_position(audyn_clock_tai_now_ns(&simulated->clock), sample_rate);
}

static void
start(audyn_input_t *input, struct simulated_clock *simulated)
{
    audyn_error_t error = {""};
    if (audyn_input_start(input, &error)) {
        fail_msg("%s", error.text);
    }
    simulated_clock_wait_for_sleeper(simulated);
}

// Returns once the input's thread has done what is due.
static void
advance(struct simulated_clock *simulated, int64_t ns)
{
    simulated_clock_advance(simulated, ns);
    simulated_clock_wait_for_sleeper(simulated);
}

static void
stop_and_collect(struct collection *collection, audyn_input_t *input,
                 struct simulated_clock *simulated)
{
    simulated_clock_release(simulated);
    audyn_input_stop(input);
    collect_all(collection, input);
}

static void
assert_sine(const float *samples, size_t sample_frames, size_t channels,
            long double turns_per_sample, double amplitude)
{
    for (size_t i = 0; i < sample_frames * channels; ++i) {
        const long double turns =
            fmodl((long double)(i / channels) * turns_per_sample, 1);
        const double expected =
            amplitude * (double)sinl(2 * 3.14159265358979323846L * turns);
        if (fabs((double)samples[i] - expected) > 1e-7) {
            fail_msg("sample %zu is %.9g, not %.9g", i, (double)samples[i], expected);
        }
    }
}

static void
a_tone_has_the_format_that_was_asked_for(void **state)
{
    (void)state;
    const audyn_input_config_t config = {.buffer_ms = 100};
    audyn_input_t *input = open_input("tone:", &config);
    assert_int_equal(audyn_input_format(input)->sample_rate, 48000);
    assert_int_equal(audyn_input_format(input)->channels, 2);
    assert_int_equal(audyn_input_format(input)->bits, 32);
    audyn_input_close(input);
    input = open_input("tone:440?rate=96000&channels=64", &config);
    assert_int_equal(audyn_input_format(input)->sample_rate, 96000);
    assert_int_equal(audyn_input_format(input)->channels, 64);
    audyn_input_close(input);
}

static void
every_channel_is_the_sine_of_the_frequency_and_level(void **state)
{
    (void)state;
    struct simulated_clock simulated;
    simulated_clock_init(&simulated, SOME_DAY);
    const audyn_input_config_t config = {.clock = &simulated.clock};
    audyn_input_t *input = open_input("tone:1000.5?level=-6&channels=3", &config);
    start(input, &simulated);
    advance(&simulated, AUDYN_NS_PER_SECOND);
    struct collection all = {.keep = true};
    stop_and_collect(&all, input, &simulated);
    assert_int_equal(all.sample_frames, 48000);
    assert_sine(all.samples, 48000, 3, 1000.5L / 48000, pow(10, -6 / 20.0));
    free(all.samples);
    audyn_input_close(input);
}

static void
a_tone_is_as_exact_after_a_year_as_at_first(void **state)
{
    (void)state;
    const audyn_input_config_t config = {.buffer_ms = 100};
    audyn_input_t *input =
        open_input("tone:95999.9999?level=0&rate=192000&channels=1", &config);
    paced_source_t *source = (paced_source_t *)input;
    // The pattern repeats after as many seconds as there are steps in a Hz.
    const uint64_t repeats = UINT64_C(192000) * 10000;
    float first[1000], later[1000];
    assert_int_equal(source->produce(source, first, 0, 1000), 1000);
    assert_sine(first, 1000, 1, 95999.9999L / 192000, 1);
    assert_int_equal(source->produce(source, later, 3154 * repeats, 1000), 1000);
    assert_memory_equal(first, later, sizeof first);
    // A sine is odd: towards each repetition it is the same backwards and upside down.
    source->produce(source, later, repeats - 1000, 1000);
    for (size_t i = 1; i < 1000; ++i) {
        assert_float_equal(later[1000 - i], -first[i], 1e-7);
    }
    audyn_input_close(input);
}

static void
an_hour_in_real_time_is_exactly_an_hour_of_samples(void **state)
{
    (void)state;
    struct simulated_clock simulated;
    simulated_clock_init(&simulated, SOME_DAY);
    const audyn_input_config_t config = {.clock = &simulated.clock};
    audyn_input_t *input = open_input("tone:997?rate=11025&channels=1", &config);
    const uint64_t begin = position_now(&simulated, 11025);
    start(input, &simulated);
    struct collection all = {0};
    for (int i = 0; i < 1800; ++i) {
        // Once a little more, once a little less than a second.
        advance(&simulated, AUDYN_NS_PER_SECOND + 123456789 + i);
        collect(&all, input);
        advance(&simulated, AUDYN_NS_PER_SECOND - 123456789 - i);
        collect(&all, input);
    }
    stop_and_collect(&all, input, &simulated);
    assert_int_equal(all.start, begin);
    assert_int_equal(all.sample_frames, 3600 * 11025);
    assert_int_equal(all.counts[AUDYN_SAMPLE_RECEIVED], 3600 * 11025);
    audyn_input_close(input);
}

static void
a_clock_that_is_set_makes_no_hole(void **state)
{
    (void)state;
    struct simulated_clock simulated;
    simulated_clock_init(&simulated, SOME_DAY);
    const audyn_input_config_t config = {.clock = &simulated.clock};
    audyn_input_t *input = open_input("tone:", &config);
    start(input, &simulated);
    advance(&simulated, AUDYN_NS_PER_SECOND);
    simulated_clock_step(&simulated, -3600 * AUDYN_NS_PER_SECOND);
    advance(&simulated, AUDYN_NS_PER_SECOND);
    simulated_clock_step(&simulated, 7200 * AUDYN_NS_PER_SECOND);
    advance(&simulated, AUDYN_NS_PER_SECOND);
    struct collection all = {0};
    stop_and_collect(&all, input, &simulated);
    assert_int_equal(all.counts[AUDYN_SAMPLE_RECEIVED], 3 * 48000);
    assert_int_equal(all.sample_frames, 3 * 48000);
    audyn_input_close(input);
}

static void
in_real_time_nobody_waits_for_a_worker_that_stands_still(void **state)
{
    (void)state;
    struct simulated_clock simulated;
    simulated_clock_init(&simulated, SOME_DAY);
    const audyn_input_config_t config = {.clock = &simulated.clock, .buffer_ms = 100};
    audyn_input_t *input = open_input("tone:?pace=clock", &config);
    start(input, &simulated);
    advance(&simulated, AUDYN_NS_PER_SECOND);
    struct collection all = {0};
    stop_and_collect(&all, input, &simulated);
    assert_int_equal(all.sample_frames, 48000);
    assert_in_range(all.counts[AUDYN_SAMPLE_RECEIVED], 4800, 9600);
    assert_int_equal(all.counts[AUDYN_SAMPLE_NO_FRAME],
                     48000 - all.counts[AUDYN_SAMPLE_RECEIVED]);
    audyn_input_close(input);
}

static void
a_free_running_source_waits_for_the_worker_and_loses_nothing(void **state)
{
    (void)state;
    const audyn_input_config_t config = {.buffer_ms = 100, .free_running = true};
    audyn_input_t *input = open_input("tone:997?level=-6&channels=1", &config);
    assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
    struct collection all = {.keep = true};
    while (all.sample_frames < 20 * 48000) {
        collect(&all, input);
    }
    audyn_input_stop(input);
    collect_all(&all, input);
    assert_int_equal(all.counts[AUDYN_SAMPLE_RECEIVED], all.sample_frames);
    assert_sine(all.samples, all.sample_frames, 1, 997.0L / 48000, pow(10, -6 / 20.0));
    free(all.samples);
    audyn_input_close(input);
}

static void
the_thread_of_a_tone_allocates_nothing(void **state)
{
    (void)state;
    struct simulated_clock simulated;
    simulated_clock_init(&simulated, SOME_DAY);
    const audyn_input_config_t config = {.clock = &simulated.clock, .buffer_ms = 100};
    audyn_input_t *input = open_input("tone:", &config);
    start(input, &simulated);
    failing_allocations_after(0);
    // Some that find room and some that do not.
    for (int i = 0; i < 100; ++i) {
        advance(&simulated, 10 * AUDYN_NS_PER_MS);
    }
    const bool allocated = failing_allocations_happened();
    failing_allocations_after(-1);
    struct collection all = {0};
    stop_and_collect(&all, input, &simulated);
    assert_false(allocated);
    assert_int_equal(all.sample_frames, 48000);
    audyn_input_close(input);
}

static void
the_uri_says_the_pace_before_the_configuration_does(void **state)
{
    (void)state;
    const audyn_input_config_t config = {.buffer_ms = 100, .free_running = true};
    audyn_input_t *input = open_input("tone:?pace=clock", &config);
    assert_false(((paced_source_t *)input)->free_running);
    audyn_input_close(input);
    const audyn_input_config_t clocked = {.buffer_ms = 100};
    input = open_input("tone:?pace=free", &clocked);
    assert_true(((paced_source_t *)input)->free_running);
    audyn_input_close(input);
}

static void
stopping_is_harmless_before_a_start_and_twice(void **state)
{
    (void)state;
    const audyn_input_config_t config = {.buffer_ms = 100};
    audyn_input_t *input = open_input("tone:", &config);
    audyn_input_stop(input);
    audyn_input_stop(input);
    assert_true(audyn_timeline_ended(audyn_input_timeline(input)));
    audyn_input_close(input);

    input = open_input("tone:", &config);
    assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
    audyn_input_stop(input);
    audyn_input_stop(input);
    struct collection all = {0};
    collect_all(&all, input);
    audyn_input_report_t report;
    audyn_input_get_report(input, &report);
    assert_false(report.finished);
    assert_int_equal(report.packets, 0);
    audyn_error_t explanation;
    audyn_input_explain(input, &explanation);
    assert_string_equal(explanation.text, "'tone:' has given nothing yet");
    audyn_input_close(input);
    audyn_input_close(NULL);
}

static void
what_is_no_tone_is_refused_with_what_would_be_one(void **state)
{
    (void)state;
    assert_input_refused("tone:0", AUDYN_INVALID, "above 0");
    assert_input_refused("tone:0.00001", AUDYN_INVALID, "above 0");
    assert_input_refused("tone:-5", AUDYN_INVALID, "above 0");
    assert_input_refused("tone:24000", AUDYN_INVALID, "below 24000");
    assert_input_refused("tone:23999.99999", AUDYN_INVALID, "below 24000");
    assert_input_refused("tone:1e300", AUDYN_INVALID, "below 24000");
    assert_input_refused("tone:99999999999999999999", AUDYN_INVALID, "below 24000");
    assert_input_refused("tone:440Hz", AUDYN_INVALID, "a number of Hz");
    assert_input_refused("tone:1.2.3", AUDYN_INVALID, "a number of Hz");
    assert_input_refused("tone:.", AUDYN_INVALID, "a number of Hz");
    assert_input_refused("tone:nan", AUDYN_INVALID, "a number of Hz");
    assert_input_refused("tone:4000?rate=8000", AUDYN_INVALID, "below 4000");
    assert_input_refused("tone:?level=1", AUDYN_INVALID,
                         "level=1: this must be a number from");
    assert_input_refused("tone:?rate=7999", AUDYN_INVALID, "from 8000 to 192000");
    assert_input_refused("tone:?rate=192001", AUDYN_INVALID, "from 8000 to 192000");
    assert_input_refused("tone:?channels=0", AUDYN_INVALID, "from 1 to 64");
    assert_input_refused("tone:?channels=65", AUDYN_INVALID, "from 1 to 64");
    assert_input_refused("tone:?pace=fast", AUDYN_INVALID, "'clock'");
    assert_input_refused("tone:?volume=3", AUDYN_INVALID, "level, rate, channels, pace");
}

static void
an_unknown_scheme_is_answered_with_those_there_are(void **state)
{
    (void)state;
    assert_input_refused("alsa:hw:0", AUDYN_INVALID,
                         "rtp:, sdp:, sap:, pipewire:, tone: and file:");
    assert_input_refused("ref.wav", AUDYN_INVALID, "file:PATH");
}

static void
each_allocation_may_fail(void **state)
{
    (void)state;
    assert_each_allocation_may_fail("tone:");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tone_has_the_format_that_was_asked_for),
        cmocka_unit_test(every_channel_is_the_sine_of_the_frequency_and_level),
        cmocka_unit_test(a_tone_is_as_exact_after_a_year_as_at_first),
        cmocka_unit_test(an_hour_in_real_time_is_exactly_an_hour_of_samples),
        cmocka_unit_test(a_clock_that_is_set_makes_no_hole),
        cmocka_unit_test(in_real_time_nobody_waits_for_a_worker_that_stands_still),
        cmocka_unit_test(a_free_running_source_waits_for_the_worker_and_loses_nothing),
        cmocka_unit_test(the_thread_of_a_tone_allocates_nothing),
        cmocka_unit_test(the_uri_says_the_pace_before_the_configuration_does),
        cmocka_unit_test(stopping_is_harmless_before_a_start_and_twice),
        cmocka_unit_test(what_is_no_tone_is_refused_with_what_would_be_one),
        cmocka_unit_test(an_unknown_scheme_is_answered_with_those_there_are),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
