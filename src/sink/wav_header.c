// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "sink/wav_header.h"

#include "sink/little_endian.h"

#include <assert.h>

// Version 1 had no rate.
#define RECORDING_VERSION 2
#define RECORDING_BYTES_1 32
#define CHUNK_HEADER_BYTES 8

// RIFF sizes leave out the "RIFF" and the size itself.
#define RIFF_SIZE_FROM 8

// The sizes that stand in the header, for samples with the pad byte behind an odd number.
struct sizes {
    uint64_t riff, data, frames;
    bool need_64_bits;
};

static struct sizes
compute_sizes(const audyn_wav_header_t *header)
{
    struct sizes sizes = {.frames = header->recording.sample_frames};
    sizes.data = sizes.frames * audyn_wav_frame_bytes(header);
    sizes.riff = AUDYN_WAV_DATA_OFFSET - RIFF_SIZE_FROM + sizes.data + (sizes.data & 1);
    sizes.need_64_bits = sizes.riff >= AUDYN_WAV_SIZE_ELSEWHERE;
    return sizes;
}

static uint32_t
size_32(const struct sizes *sizes, uint64_t size)
{
    return sizes->need_64_bits ? AUDYN_WAV_SIZE_ELSEWHERE : (uint32_t)size;
}

static uint8_t *
put_chunk(uint8_t *at, const char *id, uint32_t size)
{
    return put_u32(put_bytes(at, id, 4), size);
}

static uint8_t *
put_riff(uint8_t *at, const struct sizes *sizes)
{
    at =
        put_chunk(at, sizes->need_64_bits ? "RF64" : "RIFF", size_32(sizes, sizes->riff));
    at = put_bytes(at, "WAVE", 4);
    if (!sizes->need_64_bits) {
        return put_chunk(at, "JUNK", AUDYN_WAV_DS64_BYTES) + AUDYN_WAV_DS64_BYTES;
    }
    at = put_chunk(at, "ds64", AUDYN_WAV_DS64_BYTES);
    at = put_u64(at, sizes->riff);
    at = put_u64(at, sizes->data);
    at = put_u64(at, sizes->frames);
    return put_u32(at, 0); // no other chunk is that large
}

// More than two channels, and only those, need WAVE_FORMAT_EXTENSIBLE.
static uint8_t *
put_format(uint8_t *at, const audyn_wav_header_t *header)
{
    static const uint8_t guid_tail[] = {0x00, 0x00, 0x00, 0x00, 0x10, 0x00, 0x80,
                                        0x00, 0x00, 0xAA, 0x00, 0x38, 0x9B, 0x71};
    const bool extensible = header->channels > 2;
    const bool is_float = header->encoding == AUDYN_FLOAT32;
    const uint16_t tag = is_float ? AUDYN_WAV_TAG_FLOAT : AUDYN_WAV_TAG_PCM;
    const uint16_t bits = (uint16_t)(8 * audyn_encoding_bytes(header->encoding));
    const uint32_t frame_bytes = audyn_wav_frame_bytes(header);
    at = put_chunk(at, "fmt ", extensible ? 40 : is_float ? 18 : 16);
    at = put_u16(at, extensible ? AUDYN_WAV_TAG_EXTENSIBLE : tag);
    at = put_u16(at, (uint16_t)header->channels);
    at = put_u32(at, header->sample_rate);
    at = put_u32(at, header->sample_rate * frame_bytes);
    at = put_u16(at, (uint16_t)frame_bytes);
    at = put_u16(at, bits);
    if (extensible) {
        at = put_u16(at, 22);
        at = put_u16(at, bits);
        at = put_u32(at, 0); // channel mask: channels without a loudspeaker
        at = put_u16(at, tag);
        return put_bytes(at, guid_tail, sizeof guid_tail);
    }
    return is_float ? put_u16(at, 0) : at;
}

// Asked for by every format but integer PCM.
static uint8_t *
put_fact(uint8_t *at, const struct sizes *sizes)
{
    return put_u32(put_chunk(at, "fact", 4), size_32(sizes, sizes->frames));
}

static uint8_t *
put_recording(uint8_t *at, const audyn_wav_recording_t *recording)
{
    at = put_chunk(at, "audn", AUDYN_WAV_RECORDING_BYTES);
    at = put_u32(at, RECORDING_VERSION);
    at = put_u32(at, recording->state);
    at = put_u64(at, recording->position);
    at = put_u64(at, recording->sample_frames);
    at = put_u32(at, (uint32_t)recording->tai_offset_s);
    at = put_u32(at, recording->rate_numerator);
    return put_u32(at, recording->rate_denominator);
}

void
audyn_wav_ends_encode(uint8_t bytes[AUDYN_WAV_ENDS_BYTES],
                      const audyn_wav_end_t ends[AUDYN_WAV_ENDS])
{
    for (int i = 0; i < AUDYN_WAV_ENDS; ++i) {
        bytes = put_u64(bytes, ends[i].data_bytes);
        bytes = put_bytes(bytes, ends[i].held, AUDYN_WAV_HELD_BYTES);
    }
}

void
audyn_wav_ends_decode(audyn_wav_end_t ends[AUDYN_WAV_ENDS],
                      const uint8_t bytes[AUDYN_WAV_ENDS_BYTES])
{
    for (int i = 0; i < AUDYN_WAV_ENDS; ++i) {
        ends[i].data_bytes = get_u64(bytes);
        memcpy(ends[i].held, bytes + 8, AUDYN_WAV_HELD_BYTES);
        bytes += 8 + AUDYN_WAV_HELD_BYTES;
    }
}

bool
audyn_wav_header_is_valid(const audyn_wav_header_t *header)
{
    const uint64_t frame_bytes =
        (uint64_t)header->channels * audyn_encoding_bytes(header->encoding);
    return header->sample_rate && frame_bytes && frame_bytes <= UINT16_MAX &&
           header->sample_rate * frame_bytes <= UINT32_MAX;
}

void
audyn_wav_header_encode(uint8_t bytes[AUDYN_WAV_DATA_OFFSET],
                        const audyn_wav_header_t *header)
{
    const struct sizes sizes = compute_sizes(header);
    uint8_t *const data_chunk = bytes + AUDYN_WAV_DATA_OFFSET - CHUNK_HEADER_BYTES;
    memset(bytes, 0, AUDYN_WAV_DATA_OFFSET);
    uint8_t *at = put_riff(bytes, &sizes);
    at = put_chunk(at, "bext", audyn_bext_bytes(&header->bext));
    at = audyn_bext_encode(at, &header->bext);
    at = put_format(at, header);
    if (header->encoding == AUDYN_FLOAT32) {
        at = put_fact(at, &sizes);
    }
    at = put_recording(at, &header->recording);
    assert(data_chunk - at >= CHUNK_HEADER_BYTES + AUDYN_WAV_ENDS_BYTES);
    put_chunk(at, "JUNK", (uint32_t)(data_chunk - at - CHUNK_HEADER_BYTES));
    if (header->recording.state == AUDYN_WAV_RECORDING) {
        audyn_wav_ends_encode(bytes + AUDYN_WAV_ENDS_OFFSET, header->ends);
    }
    put_chunk(data_chunk, "data", size_32(&sizes, sizes.data));
}

bool
audyn_wav_recording_decode(audyn_wav_recording_t *recording, const uint8_t *bytes,
                           size_t size)
{
    const uint32_t version = size >= RECORDING_BYTES_1 ? get_u32(bytes) : 0;
    const bool has_rate =
        version == RECORDING_VERSION && size >= AUDYN_WAV_RECORDING_BYTES;
    if ((version != 1 && !has_rate) || get_u32(bytes + 4) > AUDYN_WAV_FINISHED) {
        return false;
    }
    *recording = (audyn_wav_recording_t){
        .state = get_u32(bytes + 4),
        .position = get_u64(bytes + 8),
        .sample_frames = get_u64(bytes + 16),
        .tai_offset_s = (int32_t)get_u32(bytes + 24),
        .rate_numerator = has_rate ? get_u32(bytes + 28) : 1,
        .rate_denominator = has_rate ? get_u32(bytes + 32) : 1,
    };
    const bool has_start = recording->state != AUDYN_WAV_NOTHING_YET;
    return !has_start || (recording->rate_numerator && recording->rate_denominator);
}
