// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/merge/merge_private.h"

#include <stdio.h>
#include <string.h>

static const char *const formats[AUDYN_ARCHIVE_FORMATS] = {"wav", "flac", "opus"};

static const char *
known_format(const audyn_entry_file_t *file)
{
    for (size_t i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        if (!strcmp(file->format, formats[i])) {
            return formats[i];
        }
    }
    return NULL;
}

// The entry of the source's first segment in the part; NULL: it has none.
static audyn_status_t
first_entry(merge_source_t *source, const merge_part_t *part, const audyn_entry_t **entry,
            audyn_error_t *error)
{
    uint64_t position = part->position;
    size_t segment = MERGE_NO_SEGMENT;
    while (segment == MERGE_NO_SEGMENT && position < part->end) {
        uint64_t until;
        segment = merge_source_find(source, position, &until);
        position = until;
    }
    *entry = NULL;
    if (segment == MERGE_NO_SEGMENT) {
        return AUDYN_OK;
    }
    const audyn_status_t status = merge_source_open(source, segment, error);
    *entry = status ? NULL : &source->entry;
    return status;
}

static const audyn_entry_file_t *
file_of(const audyn_entry_t *entry, const char *format)
{
    for (unsigned i = 0; i < entry->segment.file_count; ++i) {
        if (!strcmp(entry->segment.files[i].format, format)) {
            return &entry->segment.files[i];
        }
    }
    return NULL;
}

static void
take_codec(audyn_codec_t *codec, const audyn_entry_file_t *file)
{
    if (file->codec_known && !strcmp(file->format, "flac")) {
        codec->flac_level = file->codec.flac_level;
    } else if (file->codec_known && !strcmp(file->format, "opus")) {
        codec->opus_bit_rate = file->codec.opus_bit_rate;
        codec->opus_complexity = file->codec.opus_complexity;
    }
}

static void
take_encoding(audyn_archive_settings_t *settings, const audyn_entry_file_t *file,
              uint32_t bits)
{
    char name[32];
    snprintf(name, sizeof name, "x.%s", file->format);
    for (audyn_encoding_t e = AUDYN_PCM16; e <= AUDYN_FLOAT32; ++e) {
        if (!strcmp(file->encoding, audyn_encoding_name(e)) &&
            e != audyn_sink_encoding(name, bits)) {
            settings->has_encoding = true;
            settings->encoding = e;
        }
    }
}

static void
take_file(audyn_archive_settings_t *settings, const audyn_entry_t *entry,
          const audyn_entry_file_t *file)
{
    const char *format = known_format(file);
    if (!format || settings->format_count == AUDYN_ARCHIVE_FORMATS) {
        return;
    }
    settings->formats[settings->format_count++] = format;
    take_codec(&settings->codec, file);
    settings->dither |= file->dithered;
    if (merge_is_lossless(file)) {
        take_encoding(settings, file, entry->format.bits);
    }
}

static audyn_status_t
compare(const merge_job_t *job, const audyn_entry_file_t *a, const audyn_entry_file_t *b)
{
    if (strcmp(a->encoding, b->encoding) != 0) {
        return audyn_error_set(
            job->error, AUDYN_INVALID,
            "the samples of %s cannot be compared: %s in %s is %s, %s in %s is %s",
            job->name, a->path, job->config->archives[0], a->encoding, b->path,
            job->config->archives[1], b->encoding);
    }
    return AUDYN_OK;
}

// What the first source has, of the lossless formats those that the other has, too; where
// there is no such format, all of the first.
static audyn_status_t
take_formats(const merge_job_t *job, audyn_archive_settings_t *settings,
             const audyn_entry_t *first, const audyn_entry_t *second)
{
    const audyn_entry_segment_t *segment = &first->segment;
    bool shared = false;
    audyn_status_t status = AUDYN_OK;
    for (unsigned i = 0; second && i < segment->file_count; ++i) {
        const audyn_entry_file_t *file = &segment->files[i];
        shared |= merge_is_lossless(file) && file_of(second, file->format);
    }
    for (unsigned i = 0; !status && i < segment->file_count; ++i) {
        const audyn_entry_file_t *file = &segment->files[i];
        const audyn_entry_file_t *other = second ? file_of(second, file->format) : NULL;
        if (merge_is_lossless(file) && shared && !other) {
            continue;
        }
        take_file(settings, first, file);
        status = merge_is_lossless(file) && other ? compare(job, file, other) : AUDYN_OK;
    }
    return status;
}

audyn_status_t
merge_settings_choose(merge_job_t *job, const merge_part_t *part,
                      audyn_archive_settings_t *settings, char station[AUDYN_ENTRY_NAME])
{
    const audyn_entry_t *entries[2];
    bool exact = true;
    *settings = (audyn_archive_settings_t){.codec = AUDYN_CODEC_DEFAULT};
    audyn_status_t status =
        audyn_layout_init(&settings->layout, "flat", 3600, AUDYN_ARCHIVE_UTC, NULL);
    for (int side = 0; !status && side < 2; ++side) {
        status = first_entry(&job->sources[side], part, &entries[side], job->error);
        exact = exact && (status || !entries[side] || job->sources[side].exact);
    }
    if (status) {
        return status;
    }
    const audyn_entry_t *first = entries[0] ? entries[0] : entries[1];
    status = take_formats(job, settings, first, entries[0] ? entries[1] : NULL);
    settings->dither = settings->dither && exact; // else it was done already
    strcpy(station, first->station);
    settings->station = *station ? station : NULL;
    return status;
}

bool
merge_settings_are_same(const audyn_archive_settings_t *a,
                        const audyn_archive_settings_t *b)
{
    bool same = a->format_count == b->format_count &&
                a->has_encoding == b->has_encoding && a->encoding == b->encoding &&
                a->dither == b->dither &&
                !memcmp(&a->codec, &b->codec, sizeof a->codec) &&
                !strcmp(a->station ? a->station : "", b->station ? b->station : "");
    for (unsigned i = 0; same && i < a->format_count; ++i) {
        same = !strcmp(a->formats[i], b->formats[i]);
    }
    return same;
}
