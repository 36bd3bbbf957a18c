// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One stretch of a stream between two cuts: a file for each format, and a sidecar once
/// all is known of it.  Used by one thread, normally the worker, but for
/// audyn_segment_sync().

#ifndef AUDYN_ARCHIVE_SEGMENT_H
#define AUDYN_ARCHIVE_SEGMENT_H

#include "archive/archive.h"
#include "archive/checksum.h"
#include "archive/entry.h"
#include "archive/file_sum.h"
#include "archive/growing_file.h"
#include "archive/journal.h"

#include <limits.h>

typedef struct {
    audyn_growing_file_t growing; ///< its sink is NULL once it is complete
    bool created;
    bool told;     ///< its failure
    bool repaired; ///< after its failure, and `sample_frames` is what it has
    audyn_encoding_t encoding;
    uint64_t sample_frames; ///< that can be read back, once it is complete
    audyn_file_sum_t sum;
    bool summed;
    uint64_t bytes;
    char sha256[AUDYN_SHA256_TEXT];
} audyn_segment_file_t;

typedef struct audyn_segment {
    const audyn_archive_t *archive;       ///< borrowed
    const audyn_archive_stream_t *stream; ///< borrowed
    uint64_t position, end;   ///< it begins there, and is cut before this at the latest
    uint64_t sample_frames;   ///< written
    uint64_t classified;      ///< of those, whose class is known
    uint64_t flushed, synced; ///< of those, up to the last flush, and sync
    uint64_t hole;            ///< sample frames before it that are in no segment,
    const char *hole_class;   ///< and why
    bool begins;              ///< the first of its recording
    bool ended;               ///< nothing more is written to it
    bool recorded;       ///< its files are closed, and repaired where they have failed
    char base[PATH_MAX]; ///< of its files, without ending
    audyn_segment_file_t files[AUDYN_ARCHIVE_FORMATS]; ///< by format
    audyn_loss_map_t *losses;
    audyn_journal_t *journal;      ///< NULL: there is none
    audyn_status_t journal_status; ///< of its creation, and then of its last sync
    audyn_checksum_t *audio;
    audyn_levels_t *levels; ///< NULL: they are not measured
    bool linked;            ///< the names of its directories are on disk
    enum {
        AUDYN_SEGMENT_RECORDED, ///< the files are to be completed
        AUDYN_SEGMENT_SUMMED,   ///< they are; sums, and then the sidecar
        AUDYN_SEGMENT_DONE,
    } stage;        ///< changed by who syncs from the second to the third
    bool cut_short; ///< no file had all that was written; it ends where the longest does
    audyn_entry_t *entry;       ///< what the sidecar is to say, once that is known
    bool hurries;               ///< a sidecar that cannot be written is soon given up
    unsigned tries;             ///< to write it, since then
    audyn_status_t status;      ///< of the sidecar
    audyn_error_t error;        ///< of the sidecar, and before of the journal
    struct audyn_segment *next; ///< of the stream
} audyn_segment_t;

/// What a file of this name is to hold: nothing of the host, so that recorders of one
/// stream write the same bytes.
audyn_sink_config_t audyn_segment_sink_config(const audyn_archive_t *archive,
                                              const audyn_archive_stream_t *stream,
                                              const char *path);

/// Gives it a name that no file has, and creates its files: those that can be had.  On
/// failure `*out` is NULL.
audyn_status_t audyn_segment_create(audyn_segment_t **out, const audyn_archive_t *archive,
                                    const audyn_archive_stream_t *stream,
                                    uint64_t position, uint64_t end);

/// As audyn_output_write(), within the segment.  Files fail each for itself.
void audyn_segment_write(audyn_segment_t *segment, const float *samples,
                         uint64_t sample_frames);

/// As audyn_output_classify(), within the segment.
void audyn_segment_classify(audyn_segment_t *segment, const audyn_span_t *span);

/// Not one file takes samples any more.
bool audyn_segment_has_failed(const audyn_segment_t *segment);

/// As those of an output.
/// `settled`: its hole is known, so that it may have its sidecar.
bool audyn_segment_flush(audyn_segment_t *segment, bool settled);
/// What is in no segment before it has this class, and its recording began there.
void audyn_segment_explain_hole(audyn_segment_t *segment, const char *class,
                                uint64_t began);
/// Before those of any files: what is on disk of the audio is never without it.
void audyn_segment_sync_journal(audyn_segment_t *segment);
void audyn_segment_sync(audyn_segment_t *segment);
/// True where it is recorded now.
bool audyn_segment_commit(audyn_segment_t *segment);

/// The first failure of all of its files and the sidecar.
audyn_status_t audyn_segment_status(const audyn_segment_t *segment);

/// Its files are closed as they are, if they are not complete.  Accepts NULL.
void audyn_segment_destroy(audyn_segment_t *segment);

/// Frees one whose files are open and have no samples, and removes those.
void audyn_segment_discard(audyn_segment_t *segment);

/// A file that has failed and was closed is to be made whole; audyn_segment_repair() does
/// that, on any thread, for all of them.
bool audyn_segment_is_to_repair(const audyn_segment_t *segment);
void audyn_segment_repair(audyn_segment_t *segment);

/// Of one that has failed and whose files were repaired: it ends with the last sample
/// that one of them has.
void audyn_segment_cut_short(audyn_segment_t *segment);

/// What is known of it before its first sample, for a journal; the caller finishes
/// `*entry`.
void audyn_segment_outline(const audyn_segment_t *segment, audyn_entry_t *entry);

/// What its sidecar is to say but for its place in the chain; the caller finishes
/// `*entry`.  On failure it is empty.  Once: ends `audio`.
audyn_status_t audyn_segment_describe(audyn_segment_t *segment, audyn_entry_t *entry);

#endif
