// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One entry of a stream's chain, as its file has it: the sidecar of a segment, a hold,
/// a release or a tombstone.  doc/archive-format.md says what each key means.  Used by
/// one thread at a time.

#ifndef AUDYN_ARCHIVE_ENTRY_H
#define AUDYN_ARCHIVE_ENTRY_H

#include "archive/checksum.h"
#include "core/error.h"
#include "core/leap_seconds.h"
#include "input/input.h"
#include "sink/sink.h"

#include <jansson.h>

#define AUDYN_ENTRY_VERSION 1
#define AUDYN_ENTRY_FILES 8
#define AUDYN_ENTRY_NAME 256 ///< bytes of a file's or folder's name, its NUL included

typedef enum {
    AUDYN_ENTRY_SEGMENT,
    AUDYN_ENTRY_HOLD,
    AUDYN_ENTRY_RELEASE,
    AUDYN_ENTRY_TOMBSTONE,
} audyn_entry_kind_t;

/// A sample of the stream, and when it was.
typedef struct {
    uint64_t position;
    int64_t tai_ns;
    char utc[48]; ///< RFC 3339, with 9 digits behind the seconds; 23:59:60 in a leap
                  ///< second
} audyn_moment_t;

/// An audio file of a segment.
typedef struct {
    char path[AUDYN_ENTRY_NAME]; ///< beside the sidecar: has no slash
    char format[16];             ///< "wav", "flac", "opus"
    char encoding[16];           ///< "pcm24"; of a tombstone's file empty
    bool dithered;               ///< its samples are fewer bits than the stream's
    bool codec_known;
    audyn_codec_t codec; ///< how it was encoded, as far as its format has that
    uint64_t bytes;
    char sha256[AUDYN_SHA256_TEXT]; ///< empty: it could not be had
    uint32_t block_bytes;  ///< each block has so many but for the last; 0: no blocks
    uint32_t *block_crc32; ///< owned, malloc()
    size_t block_count;
    bool partial;           ///< it has not all of the segment:
    uint64_t sample_frames; ///< only so many, from the segment's first on,
    char error[128];        ///< for this reason
} audyn_entry_file_t;

/// Neighbouring samples that one thing became of, by its name: see
/// audyn_sample_class_name(); of others "unclassified", and those of a hole.
typedef struct {
    uint64_t position, sample_frames;
    char class[16];
} audyn_entry_span_t;

/// `peak_dbfs` and `true_peak_dbtp` have one value for each channel, owned, malloc(), or
/// are NULL.  Of any value NAN: undefined, as of silence.
typedef struct {
    bool known;
    double *peak_dbfs, *true_peak_dbtp;
    double integrated_lufs, range_lu;
} audyn_entry_levels_t;

/// What only a segment has.
typedef struct {
    uint64_t sample_frames;     ///< at least 1
    audyn_moment_t first, last; ///< the positions of its first and last sample
    audyn_entry_file_t files[AUDYN_ENTRY_FILES];
    unsigned file_count;
    char audio_encoding[16]; ///< "s24le"
    char audio_sha256[AUDYN_SHA256_TEXT];
    uint64_t received;
    uint64_t missing[AUDYN_SAMPLE_RECEIVED]; ///< sample frames by class
    uint64_t unclassified;                   ///< it was never known what became of them
    audyn_entry_span_t *spans;               ///< owned: see audyn_entry_add_span()
    size_t span_count, span_room;
    bool spans_complete;
    audyn_entry_levels_t levels;
    audyn_entry_span_t hole; ///< before it, where sample_frames is not 0
    json_t *recorder;        ///< owned; NULL: not told
    json_t *provenance;      ///< owned; NULL: recorded as it is
} audyn_entry_segment_t;

typedef struct {
    audyn_moment_t from, to; ///< `to` is the first that is not held
    char why[512], by[256];
} audyn_entry_hold_t;

typedef struct {
    uint64_t hold; ///< its sequence
    char why[512], by[256];
} audyn_entry_release_t;

typedef struct {
    uint64_t segment; ///< its sequence
    audyn_entry_file_t files[AUDYN_ENTRY_FILES];
    unsigned file_count;
    char why[512];
    char deleted_utc[48];
} audyn_entry_tombstone_t;

typedef struct {
    audyn_entry_kind_t kind;
    char stream[AUDYN_ENTRY_NAME];    ///< its name, and that of its folder
    char station[AUDYN_ENTRY_NAME];   ///< whose programme it is; empty: not told
    audyn_input_format_t format;      ///< with the fraction of its media rate
    uint64_t sequence;                ///< in the stream's chain, from 0
    char previous[AUDYN_SHA256_TEXT]; ///< of the entry before it; empty: it is the first
    union {
        audyn_entry_segment_t segment;
        audyn_entry_hold_t hold;
        audyn_entry_release_t release;
        audyn_entry_tombstone_t tombstone;
    };
} audyn_entry_t;

/// Of the stream `stream`, all else zero or empty, but `spans_complete`.  A media rate of
/// 0/0 becomes 1/1.
void audyn_entry_init(audyn_entry_t *entry, audyn_entry_kind_t kind, const char *stream,
                      const audyn_input_format_t *format);

/// Frees what it owns.  Harmless where all is zero, or when repeated.
void audyn_entry_finish(audyn_entry_t *entry);

/// "segment", "hold", "release" or "tombstone".
const char *audyn_entry_kind_name(audyn_entry_kind_t kind);

/// Positions on a media clock are TAI; UTC by this list, so that recorders agree.
audyn_moment_t audyn_entry_moment(const audyn_leap_seconds_t *leap_seconds,
                                  const audyn_input_format_t *format, uint64_t position);

/// UTC, as in a moment, at a TAI time.
void audyn_entry_tai_text(char text[48], const audyn_leap_seconds_t *leap_seconds,
                          int64_t tai_ns);

/// RFC 3339 in nanoseconds, of UTC as POSIX counts.
void audyn_entry_utc_text(char text[48], int64_t utc_ns);

/// As samples of which encoding those of a stream are summed up: "s16le", "s24le" or
/// "f32le", without loss.
const char *audyn_entry_audio_encoding(uint32_t bits);

/// Of a segment: appends it as it is.  AUDYN_NO_MEMORY leaves the entry as it was.
audyn_status_t audyn_entry_add_span(audyn_entry_t *entry, uint64_t position,
                                    uint64_t sample_frames, const char *class);

/// The text of its file; the caller frees it.  NULL: out of memory.
char *audyn_entry_write(const audyn_entry_t *entry);

/// On success the caller finishes `*entry`; on failure it is empty, and `error` names
/// `path` and the key.  Keys that are not known are ignored.  AUDYN_BAD_DATA: it is no
/// entry; AUDYN_NOT_SUPPORTED: of a later version.
audyn_status_t audyn_entry_parse(audyn_entry_t *entry, const char *path, const char *text,
                                 size_t size, audyn_error_t *error);

/// Reads and parses the file; `sha256` gets that of its bytes, also where they are no
/// entry, and is empty where it could not be read.
audyn_status_t audyn_entry_read(audyn_entry_t *entry, const char *path,
                                char sha256[AUDYN_SHA256_TEXT], audyn_error_t *error);

#endif
