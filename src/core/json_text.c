// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/json_text.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xEF\xBF\xBD" // U+FFFD
#define REPLACEMENT_BYTES (sizeof REPLACEMENT - 1)

// RFC 3629, section 4: by the first byte, the range of the second and how many there are.
static const struct {
    unsigned char first, last, low, high, bytes;
} sequences[] = {
    {0x01, 0x7F, 0x00, 0xFF, 1}, {0xC2, 0xDF, 0x80, 0xBF, 2}, {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3}, {0xED, 0xED, 0x80, 0x9F, 3}, {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4}, {0xF1, 0xF3, 0x80, 0xBF, 4}, {0xF4, 0xF4, 0x80, 0x8F, 4},
};

static bool
in_range(char c, unsigned char low, unsigned char high)
{
    const unsigned char byte = (unsigned char)c;
    return low <= byte && byte <= high;
}

size_t
audyn_utf8_bytes(const char *text)
{
    size_t i = 0;
    const size_t count = sizeof sequences / sizeof *sequences;
    while (i < count && !in_range(*text, sequences[i].first, sequences[i].last)) {
        ++i;
    }
    if (i == count || !in_range(text[1], sequences[i].low, sequences[i].high)) {
        return 0;
    }
    size_t bytes = 2;
    while (bytes < sequences[i].bytes && in_range(text[bytes], 0x80, 0xBF)) {
        ++bytes;
    }
    return bytes < sequences[i].bytes ? 0 : sequences[i].bytes;
}

json_t *
audyn_json_text(const char *text)
{
    char *valid = malloc(strlen(text) * REPLACEMENT_BYTES + 1);
    if (!valid) {
        return NULL;
    }
    char *out = valid;
    while (*text) {
        const size_t bytes = audyn_utf8_bytes(text);
        memcpy(out, bytes ? text : REPLACEMENT, bytes ? bytes : REPLACEMENT_BYTES);
        out += bytes ? bytes : REPLACEMENT_BYTES;
        text += bytes ? bytes : 1;
    }
    *out = '\0';
    json_t *string = json_string(valid);
    free(valid);
    return string;
}

json_t *
audyn_json_text_or_null(const char *text)
{
    return *text ? audyn_json_text(text) : json_null();
}

typedef struct {
    char *bytes;
    size_t size, room;
    bool failed;
} text_t;

static bool
make_room(text_t *text, size_t size)
{
    const size_t needed = text->size + size;
    if (needed > text->room) {
        const size_t room = needed < 4096 ? 4096 : 2 * needed;
        char *bytes = malloc(room);
        if (!bytes) {
            return false;
        }
        memcpy(bytes, text->bytes ? text->bytes : "", text->size);
        free(text->bytes);
        text->bytes = bytes;
        text->room = room;
    }
    return true;
}

// json_dumps() itself leaves out a key that there is no memory for, and goes on.
static int
append(const char *bytes, size_t size, void *context)
{
    text_t *text = context;
    text->failed = text->failed || !make_room(text, size);
    if (!text->failed) {
        memcpy(text->bytes + text->size, bytes, size);
        text->size += size;
    }
    return text->failed ? -1 : 0;
}

char *
audyn_json_lines(const json_t *json)
{
    text_t text = {0};
    if (json_dump_callback(json, append, &text,
                           JSON_INDENT(2) | JSON_REAL_PRECISION(15)) ||
        append("\n", 2, &text)) {
        free(text.bytes);
        return NULL;
    }
    return text.bytes;
}
