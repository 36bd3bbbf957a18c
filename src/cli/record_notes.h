// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What happens to the files of a stream in an archive, on its way from the thread that
/// writes them to who tells it as events.

#ifndef AUDYN_CLI_RECORD_NOTES_H
#define AUDYN_CLI_RECORD_NOTES_H

#include "archive/archive.h"

/// Two threads may use one.
typedef struct audyn_record_notes audyn_record_notes_t;

/// An event of an archive, whose texts are the note's own.
typedef struct {
    audyn_archive_event_t event;
    char *path; ///< or NULL
    int64_t utc_ns;
} audyn_record_note_t;

/// NULL: out of memory.
audyn_record_notes_t *audyn_record_notes_create(void);

/// Takes a copy but for the words for people.  Where nobody has taken the last ones, or
/// without memory, it is only counted.  `notes` may be NULL.
void audyn_record_notes_put(audyn_record_notes_t *notes,
                            const audyn_archive_event_t *event);

/// The next one, in order; `path` is the caller's then, to be freed.  False: there is
/// none.
bool audyn_record_notes_take(audyn_record_notes_t *notes, audyn_record_note_t *note);

/// How many were not kept since this was asked last.
uint64_t audyn_record_notes_dropped(audyn_record_notes_t *notes);

/// Accepts NULL.
void audyn_record_notes_destroy(audyn_record_notes_t *notes);

#endif
