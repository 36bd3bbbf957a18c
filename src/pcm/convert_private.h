// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_PCM_CONVERT_PRIVATE_H
#define AUDYN_PCM_CONVERT_PRIVATE_H

#include "pcm/convert.h"

#include <float.h>
#include <math.h>
#include <string.h>

_Static_assert(FLT_EVAL_METHOD == 0, "rounding needs sums that are no wider than double");

/// The nearest integer to sample × full_scale + dither, ties to even, clipped to
/// −full_scale and full_scale − 1.  NaN is taken for silence.
static inline uint32_t
quantise(float sample, double full_scale, double dither)
{
    // In double, since a float has no room for the fraction of a large 24-bit sample.
    double value = (isnan(sample) ? 0 : (double)sample * full_scale) + dither;
    value = value > -full_scale ? value : -full_scale;
    value = value < full_scale - 1 ? value : full_scale - 1;
    // Nor has a double beside 1.5 × 2⁵²: the lower bits of the sum are the integer.
    const double sum = value + 0x1.8p52;
    uint64_t bits;
    memcpy(&bits, &sum, sizeof bits);
    return (uint32_t)bits;
}

#ifdef __x86_64__
/// Only for a processor that has AVX2.  What is left over after whole vectors goes
/// through audyn_pcm_plain().
extern const audyn_pcm_t audyn_pcm_avx2;
#endif

#endif
