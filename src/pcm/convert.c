// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "pcm/convert_private.h"

#include <string.h>

const char *
audyn_encoding_name(audyn_encoding_t encoding)
{
    static const char *const names[] = {
        [AUDYN_PCM16] = "pcm16", [AUDYN_PCM24] = "pcm24", [AUDYN_FLOAT32] = "float32"};
    return names[encoding];
}

void
audyn_pcm_copy(float *restrict out, const void *restrict in,
               size_t samples) AUDYN_REALTIME
{
    memcpy(out, in, samples * sizeof *out);
}

static void
decode_l16(float *restrict out, const void *restrict in, size_t samples) AUDYN_REALTIME
{
    const unsigned char *bytes = in;
    for (size_t i = 0; i < samples; ++i, bytes += 2) {
        const int16_t value = (int16_t)(bytes[0] << 8 | bytes[1]);
        out[i] = (float)value * 0x1p-15f;
    }
}

static void
decode_l24(float *restrict out, const void *restrict in, size_t samples) AUDYN_REALTIME
{
    const unsigned char *bytes = in;
    for (size_t i = 0; i < samples; ++i, bytes += 3) {
        // In the upper three bytes the sign needs no extension, and the float stays
        // exact.
        const uint32_t upper =
            (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 | (uint32_t)bytes[2] << 8;
        out[i] = (float)(int32_t)upper * 0x1p-31f;
    }
}

static inline void
encode_big_endian(unsigned char *bytes, const float *in, size_t samples, unsigned bits)
{
    const double full_scale = 1U << (bits - 1);
    for (size_t i = 0; i < samples; ++i) {
        const uint32_t value = quantise(in[i], full_scale, 0);
        for (unsigned shift = bits; shift > 0; shift -= 8) {
            *bytes++ = (unsigned char)(value >> (shift - 8));
        }
    }
}

static inline void
encode_little_endian(unsigned char *bytes, const float *in, size_t samples, unsigned bits)
{
    const double full_scale = 1U << (bits - 1);
    for (size_t i = 0; i < samples; ++i) {
        const uint32_t value = quantise(in[i], full_scale, 0);
        for (unsigned shift = 0; shift < bits; shift += 8) {
            *bytes++ = (unsigned char)(value >> shift);
        }
    }
}

static void
encode_l16(void *restrict out, const float *restrict in, size_t samples)
{
    encode_big_endian(out, in, samples, 16);
}

static void
encode_l24(void *restrict out, const float *restrict in, size_t samples)
{
    encode_big_endian(out, in, samples, 24);
}

static void
encode_s16le(void *restrict out, const float *restrict in, size_t samples)
{
    encode_little_endian(out, in, samples, 16);
}

static void
encode_s24le(void *restrict out, const float *restrict in, size_t samples)
{
    encode_little_endian(out, in, samples, 24);
}

static const audyn_pcm_t plain = {
    .name = "c",
    .decode_l16 = decode_l16,
    .decode_l24 = decode_l24,
    .encode_l16 = encode_l16,
    .encode_l24 = encode_l24,
    .encode_s16le = encode_s16le,
    .encode_s24le = encode_s24le,
};

const audyn_pcm_t *
audyn_pcm_plain(void) AUDYN_REALTIME
{
    return &plain;
}

const audyn_pcm_t *
audyn_pcm_best(void)
{
#ifdef __x86_64__
    if (__builtin_cpu_supports("avx2")) {
        return &audyn_pcm_avx2;
    }
#endif
    return audyn_pcm_plain();
}
