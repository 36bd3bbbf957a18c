// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/recover/recover_measure.h"

#include "archive/audio_reader.h"
#include "archive/levels.h"
#include "archive/recover/recover_file.h"
#include "sink/sink.h"

#include <limits.h>
#include <stdio.h>

#define CHUNK_SAMPLES 4096U
#define CHUNK_BYTES (UINT64_C(1) << 20)

static audyn_status_t
sum_up(audyn_entry_file_t *file, const char *path, const atomic_bool *stop,
       audyn_error_t *error)
{
    audyn_checksum_t *checksum;
    audyn_status_t status = audyn_checksum_create(&checksum);
    bool done = false;
    if (!status) {
        audyn_checksum_want_blocks(checksum);
    }
    while (!status && !done && !audyn_recover_go_on(stop, NULL)) {
        status = audyn_checksum_read_file(checksum, path, CHUNK_BYTES, &done);
    }
    if (!status && !done) {
        status = audyn_recover_go_on(stop, error);
    } else if (status) {
        audyn_error_set(error, status, "%s cannot be read for its checksum: %s", path,
                        audyn_strerror(status));
    } else {
        file->bytes = audyn_checksum_bytes(checksum);
        audyn_checksum_end(checksum, file->sha256);
        file->block_bytes = AUDYN_BLOCK_BYTES;
        file->block_crc32 = audyn_checksum_take_blocks(checksum, &file->block_count);
    }
    audyn_checksum_destroy(checksum);
    return status;
}

// Whether the file has every sample of the segment as it was.
static bool
is_exact(const audyn_entry_t *entry, const audyn_audio_format_t *format)
{
    const audyn_encoding_t encoding = audyn_sink_encoding("", entry->format.bits);
    return !format->lossy && format->encoding >= encoding &&
           format->channels == entry->format.channels &&
           format->sample_frames == entry->segment.sample_frames;
}

// What is measured of the samples.
typedef struct {
    audyn_encoding_t encoding;
    audyn_checksum_t *checksum;
    audyn_levels_t *levels; // NULL: these cannot be measured
    const atomic_bool *stop;
} measures_t;

static audyn_status_t
read_samples(audyn_audio_reader_t *reader, uint32_t channels, measures_t *measures,
             audyn_error_t *error)
{
    float samples[CHUNK_SAMPLES];
    audyn_status_t status = AUDYN_OK;
    size_t got = 1;
    while (!status && got && !(status = audyn_recover_go_on(measures->stop, error))) {
        status = audyn_audio_reader_read(reader, samples, CHUNK_SAMPLES / channels, &got,
                                         error);
        audyn_checksum_add_samples(measures->checksum, measures->encoding, samples,
                                   got * channels);
        if (measures->levels) {
            audyn_levels_add(measures->levels, samples, got);
        }
    }
    return status;
}

static audyn_status_t
measure_exact(audyn_entry_t *entry, audyn_audio_reader_t *reader, const atomic_bool *stop,
              audyn_error_t *error)
{
    const audyn_input_format_t *format = &entry->format;
    audyn_entry_segment_t *segment = &entry->segment;
    measures_t measures = {.encoding = audyn_sink_encoding("", format->bits),
                           .stop = stop};
    audyn_status_t status = audyn_checksum_create(&measures.checksum);
    if (!status) {
        status = audyn_levels_create(&measures.levels, AUDYN_LEVELS_FULL,
                                     format->sample_rate, format->channels);
        status = status == AUDYN_NOT_SUPPORTED ? AUDYN_OK : status;
    }
    if (status) {
        audyn_error_set(error, status, "no memory to measure a segment");
    } else {
        status = read_samples(reader, format->channels, &measures, error);
    }
    if (!status) {
        audyn_checksum_end(measures.checksum, segment->audio_sha256);
        if (measures.levels) {
            audyn_levels_read(measures.levels, &segment->levels);
        }
    }
    audyn_levels_destroy(measures.levels);
    audyn_checksum_destroy(measures.checksum);
    return status;
}

// `*measured`: the file has all of it.
static audyn_status_t
measure(audyn_entry_t *entry, const char *path, const atomic_bool *stop, bool *measured,
        audyn_error_t *error)
{
    audyn_audio_reader_t *reader = NULL;
    audyn_status_t status = audyn_audio_reader_open(&reader, path, error);
    *measured = !status && is_exact(entry, audyn_audio_reader_format(reader));
    if (*measured) {
        status = measure_exact(entry, reader, stop, error);
    }
    audyn_audio_reader_close(reader);
    return status;
}

audyn_status_t
recover_measure(audyn_entry_t *entry, const char *folder, const atomic_bool *stop,
                audyn_error_t *error)
{
    audyn_entry_segment_t *segment = &entry->segment;
    audyn_status_t status = AUDYN_OK;
    bool measured = false;
    for (unsigned i = 0; !status && i < segment->file_count; ++i) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s%s", folder, segment->files[i].path);
        if (!measured && !segment->files[i].partial) {
            status = measure(entry, path, stop, &measured, error);
        }
        status = status ? status : sum_up(&segment->files[i], path, stop, error);
    }
    return status;
}
