// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Peak levels per channel.

#ifndef AUDYN_PCM_METER_H
#define AUDYN_PCM_METER_H

#include <stddef.h>
#include <stdint.h>

#define AUDYN_METER_CHANNELS 64

/// All zero is a fresh meter, apart from `channels`.  Used by one thread.
typedef struct {
    uint32_t channels;                ///< 1 to AUDYN_METER_CHANNELS, interleaved
    float peak[AUDYN_METER_CHANNELS]; ///< largest magnitude since the last reset
} audyn_meter_t;

void audyn_meter_add(audyn_meter_t *meter, const float *samples, size_t sample_frames);

/// Forgets the peaks.
void audyn_meter_reset(audyn_meter_t *meter);

/// dB relative to full scale; −INFINITY for zero.
float audyn_meter_dbfs(float peak);

#endif
