// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// An entry out of text, which may be anybody's.

#include "archive/entry.h"
#include "archive/loss_map.h"
#include "core/json_reader.h"
#include "core/small_file.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_INTEGER (INT64_MAX / 4) // of which any few can be added
#define MOST_CHANNELS 65535          // of a WAV file
#define MOST_BYTES (UINT64_C(1) << 30)

static uint64_t
read_count(audyn_json_reader_t *reader, const json_t *object, const char *key)
{
    return audyn_json_read_integer(reader, object, key, 0, MOST_INTEGER, true);
}

static bool
is_hex(const char *text, size_t length)
{
    return strlen(text) == length && strspn(text, "0123456789abcdef") == length;
}

// Absent or null: empty.
static void
read_sha256(audyn_json_reader_t *reader, const json_t *object, const char *key,
            char text[AUDYN_SHA256_TEXT])
{
    audyn_json_read_text(reader, object, key, text, AUDYN_SHA256_TEXT, false);
    if (*text && !is_hex(text, AUDYN_SHA256_TEXT - 1)) {
        audyn_json_refuse(reader, key, "is no SHA-256 in hex digits");
    }
}

// Of a file or folder that lies beside others, and nowhere else.
static void
read_name(audyn_json_reader_t *reader, const json_t *object, const char *key,
          char name[AUDYN_ENTRY_NAME])
{
    audyn_json_read_text(reader, object, key, name, AUDYN_ENTRY_NAME, true);
    if (!*name || strchr(name, '/') || !strcmp(name, ".") || !strcmp(name, "..") ||
        !strcmp(name, ".audyn")) {
        audyn_json_refuse(reader, key, "is no name of a file or folder");
    }
}

static void
read_stream(audyn_json_reader_t *reader, const json_t *object, audyn_entry_t *entry)
{
    const json_t *stream = audyn_json_find_object(reader, object, "stream", true);
    audyn_input_format_t *format = &entry->format;
    strcpy(reader->where, "stream.");
    read_name(reader, stream, "name", entry->stream);
    format->sample_rate = (uint32_t)audyn_json_read_integer(reader, stream, "sample_rate",
                                                            1, UINT32_MAX, true);
    format->channels = (uint32_t)audyn_json_read_integer(reader, stream, "channels", 1,
                                                         MOST_CHANNELS, true);
    format->bits =
        (uint32_t)audyn_json_read_integer(reader, stream, "bits", 16, 32, true);
    if (format->bits != 16 && format->bits != 24 && format->bits != 32) {
        audyn_json_refuse(reader, "bits", "is none of 16, 24 and 32");
    }
    audyn_json_read_text(reader, stream, "station", entry->station, sizeof entry->station,
                         false);
    char fraction[24] = "";
    audyn_json_read_text(reader, stream, "media_rate", fraction, sizeof fraction, true);
    int end = 0;
    if (fraction[strspn(fraction, "0123456789/")] ||
        sscanf(fraction, "%9" SCNu32 "/%9" SCNu32 "%n", &format->rate_numerator,
               &format->rate_denominator, &end) != 2 ||
        fraction[end] || !format->rate_numerator || !format->rate_denominator) {
        audyn_json_refuse(reader, "media_rate", "is no fraction");
    }
    *reader->where = '\0';
}

static void
read_moment(audyn_json_reader_t *reader, const json_t *object, const char *key,
            audyn_moment_t *moment, bool with_position)
{
    const json_t *value = audyn_json_find_object(reader, object, key, true);
    snprintf(reader->where, sizeof reader->where, "%s.", key);
    if (with_position) {
        moment->position = read_count(reader, value, "position");
    }
    moment->tai_ns =
        (int64_t)audyn_json_read_integer(reader, value, "tai_ns", 0, INT64_MAX / 2, true);
    audyn_json_read_text(reader, value, "utc", moment->utc, sizeof moment->utc, true);
    *reader->where = '\0';
}

static void
read_crcs(audyn_json_reader_t *reader, const json_t *object, audyn_entry_file_t *file)
{
    const json_t *value = audyn_json_find(reader, object, "block_crc32", true);
    const size_t length = json_string_length(value);
    const uint64_t blocks =
        file->bytes / file->block_bytes + (file->bytes % file->block_bytes != 0);
    if (!json_is_string(value) || length != 8 * blocks ||
        !is_hex(json_string_value(value), length)) {
        audyn_json_refuse(reader, "block_crc32", "has not 8 hex digits for each block");
        return;
    }
    file->block_crc32 = malloc((size_t)blocks * sizeof *file->block_crc32 + 1);
    if (!file->block_crc32) {
        audyn_json_lack_memory(reader);
        return;
    }
    for (; file->block_count < blocks; ++file->block_count) {
        sscanf(json_string_value(value) + 8 * file->block_count, "%8" SCNx32,
               &file->block_crc32[file->block_count]);
    }
}

static void
read_codec(audyn_json_reader_t *reader, const json_t *object, audyn_entry_file_t *file)
{
    file->dithered = json_object_get(object, "dither");
    file->codec_known = json_object_get(object, "flac_level") ||
                        json_object_get(object, "opus_complexity");
    file->codec = (audyn_codec_t){
        .flac_level =
            (uint32_t)audyn_json_read_integer(reader, object, "flac_level", 0, 8, false),
        .opus_bit_rate = (uint32_t)audyn_json_read_integer(reader, object, "opus_bitrate",
                                                           1, INT32_MAX, false),
        .opus_complexity = (uint32_t)audyn_json_read_integer(
            reader, object, "opus_complexity", 0, 10, false),
    };
}

static void
read_file(audyn_json_reader_t *reader, const json_t *object, audyn_entry_file_t *file)
{
    read_name(reader, object, "path", file->path);
    audyn_json_read_text(reader, object, "format", file->format, sizeof file->format,
                         true);
    audyn_json_read_text(reader, object, "encoding", file->encoding,
                         sizeof file->encoding, false);
    read_codec(reader, object, file);
    file->bytes = read_count(reader, object, "bytes");
    read_sha256(reader, object, "sha256", file->sha256);
    file->block_bytes = (uint32_t)audyn_json_read_integer(reader, object, "block_bytes",
                                                          1, INT32_MAX, false);
    if (file->block_bytes && !reader->status) {
        read_crcs(reader, object, file);
    }
    file->partial = json_object_get(object, "error");
    if (file->partial) {
        file->sample_frames = read_count(reader, object, "sample_frames");
        audyn_json_read_text(reader, object, "error", file->error, sizeof file->error,
                             true);
    }
}

static void
read_files(audyn_json_reader_t *reader, const json_t *object, audyn_entry_file_t *files,
           unsigned *count)
{
    const json_t *array = audyn_json_find_array(reader, object, "files", true);
    const size_t given = json_array_size(array);
    if (given > AUDYN_ENTRY_FILES) {
        audyn_json_refuse(reader, "files", "has too many");
    }
    for (size_t i = 0; !reader->status && i < given; ++i) {
        snprintf(reader->where, sizeof reader->where, "files[%zu].", i);
        read_file(reader, json_array_get(array, i), &files[(*count)++]);
    }
    *reader->where = '\0';
}

static void
read_span(audyn_json_reader_t *reader, const json_t *object, audyn_entry_span_t *span)
{
    span->position = read_count(reader, object, "position");
    span->sample_frames =
        audyn_json_read_integer(reader, object, "sample_frames", 1, MOST_INTEGER, true);
    audyn_json_read_text(reader, object, "class", span->class, sizeof span->class, true);
}

static void
read_spans(audyn_json_reader_t *reader, const json_t *object, audyn_entry_t *entry)
{
    const json_t *array = audyn_json_find_array(reader, object, "spans", true);
    const audyn_entry_segment_t *segment = &entry->segment;
    const uint64_t end = segment->first.position + segment->sample_frames;
    for (size_t i = 0; !reader->status && i < json_array_size(array); ++i) {
        snprintf(reader->where, sizeof reader->where, "spans[%zu].", i);
        audyn_entry_span_t span = {0};
        read_span(reader, json_array_get(array, i), &span);
        if (span.position < segment->first.position ||
            span.position + span.sample_frames > end) {
            audyn_json_refuse(reader, "position", "is not within the segment");
        }
        if (!reader->status &&
            audyn_entry_add_span(entry, span.position, span.sample_frames, span.class)) {
            audyn_json_lack_memory(reader);
        }
    }
    *reader->where = '\0';
}

static void
read_losses(audyn_json_reader_t *reader, const json_t *object, audyn_entry_t *entry)
{
    audyn_entry_segment_t *segment = &entry->segment;
    segment->received = read_count(reader, object, "received");
    for (int i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        segment->missing[i] =
            read_count(reader, object, audyn_sample_class_name((audyn_sample_class_t)i));
    }
    segment->unclassified =
        audyn_json_read_integer(reader, object, "unclassified", 0, MOST_INTEGER, false);
    read_spans(reader, object, entry);
    const json_t *complete = audyn_json_find(reader, object, "spans_complete", true);
    if (!json_is_boolean(complete)) {
        audyn_json_refuse(reader, "spans_complete", "is neither true nor false");
    }
    segment->spans_complete = json_is_true(complete);
}

static double
level_of(const json_t *value)
{
    return json_is_number(value) ? json_number_value(value) : (double)NAN;
}

static double *
read_channel_levels(audyn_json_reader_t *reader, const json_t *object, const char *key,
                    uint32_t channels)
{
    const json_t *array = audyn_json_find_array(reader, object, key, false);
    if (!array || reader->status) {
        return NULL;
    }
    if (json_array_size(array) != channels) {
        audyn_json_refuse(reader, key, "has not one value for each channel");
        return NULL;
    }
    double *levels = malloc(channels * sizeof *levels);
    if (!levels) {
        audyn_json_lack_memory(reader);
        return NULL;
    }
    for (uint32_t i = 0; i < channels; ++i) {
        levels[i] = level_of(json_array_get(array, i));
    }
    return levels;
}

static void
read_levels(audyn_json_reader_t *reader, const json_t *object, audyn_entry_t *entry)
{
    const json_t *value = audyn_json_find_object(reader, object, "levels", false);
    if (!value) {
        return;
    }
    strcpy(reader->where, "levels.");
    const uint32_t channels = entry->format.channels;
    entry->segment.levels = (audyn_entry_levels_t){
        .known = true,
        .peak_dbfs = read_channel_levels(reader, value, "peak_dbfs", channels),
        .true_peak_dbtp = read_channel_levels(reader, value, "true_peak_dbtp", channels),
        .integrated_lufs = level_of(json_object_get(value, "integrated_lufs")),
        .range_lu = level_of(json_object_get(value, "range_lu")),
    };
    *reader->where = '\0';
}

static void
read_audio(audyn_json_reader_t *reader, const json_t *object,
           audyn_entry_segment_t *segment)
{
    const json_t *audio = audyn_json_find_object(reader, object, "audio", true);
    strcpy(reader->where, "audio.");
    audyn_json_read_text(reader, audio, "encoding", segment->audio_encoding,
                         sizeof segment->audio_encoding, true);
    read_sha256(reader, audio, "sha256", segment->audio_sha256);
    *reader->where = '\0';
}

static void
read_hole(audyn_json_reader_t *reader, const json_t *object,
          audyn_entry_segment_t *segment)
{
    const json_t *hole = audyn_json_find_object(reader, object, "hole", false);
    if (hole) {
        strcpy(reader->where, "hole.");
        read_span(reader, hole, &segment->hole);
        *reader->where = '\0';
    }
}

static void
read_segment(audyn_json_reader_t *reader, const json_t *object, audyn_entry_t *entry)
{
    audyn_entry_segment_t *segment = &entry->segment;
    segment->first.position = read_count(reader, object, "position");
    segment->sample_frames =
        audyn_json_read_integer(reader, object, "sample_frames", 1, MOST_INTEGER, true);
    segment->last.position = segment->first.position + segment->sample_frames - 1;
    read_moment(reader, object, "first", &segment->first, false);
    read_moment(reader, object, "last", &segment->last, false);
    read_files(reader, object, segment->files, &segment->file_count);
    read_audio(reader, object, segment);
    read_losses(reader, object, entry);
    read_levels(reader, object, entry);
    read_hole(reader, object, segment);
    segment->recorder = json_incref(json_object_get(object, "recorder"));
    segment->provenance = json_incref(json_object_get(object, "provenance"));
}

static void
read_hold(audyn_json_reader_t *reader, const json_t *object, audyn_entry_hold_t *hold)
{
    read_moment(reader, object, "from", &hold->from, true);
    read_moment(reader, object, "to", &hold->to, true);
    audyn_json_read_text(reader, object, "why", hold->why, sizeof hold->why, true);
    audyn_json_read_text(reader, object, "by", hold->by, sizeof hold->by, true);
    if (hold->to.position < hold->from.position) {
        audyn_json_refuse(reader, "to", "is before \"from\"");
    }
}

static void
read_release(audyn_json_reader_t *reader, const json_t *object,
             audyn_entry_release_t *release)
{
    release->hold = read_count(reader, object, "hold");
    audyn_json_read_text(reader, object, "why", release->why, sizeof release->why, true);
    audyn_json_read_text(reader, object, "by", release->by, sizeof release->by, true);
}

static void
read_tombstone(audyn_json_reader_t *reader, const json_t *object,
               audyn_entry_tombstone_t *tombstone)
{
    tombstone->segment = read_count(reader, object, "segment");
    read_files(reader, object, tombstone->files, &tombstone->file_count);
    audyn_json_read_text(reader, object, "why", tombstone->why, sizeof tombstone->why,
                         true);
    audyn_json_read_text(reader, object, "deleted_utc", tombstone->deleted_utc,
                         sizeof tombstone->deleted_utc, true);
}

// False where it is no entry that this version knows.
static bool
read_kind(audyn_json_reader_t *reader, const json_t *object, audyn_entry_t *entry)
{
    const uint64_t version =
        audyn_json_read_integer(reader, object, "audyn_sidecar", 1, INT32_MAX, true);
    if (!reader->status && version != AUDYN_ENTRY_VERSION) {
        reader->status = audyn_error_set(reader->error, AUDYN_NOT_SUPPORTED,
                                         "%s is of version %" PRIu64
                                         " of its format, of which this program knows "
                                         "nothing; use a later audyn",
                                         reader->path, version);
    }
    char name[16] = "";
    audyn_json_read_text(reader, object, "kind", name, sizeof name, true);
    int kind = AUDYN_ENTRY_TOMBSTONE;
    while (kind >= 0 &&
           strcmp(name, audyn_entry_kind_name((audyn_entry_kind_t)kind)) != 0) {
        --kind;
    }
    if (kind < 0) {
        audyn_json_refuse(reader, "kind",
                          "is none of segment, hold, release and tombstone");
    }
    entry->kind = reader->status ? AUDYN_ENTRY_SEGMENT : (audyn_entry_kind_t)kind;
    return !reader->status;
}

static void
read_entry(audyn_json_reader_t *reader, const json_t *object, audyn_entry_t *entry)
{
    if (!read_kind(reader, object, entry)) {
        return;
    }
    read_stream(reader, object, entry);
    entry->sequence = read_count(reader, object, "sequence");
    read_sha256(reader, object, "previous", entry->previous);
    if (!*entry->previous != !entry->sequence) {
        audyn_json_refuse(reader, "previous",
                          "is to be null in the first entry, and in no other");
    }
    switch (entry->kind) {
    case AUDYN_ENTRY_SEGMENT:
        read_segment(reader, object, entry);
        break;
    case AUDYN_ENTRY_HOLD:
        read_hold(reader, object, &entry->hold);
        break;
    case AUDYN_ENTRY_RELEASE:
        read_release(reader, object, &entry->release);
        break;
    case AUDYN_ENTRY_TOMBSTONE:
        read_tombstone(reader, object, &entry->tombstone);
        break;
    }
}

audyn_status_t
audyn_entry_parse(audyn_entry_t *entry, const char *path, const char *text, size_t size,
                  audyn_error_t *error)
{
    *entry = (audyn_entry_t){0};
    json_error_t cause;
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, &cause);
    if (!object) {
        return audyn_error_set(error, AUDYN_BAD_DATA, "%s is no JSON: line %d: %s", path,
                               cause.line, cause.text);
    }
    audyn_json_reader_t reader = {.path = path, .error = error};
    if (json_is_object(object)) {
        read_entry(&reader, object, entry);
    } else {
        reader.status =
            audyn_error_set(error, AUDYN_BAD_DATA, "%s is no JSON object", path);
    }
    json_decref(object);
    if (reader.status) {
        audyn_entry_finish(entry);
    }
    return reader.status;
}

audyn_status_t
audyn_entry_read(audyn_entry_t *entry, const char *path, char sha256[AUDYN_SHA256_TEXT],
                 audyn_error_t *error)
{
    *entry = (audyn_entry_t){0};
    *sha256 = '\0';
    char *text;
    size_t size;
    audyn_status_t status = audyn_small_file_load(path, &text, &size, MOST_BYTES, error);
    if (!status) {
        audyn_checksum_of(text, size, sha256);
        status = audyn_entry_parse(entry, path, text, size, error);
        free(text);
    }
    return status;
}
