// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_notes.h"

#include <pthread.h>
#include <stdlib.h>

// They are taken twenty times a second.
#define MOST_NOTES 256

struct audyn_record_notes {
    pthread_mutex_t mutex;
    json_t *lines[MOST_NOTES];
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
audyn_record_notes_put(audyn_record_notes_t *notes, json_t *line)
{
    pthread_mutex_lock(&notes->mutex);
    if (!line || notes->count == MOST_NOTES) {
        ++notes->dropped;
        json_decref(line);
    } else {
        notes->lines[(notes->first + notes->count++) % MOST_NOTES] = line;
    }
    pthread_mutex_unlock(&notes->mutex);
}

json_t *
audyn_record_notes_take(audyn_record_notes_t *notes)
{
    json_t *line = NULL;
    pthread_mutex_lock(&notes->mutex);
    if (notes->count) {
        line = notes->lines[notes->first];
        notes->first = (notes->first + 1) % MOST_NOTES;
        --notes->count;
    }
    pthread_mutex_unlock(&notes->mutex);
    return line;
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
        for (json_t *line; (line = audyn_record_notes_take(notes));) {
            json_decref(line);
        }
        pthread_mutex_destroy(&notes->mutex);
        free(notes);
    }
}
