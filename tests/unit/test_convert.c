// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "fence.h"
#include "integer_samples.h"
#include "pcm/convert.h"
#include "random.h"

#include <math.h>
#include <string.h>

enum { MANY = 1 << 16 };

static const audyn_pcm_t *implementations[2];

static struct fence input, output;

static int
set_up(void **state)
{
    (void)state;
    implementations[0] = audyn_pcm_plain();
    implementations[1] = audyn_pcm_best();
    return put_up_fence(&input) || put_up_fence(&output);
}

static int
tear_down(void **state)
{
    (void)state;
    return take_down_fence(&input) || take_down_fence(&output);
}

// A float of any bit pattern: denormals, infinities and NaN come up as well.
static float
float_of_bits(uint32_t bits)
{
    float value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

// What the integer ought to be, computed in double and without any rounding function.
static int32_t
expected_integer(float sample, unsigned bits)
{
    const double full_scale = bits == 24 ? 8388608.0 : 32768.0;
    const double scaled = (double)sample * full_scale;
    if (isnan(sample)) {
        return 0;
    }
    if (scaled >= full_scale - 1) {
        return (int32_t)full_scale - 1;
    }
    if (scaled <= -full_scale) {
        return -(int32_t)full_scale;
    }
    const int32_t below = (int32_t)(scaled + full_scale) - (int32_t)full_scale;
    const double above = scaled - below;
    return below + (above > 0.5 || (above == 0.5 && below % 2 != 0));
}

struct format {
    unsigned bits;
    bool big_endian;
    size_t encode_offset;
};

static const struct format formats[] = {
    {16, true, offsetof(audyn_pcm_t, encode_l16)},
    {24, true, offsetof(audyn_pcm_t, encode_l24)},
    {16, false, offsetof(audyn_pcm_t, encode_s16le)},
    {24, false, offsetof(audyn_pcm_t, encode_s24le)},
};
enum { FORMATS = sizeof formats / sizeof formats[0] };

static audyn_pcm_encode_t *
encoder(const audyn_pcm_t *pcm, const struct format *format)
{
    audyn_pcm_encode_t *encode;
    memcpy(&encode, (const char *)pcm + format->encode_offset, sizeof encode);
    return encode;
}

static void
assert_integers_round_trip(const audyn_pcm_t *pcm, int32_t first, unsigned bits)
{
    static unsigned char wire[MANY * 3], file[MANY * 3], again[MANY * 3];
    static float floats[MANY];
    const size_t bytes = bits / 8;
    const float full_scale = bits == 24 ? 8388608.0f : 32768.0f;
    for (int32_t i = 0; i < MANY; ++i) {
        put_integer(wire + (size_t)i * bytes, first + i, bits, true);
        put_integer(file + (size_t)i * bytes, first + i, bits, false);
    }
    (bits == 24 ? pcm->decode_l24 : pcm->decode_l16)(floats, wire, MANY);
    for (int32_t i = 0; i < MANY; ++i) {
        if (floats[i] != (float)(first + i) / full_scale) {
            fail_msg("%s: %d of %u bits became %a", pcm->name, first + i, bits,
                     (double)floats[i]);
        }
    }
    (bits == 24 ? pcm->encode_l24 : pcm->encode_l16)(again, floats, MANY);
    assert_memory_equal(again, wire, MANY * bytes);
    (bits == 24 ? pcm->encode_s24le : pcm->encode_s16le)(again, floats, MANY);
    assert_memory_equal(again, file, MANY * bytes);
}

static void
every_16_bit_integer_comes_back_unchanged(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; ++p) {
        assert_integers_round_trip(implementations[p], -32768, 16);
    }
}

static void
every_24_bit_integer_comes_back_unchanged(void **state)
{
    (void)state;
    for (size_t p = 0; p < 2; ++p) {
        for (int32_t first = -8388608; first < 8388608; first += MANY) {
            assert_integers_round_trip(implementations[p], first, 24);
        }
    }
}

static void
the_most_negative_integer_is_exactly_minus_one(void **state)
{
    (void)state;
    static const unsigned char lowest[] = {0x80, 0, 0};
    for (size_t p = 0; p < 2; ++p) {
        const audyn_pcm_t *pcm = implementations[p];
        float sample = 0;
        unsigned char back[3];
        pcm->decode_l24(&sample, lowest, 1);
        assert_true(sample == -1.0f);
        pcm->encode_l24(back, &sample, 1);
        assert_memory_equal(back, lowest, 3);
        pcm->decode_l16(&sample, lowest, 1);
        assert_true(sample == -1.0f);
        pcm->encode_l16(back, &sample, 1);
        assert_memory_equal(back, lowest, 2);
    }
}

// Encodes `samples` with both implementations into every format and compares with what
// ought to come out.
static void
assert_encoded_as_expected(const float *samples, size_t count)
{
    static unsigned char bytes[MANY * 3], expected[MANY * 3];
    for (size_t f = 0; f < FORMATS; ++f) {
        const struct format *format = &formats[f];
        const size_t size = format->bits / 8;
        for (size_t i = 0; i < count; ++i) {
            put_integer(expected + i * size, expected_integer(samples[i], format->bits),
                        format->bits, format->big_endian);
        }
        for (size_t p = 0; p < 2; ++p) {
            encoder(implementations[p], format)(bytes, samples, count);
            assert_memory_equal(bytes, expected, count * size);
        }
    }
}

static void
any_float_becomes_the_nearest_integer(void **state)
{
    (void)state;
    static float samples[MANY];
    uint64_t seed = 1;
    for (int round = 0; round < 64; ++round) {
        for (size_t i = 0; i < MANY; ++i) {
            const uint32_t bits = (uint32_t)random_next(&seed);
            // By turns anything at all, and what lies in and just beyond the range.
            samples[i] =
                round % 2 ? float_of_bits(bits) : (float)(int32_t)bits * 0x1.2p-31f;
        }
        assert_encoded_as_expected(samples, MANY);
    }
}

static void
what_is_out_of_range_is_clipped_and_nan_becomes_zero(void **state)
{
    (void)state;
    const float samples[] = {
        1.0f,  -1.0f,    1.5f,      -1.5f,     INFINITY,       -INFINITY,      NAN,
        -NAN,  1e38f,    -1e38f,    0x1p-149f, -0x1p-149f,     0x1p-126f,      0.0f,
        -0.0f, 0x1p-24f, -0x1p-24f, 0x1p-16f,  0x1.fffffep-1f, -0x1.000002p0f, 0x1.8p-23f,
    };
    const size_t count = sizeof samples / sizeof samples[0];
    assert_encoded_as_expected(samples, count);
    // In every lane of a vector.
    float moved[sizeof samples / sizeof samples[0] + 16] = {0};
    for (size_t shift = 0; shift < 16; ++shift) {
        memset(moved, 0, sizeof moved);
        memcpy(moved + shift, samples, sizeof samples);
        assert_encoded_as_expected(moved, count + 16);
    }
    unsigned char bytes[6];
    audyn_pcm_best()->encode_s24le(bytes, (const float[]){INFINITY, -INFINITY}, 2);
    assert_int_equal(get_integer(bytes, 24), 8388607);
    assert_int_equal(get_integer(bytes + 3, 24), -8388608);
}

static void
halfway_between_two_integers_the_even_one_wins(void **state)
{
    (void)state;
    static float samples[MANY];
    for (int32_t i = 0; i < MANY; ++i) {
        samples[i] = ((float)(i - MANY / 2) + 0.5f) * 0x1p-15f;
    }
    assert_encoded_as_expected(samples, MANY);
    for (int32_t i = 0; i < MANY; ++i) {
        samples[i] = ((float)(i - MANY / 2) + 0.5f) * 0x1p-23f;
    }
    assert_encoded_as_expected(samples, MANY);
    unsigned char bytes[4];
    audyn_pcm_plain()->encode_s16le(bytes, (const float[]){0x1p-16f, 0x1.8p-15f}, 2);
    assert_int_equal(get_integer(bytes, 16), 0);
    assert_int_equal(get_integer(bytes + 2, 16), 2);
}

// Where a buffer of `bytes` lies in its fence: up against the end, or `step` bytes after
// one another from the start.
enum { PLACES = 34, TAILS = 71 };

static void *
place_in(const struct fence *fence, size_t bytes, size_t place, size_t step)
{
    return place == 0 ? fence->page + fence->size - bytes
                      : fence->page + (place - 1) * step;
}

static void
assert_untouched_outside(const struct fence *fence, const void *written, size_t size)
{
    const unsigned char *first = written;
    for (const unsigned char *byte = fence->page; byte < fence->page + fence->size;
         ++byte) {
        if ((byte < first || byte >= first + size) && *byte != 0xA5) {
            fail_msg("byte %td of a buffer of %zu was written", byte - first, size);
        }
    }
}

static void
assert_decodes_within(const audyn_pcm_t *pcm, unsigned bits, size_t count, size_t place)
{
    static uint64_t seed = 2;
    const size_t size = bits / 8;
    float expected[TAILS];
    unsigned char *wire = place_in(&input, count * size, place, 1);
    for (size_t i = 0; i < count; ++i) {
        const int32_t value = (int32_t)random_next(&seed) >> (32 - bits);
        put_integer(wire + i * size, value, bits, true);
        expected[i] = (float)value / (bits == 24 ? 8388608.0f : 32768.0f);
    }
    memset(output.page, 0xA5, output.size);
    float *floats = place_in(&output, count * sizeof(float), place, sizeof(float));
    (bits == 24 ? pcm->decode_l24 : pcm->decode_l16)(floats, wire, count);
    assert_memory_equal(floats, expected, count * sizeof(float));
    assert_untouched_outside(&output, floats, count * sizeof(float));
}

static void
decoding_stays_within_its_buffers(void **state)
{
    (void)state;
    for (size_t count = 0; count < TAILS; ++count) {
        for (size_t place = 0; place < PLACES; ++place) {
            for (size_t p = 0; p < 2; ++p) {
                assert_decodes_within(implementations[p], 16, count, place);
                assert_decodes_within(implementations[p], 24, count, place);
            }
        }
    }
}

static void
assert_encodes_within(const audyn_pcm_t *pcm, const struct format *format, size_t count,
                      size_t place)
{
    static uint64_t seed = 3;
    const size_t size = format->bits / 8;
    unsigned char expected[TAILS * 3];
    float *floats = place_in(&input, count * sizeof(float), place, sizeof(float));
    for (size_t i = 0; i < count; ++i) {
        floats[i] = (float)(int32_t)random_next(&seed) * 0x1.2p-31f;
        put_integer(expected + i * size, expected_integer(floats[i], format->bits),
                    format->bits, format->big_endian);
    }
    memset(output.page, 0xA5, output.size);
    unsigned char *bytes = place_in(&output, count * size, place, 1);
    encoder(pcm, format)(bytes, floats, count);
    assert_memory_equal(bytes, expected, count * size);
    assert_untouched_outside(&output, bytes, count * size);
}

static void
encoding_stays_within_its_buffers(void **state)
{
    (void)state;
    for (size_t count = 0; count < TAILS; ++count) {
        for (size_t place = 0; place < PLACES; ++place) {
            for (size_t f = 0; f < FORMATS; ++f) {
                assert_encodes_within(implementations[0], &formats[f], count, place);
                assert_encodes_within(implementations[1], &formats[f], count, place);
            }
        }
    }
}

static void
the_fastest_implementation_is_the_one_this_processor_can_run(void **state)
{
    (void)state;
    assert_string_equal(audyn_pcm_plain()->name, "c");
#ifdef __x86_64__
    assert_string_equal(audyn_pcm_best()->name,
                        __builtin_cpu_supports("avx2") ? "avx2" : "c");
#else
    assert_ptr_equal(audyn_pcm_best(), audyn_pcm_plain());
#endif
}

static void
each_encoding_has_a_name_and_a_size(void **state)
{
    (void)state;
    assert_string_equal(audyn_encoding_name(AUDYN_PCM16), "pcm16");
    assert_string_equal(audyn_encoding_name(AUDYN_PCM24), "pcm24");
    assert_string_equal(audyn_encoding_name(AUDYN_FLOAT32), "float32");
    assert_int_equal(audyn_encoding_bytes(AUDYN_PCM16), 2);
    assert_int_equal(audyn_encoding_bytes(AUDYN_PCM24), 3);
    assert_int_equal(audyn_encoding_bytes(AUDYN_FLOAT32), 4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_16_bit_integer_comes_back_unchanged),
        cmocka_unit_test(every_24_bit_integer_comes_back_unchanged),
        cmocka_unit_test(the_most_negative_integer_is_exactly_minus_one),
        cmocka_unit_test(any_float_becomes_the_nearest_integer),
        cmocka_unit_test(what_is_out_of_range_is_clipped_and_nan_becomes_zero),
        cmocka_unit_test(halfway_between_two_integers_the_even_one_wins),
        cmocka_unit_test(decoding_stays_within_its_buffers),
        cmocka_unit_test(encoding_stays_within_its_buffers),
        cmocka_unit_test(the_fastest_implementation_is_the_one_this_processor_can_run),
        cmocka_unit_test(each_encoding_has_a_name_and_a_size),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
