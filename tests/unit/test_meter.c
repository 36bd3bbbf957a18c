// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "pcm/meter.h"
#include "random.h"

#include <math.h>
#include <string.h>

static void
each_channel_keeps_its_largest_magnitude_at_every_channel_count_and_length(void **state)
{
    (void)state;
    static float samples[70 * AUDYN_METER_CHANNELS];
    uint64_t seed = 1;
    for (uint32_t channels = 1; channels <= AUDYN_METER_CHANNELS; ++channels) {
        for (size_t sample_frames = 0; sample_frames < 70; ++sample_frames) {
            float expected[AUDYN_METER_CHANNELS] = {0};
            for (size_t i = 0; i < sample_frames * channels; ++i) {
                samples[i] = (float)(int32_t)random_next(&seed) * 0x1p-31f;
                expected[i % channels] = fmaxf(expected[i % channels], fabsf(samples[i]));
            }
            audyn_meter_t meter = {.channels = channels};
            audyn_meter_add(&meter, samples, sample_frames);
            assert_memory_equal(meter.peak, expected, sizeof expected);
        }
    }
}

static void
peaks_last_until_the_reset_which_keeps_the_channels(void **state)
{
    (void)state;
    audyn_meter_t meter = {.channels = 2};
    audyn_meter_add(&meter, (const float[]){0.5f, -0.75f, 0.25f, 0.1f}, 2);
    audyn_meter_add(&meter, (const float[]){-0.6f, 0.2f}, 1);
    assert_true(meter.peak[0] == 0.6f && meter.peak[1] == 0.75f);
    audyn_meter_reset(&meter);
    const audyn_meter_t fresh = {.channels = 2};
    assert_memory_equal(&meter, &fresh, sizeof meter);
}

static void
nan_has_no_level_and_infinity_has(void **state)
{
    (void)state;
    audyn_meter_t meter = {.channels = 2};
    audyn_meter_add(&meter, (const float[]){0.5f, 1.0f, NAN, -INFINITY, 0.25f, NAN}, 3);
    assert_true(meter.peak[0] == 0.5f);
    assert_true(isinf(meter.peak[1]));
}

static void
full_scale_is_0_dbfs_and_silence_is_minus_infinity(void **state)
{
    (void)state;
    assert_true(audyn_meter_dbfs(1.0f) == 0.0f);
    assert_true(fabsf(audyn_meter_dbfs(0.1f) + 20.0f) < 1e-4f);
    assert_true(fabsf(audyn_meter_dbfs(2.0f) - 6.0206f) < 1e-4f);
    const float silence = audyn_meter_dbfs(0.0f);
    assert_true(isinf(silence) && silence < 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            each_channel_keeps_its_largest_magnitude_at_every_channel_count_and_length),
        cmocka_unit_test(peaks_last_until_the_reset_which_keeps_the_channels),
        cmocka_unit_test(nan_has_no_level_and_infinity_has),
        cmocka_unit_test(full_scale_is_0_dbfs_and_silence_is_minus_infinity),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
