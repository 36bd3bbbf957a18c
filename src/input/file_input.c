// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `file:PATH?loop=1&pace=clock`: everything that libsndfile reads.

#include "core/ordinary_file.h"
#include "input/paced_source.h"

#include <sndfile.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char known_options[] = "loop, pace";

struct file_input {
    paced_source_t source;
    int fd; // -1: none
    SNDFILE *sound;
    sf_count_t length; // sample frames, at least 1
    bool loop;
    sf_count_t read; // the source thread's own: sample frames since the beginning
};

// At the end of the file.  False where nothing more can follow.
static bool
rewind_file(struct file_input *file)
{
    if (sf_error(file->sound)) {
        file->source.status = AUDYN_IO;
    } else if (file->read < file->length) {
        // Damaged or cut off: the decoder says no more than that it is at its end.
        file->source.status = AUDYN_BAD_DATA;
    } else if (file->loop && sf_seek(file->sound, 0, SEEK_SET) != 0) {
        file->source.status = AUDYN_IO;
    }
    file->read = 0;
    return file->loop && !file->source.status;
}

static uint32_t
produce_file(paced_source_t *source, float *samples, uint64_t first,
             uint32_t sample_frames)
{
    (void)first;
    struct file_input *file = (struct file_input *)source;
    const size_t channels = source->input.format.channels;
    uint32_t done = 0;
    while (done < sample_frames) {
        const sf_count_t count =
            sf_readf_float(file->sound, samples + done * channels, sample_frames - done);
        if (count > 0) {
            done += (uint32_t)count;
            file->read += count;
        } else if (!rewind_file(file)) {
            break;
        }
    }
    return done;
}

// Integers of up to 16 or 24 bits keep their size; all else is float.
static uint32_t
bits_of(int format)
{
    switch (format & SF_FORMAT_SUBMASK) {
    case SF_FORMAT_PCM_S8:
    case SF_FORMAT_PCM_U8:
    case SF_FORMAT_PCM_16:
        return 16;
    case SF_FORMAT_PCM_24:
        return 24;
    default:
        return 32;
    }
}

static audyn_status_t
open_sound(struct file_input *file, const char *path, audyn_error_t *error)
{
    SF_INFO info = {0};
    file->sound = sf_open_fd(file->fd, SFM_READ, &info, SF_FALSE);
    if (!file->sound) {
        return audyn_error_set(error, AUDYN_BAD_DATA,
                               "'%s' is not audio of a kind that can be read: %s", path,
                               sf_strerror(NULL));
    }
    if (info.frames <= 0) {
        return audyn_error_set(error, AUDYN_BAD_DATA, "'%s' holds no samples", path);
    }
    if (info.channels < 1 || info.channels > 64) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                               "'%s' has %d channels; 64 is the limit", path,
                               info.channels);
    }
    if (info.samplerate < 8000 || info.samplerate > 192000) {
        return audyn_error_set(
            error, AUDYN_NOT_SUPPORTED,
            "'%s' has a sample rate of %d Hz; 8000 to 192000 Hz can be "
            "read",
            path, info.samplerate);
    }
    file->length = info.frames;
    file->source.input.format = (audyn_input_format_t){
        .sample_rate = (uint32_t)info.samplerate,
        .channels = (uint32_t)info.channels,
        .bits = bits_of(info.format),
    };
    return AUDYN_OK;
}

static audyn_status_t
read_uri(struct file_input *file, audyn_uri_t *uri, const audyn_input_config_t *config,
         audyn_error_t *error)
{
    uint32_t loop = config->loop;
    audyn_status_t status = audyn_uri_integer(uri, "loop", 0, 1, &loop, error);
    if (!status) {
        status = paced_source_read_pace(&file->source, uri, config, error);
    }
    if (!status) {
        status = audyn_uri_reject_unknown(uri, known_options, error);
    }
    file->loop = loop;
    if (!status && !*uri->body) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "file: needs a path, such as file:ref.wav");
    }
    return status;
}

static audyn_status_t
check_file(audyn_uri_t *uri, audyn_error_t *error)
{
    struct file_input file = {0};
    const audyn_input_config_t config = {0};
    return read_uri(&file, uri, &config, error);
}

static void
close_file(audyn_input_t *input)
{
    struct file_input *file = (struct file_input *)input;
    if (file->sound) {
        sf_close(file->sound);
    }
    if (file->fd >= 0) {
        close(file->fd);
    }
    paced_source_finish(&file->source);
    free(file);
}

static audyn_status_t
open_file(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
          audyn_error_t *error)
{
    struct file_input *file = calloc(1, sizeof *file);
    if (!file) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for an input");
    }
    file->fd = -1;
    audyn_status_t status = read_uri(file, uri, config, error);
    if (!status) {
        status = audyn_ordinary_file_open(&file->fd, uri->body, "a file of audio", error);
    }
    if (!status) {
        status = open_sound(file, uri->body, error);
    }
    if (!status) {
        status = paced_source_init(&file->source, produce_file, config, error);
    }
    if (status) {
        close_file(&file->source.input);
        return status;
    }
    *out = &file->source.input;
    return AUDYN_OK;
}

const audyn_input_type_t audyn_file_input = {
    .scheme = "file",
    .check = check_file,
    .open = open_file,
    .start = paced_source_start,
    .ask_to_stop = paced_source_ask_to_stop,
    .stop = paced_source_stop,
    .get_report = paced_source_get_report,
    .explain = paced_source_explain,
    .close = close_file,
};
