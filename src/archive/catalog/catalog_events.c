// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What happened to a stream, as the sidecars of its segments tell it.

#include "archive/catalog/catalog_private.h"

#include <stdlib.h>

// A member that is missing, or no number, is NULL.
static void
bind_integer(sqlite3_stmt *statement, int column, const json_t *value)
{
    if (json_is_integer(value)) {
        sqlite3_bind_int64(statement, column, json_integer_value(value));
    } else {
        sqlite3_bind_null(statement, column);
    }
}

static audyn_status_t
insert_event(sqlite3_stmt *statement, size_t number, const json_t *event)
{
    const char *name = json_string_value(json_object_get(event, "event"));
    char *text = json_dumps(event, JSON_COMPACT);
    if (!text) {
        return AUDYN_NO_MEMORY;
    }
    audyn_status_t status = AUDYN_OK;
    sqlite3_bind_int64(statement, 3, (int64_t)number);
    sqlite3_bind_text(statement, 4, name ? name : "", -1, SQLITE_STATIC);
    bind_integer(statement, 5, json_object_get(event, "tai_ns"));
    bind_integer(statement, 6, json_object_get(event, "position"));
    sqlite3_bind_text(statement, 7, text, -1, SQLITE_STATIC);
    catalog_next(statement, &status);
    sqlite3_reset(statement);
    free(text);
    return status;
}

audyn_status_t
catalog_insert_events(audyn_catalog_t *catalog, const audyn_entry_t *entry)
{
    const json_t *events = json_object_get(entry->segment.recorder, "events");
    if (!json_array_size(events)) {
        return AUDYN_OK;
    }
    sqlite3_stmt *statement;
    audyn_status_t status = catalog_prepare(
        catalog, &statement, "INSERT INTO events VALUES(?, ?, ?, ?, ?, ?, ?)", "si",
        entry->stream, (int64_t)entry->sequence);
    for (size_t i = 0; !status && i < json_array_size(events); ++i) {
        const json_t *event = json_array_get(events, i);
        status = json_is_object(event) ? insert_event(statement, i, event) : AUDYN_OK;
    }
    sqlite3_finalize(statement);
    return status;
}
