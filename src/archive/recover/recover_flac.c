// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A FLAC file (RFC 9639) ends with its last whole frame.  What its encoder would have
// told at the end follows from the frames: length, MD5, sizes of frames, seek points.

#include "archive/recover/recover_file_private.h"

#include "sink/flac_points.h"

#include <FLAC/metadata.h>
#include <FLAC/stream_decoder.h>
#include <openssl/evp.h>
#include <string.h>

#define CHUNK_BYTES (64U * 1024)

typedef struct {
    recover_file_t *file;
    FLAC__StreamDecoder *decoder;
    EVP_MD_CTX *md5;
    uint64_t read_bytes;        // by the decoder
    FLAC__StreamMetadata *info; // as the file has it, then as it is to be
    FLAC__StreamMetadata *points;
    uint32_t next_point;
    uint64_t audio_offset, end; // of the first frame, and of the last whole one
    uint64_t sample_frames;     // in whole frames
    uint32_t frame_samples;     // of the frame just decoded; 0: none was
    bool broken;                // what comes now is no whole frame
    audyn_status_t status;      // of reading
} flac_t;

static FLAC__StreamDecoderReadStatus
on_read(const FLAC__StreamDecoder *decoder, FLAC__byte buffer[], size_t *bytes,
        void *context)
{
    (void)decoder;
    flac_t *flac = context;
    flac->status = recover_read(flac->file, buffer, *bytes, flac->read_bytes, bytes);
    flac->read_bytes += *bytes;
    return flac->status ? FLAC__STREAM_DECODER_READ_STATUS_ABORT
           : *bytes     ? FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
                        : FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
}

static FLAC__StreamDecoderTellStatus
on_tell(const FLAC__StreamDecoder *decoder, FLAC__uint64 *offset, void *context)
{
    (void)decoder;
    const flac_t *flac = context;
    *offset = flac->read_bytes;
    return FLAC__STREAM_DECODER_TELL_STATUS_OK;
}

static void
on_error(const FLAC__StreamDecoder *decoder, FLAC__StreamDecoderErrorStatus status,
         void *context)
{
    (void)decoder;
    (void)status;
    flac_t *flac = context;
    flac->broken = true;
}

static void
take_comments(flac_t *flac, const FLAC__StreamMetadata_VorbisComment *comments)
{
    for (uint32_t i = 0; i < comments->num_comments; ++i) {
        char *key = NULL;
        char *value = NULL;
        if (FLAC__metadata_object_vorbiscomment_entry_to_name_value_pair(
                comments->comments[i], &key, &value)) {
            recover_comment(flac->file, key, value);
            free(key);
            free(value);
        }
    }
}

static void
on_metadata(const FLAC__StreamDecoder *decoder, const FLAC__StreamMetadata *metadata,
            void *context)
{
    (void)decoder;
    flac_t *flac = context;
    if (metadata->type == FLAC__METADATA_TYPE_STREAMINFO && !flac->info) {
        flac->info = FLAC__metadata_object_clone(metadata);
    } else if (metadata->type == FLAC__METADATA_TYPE_SEEKTABLE && !flac->points) {
        flac->points = FLAC__metadata_object_clone(metadata);
    } else if (metadata->type == FLAC__METADATA_TYPE_VORBIS_COMMENT) {
        take_comments(flac, &metadata->data.vorbis_comment);
    }
}

// RFC 9639, section 8.2: over the samples as signed integers of whole bytes,
// little-endian.
static bool
add_samples(flac_t *flac, const FLAC__Frame *frame, const FLAC__int32 *const samples[])
{
    uint8_t bytes[CHUNK_BYTES];
    size_t size = 0;
    const uint32_t sample_bytes = (frame->header.bits_per_sample + 7) / 8;
    bool added = true;
    for (uint32_t i = 0; added && i < frame->header.blocksize; ++i) {
        for (uint32_t c = 0; c < frame->header.channels; ++c) {
            for (uint32_t b = 0; b < sample_bytes; ++b) {
                bytes[size++] = (uint8_t)((uint32_t)samples[c][i] >> 8 * b);
            }
        }
        if (size + (size_t)FLAC__MAX_CHANNELS * 4 > sizeof bytes ||
            i + 1 == frame->header.blocksize) {
            added = EVP_DigestUpdate(flac->md5, bytes, size);
            size = 0;
        }
    }
    return added;
}

// Frames follow each other without a hole, and do not change their format.
static FLAC__StreamDecoderWriteStatus
on_write(const FLAC__StreamDecoder *decoder, const FLAC__Frame *frame,
         const FLAC__int32 *const samples[], void *context)
{
    (void)decoder;
    flac_t *flac = context;
    const FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    flac->broken |= frame->header.number.sample_number != flac->sample_frames ||
                    frame->header.channels != info->channels ||
                    frame->header.bits_per_sample != info->bits_per_sample;
    if (!flac->broken) {
        flac->frame_samples = frame->header.blocksize;
        flac->broken = !add_samples(flac, frame, samples);
    }
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static audyn_status_t
read_metadata(flac_t *flac)
{
    recover_file_t *file = flac->file;
    FLAC__stream_decoder_set_metadata_respond(flac->decoder,
                                              FLAC__METADATA_TYPE_VORBIS_COMMENT);
    FLAC__stream_decoder_set_metadata_respond(flac->decoder,
                                              FLAC__METADATA_TYPE_SEEKTABLE);
    const bool read =
        FLAC__stream_decoder_init_stream(flac->decoder, on_read, NULL, on_tell, NULL,
                                         NULL, on_write, on_metadata, on_error,
                                         flac) == FLAC__STREAM_DECODER_INIT_STATUS_OK &&
        FLAC__stream_decoder_process_until_end_of_metadata(flac->decoder);
    if (flac->status) {
        return flac->status;
    }
    if (!read || flac->broken || !flac->info ||
        !FLAC__stream_decoder_get_decode_position(flac->decoder, &flac->audio_offset)) {
        return recover_refuse(file, "this FLAC file ends before its first sample");
    }
    const FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    file->out->sample_rate = info->sample_rate;
    file->out->channels = info->channels;
    file->out->bits = info->bits_per_sample;
    return recover_check_origin(file);
}

static void
note_frame(flac_t *flac, uint64_t end)
{
    FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    const uint32_t bytes = (uint32_t)(end - flac->end);
    if (!flac->sample_frames || bytes < info->min_framesize) {
        info->min_framesize = bytes;
    }
    if (!flac->sample_frames || bytes > info->max_framesize) {
        info->max_framesize = bytes;
    }
    if (flac->points) {
        flac->next_point =
            flac_points_set(flac->points, flac->next_point,
                            &(FLAC__StreamMetadata_SeekPoint){
                                flac->sample_frames, flac->end - flac->audio_offset,
                                flac->frame_samples});
    }
    flac->sample_frames += flac->frame_samples;
    flac->end = end;
}

static audyn_status_t
read_frames(flac_t *flac)
{
    flac->end = flac->audio_offset;
    if (flac->points && !flac_points_plan(flac->points, flac->file->out->sample_rate)) {
        return AUDYN_NO_MEMORY;
    }
    uint64_t end = 0;
    while (!flac->broken && FLAC__stream_decoder_process_single(flac->decoder) &&
           !flac->broken && flac->frame_samples &&
           FLAC__stream_decoder_get_decode_position(flac->decoder, &end)) {
        note_frame(flac, end);
        flac->frame_samples = 0;
    }
    return flac->status;
}

static bool
conclude(flac_t *flac)
{
    FLAC__StreamMetadata_StreamInfo *info = &flac->info->data.stream_info;
    info->total_samples = flac->sample_frames;
    if (flac->points) {
        flac_points_end(flac->points, flac->sample_frames);
    }
    return EVP_DigestFinal_ex(flac->md5, info->md5sum, NULL);
}

static bool
is_same(const FLAC__StreamMetadata *a, const FLAC__StreamMetadata *b)
{
    return FLAC__metadata_object_is_equal(a, b);
}

// In its place, as long as it is.
static bool
set_block(recover_file_t *file, FLAC__Metadata_SimpleIterator *at,
          FLAC__StreamMetadata *wanted)
{
    FLAC__StreamMetadata *block = FLAC__metadata_simple_iterator_get_block(at);
    const bool differs = block && !is_same(block, wanted);
    const bool set =
        block &&
        (!differs || (block->length == wanted->length &&
                      FLAC__metadata_simple_iterator_set_block(at, wanted, false)));
    file->out->changed |= differs;
    FLAC__metadata_object_delete(block);
    return set;
}

static bool
set_blocks(flac_t *flac, FLAC__Metadata_SimpleIterator *at)
{
    bool set = true;
    do {
        const FLAC__MetadataType type = FLAC__metadata_simple_iterator_get_block_type(at);
        FLAC__StreamMetadata *wanted = type == FLAC__METADATA_TYPE_STREAMINFO ? flac->info
                                       : type == FLAC__METADATA_TYPE_SEEKTABLE
                                           ? flac->points
                                           : NULL;
        set = !wanted || set_block(flac->file, at, wanted);
    } while (set && FLAC__metadata_simple_iterator_next(at));
    return set;
}

static audyn_status_t
write_metadata(flac_t *flac)
{
    recover_file_t *file = flac->file;
    FLAC__Metadata_SimpleIterator *at = FLAC__metadata_simple_iterator_new();
    const bool written =
        at && FLAC__metadata_simple_iterator_init(at, file->path, false, false) &&
        set_blocks(flac, at);
    if (at) {
        FLAC__metadata_simple_iterator_delete(at);
    }
    return written ? recover_sync(file)
                   : audyn_error_set(file->error, AUDYN_IO,
                                     "%s: what it says of itself cannot be corrected",
                                     file->path);
}

static audyn_status_t
repair(flac_t *flac)
{
    recover_file_t *file = flac->file;
    audyn_status_t status = read_metadata(flac);
    if (!status) {
        status = read_frames(flac);
    }
    if (status || !flac->sample_frames) {
        return status;
    }
    if (!conclude(flac)) {
        return audyn_error_set(file->error, AUDYN_NO_MEMORY, "%s: no memory for its MD5",
                               file->path);
    }
    file->out->sample_frames = flac->sample_frames;
    status = recover_end_at(file, flac->end);
    return status ? status : write_metadata(flac);
}

audyn_status_t
recover_flac(recover_file_t *file)
{
    flac_t flac = {
        .file = file, .decoder = FLAC__stream_decoder_new(), .md5 = EVP_MD_CTX_new()};
    const bool ready =
        flac.decoder && flac.md5 && EVP_DigestInit_ex(flac.md5, EVP_md5(), NULL);
    const audyn_status_t status =
        ready ? repair(&flac)
              : audyn_error_set(file->error, AUDYN_NO_MEMORY,
                                "%s: no memory to repair it", file->path);
    FLAC__StreamMetadata *blocks[] = {flac.info, flac.points};
    for (int i = 0; i < 2; ++i) {
        if (blocks[i]) {
            FLAC__metadata_object_delete(blocks[i]);
        }
    }
    if (flac.decoder) {
        FLAC__stream_decoder_delete(flac.decoder);
    }
    EVP_MD_CTX_free(flac.md5);
    return status;
}
