// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Streams of an archive whose segments are hours, without a sound: each audio file has a
/// few bytes.

#ifndef AUDYN_TESTS_ARCHIVED_HOURS_H
#define AUDYN_TESTS_ARCHIVED_HOURS_H

#include "archive_files.h"

#include "archive/chain.h"
#include "core/clock.h"

#include <string.h>
#include <sys/stat.h>

#define HOUR_NS (3600 * AUDYN_NS_PER_SECOND)
#define DAY_NS (24 * HOUR_NS)
#define HOUR_BYTES 100

/// 2026-11-22 00:00:00 TAI.
#define HOURS_BEGIN_NS (INT64_C(1795305600) * AUDYN_NS_PER_SECOND)

static const audyn_input_format_t hours_format = {
    .sample_rate = 48000, .channels = 2, .bits = 24};

static inline audyn_moment_t
hour_moment(int64_t tai_ns)
{
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    return audyn_entry_moment(&leap_seconds, &hours_format,
                              audyn_clock_position(tai_ns, hours_format.sample_rate));
}

static inline audyn_chain_t *
open_hours(void)
{
    audyn_chain_t *chain;
    audyn_error_t error = {""};
    if (audyn_chain_open(&chain, archive_folder, NULL, &error)) {
        fail_msg("%s", error.text);
    }
    return chain;
}

static inline void
append_entry(audyn_chain_t *chain, audyn_entry_t *entry, const char *path)
{
    audyn_error_t error = {""};
    if (audyn_chain_append(chain, entry, path, &error)) {
        fail_msg("%s", error.text);
    }
    audyn_entry_finish(entry);
}

/// The sidecar of the hour after so many since HOURS_BEGIN_NS, with audio files of
/// `formats`, such as "wav flac", which are called by that number and written.
static inline void
make_hour(audyn_entry_t *entry, const char *stream, int hour, const char *formats)
{
    audyn_entry_init(entry, AUDYN_ENTRY_SEGMENT, stream, &hours_format);
    audyn_entry_segment_t *segment = &entry->segment;
    const int64_t from_ns = HOURS_BEGIN_NS + hour * HOUR_NS;
    segment->first = hour_moment(from_ns);
    segment->sample_frames = 3600 * UINT64_C(48000);
    segment->last = hour_moment(from_ns + HOUR_NS - 20000);
    segment->received = segment->sample_frames;
    strcpy(segment->audio_encoding, "s24le");
    char words[64];
    snprintf(words, sizeof words, "%s", formats);
    memset(segment->audio_sha256, '0', AUDYN_SHA256_TEXT - 1);
    char path[AUDYN_ENTRY_NAME + 128];
    snprintf(path, sizeof path, "%s/%s", archive_folder, stream);
    mkdir(path, 0777);
    for (char *rest = words, *format; (format = strsep(&rest, " "));) {
        audyn_entry_file_t *file = &segment->files[segment->file_count++];
        *file = (audyn_entry_file_t){.bytes = HOUR_BYTES};
        snprintf(file->path, sizeof file->path, "%04d.%s", hour, format);
        snprintf(file->format, sizeof file->format, "%s", format);
        snprintf(path, sizeof path, "%s/%s", stream, file->path);
        char text[HOUR_BYTES + 1];
        memset(text, 'a', HOUR_BYTES);
        text[HOUR_BYTES] = '\0';
        put_in_archive(path, text);
    }
}

/// The same, into the chain.
static inline void
archive_hour(audyn_chain_t *chain, const char *stream, int hour, const char *formats)
{
    audyn_entry_t entry;
    make_hour(&entry, stream, hour, formats);
    char path[AUDYN_ENTRY_NAME + 128];
    snprintf(path, sizeof path, "%s/%04d.json", stream, hour);
    append_entry(chain, &entry, path);
}

/// From the first hour until before the last one.
static inline void
archive_hours(audyn_chain_t *chain, const char *stream, int first, int last,
              const char *formats)
{
    for (int hour = first; hour < last; ++hour) {
        archive_hour(chain, stream, hour, formats);
    }
}

#endif
