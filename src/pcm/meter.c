// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "pcm/meter.h"

#include <math.h>
#include <string.h>

static inline void
raise_peaks(float *restrict peaks, const float *restrict samples, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const float magnitude = fabsf(samples[i]);
        // False for a NaN, which has no level.
        peaks[i] = magnitude > peaks[i] ? magnitude : peaks[i];
    }
}

void
audyn_meter_add(audyn_meter_t *meter, const float *samples, size_t sample_frames)
{
    // As many sample frames side by side as fit, so that one maximum need not wait for
    // the one before.
    const size_t channels = meter->channels;
    const size_t width = AUDYN_METER_CHANNELS / channels * channels;
    float peaks[AUDYN_METER_CHANNELS] = {0};
    size_t left = sample_frames * channels;
    for (; left >= width; left -= width, samples += width) {
        raise_peaks(peaks, samples, width);
    }
    raise_peaks(peaks, samples, left);
    for (size_t first = 0; first < width; first += channels) {
        raise_peaks(meter->peak, peaks + first, channels);
    }
}

void
audyn_meter_reset(audyn_meter_t *meter)
{
    memset(meter->peak, 0, sizeof meter->peak);
}

float
audyn_meter_dbfs(float peak)
{
    return peak > 0 ? 20 * log10f(peak) : -INFINITY;
}
