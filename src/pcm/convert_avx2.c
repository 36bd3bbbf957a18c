// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Eight samples at a time.  The 24-bit loops load and store 28 bytes for the 24 that
// count, so they stop while ten samples (30 bytes) are left.

#include "pcm/convert_private.h"

#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))

enum { VECTOR = 8, VECTOR_24 = 10 };

// Byte order for _mm256_shuffle_epi8, the same in both halves; −1 gives a zero byte.
#define BOTH_HALVES(...) _mm256_setr_epi8(__VA_ARGS__, __VA_ARGS__)

AVX2 static inline __m128i
load_16_bytes(const unsigned char *bytes)
{
    return _mm_loadu_si128((const __m128i *)(const void *)bytes);
}

AVX2 static inline void
store_16_bytes(unsigned char *bytes, __m128i value)
{
    _mm_storeu_si128((__m128i *)(void *)bytes, value);
}

AVX2 static void
decode_l16(float *restrict out, const void *restrict in, size_t samples) AUDYN_REALTIME
{
    const unsigned char *bytes = in;
    const __m128i swap =
        _mm_setr_epi8(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14);
    const __m256 scale = _mm256_set1_ps(0x1p-15f);
    size_t left = samples;
    for (; left >= VECTOR; left -= VECTOR, out += VECTOR, bytes += 2 * VECTOR) {
        const __m128i values = _mm_shuffle_epi8(load_16_bytes(bytes), swap);
        const __m256 floats = _mm256_cvtepi32_ps(_mm256_cvtepi16_epi32(values));
        _mm256_storeu_ps(out, _mm256_mul_ps(floats, scale));
    }
    audyn_pcm_plain()->decode_l16(out, bytes, left);
}

AVX2 static void
decode_l24(float *restrict out, const void *restrict in, size_t samples) AUDYN_REALTIME
{
    const unsigned char *bytes = in;
    // Into the upper three bytes, where the sign needs no extension.
    const __m256i spread =
        BOTH_HALVES(-1, 2, 1, 0, -1, 5, 4, 3, -1, 8, 7, 6, -1, 11, 10, 9);
    const __m256 scale = _mm256_set1_ps(0x1p-31f);
    size_t left = samples;
    for (; left >= VECTOR_24; left -= VECTOR, out += VECTOR, bytes += 3 * VECTOR) {
        const __m256i packed =
            _mm256_set_m128i(load_16_bytes(bytes + 12), load_16_bytes(bytes));
        const __m256i values = _mm256_shuffle_epi8(packed, spread);
        _mm256_storeu_ps(out, _mm256_mul_ps(_mm256_cvtepi32_ps(values), scale));
    }
    audyn_pcm_plain()->decode_l24(out, bytes, left);
}

// With the constant as the first operand, min and max hand on a NaN, and the conversion
// makes 0x80000000 of it: zero in the lower three bytes, the only ones used.
AVX2 static inline __m256i
quantise_vector(const float *in, float full_scale)
{
    const __m256 scaled = _mm256_mul_ps(_mm256_loadu_ps(in), _mm256_set1_ps(full_scale));
    const __m256 below = _mm256_min_ps(_mm256_set1_ps(full_scale - 1), scaled);
    return _mm256_cvtps_epi32(_mm256_max_ps(_mm256_set1_ps(-full_scale), below));
}

// `order` puts the four samples of each half into its lower eight bytes.  Returns how
// many samples were stored.
AVX2 static inline size_t
encode_16(unsigned char *bytes, const float *in, size_t samples, __m256i order)
{
    size_t i = 0;
    for (; samples - i >= VECTOR; i += VECTOR) {
        const __m256i halves =
            _mm256_shuffle_epi8(quantise_vector(in + i, 0x1p15f), order);
        const __m256i joined = _mm256_permute4x64_epi64(halves, _MM_SHUFFLE(3, 3, 2, 0));
        store_16_bytes(bytes + 2 * i, _mm256_castsi256_si128(joined));
    }
    return i;
}

// `order` puts the four samples of each half into its lower twelve bytes.  The four
// bytes stored after them are overwritten by what comes next.
AVX2 static inline size_t
encode_24(unsigned char *bytes, const float *in, size_t samples, __m256i order)
{
    size_t i = 0;
    for (; samples - i >= VECTOR_24; i += VECTOR) {
        const __m256i halves =
            _mm256_shuffle_epi8(quantise_vector(in + i, 0x1p23f), order);
        store_16_bytes(bytes + 3 * i, _mm256_castsi256_si128(halves));
        store_16_bytes(bytes + 3 * i + 12, _mm256_extracti128_si256(halves, 1));
    }
    return i;
}

AVX2 static void
encode_l16(void *restrict out, const float *restrict in, size_t samples)
{
    unsigned char *bytes = out;
    const __m256i order =
        BOTH_HALVES(1, 0, 5, 4, 9, 8, 13, 12, -1, -1, -1, -1, -1, -1, -1, -1);
    const size_t done = encode_16(bytes, in, samples, order);
    audyn_pcm_plain()->encode_l16(bytes + 2 * done, in + done, samples - done);
}

AVX2 static void
encode_l24(void *restrict out, const float *restrict in, size_t samples)
{
    unsigned char *bytes = out;
    const __m256i order =
        BOTH_HALVES(2, 1, 0, 6, 5, 4, 10, 9, 8, 14, 13, 12, -1, -1, -1, -1);
    const size_t done = encode_24(bytes, in, samples, order);
    audyn_pcm_plain()->encode_l24(bytes + 3 * done, in + done, samples - done);
}

AVX2 static void
encode_s16le(void *restrict out, const float *restrict in, size_t samples)
{
    unsigned char *bytes = out;
    const __m256i order =
        BOTH_HALVES(0, 1, 4, 5, 8, 9, 12, 13, -1, -1, -1, -1, -1, -1, -1, -1);
    const size_t done = encode_16(bytes, in, samples, order);
    audyn_pcm_plain()->encode_s16le(bytes + 2 * done, in + done, samples - done);
}

AVX2 static void
encode_s24le(void *restrict out, const float *restrict in, size_t samples)
{
    unsigned char *bytes = out;
    const __m256i order =
        BOTH_HALVES(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
    const size_t done = encode_24(bytes, in, samples, order);
    audyn_pcm_plain()->encode_s24le(bytes + 3 * done, in + done, samples - done);
}

const audyn_pcm_t audyn_pcm_avx2 = {
    .name = "avx2",
    .decode_l16 = decode_l16,
    .decode_l24 = decode_l24,
    .encode_l16 = encode_l16,
    .encode_l24 = encode_l24,
    .encode_s16le = encode_s16le,
    .encode_s24le = encode_s24le,
};
