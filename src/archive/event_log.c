// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/event_log.h"

#include "archive/input_json.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define ROOM 256

struct audyn_event_log {
    pthread_mutex_t mutex;
    audyn_event_t events[ROOM];
    unsigned count;
    uint64_t position; // of the last one added that has one
};

audyn_status_t
audyn_event_log_create(audyn_event_log_t **out)
{
    *out = calloc(1, sizeof **out);
    if (!*out) {
        return AUDYN_NO_MEMORY;
    }
    pthread_mutex_init(&(*out)->mutex, NULL);
    return AUDYN_OK;
}

// The last one counts those that there was no room for, the input's own included.
static void
count_dropped(audyn_event_log_t *log, uint64_t count)
{
    audyn_event_t *last = log->count ? &log->events[log->count - 1] : NULL;
    if (last && last->kind == AUDYN_EVENT_DROPPED) {
        last->count += count;
    } else if (last && log->count == ROOM) {
        *last = (audyn_event_t){
            .kind = AUDYN_EVENT_DROPPED, .position = log->position, .count = count + 1};
    } else {
        log->events[log->count++] = (audyn_event_t){
            .kind = AUDYN_EVENT_DROPPED, .position = log->position, .count = count};
    }
}

void
audyn_event_log_add(audyn_event_log_t *log, const audyn_event_t *event)
{
    if (!log) {
        return;
    }
    pthread_mutex_lock(&log->mutex);
    if (event->kind == AUDYN_EVENT_DROPPED) {
        count_dropped(log, event->count);
    } else if (log->count == ROOM) {
        count_dropped(log, 1);
    } else {
        log->position = event->position;
        log->events[log->count++] = *event;
    }
    pthread_mutex_unlock(&log->mutex);
}

static json_t *
event_json(const audyn_event_t *event)
{
    json_t *object = json_pack("{s:s}", "event", audyn_input_event_name(event->kind));
    if (object && event->tai_ns) {
        json_object_set_new(object, "tai_ns", json_integer(event->tai_ns));
    }
    audyn_input_event_add(object, event);
    if (event->kind == AUDYN_EVENT_FOREIGN_SSRC) {
        json_object_set_new(object, "count", json_integer((json_int_t)event->count));
    }
    return object;
}

json_t *
audyn_event_log_take(audyn_event_log_t *log, uint64_t position)
{
    json_t *array = log ? json_array() : NULL;
    if (!array) {
        return NULL;
    }
    pthread_mutex_lock(&log->mutex);
    unsigned taken = 0;
    while (taken < log->count && log->events[taken].position < position) {
        json_array_append_new(array, event_json(&log->events[taken++]));
    }
    log->count -= taken;
    memmove(log->events, log->events + taken, log->count * sizeof *log->events);
    pthread_mutex_unlock(&log->mutex);
    return array;
}

void
audyn_event_log_destroy(audyn_event_log_t *log)
{
    if (log) {
        pthread_mutex_destroy(&log->mutex);
        free(log);
    }
}
