// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_notes.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

// They are taken twenty times a second.
#define MOST_NOTES 256

struct audyn_record_notes {
    pthread_mutex_t mutex;
    audyn_record_note_t notes[MOST_NOTES];
    unsigned first, count;
    uint64_t dropped;
};

audyn_record_notes_t *
audyn_record_notes_create(void)
{
    audyn_record_notes_t *notes = calloc(1, sizeof *notes);
    if (notes) {
        pthread_mutex_init(&notes->mutex, NULL);
    }
    return notes;
}

void
audyn_record_notes_put(audyn_record_notes_t *notes, const audyn_archive_event_t *event)
{
    if (!notes) {
        return;
    }
    const audyn_clock_t *clock = audyn_clock_system();
    char *path = event->path ? strdup(event->path) : NULL;
    pthread_mutex_lock(&notes->mutex);
    if (notes->count == MOST_NOTES || (event->path && !path)) {
        ++notes->dropped;
        free(path);
    } else {
        audyn_record_note_t *note =
            &notes->notes[(notes->first + notes->count++) % MOST_NOTES];
        *note = (audyn_record_note_t){*event, path, clock->utc_ns(clock)};
        note->event.text = NULL;
        note->event.path = path;
    }
    pthread_mutex_unlock(&notes->mutex);
}

bool
audyn_record_notes_take(audyn_record_notes_t *notes, audyn_record_note_t *note)
{
    pthread_mutex_lock(&notes->mutex);
    const bool any = notes->count > 0;
    if (any) {
        *note = notes->notes[notes->first];
        notes->first = (notes->first + 1) % MOST_NOTES;
        --notes->count;
    }
    pthread_mutex_unlock(&notes->mutex);
    return any;
}

uint64_t
audyn_record_notes_dropped(audyn_record_notes_t *notes)
{
    pthread_mutex_lock(&notes->mutex);
    const uint64_t dropped = notes->dropped;
    notes->dropped = 0;
    pthread_mutex_unlock(&notes->mutex);
    return dropped;
}

void
audyn_record_notes_destroy(audyn_record_notes_t *notes)
{
    if (notes) {
        for (audyn_record_note_t note; audyn_record_notes_take(notes, &note);) {
            free(note.path);
        }
        pthread_mutex_destroy(&notes->mutex);
        free(notes);
    }
}
