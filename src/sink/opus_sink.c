// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Ogg Opus files (RFC 7845), by libopusenc, which resamples what is not 48 kHz.  A file
// that ends with any whole page is one that players play.

#include "sink/comments.h"
#include "sink/little_endian.h"
#include "sink/sink_private.h"
#include "sink/stream_file.h"

#include <opusenc.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CHANNELS 8
#define CHUNK_SAMPLES 4096U
// RFC 7845, section 5.1.1: nobody says that several channels are those of a room, of
// which one would lose all but its bass.
#define MONO_OR_STEREO 0
#define DISCRETE_CHANNELS 255
#define DEFAULT_BITS_PER_CHANNEL 64000
// At 48 kHz.  Both delay what reaches the file, of which a crash costs a second at most.
#define PAGE_DELAY_SAMPLES 9600
#define DECISION_DELAY_SAMPLES 9600
#define GRANULE_RATE 48000

// Where those things stand in a page (RFC 3533, section 6) and in the first one's content
// (RFC 7845, section 5.1).
#define GRANULE_AT 6
#define SEGMENTS_AT 26
#define PRE_SKIP_AT 10
#define IDENTIFICATION_BYTES 19

typedef struct {
    audyn_sink_t sink;
    uint32_t sample_rate, channels, bit_rate, complexity;
    sink_texts_t texts;
    stream_file_t file;
    OggOpusComments *comments;
    OggOpusEnc *encoder;
    uint32_t pre_skip;      // at the beginning, which are no part of the sound; at 48 kHz
    uint64_t paged_samples; // sample frames that the pages so far complete
    uint64_t sample_frames; // taken so far
} opus_sink_t;

static opus_sink_t *
opus_of(audyn_sink_t *sink)
{
    return (opus_sink_t *)(void *)sink;
}

static void
end_encoder(opus_sink_t *opus)
{
    if (opus->encoder) {
        ope_encoder_destroy(opus->encoder);
    }
    if (opus->comments) {
        ope_comments_destroy(opus->comments);
    }
    opus->encoder = NULL;
    opus->comments = NULL;
}

static void
opus_destroy(audyn_sink_t *sink)
{
    opus_sink_t *opus = opus_of(sink);
    end_encoder(opus);
    stream_file_finish(&opus->file);
    free(opus);
}

static audyn_status_t
opus_create(audyn_sink_t **out, const audyn_sink_config_t *config, audyn_error_t *error)
{
    *out = NULL;
    if (!config->channels || config->channels > MOST_CHANNELS) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "an Opus file cannot hold %u channels: there are 1 to %d; "
                               "choose some with channels=, or a .wav file",
                               config->channels, MOST_CHANNELS);
    }
    opus_sink_t *opus = calloc(1, sizeof *opus);
    if (!opus) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for an Opus file");
    }
    opus->sample_rate = config->sample_rate;
    opus->channels = config->channels;
    const uint32_t bit_rate = config->codec.opus_bit_rate;
    opus->bit_rate = bit_rate ? bit_rate : DEFAULT_BITS_PER_CHANNEL * config->channels;
    opus->complexity = config->codec.opus_complexity;
    sink_texts_init(&opus->texts, config);
    *out = &opus->sink;
    return AUDYN_OK;
}

// How many sample frames are complete with this page.
static uint64_t
count_samples(opus_sink_t *opus, const unsigned char *page, size_t size)
{
    const unsigned char *content = page + SEGMENTS_AT + 1 + page[SEGMENTS_AT];
    if (content + IDENTIFICATION_BYTES <= page + size &&
        !memcmp(content, "OpusHead", 8)) {
        opus->pre_skip = get_u16(content + PRE_SKIP_AT);
    }
    const uint64_t granule = get_u64(page + GRANULE_AT); // all ones: nothing ends here
    if (granule == UINT64_MAX) {
        return opus->paged_samples;
    }
    return granule < opus->pre_skip
               ? 0
               : (granule - opus->pre_skip) * opus->sample_rate / GRANULE_RATE;
}

// A whole page.
static int
on_write(void *context, const unsigned char *bytes, opus_int32 size)
{
    opus_sink_t *opus = context;
    const uint64_t before = opus->paged_samples;
    opus->paged_samples = count_samples(opus, bytes, (size_t)size);
    return !stream_file_write(&opus->file, bytes, (size_t)size,
                              opus->paged_samples - before);
}

static int
on_close(void *context)
{
    (void)context;
    return 0;
}

static bool
add_comment(void *context, const char *key, const char *value)
{
    return ope_comments_add(context, key, value) == OPE_OK;
}

// Two recorders of one stream write the same bytes: the serial number follows from where
// the file begins.
static bool
configure(const opus_sink_t *opus, const audyn_sink_start_t *start)
{
    const uint64_t hash = (start->position + 1) * UINT64_C(0x9E3779B97F4A7C15);
    OggOpusEnc *encoder = opus->encoder;
    return ope_encoder_ctl(encoder, OPUS_SET_BITRATE((opus_int32)opus->bit_rate)) ==
               OPE_OK &&
           ope_encoder_ctl(encoder, OPUS_SET_COMPLEXITY((opus_int32)opus->complexity)) ==
               OPE_OK &&
           ope_encoder_ctl(encoder, OPE_SET_SERIALNO((opus_int32)(hash >> 33))) ==
               OPE_OK &&
           ope_encoder_ctl(encoder, OPE_SET_MUXING_DELAY(PAGE_DELAY_SAMPLES)) == OPE_OK &&
           ope_encoder_ctl(encoder, OPE_SET_DECISION_DELAY(DECISION_DELAY_SAMPLES)) ==
               OPE_OK;
}

static audyn_status_t
open_encoder(opus_sink_t *opus, const audyn_sink_start_t *start)
{
    static const OpusEncCallbacks callbacks = {on_write, on_close};
    opus->file.fd = opus->sink.fd;
    opus->comments = ope_comments_create();
    if (!opus->comments ||
        !sink_comments(&opus->texts, start, add_comment, opus->comments)) {
        return AUDYN_NO_MEMORY;
    }
    int error;
    opus->encoder = ope_encoder_create_callbacks(
        &callbacks, opus, opus->comments, (opus_int32)opus->sample_rate,
        (int)opus->channels, opus->channels > 2 ? DISCRETE_CHANNELS : MONO_OR_STEREO,
        &error);
    if (!opus->encoder) {
        return error == OPE_ALLOC_FAIL ? AUDYN_NO_MEMORY : AUDYN_NOT_SUPPORTED;
    }
    return configure(opus, start) ? AUDYN_OK : AUDYN_NOT_SUPPORTED;
}

static audyn_status_t
write_headers(opus_sink_t *opus, const audyn_sink_start_t *start)
{
    const audyn_status_t status = open_encoder(opus, start);
    if (!status) {
        ope_encoder_flush_header(opus->encoder);
        stream_file_flush(&opus->file);
    }
    return status ? status : opus->file.status;
}

static audyn_status_t
opus_start(audyn_sink_t *sink)
{
    opus_sink_t *opus = opus_of(sink);
    const audyn_status_t status = write_headers(opus, &(audyn_sink_start_t){0});
    end_encoder(opus);
    return status;
}

static audyn_status_t
opus_begin(audyn_sink_t *sink, const audyn_sink_start_t *start)
{
    opus_sink_t *opus = opus_of(sink);
    opus->file.fd = sink->fd;
    opus->paged_samples = 0;
    return stream_file_clear(&opus->file) ? write_headers(opus, start)
                                          : opus->file.status;
}

static void
note_failure(opus_sink_t *opus, audyn_status_t status)
{
    if (!opus->file.status) {
        opus->file.status = status;
    }
}

static audyn_status_t
opus_write(audyn_sink_t *sink, const float *samples, size_t sample_frames)
{
    opus_sink_t *opus = opus_of(sink);
    while (sample_frames && !opus->file.status) {
        const size_t count =
            sample_frames < CHUNK_SAMPLES ? sample_frames : CHUNK_SAMPLES;
        if (ope_encoder_write_float(opus->encoder, samples, (int)count) != OPE_OK) {
            note_failure(opus, AUDYN_IO);
        }
        samples += count * opus->channels;
        sample_frames -= count;
        opus->sample_frames += count;
    }
    return opus->file.status;
}

static audyn_status_t
opus_write_silence(audyn_sink_t *sink, uint64_t sample_frames)
{
    opus_sink_t *opus = opus_of(sink);
    const float zeros[CHUNK_SAMPLES] = {0};
    while (sample_frames && !opus->file.status) {
        const uint64_t most = CHUNK_SAMPLES / opus->channels;
        const size_t count = (size_t)(sample_frames < most ? sample_frames : most);
        opus_write(sink, zeros, count);
        sample_frames -= count;
    }
    return opus->file.status;
}

static audyn_status_t
opus_flush(audyn_sink_t *sink)
{
    opus_sink_t *opus = opus_of(sink);
    stream_file_flush(&opus->file);
    return opus->file.status;
}

static audyn_status_t
opus_commit(audyn_sink_t *sink, audyn_status_t synced, bool finished)
{
    opus_sink_t *opus = opus_of(sink);
    note_failure(opus, synced);
    if (finished && !opus->file.status) {
        if (ope_encoder_drain(opus->encoder) != OPE_OK) {
            note_failure(opus, AUDYN_IO);
        }
        stream_file_flush(&opus->file);
    }
    return opus->file.status;
}

static uint64_t
opus_sample_frames(const audyn_sink_t *sink)
{
    const opus_sink_t *opus = (const opus_sink_t *)(const void *)sink;
    return opus->file.status ? opus->file.file_samples : opus->sample_frames;
}

const audyn_sink_type_t audyn_opus_sink = {
    .ending = ".opus",
    .encoding = AUDYN_FLOAT32,
    .lossy = "opus",
    .create = opus_create,
    .start = opus_start,
    .begin = opus_begin,
    .write = opus_write,
    .write_silence = opus_write_silence,
    .flush = opus_flush,
    .commit = opus_commit,
    .sample_frames = opus_sample_frames,
    .destroy = opus_destroy,
};
