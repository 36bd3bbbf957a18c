// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/levels.h"
#include "failing_allocations.h"
#include "random.h"

#include <ebur128.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RATE 48000
#define MOST_CHANNELS 5

// Part of a test signal: a sine, in dB below a full-scale one.
struct part {
    double level, seconds;
};

static audyn_levels_t *
create(audyn_levels_mode_t mode, uint32_t rate, uint32_t channels)
{
    audyn_levels_t *levels;
    assert_int_equal(audyn_levels_create(&levels, mode, rate, channels), AUDYN_OK);
    return levels;
}

static audyn_entry_levels_t
end(audyn_levels_t *levels)
{
    audyn_entry_levels_t result;
    assert_int_equal(audyn_levels_read(levels, &result), AUDYN_OK);
    audyn_levels_destroy(levels);
    assert_true(result.known);
    return result;
}

static void
finish(audyn_entry_levels_t *result)
{
    free(result->peak_dbfs);
    free(result->true_peak_dbtp);
}

// In both channels, faded in: an edge is louder than what follows.
static void
add_sine(audyn_levels_t *levels, double frequency, double phase, double amplitude,
         double seconds)
{
    float samples[480 * 2];
    const uint64_t frames = (uint64_t)lround(seconds * RATE);
    for (uint64_t done = 0; done < frames; done += 480) {
        for (unsigned i = 0; i < 480; ++i) {
            const double turns = frequency * (double)(done + i) / RATE;
            const double fade = done ? 1 : i / 480.0;
            const double value = fade * amplitude * sin(2 * M_PI * turns + phase);
            samples[2 * i] = samples[2 * i + 1] = (float)value;
        }
        audyn_levels_add(levels, samples, 480);
    }
}

static audyn_entry_levels_t
measure(const struct part *parts)
{
    audyn_levels_t *levels = create(AUDYN_LEVELS_FULL, RATE, 2);
    for (; parts->seconds > 0; ++parts) {
        add_sine(levels, 1000, 0, pow(10, parts->level / 20), parts->seconds);
    }
    return end(levels);
}

// EBU Tech 3341, table 1: 1, 4 and 5.
static void
the_signals_of_tech_3341_have_the_loudness_that_it_says(void **state)
{
    (void)state;
    static const struct {
        struct part parts[6];
        double expected;
    } cases[] = {
        {{{-23, 20}}, -23},
        {{{-72, 10}, {-36, 10}, {-23, 60}, {-36, 10}, {-72, 10}}, -23},
        {{{-26, 20}, {-20, 20.1}, {-26, 20}}, -23},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        audyn_entry_levels_t result = measure(cases[i].parts);
        assert_true(fabs(result.integrated_lufs - cases[i].expected) <= 0.1);
        finish(&result);
    }
}

// EBU Tech 3342, table 1: 1 and 4.
static void
the_signals_of_tech_3342_have_the_range_that_it_says(void **state)
{
    (void)state;
    static const struct {
        struct part parts[6];
        double expected;
    } cases[] = {
        {{{-20, 20}, {-30, 20}}, 10},
        {{{-50, 20}, {-35, 20}, {-20, 20}, {-35, 20}, {-50, 20}}, 15},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        audyn_entry_levels_t result = measure(cases[i].parts);
        assert_true(fabs(result.range_lu - cases[i].expected) <= 1);
        finish(&result);
    }
}

// EBU Tech 3341, table 1: 15 to 19.
static void
the_signals_of_tech_3341_have_the_true_peak_that_it_says(void **state)
{
    (void)state;
    static const struct {
        double divisor, degrees, amplitude, expected;
    } cases[] = {
        {4, 0, 0.5, -6},    {4, 45, 0.5, -6}, {6, 60, 0.5, -6},
        {8, 67.5, 0.5, -6}, {4, 45, 1.41, 3},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        audyn_levels_t *levels = create(AUDYN_LEVELS_FULL, RATE, 2);
        add_sine(levels, RATE / cases[i].divisor, cases[i].degrees * M_PI / 180,
                 cases[i].amplitude, 1);
        audyn_entry_levels_t result = end(levels);
        for (int channel = 0; channel < 2; ++channel) {
            const double over = result.true_peak_dbtp[channel] - cases[i].expected;
            assert_true(over <= 0.2 && over >= -0.4);
        }
        finish(&result);
    }
}

struct both {
    audyn_levels_t *levels;
    ebur128_state *reference;
    uint32_t channels;
    uint64_t seed;
};

// Programme comes and goes; now and then a sample stands out.
static void
add_noise(struct both *both, uint32_t frames)
{
    static float samples[20000 * MOST_CHANNELS];
    const float gain = powf(10, -(float)random_below(&both->seed, 600) / 200);
    for (uint32_t i = 0; i < frames * both->channels; ++i) {
        const float value = (float)random_below(&both->seed, 1 << 20) / (1 << 19) - 1;
        samples[i] = gain * value * (random_below(&both->seed, 5000) ? 0.3f : 1);
    }
    audyn_levels_add(both->levels, samples, frames);
    ebur128_add_frames_float(both->reference, samples, frames);
}

static void
add_silence(struct both *both, uint32_t frames)
{
    static const float zeros[4800 * MOST_CHANNELS];
    audyn_levels_add(both->levels, NULL, frames);
    while (frames) {
        const uint32_t some = frames < 4800 ? frames : 4800;
        ebur128_add_frames_float(both->reference, zeros, some);
        frames -= some;
    }
}

static void
assert_as_reference(struct both *both)
{
    double loudness, range;
    ebur128_loudness_global(both->reference, &loudness);
    ebur128_loudness_range(both->reference, &range);
    audyn_entry_levels_t result = end(both->levels);
    assert_true(fabs(result.integrated_lufs - loudness) < 1e-6);
    assert_true(fabs(result.range_lu - range) < 1e-6);
    for (uint32_t i = 0; i < both->channels; ++i) {
        double peak, true_peak;
        ebur128_sample_peak(both->reference, i, &peak);
        ebur128_true_peak(both->reference, i, &true_peak);
        assert_true(fabs(result.peak_dbfs[i] - 20 * log10(peak)) < 1e-6);
        assert_true(fabs(result.true_peak_dbtp[i] - 20 * log10(true_peak)) < 1e-6);
    }
    finish(&result);
    ebur128_destroy(&both->reference);
}

static struct both
begin_both(uint32_t rate, uint32_t channels, uint64_t seed)
{
    struct both both = {
        .levels = create(AUDYN_LEVELS_FULL, rate, channels),
        .reference = ebur128_init(channels, rate,
                                  EBUR128_MODE_I | EBUR128_MODE_LRA |
                                      EBUR128_MODE_TRUE_PEAK | EBUR128_MODE_HISTOGRAM),
        .channels = channels,
        .seed = seed,
    };
    assert_non_null(both.reference);
    for (unsigned i = 0; channels > 2 && i < channels; ++i) {
        ebur128_set_channel(both.reference, i, EBUR128_CENTER);
    }
    return both;
}

static void
what_is_left_out_changes_nothing(void **state)
{
    (void)state;
    static const uint32_t rates[] = {48000, 44100, 96000, 11025};
    for (uint32_t i = 0; i < 4; ++i) {
        const uint32_t rate = rates[i];
        struct both both = begin_both(rate, i % MOST_CHANNELS + 1, i + 1);
        for (int piece = 0; piece < 30; ++piece) {
            add_noise(&both, 1 + random_below(&both.seed, 20000));
            const uint32_t what = random_below(&both.seed, 8);
            add_silence(&both, what > 2 ? 0
                               : what   ? random_below(&both.seed, 200)
                                        : random_below(&both.seed, 12 * rate));
        }
        assert_as_reference(&both);
    }
}

// What is looked at knows what came before it, also where that was too low to look at.
static void
a_peak_behind_what_was_not_looked_at_is_exact(void **state)
{
    (void)state;
    static const struct {
        double from, to;
    } ramps[] = {{0.9, 0.9}, {0.45, 0.45}, {0.45, -0.45}, {-0.45, -0.45}, {-0.95, -0.95}};
    static float samples[2560];
    struct both both = begin_both(RATE, 1, 1);
    for (size_t ramp = 0; ramp < sizeof ramps / sizeof *ramps; ++ramp) {
        for (int i = 0; i < 2560; ++i) {
            const double rise = ramps[ramp].to - ramps[ramp].from;
            samples[i] = (float)(ramps[ramp].from + rise * i / 2560);
        }
        audyn_levels_add(both.levels, samples, 2560);
        ebur128_add_frames_float(both.reference, samples, 2560);
    }
    add_silence(&both, 4 * RATE);
    assert_as_reference(&both);
}

// Samples that all have the sign of the interpolator's coefficients half-way between two
// of them, and a peak before that is hardly lower than what it makes of them.
static void
the_most_that_becomes_of_samples_is_found_at_each_rate(void **state)
{
    (void)state;
    static const struct {
        uint32_t rate;
        int reach; // of the interpolator to each side
        float magnitude;
    } cases[] = {{RATE, 6, 0.54F}, {96000, 12, 0.436F}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; ++i) {
        struct both both = begin_both(cases[i].rate, 1, 1);
        float samples[1024] = {1};
        for (int k = 0; k < cases[i].reach; ++k) {
            samples[512 + k] = samples[511 - k] =
                (float)(k % 2 ? -1 : 1) * cases[i].magnitude;
        }
        audyn_levels_add(both.levels, samples, 1024);
        ebur128_add_frames_float(both.reference, samples, 1024);
        double true_peak = 0;
        ebur128_true_peak(both.reference, 0, &true_peak);
        assert_true(true_peak > 1);
        add_silence(&both, 4 * cases[i].rate);
        assert_as_reference(&both);
    }
}

static void
years_of_silence_cost_no_more_than_seconds(void **state)
{
    (void)state;
    struct both both = begin_both(RATE, 2, 1);
    for (int i = 0; i < 200; ++i) {
        add_noise(&both, 4800);
    }
    add_silence(&both, 7 * RATE);
    audyn_levels_add(both.levels, NULL, UINT64_C(10) * 365 * 86400 * RATE);
    for (int i = 0; i < 200; ++i) {
        add_noise(&both, 4800);
    }
    assert_as_reference(&both);
}

static void
what_has_no_level_is_not_said_to_have_one(void **state)
{
    (void)state;
    audyn_levels_t *levels = create(AUDYN_LEVELS_FULL, RATE, 2);
    audyn_levels_add(levels, NULL, 10 * RATE);
    audyn_entry_levels_t silence = end(levels);
    assert_true(isnan(silence.peak_dbfs[1]) && isnan(silence.true_peak_dbtp[0]));
    assert_true(isnan(silence.integrated_lufs) && isnan(silence.range_lu));
    finish(&silence);

    levels = create(AUDYN_LEVELS_FULL, RATE, 2);
    add_sine(levels, 1000, 0, 0.5, 0.39);
    audyn_entry_levels_t shortest = end(levels);
    assert_true(fabs(shortest.peak_dbfs[0] + 6.02) < 0.01);
    assert_true(isnan(shortest.integrated_lufs) && isnan(shortest.range_lu));
    finish(&shortest);

    audyn_entry_levels_t without_range = measure((struct part[]){{-23, 2.9}, {0, 0}});
    assert_true(fabs(without_range.integrated_lufs + 23) < 0.1);
    assert_true(isnan(without_range.range_lu));
    finish(&without_range);
}

static void
samples_that_are_no_number_leave_loudness_undefined(void **state)
{
    (void)state;
    static const float values[] = {NAN, INFINITY};
    for (int i = 0; i < 2; ++i) {
        audyn_levels_t *levels = create(AUDYN_LEVELS_FULL, RATE, 2);
        add_sine(levels, 1000, 0, 0.5, 5);
        audyn_levels_add(levels, (const float[]){values[i], 0}, 1);
        add_sine(levels, 1000, 0, 0.5, 5);
        audyn_entry_levels_t result = end(levels);
        assert_true(isnan(result.integrated_lufs) && isnan(result.range_lu));
        assert_true(isfinite(result.peak_dbfs[1]));
        finish(&result);
    }
}

static void
peaks_alone_are_measured_at_any_rate(void **state)
{
    (void)state;
    static const struct {
        audyn_levels_mode_t mode;
        uint32_t rate;
    } cases[] = {{AUDYN_LEVELS_PEAK, RATE}, {AUDYN_LEVELS_FULL, 1}};
    for (int i = 0; i < 2; ++i) {
        audyn_levels_t *levels = create(cases[i].mode, cases[i].rate, 2);
        audyn_levels_add(levels, (const float[]){0.5f, -1}, 1);
        audyn_levels_add(levels, NULL, RATE);
        audyn_entry_levels_t result = end(levels);
        assert_true(fabs(result.peak_dbfs[0] + 6.02) < 0.01);
        assert_true(result.peak_dbfs[1] == 0);
        assert_null(result.true_peak_dbtp);
        assert_true(isnan(result.integrated_lufs) && isnan(result.range_lu));
        finish(&result);
    }
}

static void
too_many_channels_are_refused(void **state)
{
    (void)state;
    audyn_levels_t *levels;
    assert_int_equal(audyn_levels_create(&levels, AUDYN_LEVELS_FULL, RATE, 65),
                     AUDYN_NOT_SUPPORTED);
    assert_null(levels);
    assert_int_equal(audyn_levels_create(&levels, AUDYN_LEVELS_FULL, RATE, 0),
                     AUDYN_NOT_SUPPORTED);
    audyn_levels_destroy(create(AUDYN_LEVELS_FULL, RATE, 64));
}

static void
each_allocation_that_fails_is_told(void **state)
{
    (void)state;
    audyn_levels_t *levels = NULL;
    int allowed = 0;
    for (; !levels; ++allowed) {
        failing_allocations_after(allowed);
        const audyn_status_t status =
            audyn_levels_create(&levels, AUDYN_LEVELS_FULL, RATE, 2);
        failing_allocations_after(-1);
        assert_int_equal(status, levels ? AUDYN_OK : AUDYN_NO_MEMORY);
    }
    assert_true(allowed > 3);
    for (int i = 0; i < 2; ++i) {
        audyn_entry_levels_t result;
        failing_allocations_after(i);
        assert_int_equal(audyn_levels_read(levels, &result), AUDYN_NO_MEMORY);
        assert_null(result.peak_dbfs);
        assert_null(result.true_peak_dbtp);
    }
    failing_allocations_after(-1);
    audyn_levels_destroy(levels);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_signals_of_tech_3341_have_the_loudness_that_it_says),
        cmocka_unit_test(the_signals_of_tech_3342_have_the_range_that_it_says),
        cmocka_unit_test(the_signals_of_tech_3341_have_the_true_peak_that_it_says),
        cmocka_unit_test(what_is_left_out_changes_nothing),
        cmocka_unit_test(a_peak_behind_what_was_not_looked_at_is_exact),
        cmocka_unit_test(the_most_that_becomes_of_samples_is_found_at_each_rate),
        cmocka_unit_test(years_of_silence_cost_no_more_than_seconds),
        cmocka_unit_test(what_has_no_level_is_not_said_to_have_one),
        cmocka_unit_test(samples_that_are_no_number_leave_loudness_undefined),
        cmocka_unit_test(peaks_alone_are_measured_at_any_rate),
        cmocka_unit_test(too_many_channels_are_refused),
        cmocka_unit_test(each_allocation_that_fails_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
