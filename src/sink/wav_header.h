// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Everything in a WAV file before its samples.  doc/wav-format.md shows each byte.

#ifndef AUDYN_SINK_WAV_HEADER_H
#define AUDYN_SINK_WAV_HEADER_H

#include "sink/bext.h"

/// Where samples begin: a page, so that the header is rewritten without touching them.
#define AUDYN_WAV_DATA_OFFSET 4096

#define AUDYN_WAV_TAG_PCM 1
#define AUDYN_WAV_TAG_FLOAT 3
#define AUDYN_WAV_TAG_EXTENSIBLE 0xFFFE

/// A 32-bit size that stands for one in `ds64` (EBU Tech 3306), or for none.
#define AUDYN_WAV_SIZE_ELSEWHERE UINT32_MAX

#define AUDYN_WAV_DS64_BYTES 28

/// What our own chunk `audn` says about the recording that made the file.
typedef struct {
    enum {
        AUDYN_WAV_NOTHING_YET, ///< there is no first sample; the other fields are zero
        AUDYN_WAV_RECORDING,
        AUDYN_WAV_FINISHED,
    } state;
    uint64_t position;      ///< of the first sample, on the TAI media clock
    uint64_t sample_frames; ///< that the header counts
    int32_t tai_offset_s;   ///< TAI − UTC at the first sample
    uint32_t rate_numerator, rate_denominator; ///< of the media clock to the sample rate
} audyn_wav_recording_t;

#define AUDYN_WAV_RECORDING_BYTES 36

#define AUDYN_WAV_HELD_BYTES 16

/// An end that the header counts, or is to count next.  While a file is recorded zeros
/// may stand right behind it, in the place of what is held.
typedef struct {
    uint64_t data_bytes; ///< of the samples before it
    uint8_t held[AUDYN_WAV_HELD_BYTES];
} audyn_wav_end_t;

#define AUDYN_WAV_ENDS 2
#define AUDYN_WAV_ENDS_BYTES (AUDYN_WAV_ENDS * (8 + AUDYN_WAV_HELD_BYTES))
/// Where they stand in a file: in the filler before the samples.
#define AUDYN_WAV_ENDS_OFFSET (AUDYN_WAV_DATA_OFFSET - 8 - AUDYN_WAV_ENDS_BYTES)

typedef struct {
    uint32_t sample_rate; ///< Hz
    uint32_t channels;
    audyn_encoding_t encoding;
    audyn_wav_recording_t recording;
    audyn_bext_t bext;
    audyn_wav_end_t ends[AUDYN_WAV_ENDS]; ///< only while it is recorded
} audyn_wav_header_t;

/// Bytes of one sample frame.
static inline uint32_t
audyn_wav_frame_bytes(const audyn_wav_header_t *header)
{
    return header->channels * audyn_encoding_bytes(header->encoding);
}

/// False where the format has no room for the sample rate or the channels.
bool audyn_wav_header_is_valid(const audyn_wav_header_t *header);

void audyn_wav_header_encode(uint8_t bytes[AUDYN_WAV_DATA_OFFSET],
                             const audyn_wav_header_t *header);

void audyn_wav_ends_encode(uint8_t bytes[AUDYN_WAV_ENDS_BYTES],
                           const audyn_wav_end_t ends[AUDYN_WAV_ENDS]);
void audyn_wav_ends_decode(audyn_wav_end_t ends[AUDYN_WAV_ENDS],
                           const uint8_t bytes[AUDYN_WAV_ENDS_BYTES]);

/// False where the bytes are not a recording that this version knows.
bool audyn_wav_recording_decode(audyn_wav_recording_t *recording, const uint8_t *bytes,
                                size_t size);

#endif
