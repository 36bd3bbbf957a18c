// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/audio_reader.h"

#include "core/ordinary_file.h"

#include <inttypes.h>
#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct audyn_audio_reader {
    int fd;
    SNDFILE *sound;
    audyn_audio_format_t format;
    uint64_t position; // of the next sample frame
    char path[];
};

// Integers keep their size.
static audyn_encoding_t
encoding_of(int format)
{
    switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
    case SF_FORMAT_PCM_16:
        return AUDYN_PCM16;
    case SF_FORMAT_PCM_24:
        return AUDYN_PCM24;
    default:
        return AUDYN_FLOAT32;
    }
}

static bool
is_lossy(int format)
{
    const int codec = format & SF_FORMAT_SUBMASK;
    return codec == SF_FORMAT_OPUS || codec == SF_FORMAT_VORBIS;
}

static audyn_status_t
open_sound(audyn_audio_reader_t *reader, audyn_error_t *error)
{
    SF_INFO info = {0};
    reader->sound = sf_open_fd(reader->fd, SFM_READ, &info, SF_FALSE);
    if (!reader->sound) {
        return audyn_error_set(error, AUDYN_BAD_DATA,
                               "'%s' is not audio of a kind that can be read: %s",
                               reader->path, sf_strerror(NULL));
    }
    if (info.frames < 0 || info.channels < 1 || info.samplerate < 1) {
        return audyn_error_set(error, AUDYN_BAD_DATA, "'%s' does not say what it holds",
                               reader->path);
    }
    reader->format = (audyn_audio_format_t){
        .sample_rate = (uint32_t)info.samplerate,
        .channels = (uint32_t)info.channels,
        .encoding = encoding_of(info.format),
        .lossy = is_lossy(info.format),
        .sample_frames = (uint64_t)info.frames,
    };
    return AUDYN_OK;
}

audyn_status_t
audyn_audio_reader_open(audyn_audio_reader_t **out, const char *path,
                        audyn_error_t *error)
{
    *out = NULL;
    audyn_audio_reader_t *reader = calloc(1, sizeof *reader + strlen(path) + 1);
    if (!reader) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory to read '%s'", path);
    }
    strcpy(reader->path, path);
    audyn_status_t status =
        audyn_ordinary_file_open(&reader->fd, path, "a file of audio", error);
    if (!status) {
        status = open_sound(reader, error);
    }
    if (status) {
        audyn_audio_reader_close(reader);
        return status;
    }
    *out = reader;
    return AUDYN_OK;
}

const audyn_audio_format_t *
audyn_audio_reader_format(const audyn_audio_reader_t *reader)
{
    return &reader->format;
}

static audyn_status_t
damaged(const audyn_audio_reader_t *reader, const char *why, audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_BAD_DATA,
                           "'%s' is damaged, from sample frame %" PRIu64
                           " of its %" PRIu64 " or a little later: %s",
                           reader->path, reader->position, reader->format.sample_frames,
                           why);
}

audyn_status_t
audyn_audio_reader_seek(audyn_audio_reader_t *reader, uint64_t sample_frame,
                        audyn_error_t *error)
{
    const uint64_t end = reader->format.sample_frames;
    if (sample_frame > end) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "'%s' ends with sample frame %" PRIu64 ", before %" PRIu64,
                               reader->path, end, sample_frame);
    }
    if (sample_frame == reader->position) {
        return AUDYN_OK;
    }
    // Decoders do not seek to the end.
    if (sample_frame < end &&
        sf_seek(reader->sound, (sf_count_t)sample_frame, SEEK_SET) < 0) {
        return damaged(reader, sf_strerror(reader->sound), error);
    }
    reader->position = sample_frame;
    return AUDYN_OK;
}

audyn_status_t
audyn_audio_reader_read(audyn_audio_reader_t *reader, float *samples,
                        size_t sample_frames, size_t *done, audyn_error_t *error)
{
    *done = 0;
    const uint64_t left = reader->format.sample_frames - reader->position;
    const size_t wanted = left < sample_frames ? (size_t)left : sample_frames;
    while (*done < wanted) {
        const sf_count_t count =
            sf_readf_float(reader->sound, samples + *done * reader->format.channels,
                           (sf_count_t)(wanted - *done));
        // A decoder goes on behind what it cannot decode, with too few samples.
        if (sf_error(reader->sound)) {
            return damaged(reader, sf_strerror(reader->sound), error);
        }
        if (count <= 0) {
            return damaged(reader, "it ends too soon", error);
        }
        *done += (size_t)count;
        reader->position += (uint64_t)count;
    }
    return AUDYN_OK;
}

void
audyn_audio_reader_close(audyn_audio_reader_t *reader)
{
    if (!reader) {
        return;
    }
    if (reader->sound) {
        sf_close(reader->sound);
    }
    if (reader->fd >= 0) {
        close(reader->fd);
    }
    free(reader);
}
