// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What one of the archives that are merged has: its segments, and the samples of a
/// stream with what became of each.

#ifndef AUDYN_ARCHIVE_MERGE_SOURCE_H
#define AUDYN_ARCHIVE_MERGE_SOURCE_H

#include "archive/audio_reader.h"
#include "archive/entry.h"

/// A sidecar.
typedef struct {
    char *path; ///< below the archive
    char *stream;
    char sha256[AUDYN_SHA256_TEXT];
    audyn_input_format_t format;
    bool on_media_clock;
    uint64_t sequence; ///< which was recorded first
    uint64_t position, end;
    uint64_t reach; ///< where this and all before it, of its stream, have ended
} merge_segment_t;

typedef struct {
    const char *path; ///< borrowed
    void (*tell)(void *context, const char *what);
    void *context;
    merge_segment_t *segments; ///< by stream, then by position
    size_t count, room;
    size_t without_audio; ///< segments that are not among them: no lossless file is left
    uint64_t damaged;     ///< files that should be sidecars, and cannot be read as such
} merge_archive_t;

/// Whether samples of such a file are those that were recorded, as far as its encoding
/// has them.
bool merge_is_lossless(const audyn_entry_file_t *file);

/// Reads all sidecars into an archive that has nothing but `tell` and `context`; those of
/// open segments are not there yet.  Those that are none are told, counted and left out.
/// To be finished in any case.
audyn_status_t merge_archive_scan(merge_archive_t *archive, const char *path,
                                  audyn_error_t *error);

void merge_archive_finish(merge_archive_t *archive);

/// What a sample of a source is: not there, not received for the reason that its class
/// names, of an unknown class, or received.
enum {
    MERGE_ABSENT,
    MERGE_MISSING, ///< and a class
    MERGE_UNKNOWN = MERGE_MISSING + AUDYN_SAMPLE_RECEIVED,
    MERGE_RECEIVED,
};

#define MERGE_NO_SEGMENT SIZE_MAX

/// One stream of an archive.
typedef struct {
    const merge_archive_t *archive;
    const merge_segment_t *segments;
    size_t count;
    int64_t offset; ///< added to its positions wherever they are given or taken here
    void (*tell)(void *context, const char *what);
    void *context;
    uint64_t damaged; ///< files
    size_t open;      ///< MERGE_NO_SEGMENT, or whose entry this is:
    audyn_entry_t entry;
    audyn_audio_reader_t *audio; ///< NULL: it has no samples that can be used
    uint64_t audio_frames;       ///< that it has
    bool exact;                  ///< its samples have all bits of the stream
} merge_source_t;

/// Slices the archive; `*source` is borrowed from it.  False where it has no such stream.
bool merge_source_init(merge_source_t *source, const merge_archive_t *archive,
                       const char *stream);

void merge_source_finish(merge_source_t *source);

uint64_t merge_source_position(const merge_source_t *source, size_t segment);
uint64_t merge_source_end(const merge_source_t *source, size_t segment);

/// The segment that has this position, of several the one that was recorded first, or,
/// where none has, MERGE_NO_SEGMENT; `*until` is where that may change, UINT64_MAX where
/// it does not.
size_t merge_source_find(const merge_source_t *source, uint64_t position,
                         uint64_t *until);

/// Whether a segment has both the sample before this position and that at it.
bool merge_source_has_across(const merge_source_t *source, uint64_t position);

/// Makes `entry` that of this segment, and opens the most exact file that is as its
/// checksum says.
audyn_status_t merge_source_open(merge_source_t *source, size_t segment,
                                 audyn_error_t *error);

/// The samples from `position` on, and what each frame of them is; samples that are not
/// there are zeros.
audyn_status_t merge_source_read(merge_source_t *source, uint64_t position,
                                 size_t sample_frames, float *samples, uint8_t *states,
                                 audyn_error_t *error);

#endif
