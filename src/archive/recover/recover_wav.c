// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The header counts what was put on disk.  What lies behind that is whole too, unless the
// power has gone, once what was held back is in its place (sink/wav_sink.c).

#include "archive/recover/recover_file_private.h"

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
    file->limits.most_cut = UINT64_MAX; // interrupted, as the header says
    const audyn_status_t status =
        recover_end_at(file, info->data_offset + sample_frames * info->frame_bytes);
    return status ? status : recover_end_at(file, end_of(info, sample_frames));
}

static audyn_status_t
put_back_held(recover_file_t *file, const audyn_wav_info_t *info)
{
    uint8_t bytes[AUDYN_WAV_ENDS_BYTES];
    audyn_wav_end_t ends[AUDYN_WAV_ENDS];
    size_t got;
    audyn_status_t status =
        recover_read(file, bytes, sizeof bytes, AUDYN_WAV_ENDS_OFFSET, &got);
    audyn_wav_ends_decode(ends, bytes);
    const uint64_t data_bytes = file->out->sample_frames * info->frame_bytes;
    for (int i = 0; !status && i < AUDYN_WAV_ENDS; ++i) {
        const uint64_t at = ends[i].data_bytes;
        const uint64_t room = at < data_bytes ? data_bytes - at : 0;
        const size_t size =
            room < AUDYN_WAV_HELD_BYTES ? (size_t)room : AUDYN_WAV_HELD_BYTES;
        status = size ? recover_write(file, ends[i].held, size, info->data_offset + at)
                      : AUDYN_OK;
    }
    return status;
}

static bool
is_interrupted(const audyn_wav_info_t *info)
{
    return info->has_recording && info->recording.state == AUDYN_WAV_RECORDING &&
           info->data_offset == AUDYN_WAV_DATA_OFFSET;
}

// What is held says where it belongs, so that it may be put there twice.
static audyn_status_t
repair(recover_file_t *file, const audyn_wav_info_t *info)
{
    const bool goes_on = file->out->sample_frames > info->sample_frames;
    audyn_status_t status = goes_on ? put_back_held(file, info) : AUDYN_OK;
    if (!status) {
        status = end_behind_samples(file, info);
    }
    return status ? status : write_header(file, info);
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
    const bool is_all = file->limits.is_all_there && is_interrupted(&info);
    out->sample_frames = is_all || info.present_frames < info.sample_frames
                             ? info.present_frames
                             : info.sample_frames;
    if (is_whole(file, &info) || !out->sample_frames) {
        return AUDYN_OK;
    }
    return info.recording.rate_numerator && info.data_offset == AUDYN_WAV_DATA_OFFSET
               ? repair(file, &info)
               : recover_refuse(file, "another program has made it, and it is cut off");
}
