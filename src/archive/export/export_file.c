// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/export/export_file.h"

#include "core/ordinary_file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#define CHECK_BYTES (256U * 1024)

void
export_file_init(export_file_t *file, const char *archive,
                 const audyn_catalog_file_t *row)
{
    *file = (export_file_t){
        .bytes = row->bytes, .sample_frames = row->sample_frames, .fd = -1};
    snprintf(file->path, sizeof file->path, "%s/%s", archive, row->path);
    snprintf(file->name, sizeof file->name, "%s", row->path);
    snprintf(file->format, sizeof file->format, "%s", row->format);
}

void
export_file_set_sums(export_file_t *file, const audyn_entry_file_t *sums)
{
    const char *slash = strrchr(file->name, '/');
    if (!strcmp(slash ? slash + 1 : file->name, sums->path) && sums->block_bytes &&
        sums->bytes == file->bytes) {
        file->sums = sums;
    }
}

static bool
is_wav(const export_file_t *file)
{
    return !strcmp(file->format, "wav");
}

static audyn_status_t
check_size(const export_file_t *file, audyn_error_t *error)
{
    struct stat about;
    if (stat(file->path, &about)) {
        const int cause = errno;
        return audyn_error_set(error, audyn_status_from_errno(cause),
                               "'%s' cannot be read: %s", file->name, strerror(cause));
    }
    return (uint64_t)about.st_size == file->bytes
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_BAD_DATA,
                                 "'%s' has %" PRIu64
                                 " bytes, and its sidecar says %" PRIu64,
                                 file->name, (uint64_t)about.st_size, file->bytes);
}

static audyn_status_t
explain_format(const export_file_t *file, audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_BAD_DATA,
                           "'%s' has other samples than its sidecar says, or at another "
                           "rate",
                           file->name);
}

static audyn_status_t
open_wav(export_file_t *file, const audyn_input_format_t *format, audyn_error_t *error)
{
    audyn_status_t status = audyn_wav_read_info(file->path, &file->wav, error);
    if (status) {
        return status;
    }
    if (file->wav.sample_rate != format->sample_rate ||
        file->wav.channels != format->channels ||
        file->wav.present_frames < file->sample_frames) {
        return explain_format(file, error);
    }
    return audyn_ordinary_file_open(&file->fd, file->path, "a file of audio", error);
}

static audyn_status_t
open_reader(export_file_t *file, const audyn_input_format_t *format, audyn_error_t *error)
{
    const audyn_status_t status =
        audyn_audio_reader_open(&file->reader, file->path, error);
    if (status) {
        return status;
    }
    const audyn_audio_format_t *has = audyn_audio_reader_format(file->reader);
    if (has->lossy && has->sample_rate != format->sample_rate) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                               "'%s' is at %u Hz, as all Opus is, and the stream at %u "
                               "Hz: use the file as it is",
                               file->name, has->sample_rate, format->sample_rate);
    }
    return has->sample_rate == format->sample_rate && has->channels == format->channels &&
                   has->sample_frames >= file->sample_frames
               ? AUDYN_OK
               : explain_format(file, error);
}

audyn_status_t
export_file_open(export_file_t *file, const audyn_input_format_t *format,
                 audyn_error_t *error)
{
    if (file->opened || file->unusable) {
        return file->unusable;
    }
    audyn_status_t status = check_size(file, error);
    if (!status) {
        status = is_wav(file) ? open_wav(file, format, error)
                              : open_reader(file, format, error);
    }
    file->opened = !status;
    file->unusable = status != AUDYN_NO_MEMORY ? status : AUDYN_OK;
    return status;
}

// Returns whether the block that begins there, of so many bytes, is as the sidecar says.
static bool
is_sound(const export_file_t *file, uint64_t at, uint64_t size)
{
    uint8_t bytes[CHECK_BYTES];
    uLong crc = crc32(0, NULL, 0);
    for (uint64_t done = 0; done < size;) {
        const uint64_t left = size - done;
        const ssize_t n =
            pread(file->fd, bytes, left < sizeof bytes ? left : sizeof bytes,
                  (off_t)(at + done));
        if (n > 0) {
            crc = crc32(crc, bytes, (uInt)n);
            done += (uint64_t)n;
        } else if (n == 0 || errno != EINTR) {
            return false;
        }
    }
    return (uint32_t)crc == file->sums->block_crc32[at / file->sums->block_bytes];
}

// Where the bytes from `from` on are no longer as the sidecar says, or `to` if they all
// are.
static uint64_t
sound_until(export_file_t *file, uint64_t from, uint64_t to)
{
    const audyn_entry_file_t *sums = file->sums;
    if (!sums) {
        return to;
    }
    if (from < file->sound_from || from > file->sound_to) {
        file->sound_from = from - from % sums->block_bytes;
        file->sound_to = file->sound_from;
    }
    while (file->sound_to < to && file->sound_to < file->bytes) {
        const uint64_t left = file->bytes - file->sound_to;
        const uint64_t size = left < sums->block_bytes ? left : sums->block_bytes;
        if (file->sound_to / sums->block_bytes >= sums->block_count ||
            !is_sound(file, file->sound_to, size)) {
            break;
        }
        file->sound_to += size;
    }
    return file->sound_to < to ? file->sound_to : to;
}

static audyn_status_t
convert(export_file_t *file, uint64_t first, float *samples,
        audyn_export_stretch_t *stretch, audyn_error_t *error)
{
    audyn_status_t status = AUDYN_OK;
    if (!file->reader) {
        status = audyn_audio_reader_open(&file->reader, file->path, error);
    }
    if (!status) {
        status = audyn_audio_reader_seek(file->reader, first, error);
    }
    size_t done = 0;
    if (!status) {
        const size_t room =
            AUDYN_EXPORT_SAMPLES / audyn_audio_reader_format(file->reader)->channels;
        stretch->sample_frames =
            stretch->sample_frames < room ? stretch->sample_frames : room;
        status = audyn_audio_reader_read(file->reader, samples,
                                         (size_t)stretch->sample_frames, &done, error);
    }
    if (status || done < stretch->sample_frames) {
        // Where a decoder stands after what it could not decode is not known.
        audyn_audio_reader_close(file->reader);
        file->reader = NULL;
        return status ? status : explain_format(file, error);
    }
    stretch->samples = samples;
    return AUDYN_OK;
}

static bool
is_stored_as(const export_file_t *file, const audyn_encoding_t *stored)
{
    return stored &&
           file->wav.frame_bytes == file->wav.channels * audyn_encoding_bytes(*stored) &&
           file->wav.is_float == (*stored == AUDYN_FLOAT32);
}

audyn_status_t
export_file_get(export_file_t *file, uint64_t first, const audyn_encoding_t *stored,
                bool doubtful, float *samples, audyn_export_stretch_t *stretch,
                audyn_error_t *error)
{
    if (file->fd < 0) {
        return convert(file, first, samples, stretch, error);
    }
    const uint32_t frame_bytes = file->wav.frame_bytes;
    const uint64_t from = file->wav.data_offset + first * frame_bytes;
    const uint64_t to = from + stretch->sample_frames * frame_bytes;
    const uint64_t until = doubtful ? to : sound_until(file, from, to);
    if (until < from + frame_bytes) {
        return audyn_error_set(error, AUDYN_BAD_DATA,
                               "'%s' is damaged in the %" PRIu32
                               " bytes from byte %" PRIu64 " on: they are not those that "
                               "were recorded",
                               file->name, file->sums->block_bytes, file->sound_to);
    }
    stretch->sample_frames = (until - from) / frame_bytes;
    if (!is_stored_as(file, stored)) {
        return convert(file, first, samples, stretch, error);
    }
    stretch->fd = file->fd;
    stretch->offset = from;
    return AUDYN_OK;
}

void
export_file_close(export_file_t *file)
{
    audyn_audio_reader_close(file->reader);
    if (file->fd >= 0) {
        close(file->fd);
    }
    file->reader = NULL;
    file->fd = -1;
}
