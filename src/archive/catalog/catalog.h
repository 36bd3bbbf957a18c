// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What is in an archive, to be found by stream and time: `.audyn/catalog.sqlite`, which
/// says nothing that the entries of the chains do not, and can be made again from them.
/// Used by one thread at a time; several processes may read while one writes.

#ifndef AUDYN_ARCHIVE_CATALOG_H
#define AUDYN_ARCHIVE_CATALOG_H

#include "archive/entry.h"

#define AUDYN_CATALOG_FILE ".audyn/catalog.sqlite"
#define AUDYN_CATALOG_VERSION 1

typedef struct audyn_catalog audyn_catalog_t;

/// For tools: changes nothing, and sees what was there when each query began.  Fails with
/// AUDYN_NOT_FOUND where there is none, AUDYN_BAD_DATA where it is broken, and
/// AUDYN_NOT_SUPPORTED where it is of another version; `error` says what to do.
audyn_status_t audyn_catalog_open(audyn_catalog_t **out, const char *archive,
                                  audyn_error_t *error);

/// Accepts NULL.
void audyn_catalog_close(audyn_catalog_t *catalog);

/// Makes it again from all entries of the archive, beside the old one, and puts it in its
/// place.  What is no entry, or not one of a chain, is left out: `tell`, which may be
/// NULL, hears of each.  Refused with AUDYN_BUSY while a recorder, or another process
/// that appends, has it open.
audyn_status_t audyn_catalog_rebuild(const char *archive,
                                     void (*tell)(void *context, const char *what),
                                     void *context, audyn_error_t *error);

/// A stretch of a stream's time, from `from` until before `to`.  All zero: all of it.
typedef struct {
    bool by_tai;      ///< in TAI nanoseconds since 1970; else positions
    int64_t from, to; ///< `to` 0: without end
} audyn_catalog_range_t;

/// The texts of rows are borrowed for the call of a visitor, which returns whether to go
/// on.  A visitor may ask the catalog other things.
typedef struct {
    const char *name;
    audyn_input_format_t format; ///< of its newest segment
    uint64_t segments;
    int64_t first_ns, end_ns; ///< TAI, of all its segments; 0, 0: it has none
} audyn_catalog_stream_t;

/// All streams by name.
typedef bool audyn_catalog_visit_stream_t(void *context,
                                          const audyn_catalog_stream_t *stream);
audyn_status_t audyn_catalog_streams(audyn_catalog_t *catalog,
                                     audyn_catalog_visit_stream_t *visit, void *context);

typedef struct {
    const char *stream;
    uint64_t sequence;
    const char *path; ///< of its sidecar, below the archive's directory
    audyn_input_format_t format;
    uint64_t position, sample_frames;
    int64_t first_ns, end_ns; ///< TAI, of its first sample and of the one behind its last
    uint64_t received;
    uint64_t missing[AUDYN_SAMPLE_RECEIVED];
    uint64_t unclassified;
} audyn_catalog_segment_t;

/// Those that have samples in the range, in order of position, or of time.
typedef bool audyn_catalog_visit_segment_t(void *context,
                                           const audyn_catalog_segment_t *segment);
audyn_status_t audyn_catalog_segments(audyn_catalog_t *catalog, const char *stream,
                                      const audyn_catalog_range_t *range,
                                      audyn_catalog_visit_segment_t *visit,
                                      void *context);

typedef struct {
    const char *stream;
    uint64_t sequence; ///< of the segment
    const char *path;  ///< below the archive's directory
    const char *format, *encoding, *sha256;
    uint64_t bytes;
    uint64_t position, sample_frames; ///< that it has of the segment
    bool partial;                     ///< not all of them
    int64_t first_ns, end_ns;         ///< TAI, of the segment
    bool deleted;
    uint64_t deleted_by; ///< the sequence of the tombstone
} audyn_catalog_file_t;

/// The files of one segment, deleted ones included.
typedef bool audyn_catalog_visit_file_t(void *context, const audyn_catalog_file_t *file);
audyn_status_t audyn_catalog_files(audyn_catalog_t *catalog, const char *stream,
                                   uint64_t sequence, audyn_catalog_visit_file_t *visit,
                                   void *context);

/// Files of all streams that are not deleted and ended before `before_ns` (TAI), the
/// oldest first.  `format` NULL: of any.
audyn_status_t audyn_catalog_oldest_files(audyn_catalog_t *catalog, const char *format,
                                          int64_t before_ns,
                                          audyn_catalog_visit_file_t *visit,
                                          void *context);

/// The files that the newest tombstone of the stream is of.
audyn_status_t audyn_catalog_last_deleted(audyn_catalog_t *catalog, const char *stream,
                                          audyn_catalog_visit_file_t *visit,
                                          void *context);

typedef struct {
    uint64_t sequence; ///< of the segment that tells it
    uint64_t position, sample_frames;
    const char *class;
} audyn_catalog_span_t;

/// What was not received on the first leg, in segments that have samples in the range.
typedef bool audyn_catalog_visit_span_t(void *context, const audyn_catalog_span_t *span);
audyn_status_t audyn_catalog_spans(audyn_catalog_t *catalog, const char *stream,
                                   const audyn_catalog_range_t *range,
                                   audyn_catalog_visit_span_t *visit, void *context);

/// What lies between segments, as the one behind it tells.
audyn_status_t audyn_catalog_holes(audyn_catalog_t *catalog, const char *stream,
                                   const audyn_catalog_range_t *range,
                                   audyn_catalog_visit_span_t *visit, void *context);

typedef struct {
    const char *stream;
    uint64_t sequence;
    uint64_t from, to;      ///< positions
    int64_t from_ns, to_ns; ///< TAI
    const char *why, *by;
    bool released;
    uint64_t released_by; ///< the sequence of the release
} audyn_catalog_hold_t;

/// `stream` NULL: of all.  Released ones included.
typedef bool audyn_catalog_visit_hold_t(void *context, const audyn_catalog_hold_t *hold);
audyn_status_t audyn_catalog_holds(audyn_catalog_t *catalog, const char *stream,
                                   audyn_catalog_visit_hold_t *visit, void *context);

typedef struct {
    const char *stream;
    uint64_t sequence;
    audyn_entry_kind_t kind;
    const char *path;   ///< below the archive's directory
    const char *sha256; ///< of its file's bytes
} audyn_catalog_entry_t;

/// A stream's chain from this sequence on, in order.
typedef bool audyn_catalog_visit_entry_t(void *context,
                                         const audyn_catalog_entry_t *entry);
audyn_status_t audyn_catalog_entries(audyn_catalog_t *catalog, const char *stream,
                                     uint64_t from_sequence,
                                     audyn_catalog_visit_entry_t *visit, void *context);

/// The end of a stream's chain: how many entries it has, and the hash of the last, empty
/// where there is none.
audyn_status_t audyn_catalog_chain_end(audyn_catalog_t *catalog, const char *stream,
                                       uint64_t *count, char sha256[AUDYN_SHA256_TEXT]);

/// Whether an entry of this path, below the archive's directory, is known.
audyn_status_t audyn_catalog_has_entry(audyn_catalog_t *catalog, const char *path,
                                       bool *has);

/// Where the stream's last segment that begins before `position` ends, in positions of
/// `format`, whatever its own was; 0: there is none.
audyn_status_t audyn_catalog_end_before(audyn_catalog_t *catalog, const char *stream,
                                        const audyn_input_format_t *format,
                                        uint64_t position, uint64_t *end);

#endif
