// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The header counts what was put on disk.  Samples may lie behind those; but zeros stand
// in the place of some of them (sink/wav_sink.c), so that they are cut off.

#include "archive/recover_file_private.h"

#include "sink/wav_reader.h"

static void
describe(recover_file_t *file, const audyn_wav_info_t *info)
{
    audyn_recovered_file_t *out = file->out;
    const audyn_wav_recording_t *recording = &info->recording;
    out->sample_rate = info->sample_rate;
    out->channels = info->channels;
    out->bits = info->bits;
    out->has_position = info->position_source == AUDYN_WAV_POSITION_RECORDED;
    out->position = info->position;
    if (out->has_position) {
        out->rate_numerator = recording->rate_numerator;
        out->rate_denominator = recording->rate_denominator;
    }
}

static audyn_status_t
write_header(recover_file_t *file, const audyn_wav_info_t *info)
{
    audyn_wav_header_t header = {
        .sample_rate = info->sample_rate,
        .channels = info->channels,
        .encoding = info->is_float     ? AUDYN_FLOAT32
                    : info->bits == 16 ? AUDYN_PCM16
                                       : AUDYN_PCM24,
        .recording = info->recording,
        .bext = info->bext,
    };
    header.recording.state = AUDYN_WAV_FINISHED;
    header.recording.sample_frames = file->out->sample_frames;
    uint8_t bytes[AUDYN_WAV_DATA_OFFSET];
    audyn_wav_header_encode(bytes, &header);
    return recover_write(file, bytes, sizeof bytes, 0);
}

static uint64_t
end_of(const audyn_wav_info_t *info, uint64_t sample_frames)
{
    const uint64_t data_bytes = sample_frames * info->frame_bytes;
    return info->data_offset + data_bytes + (data_bytes & 1);
}

// Not what the reader calls complete: we hold the lock of a recorder ourselves.
static bool
is_whole(const recover_file_t *file, const audyn_wav_info_t *info)
{
    return info->sample_frames <= info->present_frames &&
           info->recording.state != AUDYN_WAV_RECORDING &&
           (!info->has_recording ||
            end_of(info, info->sample_frames) <= file->out->bytes);
}

// The byte behind an odd number of them is a zero also where samples were cut off there.
static audyn_status_t
end_behind_samples(recover_file_t *file, const audyn_wav_info_t *info)
{
    const uint64_t sample_frames = file->out->sample_frames;
    file->most_cut = UINT64_MAX; // interrupted, as the header says
    const audyn_status_t status =
        recover_end_at(file, info->data_offset + sample_frames * info->frame_bytes);
    return status ? status : recover_end_at(file, end_of(info, sample_frames));
}

audyn_status_t
recover_wav(recover_file_t *file)
{
    audyn_wav_info_t info;
    const audyn_status_t status = audyn_wav_read_info(file->path, &info, file->error);
    if (status) {
        return status;
    }
    describe(file, &info);
    audyn_recovered_file_t *out = file->out;
    out->sample_frames = info.sample_frames < info.present_frames ? info.sample_frames
                                                                  : info.present_frames;
    if (is_whole(file, &info) || !out->sample_frames) {
        return AUDYN_OK;
    }
    if (!info.recording.rate_numerator || info.data_offset != AUDYN_WAV_DATA_OFFSET) {
        return recover_refuse(file, "another program has made it, and it is cut off");
    }
    const audyn_status_t ended = end_behind_samples(file, &info);
    return ended ? ended : write_header(file, &info);
}
