// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Entries of a chain that say all that one of their kind can.

#ifndef AUDYN_TESTS_SAMPLE_ENTRIES_H
#define AUDYN_TESTS_SAMPLE_ENTRIES_H

#include "archive/entry.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define ENTRY_POSITION UINT64_C(85000000000000)
#define ENTRY_SHA256 "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

static const audyn_input_format_t entry_format = {.sample_rate = 48000,
                                                  .channels = 2,
                                                  .bits = 24,
                                                  .rate_numerator = 1000,
                                                  .rate_denominator = 1001};

static inline audyn_moment_t
moment_at(uint64_t position)
{
    static audyn_leap_seconds_t leap_seconds;
    if (!leap_seconds.count) {
        audyn_leap_seconds_init(&leap_seconds);
    }
    return audyn_entry_moment(&leap_seconds, &entry_format, position);
}

static inline void
add_file(audyn_entry_segment_t *segment, const char *path, const char *format,
         const char *encoding)
{
    audyn_entry_file_t *file = &segment->files[segment->file_count++];
    *file = (audyn_entry_file_t){.bytes = 292096, .sha256 = ENTRY_SHA256};
    strcpy(file->path, path);
    strcpy(file->format, format);
    strcpy(file->encoding, encoding);
}

static inline double *
two_levels(double a, double b)
{
    double *levels = malloc(2 * sizeof *levels);
    levels[0] = a;
    levels[1] = b;
    return levels;
}

static inline void
make_segment(audyn_entry_t *entry)
{
    audyn_entry_segment_t *segment = &entry->segment;
    strcpy(entry->station, "Radio Ærø");
    segment->sample_frames = 48000;
    segment->first = moment_at(ENTRY_POSITION);
    segment->last = moment_at(ENTRY_POSITION + 48000 - 1);
    add_file(segment, "2026-11-22-14.wav", "wav", "pcm24");
    segment->files[0].block_bytes = 262144;
    segment->files[0].block_count = 2;
    segment->files[0].block_crc32 = calloc(2, sizeof(uint32_t));
    segment->files[0].block_crc32[1] = 0xdeadbeef;
    add_file(segment, "2026-11-22-14.opus", "opus", "opus");
    segment->files[0].dithered = true;
    segment->files[1].codec_known = true;
    segment->files[1].codec =
        (audyn_codec_t){.opus_bit_rate = 96000, .opus_complexity = 9};
    segment->files[1].partial = true;
    segment->files[1].sample_frames = 1000;
    strcpy(segment->files[1].error, "no space left on the disk");
    strcpy(segment->audio_encoding, "s24le");
    strcpy(segment->audio_sha256, ENTRY_SHA256);
    segment->received = 48000 - 15;
    segment->missing[AUDYN_SAMPLE_LOST] = 10;
    segment->unclassified = 5;
    audyn_entry_add_span(entry, ENTRY_POSITION + 100, 10, "lost");
    audyn_entry_add_span(entry, ENTRY_POSITION + 47995, 5, "unclassified");
    segment->levels = (audyn_entry_levels_t){.known = true,
                                             .peak_dbfs = two_levels(-3.25, (double)NAN),
                                             .true_peak_dbtp = two_levels(-3.1, -70),
                                             .integrated_lufs = -23.4,
                                             .range_lu = (double)NAN};
    segment->hole = (audyn_entry_span_t){
        .position = ENTRY_POSITION - 960, .sample_frames = 960, .class = "not_recorded"};
    segment->recorder = json_pack("{s:s, s:f}", "host", "a", "drift_ppm", 0.1);
    segment->provenance = json_pack("[s]", "b");
}

static inline void
make_tombstone(audyn_entry_tombstone_t *tombstone)
{
    tombstone->segment = 3;
    tombstone->file_count = 1;
    strcpy(tombstone->files[0].path, "2026-11-22-14.wav");
    strcpy(tombstone->files[0].format, "wav");
    tombstone->files[0].bytes = 292096;
    strcpy(tombstone->files[0].sha256, ENTRY_SHA256);
    strcpy(tombstone->why, "retention 7d");
    strcpy(tombstone->deleted_utc, "2026-11-29T14:00:00.000000000Z");
}

/// So many sample frames later.
static inline void
move_segment(audyn_entry_t *entry, uint64_t sample_frames)
{
    audyn_entry_segment_t *segment = &entry->segment;
    segment->first = moment_at(segment->first.position + sample_frames);
    segment->last = moment_at(segment->last.position + sample_frames);
    segment->hole.position += sample_frames;
    for (size_t i = 0; i < segment->span_count; ++i) {
        segment->spans[i].position += sample_frames;
    }
}

/// The `sequence`-th of the stream "studio".
static inline void
make_entry(audyn_entry_t *entry, audyn_entry_kind_t kind, uint64_t sequence)
{
    audyn_entry_init(entry, kind, "studio", &entry_format);
    entry->sequence = sequence;
    strcpy(entry->previous, sequence ? ENTRY_SHA256 : "");
    if (kind == AUDYN_ENTRY_SEGMENT) {
        make_segment(entry);
    } else if (kind == AUDYN_ENTRY_HOLD) {
        entry->hold = (audyn_entry_hold_t){.from = moment_at(ENTRY_POSITION),
                                           .to = moment_at(ENTRY_POSITION + 480),
                                           .why = "a complaint — “too loud”",
                                           .by = "archivist"};
    } else if (kind == AUDYN_ENTRY_RELEASE) {
        entry->release =
            (audyn_entry_release_t){.hold = 5, .why = "settled", .by = "she"};
    } else {
        make_tombstone(&entry->tombstone);
    }
}

#endif
