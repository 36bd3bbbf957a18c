// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/entry.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

void
audyn_entry_init(audyn_entry_t *entry, audyn_entry_kind_t kind, const char *stream,
                 const audyn_input_format_t *format)
{
    *entry = (audyn_entry_t){.kind = kind, .format = *format};
    if (!format->rate_numerator || !format->rate_denominator) {
        entry->format.rate_numerator = 1;
        entry->format.rate_denominator = 1;
    }
    snprintf(entry->stream, sizeof entry->stream, "%s", stream);
    if (kind == AUDYN_ENTRY_SEGMENT) {
        entry->segment.spans_complete = true;
    }
}

void
audyn_entry_finish(audyn_entry_t *entry)
{
    if (entry->kind == AUDYN_ENTRY_SEGMENT) {
        audyn_entry_segment_t *segment = &entry->segment;
        for (unsigned i = 0; i < segment->file_count; ++i) {
            free(segment->files[i].block_crc32);
        }
        free(segment->spans);
        free(segment->levels.peak_dbfs);
        free(segment->levels.true_peak_dbtp);
        json_decref(segment->recorder);
        json_decref(segment->provenance);
    }
    *entry = (audyn_entry_t){0};
}

const char *
audyn_entry_kind_name(audyn_entry_kind_t kind)
{
    static const char *const names[] = {
        [AUDYN_ENTRY_SEGMENT] = "segment",
        [AUDYN_ENTRY_HOLD] = "hold",
        [AUDYN_ENTRY_RELEASE] = "release",
        [AUDYN_ENTRY_TOMBSTONE] = "tombstone",
    };
    return names[kind];
}

static void
write_utc(char text[48], int64_t utc_s, bool leap, int64_t ns)
{
    const time_t seconds = utc_s;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    parts.tm_sec += leap;
    char whole[32];
    strftime(whole, sizeof whole, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text, 48, "%s.%09" PRId64 "Z", whole, ns);
}

void
audyn_entry_utc_text(char text[48], int64_t utc_ns)
{
    write_utc(text, utc_ns / AUDYN_NS_PER_SECOND, false, utc_ns % AUDYN_NS_PER_SECOND);
}

void
audyn_entry_tai_text(char text[48], const audyn_leap_seconds_t *leap_seconds,
                     int64_t tai_ns)
{
    bool leap;
    const int64_t utc_s =
        audyn_leap_seconds_to_utc(leap_seconds, tai_ns / AUDYN_NS_PER_SECOND, &leap);
    write_utc(text, utc_s, leap, tai_ns % AUDYN_NS_PER_SECOND);
}

audyn_moment_t
audyn_entry_moment(const audyn_leap_seconds_t *leap_seconds,
                   const audyn_input_format_t *format, uint64_t position)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(format);
    audyn_moment_t moment = {.position = position,
                             .tai_ns = audyn_media_tai_ns(position, &rate)};
    audyn_entry_tai_text(moment.utc, leap_seconds, moment.tai_ns);
    return moment;
}

const char *
audyn_entry_audio_encoding(uint32_t bits)
{
    return bits <= 16 ? "s16le" : bits <= 24 ? "s24le" : "f32le";
}

audyn_status_t
audyn_entry_add_span(audyn_entry_t *entry, uint64_t position, uint64_t sample_frames,
                     const char *class)
{
    audyn_entry_segment_t *segment = &entry->segment;
    if (segment->span_count == segment->span_room) {
        const size_t room = segment->span_room ? 2 * segment->span_room : 16;
        audyn_entry_span_t *spans =
            reallocarray(segment->spans, room, sizeof *segment->spans);
        if (!spans) {
            return AUDYN_NO_MEMORY;
        }
        segment->spans = spans;
        segment->span_room = room;
    }
    audyn_entry_span_t *span = &segment->spans[segment->span_count++];
    *span = (audyn_entry_span_t){.position = position, .sample_frames = sample_frames};
    snprintf(span->class, sizeof span->class, "%s", class);
    return AUDYN_OK;
}
