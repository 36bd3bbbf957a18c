// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/export/export_flac.h"

#include "archive/export/flac_frame.h"
#include "sink/flac_points.h"
#include "sink/stream_file.h"

#include <FLAC/metadata.h>
#include <FLAC/stream_decoder.h>
#include <FLAC/stream_encoder.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_FRAMES 64
#define LEAST_BLOCK 16 // but for the last of a file (RFC 9639, section 8.2)
#define MOST_BLOCK 65535
#define MD5_BYTES (64U * 1024)

struct export_flac {
    char *path;
    stream_file_t file;
    uint64_t audio_offset; // of the first frame
    FLAC__StreamMetadata *info, *points;
    uint32_t next_point;
    EVP_MD_CTX *md5;
    uint64_t sample_frames; // in the file
    uint64_t told;          // of these, by steps
    uint32_t last_block;    // sample frames
    // What is copied.
    FLAC__StreamDecoder *decoder;
    int source;
    uint64_t left;     // sample frames that are still to be copied
    uint64_t frame_at; // where the next frame begins in the source
    bool sought;       // the next block is a part of its frame
    uint8_t *bytes;    // of a frame
    size_t room;
    audyn_status_t status; // the first failure
};

static bool
fail(export_flac_t *flac, audyn_status_t status)
{
    flac->status = flac->status ? flac->status : status;
    return false;
}

static bool
make_room(export_flac_t *flac, size_t size)
{
    if (size <= flac->room) {
        return true;
    }
    free(flac->bytes);
    flac->bytes = malloc(size);
    flac->room = flac->bytes ? size : 0;
    return flac->bytes || fail(flac, AUDYN_NO_MEMORY);
}

// RFC 9639, section 8.2: over the samples as signed integers of whole bytes,
// little-endian.
static bool
add_to_md5(export_flac_t *flac, const FLAC__int32 *const samples[], uint32_t count)
{
    uint8_t bytes[MD5_BYTES + 32];
    size_t size = 0;
    const FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    for (uint32_t i = 0; i < count; ++i) {
        for (uint32_t c = 0; c < info->channels; ++c) {
            const uint32_t sample = (uint32_t)samples[c][i];
            bytes[size++] = (uint8_t)sample;
            bytes[size++] = (uint8_t)(sample >> 8);
            if (info->bits_per_sample > 16) {
                bytes[size++] = (uint8_t)(sample >> 16);
            }
        }
        if (size > MD5_BYTES - 32 || i + 1 == count) {
            if (!EVP_DigestUpdate(flac->md5, bytes, size)) {
                return fail(flac, AUDYN_NO_MEMORY);
            }
            size = 0;
        }
    }
    return true;
}

static void
note_frame(export_flac_t *flac, size_t size, uint32_t block)
{
    FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    const uint64_t at = flac->file.file_bytes + flac->file.buffered - size;
    if (flac->last_block && flac->last_block < info->min_blocksize) {
        info->min_blocksize = flac->last_block; // the last of all does not count
    }
    info->max_blocksize = block > info->max_blocksize ? block : info->max_blocksize;
    if (!info->min_framesize || size < info->min_framesize) {
        info->min_framesize = (uint32_t)size;
    }
    if (size > info->max_framesize) {
        info->max_framesize = (uint32_t)size;
    }
    if (flac->points) {
        const FLAC__StreamMetadata_SeekPoint point = {flac->sample_frames,
                                                      at - flac->audio_offset, block};
        flac->next_point = flac_points_set(flac->points, flac->next_point, &point);
    }
    flac->sample_frames += block;
    flac->last_block = block;
}

// The frame in `bytes`, as the next one.
static bool
add_frame(export_flac_t *flac, size_t size, uint32_t block)
{
    if (flac->last_block && flac->last_block < LEAST_BLOCK) {
        return fail(flac, AUDYN_NOT_SUPPORTED);
    }
    if (!flac_frame_renumber(flac->bytes, &size, flac->sample_frames)) {
        return fail(flac, AUDYN_BAD_DATA);
    }
    if (!stream_file_write(&flac->file, flac->bytes, size, block)) {
        return fail(flac, flac->file.status);
    }
    note_frame(flac, size, block);
    return true;
}

static FLAC__StreamEncoderWriteStatus
on_encoded(const FLAC__StreamEncoder *encoder, const FLAC__byte bytes[], size_t size,
           uint32_t samples, uint32_t number, void *context)
{
    (void)encoder;
    (void)number;
    export_flac_t *flac = context;
    if (samples) { // else it is no frame
        if (!make_room(flac, size + FLAC_FRAME_GROWTH)) {
            return FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR;
        }
        memcpy(flac->bytes, bytes, size);
        add_frame(flac, size, samples);
    }
    return flac->status ? FLAC__STREAM_ENCODER_WRITE_STATUS_FATAL_ERROR
                        : FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
}

// A part of a frame, as one block of its own.
static bool
encode(export_flac_t *flac, const FLAC__int32 *const samples[], uint32_t count)
{
    const FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    FLAC__StreamEncoder *encoder = FLAC__stream_encoder_new();
    const uint32_t block = count < LEAST_BLOCK ? LEAST_BLOCK : count;
    const bool encoded =
        encoder && FLAC__stream_encoder_set_streamable_subset(encoder, false) &&
        FLAC__stream_encoder_set_channels(encoder, info->channels) &&
        FLAC__stream_encoder_set_bits_per_sample(encoder, info->bits_per_sample) &&
        FLAC__stream_encoder_set_sample_rate(encoder, info->sample_rate) &&
        FLAC__stream_encoder_set_compression_level(encoder, 5) &&
        FLAC__stream_encoder_set_blocksize(encoder, block) &&
        FLAC__stream_encoder_init_stream(encoder, on_encoded, NULL, NULL, NULL, flac) ==
            FLAC__STREAM_ENCODER_INIT_STATUS_OK &&
        FLAC__stream_encoder_process(encoder, samples, count) &&
        FLAC__stream_encoder_finish(encoder);
    if (encoder) {
        FLAC__stream_encoder_delete(encoder);
    }
    return encoded || fail(flac, AUDYN_NO_MEMORY);
}

static bool
copy(export_flac_t *flac, uint32_t block)
{
    uint64_t end;
    if (!FLAC__stream_decoder_get_decode_position(flac->decoder, &end) ||
        end <= flac->frame_at) {
        return fail(flac, AUDYN_BAD_DATA);
    }
    const size_t size = (size_t)(end - flac->frame_at);
    if (!make_room(flac, size + FLAC_FRAME_GROWTH)) {
        return false;
    }
    if (TEMP_FAILURE_RETRY(pread(flac->source, flac->bytes, size,
                                 (off_t)flac->frame_at)) != (ssize_t)size) {
        return fail(flac, AUDYN_BAD_DATA);
    }
    return add_frame(flac, size, block);
}

static FLAC__StreamDecoderWriteStatus
on_decoded(const FLAC__StreamDecoder *decoder, const FLAC__Frame *frame,
           const FLAC__int32 *const samples[], void *context)
{
    (void)decoder;
    export_flac_t *flac = context;
    const uint32_t block = frame->header.blocksize;
    const uint32_t count = flac->left < block ? (uint32_t)flac->left : block;
    const FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    if (frame->header.channels != info->channels ||
        frame->header.bits_per_sample != info->bits_per_sample) {
        fail(flac, AUDYN_NOT_SUPPORTED);
    } else if (!flac->status && count && add_to_md5(flac, samples, count)) {
        const bool whole = count == block && !flac->sought;
        if (whole ? copy(flac, block) : encode(flac, samples, count)) {
            flac->left -= count;
        }
    }
    flac->sought = false;
    return flac->status ? FLAC__STREAM_DECODER_WRITE_STATUS_ABORT
                        : FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void
on_error(const FLAC__StreamDecoder *decoder, FLAC__StreamDecoderErrorStatus status,
         void *context)
{
    (void)decoder;
    (void)status;
    fail(context, AUDYN_BAD_DATA);
}

static void
leave(export_flac_t *flac)
{
    if (flac->decoder) {
        FLAC__stream_decoder_delete(flac->decoder);
    }
    if (flac->source >= 0) {
        close(flac->source);
    }
    flac->decoder = NULL;
    flac->source = -1;
}

audyn_status_t
export_flac_enter(export_flac_t *flac, const char *path, uint64_t first,
                  uint64_t sample_frames)
{
    leave(flac);
    flac->left = sample_frames;
    flac->source = open(path, O_RDONLY | O_CLOEXEC);
    flac->decoder = FLAC__stream_decoder_new();
    if (flac->source < 0 || !flac->decoder ||
        FLAC__stream_decoder_init_file(flac->decoder, path, on_decoded, NULL, on_error,
                                       flac) != FLAC__STREAM_DECODER_INIT_STATUS_OK ||
        !FLAC__stream_decoder_process_until_end_of_metadata(flac->decoder)) {
        fail(flac, AUDYN_BAD_DATA);
    }
    if (!flac->status && first) {
        flac->sought = true;
        if (!FLAC__stream_decoder_seek_absolute(flac->decoder, first)) {
            fail(flac, AUDYN_BAD_DATA);
        }
    }
    return flac->status;
}

audyn_status_t
export_flac_step(export_flac_t *flac, uint64_t *done)
{
    for (int i = 0; i < STEP_FRAMES && flac->left && !flac->status; ++i) {
        const uint64_t left = flac->left;
        if (!FLAC__stream_decoder_get_decode_position(flac->decoder, &flac->frame_at) ||
            !FLAC__stream_decoder_process_single(flac->decoder) || flac->left == left) {
            fail(flac, AUDYN_BAD_DATA);
        }
    }
    *done = flac->sample_frames - flac->told;
    flac->told = flac->sample_frames;
    return flac->status;
}

static bool
read_head(export_flac_t *flac)
{
    FLAC__Metadata_SimpleIterator *at = FLAC__metadata_simple_iterator_new();
    const bool opened =
        at && FLAC__metadata_simple_iterator_init(at, flac->path, true, false);
    bool more = opened;
    while (more) {
        const FLAC__MetadataType type = FLAC__metadata_simple_iterator_get_block_type(at);
        if (type == FLAC__METADATA_TYPE_STREAMINFO) {
            flac->info = FLAC__metadata_simple_iterator_get_block(at);
        } else if (type == FLAC__METADATA_TYPE_SEEKTABLE) {
            flac->points = FLAC__metadata_simple_iterator_get_block(at);
        }
        more = FLAC__metadata_simple_iterator_next(at);
    }
    if (at) {
        FLAC__metadata_simple_iterator_delete(at);
    }
    return opened && flac->info &&
           (!flac->points ||
            flac_points_plan(flac->points, flac->info->data.stream_info.sample_rate));
}

static audyn_status_t
open_part(export_flac_t *flac)
{
    struct stat about;
    flac->file.fd = open(flac->path, O_WRONLY | O_CLOEXEC);
    if (flac->file.fd < 0 || fstat(flac->file.fd, &about)) {
        return audyn_status_from_errno(errno);
    }
    if (!flac->md5 || !EVP_DigestInit_ex(flac->md5, EVP_md5(), NULL) ||
        !read_head(flac)) {
        return AUDYN_NO_MEMORY;
    }
    flac->file.file_bytes = (uint64_t)about.st_size;
    flac->file.at = flac->file.file_bytes;
    flac->audio_offset = flac->file.file_bytes;
    FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    info->min_blocksize = MOST_BLOCK;
    info->max_blocksize = LEAST_BLOCK;
    info->min_framesize = 0;
    info->max_framesize = 0;
    return AUDYN_OK;
}

audyn_status_t
export_flac_open(export_flac_t **out, const char *path)
{
    *out = NULL;
    export_flac_t *flac = calloc(1, sizeof *flac);
    if (!flac) {
        return AUDYN_NO_MEMORY;
    }
    flac->source = -1;
    flac->file.fd = -1;
    flac->path = strdup(path);
    flac->md5 = EVP_MD_CTX_new();
    const audyn_status_t status = flac->path ? open_part(flac) : AUDYN_NO_MEMORY;
    if (status) {
        export_flac_close(flac);
        return status;
    }
    *out = flac;
    return AUDYN_OK;
}

// Each in its place, as long as it was.
static bool
write_head(const export_flac_t *flac)
{
    FLAC__Metadata_SimpleIterator *at = FLAC__metadata_simple_iterator_new();
    bool written =
        at && FLAC__metadata_simple_iterator_init(at, flac->path, false, false);
    bool more = written;
    while (more && written) {
        const FLAC__MetadataType type = FLAC__metadata_simple_iterator_get_block_type(at);
        FLAC__StreamMetadata *block = type == FLAC__METADATA_TYPE_STREAMINFO ? flac->info
                                      : type == FLAC__METADATA_TYPE_SEEKTABLE
                                          ? flac->points
                                          : NULL;
        written = !block || FLAC__metadata_simple_iterator_set_block(at, block, false);
        more = FLAC__metadata_simple_iterator_next(at);
    }
    if (at) {
        FLAC__metadata_simple_iterator_delete(at);
    }
    return written;
}

audyn_status_t
export_flac_finish(export_flac_t *flac)
{
    leave(flac);
    FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    info->total_samples = flac->sample_frames;
    if (info->min_blocksize > info->max_blocksize) {
        info->min_blocksize = info->max_blocksize; // there is one block
    }
    if (flac->points) {
        flac_points_end(flac->points, flac->sample_frames);
    }
    if (!flac->status && !EVP_DigestFinal_ex(flac->md5, info->md5sum, NULL)) {
        fail(flac, AUDYN_NO_MEMORY);
    }
    if (!flac->status && !stream_file_flush(&flac->file)) {
        fail(flac, flac->file.status);
    }
    if (!flac->status && !write_head(flac)) {
        fail(flac, AUDYN_IO);
    }
    if (!flac->status && TEMP_FAILURE_RETRY(fdatasync(flac->file.fd))) {
        fail(flac, audyn_status_from_errno(errno));
    }
    return flac->status;
}

void
export_flac_close(export_flac_t *flac)
{
    if (!flac) {
        return;
    }
    leave(flac);
    stream_file_finish(&flac->file);
    if (flac->file.fd >= 0) {
        close(flac->file.fd);
    }
    FLAC__StreamMetadata *blocks[] = {flac->info, flac->points};
    for (int i = 0; i < 2; ++i) {
        if (blocks[i]) {
            FLAC__metadata_object_delete(blocks[i]);
        }
    }
    EVP_MD_CTX_free(flac->md5);
    free(flac->bytes);
    free(flac->path);
    free(flac);
}
