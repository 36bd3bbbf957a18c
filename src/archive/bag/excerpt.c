// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/bag/excerpt.h"

#include "core/json_reader.h"
#include "core/small_file.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define MOST_BYTES (UINT64_C(1) << 26)

static void
read_entries(audyn_json_reader_t *reader, const json_t *object, audyn_excerpt_t *excerpt)
{
    const json_t *entries = audyn_json_find_array(reader, object, "entries", true);
    const size_t count = json_array_size(entries);
    excerpt->entries = calloc(count ? count : 1, sizeof *excerpt->entries);
    if (!excerpt->entries) {
        audyn_json_lack_memory(reader);
    }
    for (size_t i = 0; i < count && !reader->status; ++i) {
        const json_t *entry = json_array_get(entries, i);
        const json_int_t sequence =
            json_is_integer(entry) ? json_integer_value(entry) : -1;
        if (sequence < 0 ||
            (i && (uint64_t)sequence <= excerpt->entries[excerpt->count - 1])) {
            audyn_json_refuse(reader, "entries", "is no list of numbers in order");
            return;
        }
        excerpt->entries[excerpt->count++] = (uint64_t)sequence;
    }
}

static audyn_status_t
parse(audyn_excerpt_t *excerpt, const char *path, const char *text, size_t size,
      audyn_error_t *error)
{
    json_t *object = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    audyn_json_reader_t reader = {.path = path, .error = error};
    if (!json_is_object(object)) {
        reader.status =
            audyn_error_set(error, AUDYN_BAD_DATA, "%s is no JSON object", path);
    } else {
        audyn_json_read_integer(&reader, object, "audyn_excerpt", AUDYN_EXCERPT_VERSION,
                                AUDYN_EXCERPT_VERSION, true);
        audyn_json_read_text(&reader, object, "stream", excerpt->stream,
                             sizeof excerpt->stream, true);
        read_entries(&reader, object, excerpt);
    }
    json_decref(object);
    return reader.status;
}

audyn_status_t
audyn_excerpt_read(audyn_excerpt_t *excerpt, const char *archive, audyn_error_t *error)
{
    *excerpt = (audyn_excerpt_t){0};
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/" AUDYN_EXCERPT_FILE, archive) >= PATH_MAX ||
        access(path, F_OK)) {
        return AUDYN_OK;
    }
    char *text;
    size_t size;
    audyn_status_t status = audyn_small_file_load(path, &text, &size, MOST_BYTES, error);
    if (!status) {
        status = parse(excerpt, path, text, size, error);
        free(text);
    }
    return status;
}

static int
compare(const void *a, const void *b)
{
    const uint64_t first = *(const uint64_t *)a;
    const uint64_t second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

bool
audyn_excerpt_has(const audyn_excerpt_t *excerpt, uint64_t sequence)
{
    return excerpt->count &&
           bsearch(&sequence, excerpt->entries, excerpt->count, sizeof sequence, compare);
}

void
audyn_excerpt_finish(audyn_excerpt_t *excerpt)
{
    free(excerpt->entries);
    *excerpt = (audyn_excerpt_t){0};
}
