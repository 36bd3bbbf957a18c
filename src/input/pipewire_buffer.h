// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where the samples lie in a buffer of PipeWire's: in one plane or one for each channel,
/// at any offset, with any stride.  It needs PipeWire's headers alone.

#ifndef AUDYN_INPUT_PIPEWIRE_BUFFER_H
#define AUDYN_INPUT_PIPEWIRE_BUFFER_H

#include <audyn/attributes.h>

#include <spa/buffer/buffer.h>
#include <stdbool.h>
#include <stdint.h>

/// 32-bit floats.
typedef struct {
    const struct spa_data *datas;
    uint32_t channels;
    bool planar;
    uint32_t stride;        ///< bytes from one sample frame to the next
    uint32_t sample_frames; ///< of the shortest plane
} pipewire_buffer_t;

/// False where `spa` holds nothing that could be read as so many channels, or is marked
/// as corrupted.
bool pipewire_buffer_read(pipewire_buffer_t *buffer, const struct spa_buffer *spa,
                          uint32_t channels) AUDYN_REALTIME;

/// The samples are interleaved without a gap, from pipewire_buffer_sample(…, 0, …) on.
bool pipewire_buffer_is_packed(const pipewire_buffer_t *buffer) AUDYN_REALTIME;

/// Of any alignment.
const void *pipewire_buffer_sample(const pipewire_buffer_t *buffer, uint32_t channel,
                                   uint32_t sample_frame) AUDYN_REALTIME;

/// Interleaves `count` sample frames from `first` on.
void pipewire_buffer_gather(const pipewire_buffer_t *buffer, float *out, uint32_t first,
                            uint32_t count) AUDYN_REALTIME;

#endif
