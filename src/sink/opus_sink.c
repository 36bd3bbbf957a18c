// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Ogg Opus files (RFC 7845), by libopusenc, which resamples what is not 48 kHz.  A file
// that ends with any whole page is one that players play.

#include "sink/codec_sink.h"
#include "sink/little_endian.h"

#include <opusenc.h>
#include <string.h>

#define MOST_CHANNELS 8
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
    codec_sink_t base;
    uint32_t bit_rate, complexity;
    OggOpusComments *comments;
    OggOpusEnc *encoder;
    uint32_t pre_skip;      // at the beginning, which are no part of the sound; at 48 kHz
    uint64_t paged_samples; // sample frames that the pages so far complete
} opus_sink_t;

static opus_sink_t *
opus_of(codec_sink_t *codec)
{
    return (opus_sink_t *)(void *)codec;
}

static void
end_encoder(codec_sink_t *codec)
{
    opus_sink_t *opus = opus_of(codec);
    if (opus->encoder) {
        ope_encoder_destroy(opus->encoder);
    }
    if (opus->comments) {
        ope_comments_destroy(opus->comments);
    }
    opus->encoder = NULL;
    opus->comments = NULL;
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
               : (granule - opus->pre_skip) * opus->base.sample_rate / GRANULE_RATE;
}

// A whole page.
static int
on_write(void *context, const unsigned char *bytes, opus_int32 size)
{
    opus_sink_t *opus = context;
    const uint64_t before = opus->paged_samples;
    opus->paged_samples = count_samples(opus, bytes, (size_t)size);
    return !stream_file_write(&opus->base.file, bytes, (size_t)size,
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
open_encoder(codec_sink_t *codec, const audyn_sink_start_t *start)
{
    static const OpusEncCallbacks callbacks = {on_write, on_close};
    opus_sink_t *opus = opus_of(codec);
    opus->paged_samples = 0;
    opus->comments = ope_comments_create();
    if (!opus->comments ||
        !sink_comments(&codec->texts, start, add_comment, opus->comments)) {
        return AUDYN_NO_MEMORY;
    }
    int error;
    opus->encoder = ope_encoder_create_callbacks(
        &callbacks, opus, opus->comments, (opus_int32)codec->sample_rate,
        (int)codec->channels, codec->channels > 2 ? DISCRETE_CHANNELS : MONO_OR_STEREO,
        &error);
    if (!opus->encoder) {
        return error == OPE_ALLOC_FAIL ? AUDYN_NO_MEMORY : AUDYN_NOT_SUPPORTED;
    }
    if (!configure(opus, start)) {
        return AUDYN_NOT_SUPPORTED;
    }
    ope_encoder_flush_header(opus->encoder);
    return AUDYN_OK;
}

static bool
encode(codec_sink_t *codec, const float *samples, uint32_t sample_frames)
{
    static const float silence[CODEC_CHUNK_SAMPLES];
    return ope_encoder_write_float(opus_of(codec)->encoder, samples ? samples : silence,
                                   (int)sample_frames) == OPE_OK;
}

static bool
complete(codec_sink_t *codec)
{
    return ope_encoder_drain(opus_of(codec)->encoder) == OPE_OK;
}

static const codec_t codec_opus = {
    .open = open_encoder,
    .encode = encode,
    .complete = complete,
    .end = end_encoder,
};

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
    codec_sink_t *codec = codec_sink_create(sizeof(opus_sink_t), &codec_opus, config);
    if (!codec) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for an Opus file");
    }
    opus_sink_t *opus = opus_of(codec);
    const uint32_t bit_rate = config->codec.opus_bit_rate;
    opus->bit_rate = bit_rate ? bit_rate : DEFAULT_BITS_PER_CHANNEL * config->channels;
    opus->complexity = config->codec.opus_complexity;
    *out = &codec->sink;
    return AUDYN_OK;
}

const audyn_sink_type_t audyn_opus_sink = {
    .ending = ".opus",
    .encoding = AUDYN_FLOAT32,
    .lossy = "opus",
    .create = opus_create,
    .start = codec_sink_start,
    .begin = codec_sink_begin,
    .write = codec_sink_write,
    .write_silence = codec_sink_write_silence,
    .flush = codec_sink_flush,
    .commit = codec_sink_commit,
    .sample_frames = codec_sink_sample_frames,
    .destroy = codec_sink_destroy,
};
