// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// FLAC files (RFC 9639), by libFLAC.  STREAMINFO tells neither length nor MD5 while a
// recording goes on: a file that ends with any whole frame is a valid one.

#include "sink/codec_sink.h"
#include "sink/flac_points.h"

#include <FLAC/stream_encoder.h>

#define MOST_CHANNELS FLAC__MAX_CHANNELS

enum { COMMENTS, SEEK_TABLE, BLOCKS };

typedef struct {
    codec_sink_t base;
    uint32_t bits, level;
    bool dither;
    FLAC__StreamEncoder *encoder;
    FLAC__StreamMetadata *blocks[BLOCKS];
} flac_sink_t;

static flac_sink_t *
flac_of(codec_sink_t *codec)
{
    return (flac_sink_t *)(void *)codec;
}

// The encoder's blocks must outlive it.
static void
end_encoder(codec_sink_t *codec)
{
    flac_sink_t *flac = flac_of(codec);
    if (flac->encoder) {
        FLAC__stream_encoder_delete(flac->encoder);
    }
    for (int i = 0; i < BLOCKS; ++i) {
        if (flac->blocks[i]) {
            FLAC__metadata_object_delete(flac->blocks[i]);
            flac->blocks[i] = NULL;
        }
    }
    flac->encoder = NULL;
}

static audyn_status_t
check(const audyn_sink_config_t *config, audyn_error_t *error)
{
    if (config->encoding == AUDYN_FLOAT32) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "a FLAC file holds integers; choose --encoding pcm24 or "
                               "pcm16, or a .wav file");
    }
    if (!config->channels || config->channels > MOST_CHANNELS || !config->sample_rate ||
        config->sample_rate > FLAC__MAX_SAMPLE_RATE) {
        return audyn_error_set(
            error, AUDYN_INVALID,
            "a FLAC file cannot hold %u channels at %u Hz: there are 1 "
            "to %u; choose some with channels=, or a .wav file",
            config->channels, config->sample_rate, MOST_CHANNELS);
    }
    return AUDYN_OK;
}

static FLAC__StreamEncoderWriteStatus
on_write(const FLAC__StreamEncoder *encoder, const FLAC__byte buffer[], size_t bytes,
         uint32_t samples, uint32_t current_frame, void *context)
{
    (void)encoder;
    (void)current_frame;
    codec_sink_t *codec = context;
    return stream_file_write(&codec->file, buffer, bytes, samples)
               ? FLAC__STREAM_ENCODER_WRITE_STATUS_OK
               : FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
}

static FLAC__StreamEncoderSeekStatus
on_seek(const FLAC__StreamEncoder *encoder, FLAC__uint64 offset, void *context)
{
    (void)encoder;
    codec_sink_t *codec = context;
    return stream_file_seek(&codec->file, offset)
               ? FLAC__STREAM_ENCODER_SEEK_STATUS_OK
               : FLAC__STREAM_ENCODER_SEEK_STATUS_ERROR;
}

static FLAC__StreamEncoderTellStatus
on_tell(const FLAC__StreamEncoder *encoder, FLAC__uint64 *offset, void *context)
{
    (void)encoder;
    const codec_sink_t *codec = context;
    *offset = codec->file.at;
    return FLAC__STREAM_ENCODER_TELL_STATUS_OK;
}

static bool
add_comment(void *context, const char *key, const char *value)
{
    FLAC__StreamMetadata_VorbisComment_Entry entry;
    return FLAC__metadata_object_vorbiscomment_entry_from_name_value_pair(&entry, key,
                                                                          value) &&
           FLAC__metadata_object_vorbiscomment_append_comment(context, entry, false);
}

static bool
describe(flac_sink_t *flac, const audyn_sink_start_t *start)
{
    flac->blocks[COMMENTS] =
        FLAC__metadata_object_new(FLAC__METADATA_TYPE_VORBIS_COMMENT);
    flac->blocks[SEEK_TABLE] = FLAC__metadata_object_new(FLAC__METADATA_TYPE_SEEKTABLE);
    return flac->blocks[COMMENTS] && flac->blocks[SEEK_TABLE] &&
           sink_comments(&flac->base.texts, start, add_comment, flac->blocks[COMMENTS]) &&
           flac_points_plan(flac->blocks[SEEK_TABLE], flac->base.sample_rate);
}

static bool
configure(flac_sink_t *flac)
{
    FLAC__StreamEncoder *encoder = flac->encoder;
    return FLAC__stream_encoder_set_channels(encoder, flac->base.channels) &&
           FLAC__stream_encoder_set_bits_per_sample(encoder, flac->bits) &&
           FLAC__stream_encoder_set_sample_rate(encoder, flac->base.sample_rate) &&
           FLAC__stream_encoder_set_compression_level(encoder, flac->level) &&
           FLAC__stream_encoder_set_streamable_subset(encoder, false) &&
           FLAC__stream_encoder_set_metadata(encoder, flac->blocks, BLOCKS);
}

static audyn_status_t
open_encoder(codec_sink_t *codec, const audyn_sink_start_t *start)
{
    flac_sink_t *flac = flac_of(codec);
    flac->encoder = FLAC__stream_encoder_new();
    if (!flac->encoder || !describe(flac, start) || !configure(flac)) {
        return AUDYN_NO_MEMORY;
    }
    const FLAC__StreamEncoderInitStatus status = FLAC__stream_encoder_init_stream(
        flac->encoder, on_write, on_seek, on_tell, NULL, codec);
    if (codec->file.status) {
        return codec->file.status;
    }
    return status == FLAC__STREAM_ENCODER_INIT_STATUS_OK ? AUDYN_OK : AUDYN_NO_MEMORY;
}

static void
to_integers(const flac_sink_t *flac, FLAC__int32 *out, const float *samples,
            uint32_t count)
{
    uint8_t bytes[CODEC_CHUNK_SAMPLES * 3];
    const audyn_pcm_t *pcm = audyn_pcm_best();
    if (flac->dither) {
        const uint64_t frame = flac->base.position + flac->base.sample_frames;
        audyn_pcm_encode_dithered(bytes, samples, count, flac->bits,
                                  frame * flac->base.channels);
    } else {
        (flac->bits == 16 ? pcm->encode_s16le : pcm->encode_s24le)(bytes, samples, count);
    }
    for (uint32_t i = 0; i < count; ++i) {
        const uint8_t *at = bytes + i * flac->bits / 8;
        out[i] = flac->bits == 16 ? (int16_t)(at[0] | at[1] << 8)
                                  : (FLAC__int32)((uint32_t)(at[0] << 8 | at[1] << 16) |
                                                  (uint32_t)at[2] << 24) >>
                                        8;
    }
}

static bool
encode(codec_sink_t *codec, const float *samples, uint32_t sample_frames)
{
    flac_sink_t *flac = flac_of(codec);
    static const FLAC__int32 silence[CODEC_CHUNK_SAMPLES];
    FLAC__int32 chunk[CODEC_CHUNK_SAMPLES];
    if (samples) {
        to_integers(flac, chunk, samples, sample_frames * codec->channels);
    }
    return FLAC__stream_encoder_process_interleaved(
        flac->encoder, samples ? chunk : silence, sample_frames);
}

static bool
complete(codec_sink_t *codec)
{
    flac_sink_t *flac = flac_of(codec);
    flac_points_end(flac->blocks[SEEK_TABLE], flac->base.sample_frames);
    return FLAC__stream_encoder_finish(flac->encoder);
}

static const codec_t codec_flac = {
    .corrects = true,
    .open = open_encoder,
    .encode = encode,
    .complete = complete,
    .end = end_encoder,
};

static audyn_status_t
flac_create(audyn_sink_t **out, const audyn_sink_config_t *config, audyn_error_t *error)
{
    *out = NULL;
    const audyn_status_t status = check(config, error);
    if (status) {
        return status;
    }
    codec_sink_t *codec = codec_sink_create(sizeof(flac_sink_t), &codec_flac, config);
    if (!codec) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for a FLAC file");
    }
    flac_sink_t *flac = flac_of(codec);
    flac->bits = 8 * audyn_encoding_bytes(config->encoding);
    flac->level = config->codec.flac_level;
    flac->dither = config->dither;
    *out = &codec->sink;
    return AUDYN_OK;
}

const audyn_sink_type_t audyn_flac_sink = {
    .ending = ".flac",
    .encoding = AUDYN_PCM24,
    .create = flac_create,
    .start = codec_sink_start,
    .begin = codec_sink_begin,
    .write = codec_sink_write,
    .write_silence = codec_sink_write_silence,
    .flush = codec_sink_flush,
    .commit = codec_sink_commit,
    .sample_frames = codec_sink_sample_frames,
    .destroy = codec_sink_destroy,
};
