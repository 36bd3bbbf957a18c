// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What happens in an archive, on its way from the threads that see it to the one that
/// tells it as events.

#ifndef AUDYN_CLI_RECORD_NOTES_H
#define AUDYN_CLI_RECORD_NOTES_H

#include <jansson.h>
#include <stdint.h>

/// Several threads may use one.
typedef struct audyn_record_notes audyn_record_notes_t;

/// NULL: out of memory.
audyn_record_notes_t *audyn_record_notes_create(void);

/// The reference to an event's line is the notes' from now on.  Where nobody has taken
/// the last ones, or `line` is NULL, since there was no memory, it is only counted.
void audyn_record_notes_put(audyn_record_notes_t *notes, json_t *line);

/// The next one, in order, is the caller's.  NULL: there is none.
json_t *audyn_record_notes_take(audyn_record_notes_t *notes);

/// How many were not kept since this was asked last.
uint64_t audyn_record_notes_dropped(audyn_record_notes_t *notes);

/// Accepts NULL.
void audyn_record_notes_destroy(audyn_record_notes_t *notes);

#endif
