// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the sinks share whose library makes the file: all but the library.

#ifndef AUDYN_SINK_CODEC_SINK_H
#define AUDYN_SINK_CODEC_SINK_H

#include "sink/comments.h"
#include "sink/sink_private.h"
#include "sink/stream_file.h"

/// Samples, of all channels together, that are encoded at once.
#define CODEC_CHUNK_SAMPLES 4096U

typedef struct codec_sink codec_sink_t;

/// The library.
typedef struct {
    bool corrects; ///< at the end, what it wrote at the beginning
    /// Makes an encoder and writes the file's headers.
    audyn_status_t (*open)(codec_sink_t *codec, const audyn_sink_start_t *start);
    /// Interleaved samples, or silence where `samples` is NULL; at most
    /// CODEC_CHUNK_SAMPLES.
    bool (*encode)(codec_sink_t *codec, const float *samples, uint32_t sample_frames);
    /// Writes what is left, and what the file says of all of it.
    bool (*complete)(codec_sink_t *codec);
    /// Frees the encoder, if there is one; what is in the file stays.
    void (*end)(codec_sink_t *codec);
} codec_t;

/// Embedded first by a sink.
struct codec_sink {
    audyn_sink_t sink;
    const codec_t *codec;
    uint32_t sample_rate, channels;
    sink_texts_t texts;
    stream_file_t file;
    uint64_t position;      ///< of the first sample
    uint64_t sample_frames; ///< taken so far
};

static inline codec_sink_t *
codec_of(audyn_sink_t *sink)
{
    return (codec_sink_t *)(void *)sink;
}

/// A sink of `size` bytes, all zero behind the `codec_sink_t`; NULL: out of memory.
codec_sink_t *codec_sink_create(size_t size, const codec_t *codec,
                                const audyn_sink_config_t *config);

/// For the table of a sink's functions.
audyn_status_t codec_sink_start(audyn_sink_t *sink);
audyn_status_t codec_sink_begin(audyn_sink_t *sink, const audyn_sink_start_t *start);
audyn_status_t codec_sink_write(audyn_sink_t *sink, const float *samples,
                                size_t sample_frames);
audyn_status_t codec_sink_write_silence(audyn_sink_t *sink, uint64_t sample_frames);
audyn_status_t codec_sink_flush(audyn_sink_t *sink);
audyn_status_t codec_sink_commit(audyn_sink_t *sink, audyn_status_t synced,
                                 bool finished);
uint64_t codec_sink_sample_frames(const audyn_sink_t *sink);
void codec_sink_destroy(audyn_sink_t *sink);

#endif
