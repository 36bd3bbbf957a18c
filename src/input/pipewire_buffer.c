// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire_buffer.h"

#include <string.h>

// The offset is to be taken modulo the size of the memory (spa/buffer/buffer.h).
static uint32_t
valid_offset(const struct spa_data *data)
{
    return data->maxsize ? data->chunk->offset % data->maxsize : 0;
}

static uint32_t
valid_bytes(const struct spa_data *data)
{
    const uint32_t most = data->data ? data->maxsize - valid_offset(data) : 0;
    return data->chunk->size < most ? data->chunk->size : most;
}

bool
pipewire_buffer_read(pipewire_buffer_t *buffer, const struct spa_buffer *spa,
                     uint32_t channels) AUDYN_REALTIME
{
    *buffer = (pipewire_buffer_t){
        .datas = spa->datas, .channels = channels, .planar = spa->n_datas > 1};
    if (!spa->n_datas || (buffer->planar && spa->n_datas < channels)) {
        return false;
    }
    const uint32_t samples = buffer->planar ? 1 : channels;
    const uint32_t packed = samples * (uint32_t)sizeof(float);
    const int32_t stride = spa->datas[0].chunk->stride;
    buffer->stride = stride ? (uint32_t)stride : packed;
    buffer->sample_frames = UINT32_MAX;
    if (stride < 0 || buffer->stride < packed) {
        return false;
    }
    for (uint32_t i = 0; i < (buffer->planar ? channels : 1); ++i) {
        const struct spa_data *data = &spa->datas[i];
        if ((uint32_t)data->chunk->flags & SPA_CHUNK_FLAG_CORRUPTED) {
            return false;
        }
        // What a wide stride leaves out need not follow the last sample frame.
        const uint64_t bytes = (uint64_t)valid_bytes(data) + buffer->stride - packed;
        const uint32_t count = (uint32_t)(bytes / buffer->stride);
        if (count < buffer->sample_frames) {
            buffer->sample_frames = count;
        }
    }
    return true;
}

bool
pipewire_buffer_is_packed(const pipewire_buffer_t *buffer) AUDYN_REALTIME
{
    return !buffer->planar && buffer->stride == buffer->channels * sizeof(float);
}

const void *
pipewire_buffer_sample(const pipewire_buffer_t *buffer, uint32_t channel,
                       uint32_t sample_frame) AUDYN_REALTIME
{
    const struct spa_data *data = &buffer->datas[buffer->planar ? channel : 0];
    const size_t within = buffer->planar ? 0 : channel * sizeof(float);
    return (const uint8_t *)data->data + valid_offset(data) +
           (size_t)sample_frame * buffer->stride + within;
}

void
pipewire_buffer_gather(const pipewire_buffer_t *buffer, float *out, uint32_t first,
                       uint32_t count) AUDYN_REALTIME
{
    for (uint32_t c = 0; c < buffer->channels; ++c) {
        const uint8_t *in = pipewire_buffer_sample(buffer, c, first);
        float *to = out + c;
        for (uint32_t i = 0; i < count; ++i) {
            memcpy(to, in, sizeof *to);
            in += buffer->stride;
            to += buffer->channels;
        }
    }
}
