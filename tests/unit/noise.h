// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Sound files whose every bit is known.

#ifndef AUDYN_TESTS_NOISE_H
#define AUDYN_TESTS_NOISE_H

#include <stdint.h>

/// Over the whole range of 32 bits; the least and the greatest value come first.
int32_t noise(uint64_t index);

/// Writes a file of `noise()`, interleaved, of a libsndfile format.
void write_noise(const char *path, int format, int sample_rate, int channels,
                 int sample_frames);

#endif
