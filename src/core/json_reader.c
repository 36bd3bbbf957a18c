// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/json_reader.h"

#include <string.h>

void
audyn_json_refuse(audyn_json_reader_t *reader, const char *key, const char *what)
{
    if (!reader->status) {
        reader->status = audyn_error_set(reader->error, AUDYN_BAD_DATA, "%s: \"%s%s\" %s",
                                         reader->path, reader->where, key, what);
    }
}

const json_t *
audyn_json_find(audyn_json_reader_t *reader, const json_t *object, const char *key,
                bool required)
{
    const json_t *value = json_object_get(object, key);
    if (json_is_null(value)) {
        value = NULL;
    }
    if (!value && required) {
        audyn_json_refuse(reader, key, "is missing");
    }
    return value;
}

const json_t *
audyn_json_find_object(audyn_json_reader_t *reader, const json_t *object, const char *key,
                       bool required)
{
    const json_t *value = audyn_json_find(reader, object, key, required);
    if (value && !json_is_object(value)) {
        audyn_json_refuse(reader, key, "is no object");
    }
    return value;
}

const json_t *
audyn_json_find_array(audyn_json_reader_t *reader, const json_t *object, const char *key,
                      bool required)
{
    const json_t *value = audyn_json_find(reader, object, key, required);
    if (value && !json_is_array(value)) {
        audyn_json_refuse(reader, key, "is no array");
    }
    return value;
}

void
audyn_json_read_text(audyn_json_reader_t *reader, const json_t *object, const char *key,
                     char *text, size_t room, bool required)
{
    const json_t *value = audyn_json_find(reader, object, key, required);
    if (!value) {
        return;
    }
    if (!json_is_string(value)) {
        audyn_json_refuse(reader, key, "is no text");
    } else if (json_string_length(value) >= room) {
        audyn_json_refuse(reader, key, "is too long");
    } else {
        strcpy(text, json_string_value(value));
    }
}

uint64_t
audyn_json_read_integer(audyn_json_reader_t *reader, const json_t *object,
                        const char *key, int64_t least, int64_t most, bool required)
{
    const json_t *value = audyn_json_find(reader, object, key, required);
    if (!value) {
        return 0;
    }
    const json_int_t number = json_integer_value(value);
    if (!json_is_integer(value)) {
        audyn_json_refuse(reader, key, "is no integer");
    } else if (number < least || number > most) {
        audyn_json_refuse(reader, key, "is out of range");
    }
    return (uint64_t)number;
}

void
audyn_json_lack_memory(audyn_json_reader_t *reader)
{
    if (!reader->status) {
        reader->status = audyn_error_set(reader->error, AUDYN_NO_MEMORY,
                                         "%s: out of memory", reader->path);
    }
}
