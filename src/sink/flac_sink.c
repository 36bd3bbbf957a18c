// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// FLAC files (RFC 9639), by libFLAC.  STREAMINFO tells neither length nor MD5 while a
// recording goes on: a file that ends with any whole frame is a valid one.

#include "sink/comments.h"
#include "sink/sink_private.h"
#include "sink/stream_file.h"

#include <FLAC/metadata.h>
#include <FLAC/stream_encoder.h>

#include <stdlib.h>
#include <string.h>

#define MOST_CHANNELS FLAC__MAX_CHANNELS
#define CHUNK_SAMPLES 4096U
#define SECONDS_PER_SEEK_POINT 10
#define SEEK_POINTS (6 * 3600 / SECONDS_PER_SEEK_POINT)

enum { COMMENTS, SEEK_TABLE, BLOCKS };

typedef struct {
    audyn_sink_t sink;
    uint32_t sample_rate, channels, bits, level;
    bool dither;
    sink_texts_t texts;
    stream_file_t file;
    FLAC__StreamEncoder *encoder;
    FLAC__StreamMetadata *blocks[BLOCKS];
    uint64_t position;      // of the first sample, for the dither
    uint64_t sample_frames; // taken so far
} flac_sink_t;

static flac_sink_t *
flac_of(audyn_sink_t *sink)
{
    return (flac_sink_t *)(void *)sink;
}

// The encoder's blocks must outlive it.
static void
end_encoder(flac_sink_t *flac)
{
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

static void
flac_destroy(audyn_sink_t *sink)
{
    flac_sink_t *flac = flac_of(sink);
    end_encoder(flac);
    stream_file_finish(&flac->file);
    free(flac);
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

static audyn_status_t
flac_create(audyn_sink_t **out, const audyn_sink_config_t *config, audyn_error_t *error)
{
    *out = NULL;
    const audyn_status_t status = check(config, error);
    if (status) {
        return status;
    }
    flac_sink_t *flac = calloc(1, sizeof *flac);
    if (!flac) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for a FLAC file");
    }
    flac->sample_rate = config->sample_rate;
    flac->channels = config->channels;
    flac->bits = 8 * audyn_encoding_bytes(config->encoding);
    flac->level = config->codec.flac_level;
    flac->dither = config->dither;
    sink_texts_init(&flac->texts, config);
    *out = &flac->sink;
    return AUDYN_OK;
}

static FLAC__StreamEncoderWriteStatus
on_write(const FLAC__StreamEncoder *encoder, const FLAC__byte buffer[], size_t bytes,
         uint32_t samples, uint32_t current_frame, void *context)
{
    (void)encoder;
    (void)current_frame;
    flac_sink_t *flac = context;
    return stream_file_write(&flac->file, buffer, bytes, samples)
               ? FLAC__STREAM_ENCODER_WRITE_STATUS_OK
               : FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
}

static FLAC__StreamEncoderSeekStatus
on_seek(const FLAC__StreamEncoder *encoder, FLAC__uint64 offset, void *context)
{
    (void)encoder;
    flac_sink_t *flac = context;
    return stream_file_seek(&flac->file, offset) ? FLAC__STREAM_ENCODER_SEEK_STATUS_OK
                                                 : FLAC__STREAM_ENCODER_SEEK_STATUS_ERROR;
}

static FLAC__StreamEncoderTellStatus
on_tell(const FLAC__StreamEncoder *encoder, FLAC__uint64 *offset, void *context)
{
    (void)encoder;
    const flac_sink_t *flac = context;
    *offset = flac->file.at;
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

// A point every ten seconds; those that a shorter file does not reach stay empty.
static bool
describe(flac_sink_t *flac, const audyn_sink_start_t *start)
{
    flac->blocks[COMMENTS] =
        FLAC__metadata_object_new(FLAC__METADATA_TYPE_VORBIS_COMMENT);
    flac->blocks[SEEK_TABLE] = FLAC__metadata_object_new(FLAC__METADATA_TYPE_SEEKTABLE);
    return flac->blocks[COMMENTS] && flac->blocks[SEEK_TABLE] &&
           sink_comments(&flac->texts, start, add_comment, flac->blocks[COMMENTS]) &&
           FLAC__metadata_object_seektable_template_append_spaced_points_by_samples(
               flac->blocks[SEEK_TABLE], SECONDS_PER_SEEK_POINT * flac->sample_rate,
               (uint64_t)SEEK_POINTS * SECONDS_PER_SEEK_POINT * flac->sample_rate) &&
           FLAC__metadata_object_seektable_template_sort(flac->blocks[SEEK_TABLE], false);
}

static bool
configure(flac_sink_t *flac)
{
    FLAC__StreamEncoder *encoder = flac->encoder;
    return FLAC__stream_encoder_set_channels(encoder, flac->channels) &&
           FLAC__stream_encoder_set_bits_per_sample(encoder, flac->bits) &&
           FLAC__stream_encoder_set_sample_rate(encoder, flac->sample_rate) &&
           FLAC__stream_encoder_set_compression_level(encoder, flac->level) &&
           FLAC__stream_encoder_set_streamable_subset(encoder, false) &&
           FLAC__stream_encoder_set_metadata(encoder, flac->blocks, BLOCKS);
}

static audyn_status_t
open_encoder(flac_sink_t *flac, const audyn_sink_start_t *start)
{
    flac->file.fd = flac->sink.fd;
    flac->encoder = FLAC__stream_encoder_new();
    if (!flac->encoder || !describe(flac, start) || !configure(flac)) {
        return AUDYN_NO_MEMORY;
    }
    const FLAC__StreamEncoderInitStatus status = FLAC__stream_encoder_init_stream(
        flac->encoder, on_write, on_seek, on_tell, NULL, flac);
    if (flac->file.status) {
        return flac->file.status;
    }
    return status == FLAC__STREAM_ENCODER_INIT_STATUS_OK ? AUDYN_OK : AUDYN_NO_MEMORY;
}

// Leaves the encoder open; all that it has written so far is in the file.
static audyn_status_t
write_headers(flac_sink_t *flac, const audyn_sink_start_t *start)
{
    const audyn_status_t status = open_encoder(flac, start);
    return status || stream_file_flush(&flac->file) ? status : flac->file.status;
}

// A file without samples, until the first one is there.
static audyn_status_t
flac_start(audyn_sink_t *sink)
{
    flac_sink_t *flac = flac_of(sink);
    const audyn_status_t status = write_headers(flac, &(audyn_sink_start_t){0});
    end_encoder(flac);
    return status;
}

static audyn_status_t
flac_begin(audyn_sink_t *sink, const audyn_sink_start_t *start)
{
    flac_sink_t *flac = flac_of(sink);
    flac->file.fd = sink->fd;
    flac->position = start->position;
    return stream_file_clear(&flac->file) ? write_headers(flac, start)
                                          : flac->file.status;
}

static void
note_failure(flac_sink_t *flac, audyn_status_t status)
{
    if (!flac->file.status) {
        flac->file.status = status;
    }
}

static void
to_integers(const flac_sink_t *flac, FLAC__int32 *out, const float *samples,
            uint32_t count)
{
    uint8_t bytes[CHUNK_SAMPLES * 3];
    const audyn_pcm_t *pcm = audyn_pcm_best();
    if (flac->dither) {
        const uint64_t frame = flac->position + flac->sample_frames;
        audyn_pcm_encode_dithered(bytes, samples, count, flac->bits,
                                  frame * flac->channels);
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

static audyn_status_t
flac_write(audyn_sink_t *sink, const float *samples, size_t sample_frames)
{
    flac_sink_t *flac = flac_of(sink);
    FLAC__int32 chunk[CHUNK_SAMPLES];
    while (sample_frames && !flac->file.status) {
        const uint32_t most = CHUNK_SAMPLES / flac->channels;
        const uint32_t count = sample_frames < most ? (uint32_t)sample_frames : most;
        to_integers(flac, chunk, samples, count * flac->channels);
        if (!FLAC__stream_encoder_process_interleaved(flac->encoder, chunk, count)) {
            note_failure(flac, AUDYN_IO);
        }
        samples += count * flac->channels;
        sample_frames -= count;
        flac->sample_frames += count;
    }
    return flac->file.status;
}

static audyn_status_t
flac_write_silence(audyn_sink_t *sink, uint64_t sample_frames)
{
    flac_sink_t *flac = flac_of(sink);
    const FLAC__int32 zeros[CHUNK_SAMPLES] = {0};
    while (sample_frames && !flac->file.status) {
        const uint32_t most = CHUNK_SAMPLES / flac->channels;
        const uint32_t count = sample_frames < most ? (uint32_t)sample_frames : most;
        if (!FLAC__stream_encoder_process_interleaved(flac->encoder, zeros, count)) {
            note_failure(flac, AUDYN_IO);
        }
        sample_frames -= count;
        flac->sample_frames += count;
    }
    return flac->file.status;
}

// What libFLAC has not made a frame of yet, 85 ms at most, waits for the next time.
static audyn_status_t
flac_flush(audyn_sink_t *sink)
{
    flac_sink_t *flac = flac_of(sink);
    stream_file_flush(&flac->file);
    return flac->file.status;
}

// Some readers believe every point, also one that the file has not reached.
static void
forget_points_beyond_end(flac_sink_t *flac)
{
    FLAC__StreamMetadata_SeekTable *table = &flac->blocks[SEEK_TABLE]->data.seek_table;
    for (uint32_t i = 0; i < table->num_points; ++i) {
        if (table->points[i].sample_number >= flac->sample_frames) {
            table->points[i].sample_number = FLAC__STREAM_METADATA_SEEKPOINT_PLACEHOLDER;
        }
    }
}

static audyn_status_t
flac_commit(audyn_sink_t *sink, audyn_status_t synced, bool finished)
{
    flac_sink_t *flac = flac_of(sink);
    note_failure(flac, synced);
    if (finished && !flac->file.status) {
        forget_points_beyond_end(flac);
        if (!FLAC__stream_encoder_finish(flac->encoder)) {
            note_failure(flac, AUDYN_IO);
        }
        stream_file_flush(&flac->file);
    }
    return flac->file.status;
}

static uint64_t
flac_sample_frames(const audyn_sink_t *sink)
{
    const flac_sink_t *flac = (const flac_sink_t *)(const void *)sink;
    return flac->file.status ? flac->file.file_samples : flac->sample_frames;
}

const audyn_sink_type_t audyn_flac_sink = {
    .ending = ".flac",
    .encoding = AUDYN_PCM24,
    .create = flac_create,
    .start = flac_start,
    .begin = flac_begin,
    .write = flac_write,
    .write_silence = flac_write_silence,
    .flush = flac_flush,
    .commit = flac_commit,
    .sample_frames = flac_sample_frames,
    .destroy = flac_destroy,
};
