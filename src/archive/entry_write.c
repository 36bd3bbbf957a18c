// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// An entry as text: doc/archive-format.md.  What cannot be had for lack of memory is NULL
// all the way up.

#include "archive/entry.h"
#include "archive/loss_map.h"
#include "core/json_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static bool
set(json_t *object, const char *key, json_t *value)
{
    return !json_object_set_new(object, key, value);
}

// Takes over the reference.
static json_t *
whole(json_t *json, bool is_whole)
{
    if (is_whole) {
        return json;
    }
    json_decref(json);
    return NULL;
}

static json_t *
stream_json(const audyn_entry_t *entry)
{
    const audyn_input_format_t *format = &entry->format;
    char fraction[32];
    snprintf(fraction, sizeof fraction, "%" PRIu32 "/%" PRIu32, format->rate_numerator,
             format->rate_denominator);
    json_t *object = json_object();
    const bool ok =
        set(object, "name", audyn_json_text(entry->stream)) &&
        set(object, "sample_rate", integer(format->sample_rate)) &&
        set(object, "media_rate", json_string(fraction)) &&
        set(object, "channels", integer(format->channels)) &&
        set(object, "bits", integer(format->bits)) &&
        (!*entry->station || set(object, "station", audyn_json_text(entry->station)));
    return whole(object, ok);
}

static json_t *
moment_json(const audyn_moment_t *moment, bool with_position)
{
    json_t *object = json_object();
    const bool ok =
        (!with_position || set(object, "position", integer(moment->position))) &&
        set(object, "tai_ns", json_integer(moment->tai_ns)) &&
        set(object, "utc", json_string(moment->utc));
    return whole(object, ok);
}

// One text, of 8 digits for each block.
static json_t *
crc_json(const audyn_entry_file_t *file)
{
    char *digits = malloc(8 * file->block_count + 1);
    if (!digits) {
        return NULL;
    }
    *digits = '\0';
    for (size_t i = 0; i < file->block_count; ++i) {
        snprintf(digits + 8 * i, 9, "%08" PRIx32, file->block_crc32[i]);
    }
    json_t *text = json_string(digits);
    free(digits);
    return text;
}

// Of an Opus file without a bit rate: the usual one.
static bool
set_codec(json_t *object, const audyn_entry_file_t *file)
{
    const audyn_codec_t *codec = &file->codec;
    if (!strcmp(file->format, "flac")) {
        return set(object, "flac_level", integer(codec->flac_level));
    }
    if (!strcmp(file->format, "opus")) {
        return (!codec->opus_bit_rate ||
                set(object, "opus_bitrate", integer(codec->opus_bit_rate))) &&
               set(object, "opus_complexity", integer(codec->opus_complexity));
    }
    return true;
}

static json_t *
file_json(const audyn_entry_file_t *file)
{
    json_t *object = json_object();
    bool ok = set(object, "path", audyn_json_text(file->path)) &&
              set(object, "format", audyn_json_text(file->format));
    if (*file->encoding) {
        ok = ok && set(object, "encoding", audyn_json_text(file->encoding));
    }
    if (file->dithered) {
        ok = ok && set(object, "dither", json_string("tpdf"));
    }
    ok = ok && (!file->codec_known || set_codec(object, file)) &&
         set(object, "bytes", integer(file->bytes)) &&
         set(object, "sha256", audyn_json_text_or_null(file->sha256));
    if (file->block_bytes) {
        ok = ok && set(object, "block_bytes", integer(file->block_bytes)) &&
             set(object, "block_crc32", crc_json(file));
    }
    if (file->partial) {
        ok = ok && set(object, "sample_frames", integer(file->sample_frames)) &&
             set(object, "error", audyn_json_text(file->error));
    }
    return whole(object, ok);
}

static json_t *
files_json(const audyn_entry_file_t *files, unsigned count)
{
    json_t *array = json_array();
    bool ok = array;
    for (unsigned i = 0; ok && i < count; ++i) {
        ok = !json_array_append_new(array, file_json(&files[i]));
    }
    return whole(array, ok);
}

static json_t *
span_json(const audyn_entry_span_t *span)
{
    json_t *object = json_object();
    const bool ok = set(object, "position", integer(span->position)) &&
                    set(object, "sample_frames", integer(span->sample_frames)) &&
                    set(object, "class", audyn_json_text(span->class));
    return whole(object, ok);
}

static json_t *
spans_json(const audyn_entry_segment_t *segment)
{
    json_t *array = json_array();
    bool ok = array;
    for (size_t i = 0; ok && i < segment->span_count; ++i) {
        ok = !json_array_append_new(array, span_json(&segment->spans[i]));
    }
    return whole(array, ok);
}

// To the hundredth: more of it means nothing (EBU Tech 3341, 2.8 shows one digit).
static json_t *
level_json(double level)
{
    const double hundredths = round(level * 100);
    return isfinite(hundredths) ? json_real(hundredths / 100) : json_null();
}

static json_t *
channel_levels_json(const double *levels, uint32_t channels)
{
    if (!levels) {
        return json_null();
    }
    json_t *array = json_array();
    bool ok = array;
    for (uint32_t i = 0; ok && i < channels; ++i) {
        ok = !json_array_append_new(array, level_json(levels[i]));
    }
    return whole(array, ok);
}

static json_t *
levels_json(const audyn_entry_levels_t *levels, uint32_t channels)
{
    json_t *object = json_object();
    const bool ok =
        set(object, "peak_dbfs", channel_levels_json(levels->peak_dbfs, channels)) &&
        set(object, "true_peak_dbtp",
            channel_levels_json(levels->true_peak_dbtp, channels)) &&
        set(object, "integrated_lufs", level_json(levels->integrated_lufs)) &&
        set(object, "range_lu", level_json(levels->range_lu));
    return whole(object, ok);
}

static json_t *
audio_json(const audyn_entry_segment_t *segment)
{
    json_t *object = json_object();
    const bool ok = set(object, "encoding", audyn_json_text(segment->audio_encoding)) &&
                    set(object, "sha256", audyn_json_text_or_null(segment->audio_sha256));
    return whole(object, ok);
}

static bool
set_losses(json_t *object, const audyn_entry_segment_t *segment)
{
    bool ok = set(object, "received", integer(segment->received));
    for (int i = 0; ok && i < AUDYN_SAMPLE_RECEIVED; ++i) {
        ok = set(object, audyn_sample_class_name((audyn_sample_class_t)i),
                 integer(segment->missing[i]));
    }
    if (segment->unclassified) {
        ok = ok && set(object, "unclassified", integer(segment->unclassified));
    }
    return ok && set(object, "spans", spans_json(segment)) &&
           set(object, "spans_complete", json_boolean(segment->spans_complete));
}

static bool
set_segment(json_t *object, const audyn_entry_t *entry)
{
    const audyn_entry_segment_t *segment = &entry->segment;
    bool ok = set(object, "position", integer(segment->first.position)) &&
              set(object, "sample_frames", integer(segment->sample_frames)) &&
              set(object, "first", moment_json(&segment->first, false)) &&
              set(object, "last", moment_json(&segment->last, false)) &&
              set(object, "files", files_json(segment->files, segment->file_count)) &&
              set(object, "audio", audio_json(segment)) && set_losses(object, segment);
    if (segment->levels.known) {
        ok = ok &&
             set(object, "levels", levels_json(&segment->levels, entry->format.channels));
    }
    if (segment->hole.sample_frames) {
        ok = ok && set(object, "hole", span_json(&segment->hole));
    }
    if (segment->recorder) {
        ok = ok && !json_object_set(object, "recorder", segment->recorder);
    }
    if (segment->provenance) {
        ok = ok && !json_object_set(object, "provenance", segment->provenance);
    }
    return ok;
}

static bool
set_kind(json_t *object, const audyn_entry_t *entry)
{
    switch (entry->kind) {
    case AUDYN_ENTRY_HOLD:
        return set(object, "from", moment_json(&entry->hold.from, true)) &&
               set(object, "to", moment_json(&entry->hold.to, true)) &&
               set(object, "why", audyn_json_text(entry->hold.why)) &&
               set(object, "by", audyn_json_text(entry->hold.by));
    case AUDYN_ENTRY_RELEASE:
        return set(object, "hold", integer(entry->release.hold)) &&
               set(object, "why", audyn_json_text(entry->release.why)) &&
               set(object, "by", audyn_json_text(entry->release.by));
    case AUDYN_ENTRY_TOMBSTONE:
        return set(object, "segment", integer(entry->tombstone.segment)) &&
               set(object, "files",
                   files_json(entry->tombstone.files, entry->tombstone.file_count)) &&
               set(object, "why", audyn_json_text(entry->tombstone.why)) &&
               set(object, "deleted_utc", json_string(entry->tombstone.deleted_utc));
    case AUDYN_ENTRY_SEGMENT:
        break;
    }
    return set_segment(object, entry);
}

char *
audyn_entry_write(const audyn_entry_t *entry)
{
    json_t *object = json_object();
    const bool ok =
        set(object, "audyn_sidecar", integer(AUDYN_ENTRY_VERSION)) &&
        set(object, "kind", json_string(audyn_entry_kind_name(entry->kind))) &&
        set(object, "stream", stream_json(entry)) &&
        set(object, "sequence", integer(entry->sequence)) &&
        set(object, "previous", audyn_json_text_or_null(entry->previous)) &&
        set_kind(object, entry);
    char *text = ok ? audyn_json_lines(object) : NULL;
    json_decref(object);
    return text;
}
