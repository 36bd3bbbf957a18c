// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What is known of a segment while it is recorded, on disk before its samples are, so
/// that whoever comes after a crash can make a sidecar:
/// `.audyn/open/STREAM-POSITION.jsonl` (doc/archive-format.md).

#ifndef AUDYN_ARCHIVE_JOURNAL_H
#define AUDYN_ARCHIVE_JOURNAL_H

#include "archive/entry.h"
#include "input/timeline.h"

#include <limits.h>

/// Where they lie in an archive.
#define AUDYN_JOURNAL_FOLDER ".audyn/open"
#define AUDYN_JOURNAL_ENDING ".jsonl"

/// Used by one thread at a time, normally the worker, but for audyn_journal_sync().
typedef struct audyn_journal audyn_journal_t;

/// `outline` is the entry of a segment, as it would be with its first sample alone and
/// without sums; `base` is where its files lie below the archive's directory `archive`,
/// without ending.  The journal has a name that no other one has, and is not on disk yet.
/// On failure `*out` is NULL.
audyn_status_t audyn_journal_create(audyn_journal_t **out, const char *archive,
                                    const char *base, const audyn_entry_t *outline,
                                    audyn_error_t *error);

/// What became of the next samples.
void audyn_journal_classify(audyn_journal_t *journal, const audyn_span_t *span);

/// For the reason `class`, samples before the segment are in no segment; its recording
/// began with the sample at `began`.
void audyn_journal_note_hole(audyn_journal_t *journal, const char *class, uint64_t began);

/// Hands to the kernel what was noted.  After a failure, of which nobody need know while
/// the recorder lives, nothing is added.
void audyn_journal_flush(audyn_journal_t *journal);

/// Any thread, between two flushes.  Puts on disk what is not to be lost.
audyn_status_t audyn_journal_sync(audyn_journal_t *journal);

/// The segment's sidecar is on disk: removes the file.
void audyn_journal_remove(audyn_journal_t *journal);

/// The file stays.  Accepts NULL.
void audyn_journal_close(audyn_journal_t *journal);

/// What a journal says, as far as it goes.
typedef struct {
    char base[PATH_MAX];
    /// With spans, neither cut nor counted.  Where a hole before it was noted, that has
    /// its class, no length, and for a position that of the first sample of the
    /// recording.
    audyn_entry_t outline;
    bool is_of_this_boot; ///< the system has not gone down since
    uint64_t classified;  ///< what became of the samples before this is known
} audyn_journal_content_t;

/// On success the caller finishes `outline`.  A last line that is not whole is passed
/// over.  Fails with AUDYN_BAD_DATA where it is no journal.
audyn_status_t audyn_journal_read(const char *path, audyn_journal_content_t *content,
                                  audyn_error_t *error);

#endif
