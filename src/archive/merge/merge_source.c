// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/merge/merge_source.h"

#include "archive/loss_map.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
merge_source_init(merge_source_t *source, const merge_archive_t *archive,
                  const char *stream)
{
    *source = (merge_source_t){.archive = archive, .open = MERGE_NO_SEGMENT};
    for (size_t i = 0; i < archive->count; ++i) {
        if (!strcmp(archive->segments[i].stream, stream)) {
            source->segments = source->count ? source->segments : &archive->segments[i];
            ++source->count;
        }
    }
    return source->count;
}

static void
close_segment(merge_source_t *source)
{
    audyn_audio_reader_close(source->audio);
    audyn_entry_finish(&source->entry);
    source->audio = NULL;
    source->open = MERGE_NO_SEGMENT;
}

void
merge_source_finish(merge_source_t *source)
{
    close_segment(source);
}

uint64_t
merge_source_position(const merge_source_t *source, size_t segment)
{
    return source->segments[segment].position + (uint64_t)source->offset;
}

uint64_t
merge_source_end(const merge_source_t *source, size_t segment)
{
    return source->segments[segment].end + (uint64_t)source->offset;
}

// How many begin at this position or before.
static size_t
count_begun(const merge_source_t *source, uint64_t position)
{
    size_t low = 0;
    size_t high = source->count;
    while (low < high) {
        const size_t middle = (low + high) / 2;
        if (merge_source_position(source, middle) <= position) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

static bool
has_been_reached(const merge_source_t *source, size_t segment, uint64_t position)
{
    return source->segments[segment].reach + (uint64_t)source->offset > position;
}

size_t
merge_source_find(const merge_source_t *source, uint64_t position, uint64_t *until)
{
    const merge_segment_t *segments = source->segments;
    const size_t begun = count_begun(source, position);
    size_t found = MERGE_NO_SEGMENT;
    for (size_t i = begun; i-- && has_been_reached(source, i, position);) {
        if (merge_source_end(source, i) > position &&
            (found == MERGE_NO_SEGMENT ||
             segments[i].sequence < segments[found].sequence)) {
            found = i;
        }
    }
    *until = begun < source->count ? merge_source_position(source, begun) : UINT64_MAX;
    if (found != MERGE_NO_SEGMENT && merge_source_end(source, found) < *until) {
        *until = merge_source_end(source, found);
    }
    return found;
}

bool
merge_source_has_across(const merge_source_t *source, uint64_t position)
{
    bool has = false;
    for (size_t i = position ? count_begun(source, position - 1) : 0;
         !has && i-- && has_been_reached(source, i, position);) {
        has = merge_source_end(source, i) > position;
    }
    return has;
}

static void
tell(const merge_source_t *source, const audyn_error_t *error)
{
    if (source->tell) {
        source->tell(source->context, error->text);
    }
}

static audyn_status_t
sum_up(const char *path, char sum[AUDYN_SHA256_TEXT])
{
    *sum = '\0';
    audyn_checksum_t *checksum;
    audyn_status_t status = audyn_checksum_create(&checksum);
    bool done = false;
    if (!status) {
        status = audyn_checksum_read_file(checksum, path, UINT64_MAX, &done);
    }
    if (!status) {
        audyn_checksum_end(checksum, sum);
    }
    audyn_checksum_destroy(checksum);
    return status;
}

static audyn_status_t
check_sum(merge_source_t *source, const char *path, const char *sha256,
          audyn_error_t *error)
{
    char sum[AUDYN_SHA256_TEXT];
    const audyn_status_t status = sum_up(path, sum);
    if (status) {
        return audyn_error_set(error, status, "%s cannot be read: %s", path,
                               audyn_strerror(status));
    }
    if (*sha256 && strcmp(sum, sha256) != 0) {
        ++source->damaged;
        return audyn_error_set(error, AUDYN_BAD_DATA,
                               "%s is not what its sidecar says (SHA-256), and is left "
                               "out; audyn verify says more",
                               path);
    }
    return AUDYN_OK;
}

static audyn_status_t
open_audio(merge_source_t *source, const char *path, const audyn_entry_file_t *file,
           audyn_error_t *error)
{
    audyn_audio_reader_t *audio = NULL;
    audyn_status_t status = check_sum(source, path, file->sha256, error);
    status = status ? status : audyn_audio_reader_open(&audio, path, error);
    if (status) {
        return status;
    }
    const audyn_audio_format_t *format = audyn_audio_reader_format(audio);
    const audyn_input_format_t *stream = &source->entry.format;
    if (format->lossy || format->channels != stream->channels ||
        format->sample_rate != stream->sample_rate) {
        audyn_audio_reader_close(audio);
        return audyn_error_set(error, AUDYN_BAD_DATA, "%s is not audio of its stream",
                               path);
    }
    source->audio = audio;
    source->audio_frames = format->sample_frames;
    source->exact = 8 * audyn_encoding_bytes(format->encoding) >= stream->bits;
    return AUDYN_OK;
}

// How much of the stream's samples such a file has.
static unsigned
bits_of(const audyn_entry_file_t *file)
{
    static const struct {
        const char *encoding;
        unsigned bits;
    } known[] = {{"pcm16", 16}, {"pcm24", 24}, {"float32", 32}};
    unsigned bits = 0;
    for (size_t i = 0; i < sizeof known / sizeof *known; ++i) {
        bits = strcmp(file->encoding, known[i].encoding) ? bits : known[i].bits;
    }
    return bits;
}

// The file that comes behind the one of `rank` that was tried, 0: none was.
static const audyn_entry_file_t *
next_file(const audyn_entry_segment_t *segment, unsigned *rank)
{
    const audyn_entry_file_t *best = NULL;
    unsigned best_rank = 0;
    for (unsigned i = 0; i < segment->file_count; ++i) {
        const unsigned own =
            bits_of(&segment->files[i]) * AUDYN_ENTRY_FILES + (AUDYN_ENTRY_FILES - 1 - i);
        if (bits_of(&segment->files[i]) && own > best_rank && (!*rank || own < *rank)) {
            best = &segment->files[i];
            best_rank = own;
        }
    }
    *rank = best_rank;
    return best;
}

// A file that was deleted is nothing to tell of, a segment without any is.
static audyn_status_t
choose_audio(merge_source_t *source, audyn_error_t *error)
{
    const merge_segment_t *segment = &source->segments[source->open];
    const char *slash = strrchr(segment->path, '/');
    const int folder = slash ? (int)(slash - segment->path) + 1 : 0;
    unsigned rank = 0;
    for (const audyn_entry_file_t *file;
         !source->audio && (file = next_file(&source->entry.segment, &rank));) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%s/%.*s%s", source->archive->path, folder,
                 segment->path, file->path);
        const audyn_status_t status =
            access(path, F_OK) ? AUDYN_OK : open_audio(source, path, file, error);
        if (status == AUDYN_NO_MEMORY) {
            return status;
        }
        if (status) {
            tell(source, error);
        }
    }
    if (!source->audio) {
        audyn_error_set(error, AUDYN_NOT_FOUND,
                        "%s/%s: of this segment there is no lossless file that can be "
                        "used",
                        source->archive->path, segment->path);
        tell(source, error);
    }
    return AUDYN_OK;
}

audyn_status_t
merge_source_open(merge_source_t *source, size_t segment, audyn_error_t *error)
{
    if (source->open == segment) {
        return AUDYN_OK;
    }
    close_segment(source);
    const merge_segment_t *known = &source->segments[segment];
    char path[PATH_MAX];
    char sha256[AUDYN_SHA256_TEXT];
    snprintf(path, sizeof path, "%s/%s", source->archive->path, known->path);
    const audyn_status_t status = audyn_entry_read(&source->entry, path, sha256, error);
    if (status) {
        return status;
    }
    if (strcmp(sha256, known->sha256) != 0) {
        return audyn_error_set(error, AUDYN_BAD_DATA, "%s has changed meanwhile", path);
    }
    source->open = segment;
    return choose_audio(source, error);
}

static uint8_t
state_of(const char *class)
{
    for (int i = 0; i < AUDYN_SAMPLE_CLASSES; ++i) {
        if (!strcmp(class, audyn_sample_class_name((audyn_sample_class_t)i))) {
            return (uint8_t)(i < AUDYN_SAMPLE_RECEIVED ? MERGE_MISSING + i
                                                       : MERGE_RECEIVED);
        }
    }
    return MERGE_UNKNOWN;
}

static void
mark(uint8_t *states, uint64_t position, size_t count, const audyn_entry_span_t *span,
     int64_t offset)
{
    const uint64_t start = span->position + (uint64_t)offset;
    const uint64_t end = start + span->sample_frames;
    const uint64_t from = start > position ? start - position : 0;
    const uint64_t to = end < position + count ? end - position : count;
    if (end > position && from < to) {
        memset(states + from, state_of(span->class), to - from);
    }
}

// What comes behind the last span of a list that is not complete is unknown.
static void
classify(const merge_source_t *source, uint64_t position, size_t count, uint8_t *states)
{
    const audyn_entry_segment_t *segment = &source->entry.segment;
    memset(states, MERGE_RECEIVED, count);
    if (!segment->spans_complete) {
        const audyn_entry_span_t *last =
            segment->span_count ? &segment->spans[segment->span_count - 1] : NULL;
        const uint64_t known =
            last ? last->position + last->sample_frames : segment->first.position;
        const audyn_entry_span_t rest = {
            known, segment->first.position + segment->sample_frames - known, ""};
        mark(states, position, count, &rest, source->offset);
    }
    for (size_t i = 0; i < segment->span_count; ++i) {
        mark(states, position, count, &segment->spans[i], source->offset);
    }
}

// Within the open segment.
static void
read_segment(merge_source_t *source, uint64_t position, size_t count, float *samples,
             uint8_t *states)
{
    const uint64_t at = position - merge_source_position(source, source->open);
    const uint64_t there = source->audio_frames > at ? source->audio_frames - at : 0;
    size_t done = 0;
    if (source->audio && there) {
        const size_t wanted = there < count ? (size_t)there : count;
        audyn_error_t error;
        if (audyn_audio_reader_seek(source->audio, at, &error) ||
            audyn_audio_reader_read(source->audio, samples, wanted, &done, &error)) {
            done = 0;
            source->audio_frames = at;
            ++source->damaged;
            tell(source, &error);
        }
    }
    classify(source, position, done, states);
    const uint32_t channels = source->entry.format.channels;
    memset(states + done, MERGE_ABSENT, count - done);
    memset(samples + done * channels, 0, (count - done) * channels * sizeof *samples);
}

audyn_status_t
merge_source_read(merge_source_t *source, uint64_t position, size_t sample_frames,
                  float *samples, uint8_t *states, audyn_error_t *error)
{
    const uint32_t channels = source->segments->format.channels;
    while (sample_frames) {
        uint64_t until;
        const size_t segment = merge_source_find(source, position, &until);
        const uint64_t room = until - position;
        const size_t count = room < sample_frames ? (size_t)room : sample_frames;
        if (segment == MERGE_NO_SEGMENT) {
            memset(states, MERGE_ABSENT, count);
            memset(samples, 0, count * channels * sizeof *samples);
        } else {
            const audyn_status_t status = merge_source_open(source, segment, error);
            if (status) {
                return status;
            }
            read_segment(source, position, count, samples, states);
        }
        position += count;
        samples += count * channels;
        states += count;
        sample_frames -= count;
    }
    return AUDYN_OK;
}
