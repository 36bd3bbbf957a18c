// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sink/codec_sink.h"

#include <stdlib.h>

codec_sink_t *
codec_sink_create(size_t size, const codec_t *codec, const audyn_sink_config_t *config)
{
    codec_sink_t *self = calloc(1, size);
    if (self) {
        self->codec = codec;
        self->sample_rate = config->sample_rate;
        self->channels = config->channels;
        sink_texts_init(&self->texts, config);
    }
    return self;
}

// Leaves the encoder open; all that it has written so far is in the file.
static audyn_status_t
write_headers(codec_sink_t *self, const audyn_sink_start_t *start)
{
    const audyn_status_t status = self->codec->open(self, start);
    return status || stream_file_flush(&self->file) ? status : self->file.status;
}

// A file without samples, until the first one is there.
audyn_status_t
codec_sink_start(audyn_sink_t *sink)
{
    codec_sink_t *self = codec_of(sink);
    self->file.fd = sink->fd;
    const audyn_status_t status = write_headers(self, &(audyn_sink_start_t){0});
    self->codec->end(self);
    return status;
}

audyn_status_t
codec_sink_begin(audyn_sink_t *sink, const audyn_sink_start_t *start)
{
    codec_sink_t *self = codec_of(sink);
    self->file.fd = sink->fd;
    self->file.told = self->codec->corrects ? NULL : sink;
    self->position = start->position;
    return stream_file_clear(&self->file) ? write_headers(self, start)
                                          : self->file.status;
}

audyn_status_t
codec_sink_write(audyn_sink_t *sink, const float *samples, size_t sample_frames)
{
    codec_sink_t *self = codec_of(sink);
    const uint32_t most = CODEC_CHUNK_SAMPLES / self->channels;
    while (sample_frames && !self->file.status) {
        const uint32_t count = sample_frames < most ? (uint32_t)sample_frames : most;
        if (!self->codec->encode(self, samples, count)) {
            stream_file_fail(&self->file, AUDYN_IO);
        }
        samples += samples ? count * self->channels : 0;
        sample_frames -= count;
        self->sample_frames += count;
    }
    return self->file.status;
}

audyn_status_t
codec_sink_write_silence(audyn_sink_t *sink, uint64_t sample_frames)
{
    return codec_sink_write(sink, NULL, sample_frames);
}

// What the library has not made a frame or a page of yet waits for the next time.
audyn_status_t
codec_sink_flush(audyn_sink_t *sink)
{
    codec_sink_t *self = codec_of(sink);
    stream_file_flush(&self->file);
    return self->file.status;
}

audyn_status_t
codec_sink_commit(audyn_sink_t *sink, audyn_status_t synced, bool finished)
{
    codec_sink_t *self = codec_of(sink);
    stream_file_fail(&self->file, synced);
    if (finished && !self->file.status) {
        if (!self->codec->complete(self)) {
            stream_file_fail(&self->file, AUDYN_IO);
        }
        stream_file_flush(&self->file);
    }
    return self->file.status;
}

uint64_t
codec_sink_sample_frames(const audyn_sink_t *sink)
{
    const codec_sink_t *self = (const codec_sink_t *)(const void *)sink;
    return self->file.status ? self->file.file_samples : self->sample_frames;
}

void
codec_sink_destroy(audyn_sink_t *sink)
{
    codec_sink_t *self = codec_of(sink);
    self->codec->end(self);
    stream_file_finish(&self->file);
    free(self);
}
