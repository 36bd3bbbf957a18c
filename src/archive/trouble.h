// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What is told when files of one stream of an archive cannot be written, and when all of
/// them are tried again: by position, so that it follows from what is recorded.  Worker.

#ifndef AUDYN_ARCHIVE_TROUBLE_H
#define AUDYN_ARCHIVE_TROUBLE_H

#include "archive/archive.h"

/// Start with all zero but the first two, which are borrowed.  It lasts from the first
/// failure until all formats are on disk again.
typedef struct {
    const audyn_archive_t *archive;
    const audyn_archive_stream_t *stream;
    bool active;
    audyn_status_t status; ///< the last failure
    uint64_t last;         ///< the position of that
    uint64_t due;          ///< at which to try again, while files are failing
    uint64_t missing;      ///< sample frames that no file has
    bool told_all;         ///< that nothing is recorded
    bool told_journal;     ///< that one is not on disk
    struct {
        bool failing, told;
        bool tried; ///< again, at `tried_at`
        uint64_t tried_at;
    } formats[AUDYN_ARCHIVE_FORMATS];
} audyn_trouble_t;

/// A file that has failed.
typedef struct {
    unsigned format; ///< its index
    const char *path;
    audyn_status_t status;
    uint64_t position; ///< what comes from here on is not in it
    bool open;         ///< it was to take more samples
    bool alone;        ///< as no other file does, either
} audyn_file_failure_t;

/// "disk_full" or "io_error": how a hole for this reason is called.
const char *audyn_trouble_class(audyn_status_t status);

void audyn_trouble_note(audyn_trouble_t *trouble, const audyn_file_failure_t *failure);

/// Not one file can be created at `position`.
void audyn_trouble_note_all(audyn_trouble_t *trouble, audyn_status_t status,
                            uint64_t position);

/// A journal is not on disk, as `what` says, of a segment at `position`.  Told once,
/// until `told_journal` is taken back.
void audyn_trouble_note_journal(audyn_trouble_t *trouble, audyn_status_t status,
                                const char *what, uint64_t position);

/// It is time to begin all files anew: at once, but at most every ten seconds for the
/// sake of one format; where the disk was full, looks once a second whether it has room.
/// Else `due` lies behind `position`.
bool audyn_trouble_is_due(audyn_trouble_t *trouble, uint64_t position);

/// That was done.
void audyn_trouble_tried(audyn_trouble_t *trouble, uint64_t position);

/// A file is failing that was not tried again yet.
bool audyn_trouble_goes_on(const audyn_trouble_t *trouble);

/// Those of all formats are.
bool audyn_trouble_is_total(const audyn_trouble_t *trouble);

/// What was recorded since it was tried again is on disk, up to `position`: enough of it,
/// or `ended`, that it is over.  Harmless where there is none.
void audyn_trouble_look(audyn_trouble_t *trouble, uint64_t position, bool ended);

#endif
