// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "integer_samples.h"
#include "pcm/convert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { MANY = 1 << 20 };

struct error_moments {
    double mean, variance; // in LSB and LSB²
    double largest;
};

// Of the whole error, for a constant input of `level` LSB.
static struct error_moments
measure_error(double level, unsigned bits, uint64_t first_sample)
{
    static float samples[MANY];
    static unsigned char bytes[MANY * 3];
    const float sample = (float)ldexp(level, 1 - (int)bits);
    for (size_t i = 0; i < MANY; ++i) {
        samples[i] = sample;
    }
    audyn_pcm_encode_dithered(bytes, samples, MANY, bits, first_sample);
    struct error_moments moments = {0};
    double sum = 0, squares = 0;
    for (size_t i = 0; i < MANY; ++i) {
        const double error = get_integer(bytes + i * bits / 8, bits) - level;
        sum += error;
        squares += error * error;
        moments.largest = fmax(moments.largest, fabs(error));
    }
    moments.mean = sum / MANY;
    moments.variance = squares / MANY - moments.mean * moments.mean;
    return moments;
}

// Triangular dither of ±1 LSB makes the first two moments of the error independent of
// the signal: mean 0, variance 1/12 of rounding + 2/12 of dither (Lipshitz, Wannamaker,
// Vanderkooy: Quantization and Dither, JAES 40/5, 1992).
static void
the_error_has_mean_zero_and_a_quarter_of_a_square_bit_at_every_level(void **state)
{
    (void)state;
    // Five standard errors of both estimates.
    const double mean_tolerance = 5 * 0.5 / sqrt(MANY);
    const double variance_tolerance = 5 * 0.3 / sqrt(MANY);
    for (unsigned bits = 16; bits <= 24; bits += 8) {
        for (int step = 0; step < 8; ++step) {
            const struct error_moments moments =
                measure_error(100 + step / 8.0, bits, (uint64_t)step << 40);
            assert_true(fabs(moments.mean) < mean_tolerance);
            assert_true(fabs(moments.variance - 0.25) < variance_tolerance);
            assert_true(moments.largest <= 1.5);
        }
    }
}

static void
neighbouring_samples_have_unrelated_dither(void **state)
{
    (void)state;
    static const float silence[MANY + 8];
    static unsigned char bytes[(MANY + 8) * 2];
    audyn_pcm_encode_dithered(bytes, silence, MANY + 8, 16, 0);
    for (size_t lag = 1; lag <= 8; ++lag) {
        double product = 0;
        for (size_t i = 0; i < MANY; ++i) {
            product +=
                get_integer(bytes + 2 * i, 16) * get_integer(bytes + 2 * (i + lag), 16);
        }
        assert_true(fabs(product / MANY) < 5 * 0.25 / sqrt(MANY));
    }
}

static void
dither_depends_on_nothing_but_the_index_of_the_sample(void **state)
{
    (void)state;
    enum { COUNT = 3000, START = 1234567 };
    static float samples[COUNT];
    for (size_t i = 0; i < COUNT; ++i) {
        samples[i] = sinf((float)i * 0.1f) * 0.3f;
    }
    for (unsigned bits = 16; bits <= 24; bits += 8) {
        static unsigned char whole[COUNT * 3], chunked[COUNT * 3];
        const size_t size = bits / 8;
        audyn_pcm_encode_dithered(whole, samples, COUNT, bits, START);
        size_t length = 0;
        for (size_t i = 0; i < COUNT; i += length) {
            length = length % 97 + 1 < COUNT - i ? length % 97 + 1 : COUNT - i;
            audyn_pcm_encode_dithered(chunked + i * size, samples + i, length, bits,
                                      START + i);
        }
        assert_memory_equal(chunked, whole, COUNT * size);
        audyn_pcm_encode_dithered(chunked, samples, COUNT, bits, START + 1);
        assert_memory_not_equal(chunked, whole, COUNT * size);
    }
}

// Files of two recorders must match, so the sequence may not change between versions.
static void
the_dither_sequence_is_this_one(void **state)
{
    (void)state;
    static const float silence[16];
    static const int8_t expected[16] = {0, 0, 0, 0, 0,  1,  0, 0,
                                        1, 0, 1, 0, -1, -1, 0, -1};
    unsigned char bytes[16 * 2];
    audyn_pcm_encode_dithered(bytes, silence, 16, 16, 0);
    for (size_t i = 0; i < 16; ++i) {
        assert_int_equal(get_integer(bytes + 2 * i, 16), expected[i]);
    }
}

static void
the_index_may_pass_two_to_the_64(void **state)
{
    (void)state;
    static const float silence[64];
    unsigned char across[64 * 2], after[32 * 2];
    audyn_pcm_encode_dithered(across, silence, 64, 16, UINT64_MAX - 31);
    audyn_pcm_encode_dithered(after, silence, 32, 16, 0);
    assert_memory_equal(across + 64, after, sizeof after);
}

static void
full_scale_is_clipped_and_never_wraps(void **state)
{
    (void)state;
    enum { COUNT = 4096 };
    static float samples[COUNT];
    static unsigned char bytes[COUNT * 3];
    static const float levels[] = {1.0f, -1.0f, 4.0f, -4.0f, INFINITY, -INFINITY};
    for (size_t level = 0; level < sizeof levels / sizeof levels[0]; ++level) {
        for (size_t i = 0; i < COUNT; ++i) {
            samples[i] = levels[level];
        }
        for (unsigned bits = 16; bits <= 24; bits += 8) {
            const int32_t full_scale = 1 << (bits - 1);
            audyn_pcm_encode_dithered(bytes, samples, COUNT, bits, 0);
            for (size_t i = 0; i < COUNT; ++i) {
                const int32_t value = get_integer(bytes + i * bits / 8, bits);
                if (levels[level] > 0) {
                    assert_in_range(value, full_scale - 2, full_scale - 1);
                } else {
                    assert_in_range(-(int64_t)value, full_scale - 1, full_scale);
                }
            }
        }
    }
}

static void
nan_is_dithered_as_silence(void **state)
{
    (void)state;
    static const float silence[4];
    static const float not_a_number[] = {NAN, -NAN, NAN, NAN};
    unsigned char expected[12], bytes[12];
    audyn_pcm_encode_dithered(expected, silence, 4, 24, 77);
    audyn_pcm_encode_dithered(bytes, not_a_number, 4, 24, 77);
    assert_memory_equal(bytes, expected, sizeof bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            the_error_has_mean_zero_and_a_quarter_of_a_square_bit_at_every_level),
        cmocka_unit_test(neighbouring_samples_have_unrelated_dither),
        cmocka_unit_test(dither_depends_on_nothing_but_the_index_of_the_sample),
        cmocka_unit_test(the_dither_sequence_is_this_one),
        cmocka_unit_test(the_index_may_pass_two_to_the_64),
        cmocka_unit_test(full_scale_is_clipped_and_never_wraps),
        cmocka_unit_test(nan_is_dithered_as_silence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
