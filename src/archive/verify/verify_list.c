// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/verify/verify_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *
verify_list_add(verify_list_t *list, size_t item_bytes)
{
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 64;
        void *larger = realloc(list->items, room * item_bytes);
        if (!larger) {
            return NULL;
        }
        list->items = larger;
        list->room = room;
    }
    void *item = (char *)list->items + list->count++ * item_bytes;
    memset(item, 0, item_bytes);
    return item;
}

void
verify_tell(verify_t *verify, audyn_verify_finding_t *finding, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    finding->text = text;
    pthread_mutex_lock(&verify->mutex);
    verify->report->damages += finding->damage;
    verify->config->tell(verify->config->context, finding);
    pthread_mutex_unlock(&verify->mutex);
}

bool
verify_path(const verify_t *verify, const char *path, char *text, size_t room)
{
    return snprintf(text, room, "%s/%s", verify->config->archive, path) < (int)room;
}

bool
verify_ends_in(const char *path, const char *ending)
{
    const size_t length = strlen(path);
    const size_t end = strlen(ending);
    return length > end && !strcmp(path + length - end, ending);
}

verify_found_t *
verify_find(const verify_t *verify, const char *path)
{
    size_t from = 0;
    size_t to = verify->found.count;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        const int order = strcmp(path, verify_found_at(verify, middle)->path);
        if (!order) {
            return verify_found_at(verify, middle);
        }
        from = order > 0 ? middle + 1 : from;
        to = order < 0 ? middle : to;
    }
    return NULL;
}

verify_entry_t *
verify_entry_of(const verify_t *verify, size_t stream, uint64_t sequence)
{
    const verify_stream_t *of = verify_stream_at(verify, stream);
    size_t from = of->first;
    size_t to = of->first + of->count;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (verify_entry_at(verify, middle)->sequence < sequence) {
            from = middle + 1;
        } else {
            to = middle;
        }
    }
    const bool there = from < of->first + of->count &&
                       verify_entry_at(verify, from)->sequence == sequence;
    return there ? verify_entry_at(verify, from) : NULL;
}

bool
verify_stream_of(verify_t *verify, const char *name, size_t *number)
{
    for (*number = 0; *number < verify->streams.count; ++*number) {
        if (!strcmp(verify_stream_at(verify, *number)->name, name)) {
            return true;
        }
    }
    verify_stream_t *stream = verify_list_add(&verify->streams, sizeof *stream);
    return stream && (stream->name = strdup(name));
}
