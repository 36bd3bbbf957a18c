// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "pcm/convert_private.h"

// The finaliser of splitmix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number
// Generators, 2014), used as a hash of the counter.
static inline uint64_t
hash(uint64_t index)
{
    uint64_t z = (index + 1) * 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    z = (z ^ z >> 27) * 0x94D049BB133111EBU;
    return z ^ z >> 31;
}

// The sum of two uniform values of ±1/2: triangular over ±1.
static inline double
triangular(uint64_t index)
{
    const uint64_t bits = hash(index);
    const int64_t sum = (int64_t)(int32_t)(bits >> 32) + (int32_t)(uint32_t)bits;
    return (double)sum * 0x1p-32;
}

void
audyn_pcm_encode_dithered(void *restrict out, const float *restrict in, size_t samples,
                          unsigned bits, uint64_t first_sample)
{
    unsigned char *bytes = out;
    const double full_scale = 1U << (bits - 1);
    for (size_t i = 0; i < samples; ++i) {
        const uint32_t value = quantise(in[i], full_scale, triangular(first_sample + i));
        for (unsigned shift = 0; shift < bits; shift += 8) {
            *bytes++ = (unsigned char)(value >> shift);
        }
    }
}
