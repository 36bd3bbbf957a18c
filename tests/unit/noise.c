// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "noise.h"

#include <sndfile.h>
#include <stdlib.h>

int32_t
noise(uint64_t index)
{
    if (index < 2) {
        return index ? INT32_MAX : INT32_MIN;
    }
    uint64_t z = index * 0x9E3779B97F4A7C15U;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9U;
    return (int32_t)(z >> 32);
}

void
write_noise(const char *path, int format, int sample_rate, int channels,
            int sample_frames)
{
    SF_INFO info = {.samplerate = sample_rate, .channels = channels, .format = format};
    SNDFILE *file = sf_open(path, SFM_WRITE, &info);
    if (!file) {
        fail_msg("%s: %s", path, sf_strerror(NULL));
    }
    const size_t count = (size_t)sample_frames * (size_t)channels;
    int *samples = malloc((count + 1) * sizeof *samples);
    assert_non_null(samples);
    for (size_t i = 0; i < count; ++i) {
        samples[i] = noise(i);
    }
    assert_int_equal(sf_write_int(file, samples, (sf_count_t)count), count);
    free(samples);
    assert_int_equal(sf_close(file), 0);
}
