// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// FLAC (RFC 9639), by libFLAC: the CRC of each frame, and the MD5 of all samples.

#include "archive/verify/decode_private.h"

#include <FLAC/stream_decoder.h>
#include <inttypes.h>
#include <string.h>

#define MOST_BYTES (FLAC__MAX_CHANNELS * 4)

typedef struct {
    audyn_file_pass_t *pass;
    audyn_decoded_t *decoded;
    audyn_checksum_t *samples;
    uint64_t total; // sample frames that STREAMINFO tells; 0: it does not
    bool has_md5;
    audyn_status_t status;
} flac_check_t;

static FLAC__StreamDecoderReadStatus
on_read(const FLAC__StreamDecoder *decoder, FLAC__byte buffer[], size_t *bytes,
        void *context)
{
    (void)decoder;
    flac_check_t *check = context;
    check->status = audyn_file_pass_read(check->pass, buffer, *bytes, bytes);
    return check->status ? FLAC__STREAM_DECODER_READ_STATUS_ABORT
           : *bytes      ? FLAC__STREAM_DECODER_READ_STATUS_CONTINUE
                         : FLAC__STREAM_DECODER_READ_STATUS_END_OF_STREAM;
}

// Little-endian integers of 2 or 3 bytes, interleaved.
static size_t
pack(uint8_t *out, const FLAC__int32 *const buffer[], uint32_t channels, unsigned bytes,
     uint32_t first, uint32_t frames)
{
    uint8_t *at = out;
    for (uint32_t i = first; i < first + frames; ++i) {
        for (uint32_t c = 0; c < channels; ++c) {
            const uint32_t value = (uint32_t)buffer[c][i];
            at[0] = (uint8_t)value;
            at[1] = (uint8_t)(value >> 8);
            at[2] = (uint8_t)(value >> 16);
            at += bytes;
        }
    }
    return (size_t)(at - out);
}

static FLAC__StreamDecoderWriteStatus
on_write(const FLAC__StreamDecoder *decoder, const FLAC__Frame *frame,
         const FLAC__int32 *const buffer[], void *context)
{
    (void)decoder;
    enum { FRAMES = 1024 };
    flac_check_t *check = context;
    const FLAC__FrameHeader *header = &frame->header;
    const unsigned bytes = check->decoded->encoding == AUDYN_PCM16 ? 2 : 3;
    uint8_t packed[FRAMES * MOST_BYTES];
    for (uint32_t i = 0; i < header->blocksize; i += FRAMES) {
        const uint32_t left = header->blocksize - i;
        const size_t size = pack(packed, buffer, header->channels, bytes, i,
                                 left < FRAMES ? left : FRAMES);
        audyn_checksum_add(check->samples, packed, size);
    }
    check->decoded->sample_frames += header->blocksize;
    return FLAC__STREAM_DECODER_WRITE_STATUS_CONTINUE;
}

static void
on_metadata(const FLAC__StreamDecoder *decoder, const FLAC__StreamMetadata *metadata,
            void *context)
{
    (void)decoder;
    static const FLAC__byte no_md5[16];
    flac_check_t *check = context;
    const FLAC__StreamMetadata_StreamInfo *info = &metadata->data.stream_info;
    audyn_decoded_t *decoded = check->decoded;
    decoded->sample_rate = info->sample_rate;
    decoded->channels = info->channels;
    decoded->encoding = info->bits_per_sample == 16 ? AUDYN_PCM16 : AUDYN_PCM24;
    decoded->lossless = info->bits_per_sample == 16 || info->bits_per_sample == 24;
    check->total = info->total_samples;
    check->has_md5 = memcmp(info->md5sum, no_md5, sizeof no_md5) != 0;
    if (!decoded->lossless) {
        audyn_decoded_fault(decoded, "samples of %u bits are none that a recorder writes",
                            info->bits_per_sample);
    }
}

static void
on_error(const FLAC__StreamDecoder *decoder, FLAC__StreamDecoderErrorStatus status,
         void *context)
{
    static const char *const whats[] = {
        [FLAC__STREAM_DECODER_ERROR_STATUS_LOST_SYNC] =
            "no frame begins where one should",
        [FLAC__STREAM_DECODER_ERROR_STATUS_BAD_HEADER] = "a frame's header is damaged",
        [FLAC__STREAM_DECODER_ERROR_STATUS_FRAME_CRC_MISMATCH] =
            "a frame is not what its CRC says",
    };
    (void)decoder;
    flac_check_t *check = context;
    const size_t index = (size_t)status;
    const char *what = index < sizeof whats / sizeof *whats ? whats[index] : NULL;
    audyn_decoded_fault(check->decoded, "%s after %" PRIu64 " sample frames",
                        what ? what : "a frame cannot be read",
                        check->decoded->sample_frames);
}

static void
decode(flac_check_t *check, FLAC__StreamDecoder *decoder)
{
    audyn_decoded_t *decoded = check->decoded;
    bool going = true;
    while (going && !*decoded->fault &&
           FLAC__stream_decoder_get_state(decoder) < FLAC__STREAM_DECODER_END_OF_STREAM) {
        going = FLAC__stream_decoder_process_single(decoder);
    }
    if (!decoded->sample_rate) {
        audyn_decoded_fault(decoded, "it is no FLAC file");
    }
    if (check->total && decoded->sample_frames != check->total) {
        audyn_decoded_fault(
            decoded, "STREAMINFO counts %" PRIu64 " sample frames, %" PRIu64 " are there",
            check->total, decoded->sample_frames);
    }
    decoded->unfinished = !check->total || !check->has_md5;
    if (!FLAC__stream_decoder_finish(decoder)) {
        audyn_decoded_fault(decoded, "the samples are not those of the MD5 in it");
    }
}

audyn_status_t
audyn_decode_flac(audyn_file_pass_t *pass, audyn_decoded_t *decoded,
                  audyn_checksum_t *samples)
{
    flac_check_t check = {.pass = pass, .decoded = decoded, .samples = samples};
    FLAC__StreamDecoder *decoder = FLAC__stream_decoder_new();
    if (!decoder) {
        return AUDYN_NO_MEMORY;
    }
    FLAC__stream_decoder_set_md5_checking(decoder, true);
    const FLAC__StreamDecoderInitStatus status =
        FLAC__stream_decoder_init_stream(decoder, on_read, NULL, NULL, NULL, NULL,
                                         on_write, on_metadata, on_error, &check);
    if (status != FLAC__STREAM_DECODER_INIT_STATUS_OK) {
        check.status = AUDYN_NO_MEMORY;
    } else {
        decode(&check, decoder);
    }
    FLAC__stream_decoder_delete(decoder);
    return check.status;
}
