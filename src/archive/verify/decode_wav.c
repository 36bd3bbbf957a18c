// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// WAV, RF64: its samples stand there as they are.

#include "archive/verify/decode_private.h"
#include "sink/wav_reader.h"

#include <inttypes.h>

static bool
encoding_of(const audyn_wav_info_t *info, audyn_encoding_t *encoding)
{
    const uint32_t bits = info->frame_bytes / info->channels * 8;
    *encoding = info->is_float ? AUDYN_FLOAT32 : bits == 16 ? AUDYN_PCM16 : AUDYN_PCM24;
    return info->is_float ? bits == 32 : bits == 16 || bits == 24;
}

// Adds what of these bytes, which begin there in the file, lies among the samples.
static void
add_samples(audyn_checksum_t *samples, const audyn_wav_info_t *info, uint64_t at,
            const uint8_t *bytes, size_t size)
{
    const uint64_t data_end =
        info->data_offset + info->present_frames * info->frame_bytes;
    const uint64_t begin = at > info->data_offset ? at : info->data_offset;
    const uint64_t end = at + size < data_end ? at + size : data_end;
    if (begin < end) {
        audyn_checksum_add(samples, bytes + (begin - at), (size_t)(end - begin));
    }
}

audyn_status_t
audyn_decode_wav(audyn_file_pass_t *pass, audyn_decoded_t *decoded,
                 audyn_checksum_t *samples)
{
    audyn_wav_info_t info = {.channels = 0};
    audyn_error_t error = {""};
    if (audyn_wav_read_info(audyn_file_pass_path(pass), &info, &error)) {
        audyn_decoded_fault(decoded, "%s", error.text);
        return AUDYN_OK;
    }
    decoded->sample_rate = info.sample_rate;
    decoded->channels = info.channels;
    decoded->sample_frames = info.present_frames;
    decoded->lossless = encoding_of(&info, &decoded->encoding);
    if (!decoded->lossless) {
        audyn_decoded_fault(decoded, "samples of %u bits are none that a recorder writes",
                            info.bits);
    }
    decoded->unfinished = info.completeness == AUDYN_WAV_INTERRUPTED ||
                          info.completeness == AUDYN_WAV_IN_PROGRESS;
    if (info.completeness == AUDYN_WAV_TRUNCATED ||
        info.completeness == AUDYN_WAV_UNKNOWN_LENGTH) {
        audyn_decoded_fault(
            decoded, "the header counts %" PRIu64 " sample frames, %" PRIu64 " are there",
            info.sample_frames, info.present_frames);
    }
    audyn_status_t status;
    const uint8_t *bytes;
    size_t size;
    uint64_t at = 0;
    while (!(status = audyn_file_pass_next(pass, &bytes, &size)) && size) {
        add_samples(samples, &info, at, bytes, size);
        at += size;
    }
    return status;
}
