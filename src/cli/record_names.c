// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_names.h"

#include "core/json_text.h"
#include "core/small_file.h"
#include "input/uri.h"
#include "net/sdp_parse.h"
#include "sink/sink.h"

#include <ctype.h>
#include <search.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DERIVED_BYTES 100
#define SDP_BYTES (64 * 1024)

audyn_status_t
audyn_record_name_check(char *name, audyn_error_t *error)
{
    const size_t length = strlen(name);
    const size_t ending = audyn_sink_ending_bytes(name);
    if (ending < length) {
        name[length - ending] = '\0';
    }
    const char *fault = NULL;
    if (!*name || *name == '.' || *name == '-') {
        fault = "begins with '.' or '-'";
    } else if (strchr(name, '/')) {
        fault = "has a '/'; it is that of a file or folder, without its directory";
    } else if (strlen(name) > AUDYN_RECORD_NAME_BYTES) {
        fault = "is longer than 200 bytes";
    }
    for (const char *c = name; *c; ++c) {
        fault = iscntrl((unsigned char)*c) ? "has control characters" : fault;
    }
    for (size_t i = 0, bytes; !fault && name[i]; i += bytes) {
        bytes = audyn_utf8_bytes(name + i);
        fault = bytes ? NULL : "is not UTF-8";
    }
    return fault
               ? audyn_error_set(error, AUDYN_INVALID, "the name '%.80s' %s", name, fault)
               : AUDYN_OK;
}

// Letters and digits of any language, and what needs no quotes.
static bool
is_plain(char c)
{
    return isalnum((unsigned char)c) || strchr("._+@", c) || (c & 0x80);
}

// Each run of other characters, and of bytes that are none (RFC 3629), becomes one "-";
// none at either end, nor ".".
static void
make_plain(char name[DERIVED_BYTES + 1], const char *text)
{
    size_t length = 0;
    while (*text) {
        const size_t bytes = audyn_utf8_bytes(text);
        const bool plain = bytes && is_plain(*text);
        const char *character = plain ? text : "-";
        const size_t size = plain ? bytes : 1;
        if (length + size > DERIVED_BYTES) {
            break;
        }
        const bool joins = *character == '-' || *character == '.';
        if (!joins || (length && name[length - 1] != '-')) {
            memcpy(name + length, character, size);
            length += size;
        }
        text += bytes ? bytes : 1;
    }
    while (length && strchr("-.", name[length - 1])) {
        --length;
    }
    name[length] = '\0';
}

// Of a path, in place: without its directory and its ending.
static const char *
stem_of(char *path)
{
    char *slash = strrchr(path, '/');
    char *stem = slash ? slash + 1 : path;
    char *ending = strrchr(stem, '.');
    if (ending && ending != stem) {
        *ending = '\0';
    }
    return stem;
}

// False where the description cannot be read, or names no session.
static bool
read_session_name(char name[AUDYN_SDP_TEXT], const char *path)
{
    char text[SDP_BYTES];
    size_t size;
    audyn_sdp_session_t session;
    if (audyn_small_file_read(path, text, sizeof text, &size, NULL) ||
        audyn_sdp_parse(&session, text, size, NULL)) {
        return false;
    }
    memcpy(name, session.name, AUDYN_SDP_TEXT);
    return name[strspn(name, " -")] != '\0';
}

static void
describe(char *text, size_t size, const audyn_uri_t *uri)
{
    char body[sizeof uri->text];
    snprintf(body, sizeof body, "%s", uri->body);
    char session[AUDYN_SDP_TEXT];
    if (!strcmp(uri->scheme, "tone")) {
        snprintf(text, size, "tone-%s", body);
    } else if (!strcmp(uri->scheme, "sdp") && read_session_name(session, body)) {
        snprintf(text, size, "%s", session);
    } else if (!strcmp(uri->scheme, "sdp") || !strcmp(uri->scheme, "file")) {
        snprintf(text, size, "%s", stem_of(body));
    } else {
        snprintf(text, size, "%s", body);
    }
}

static void
derive(char name[DERIVED_BYTES + 1], const char *text)
{
    char words[sizeof((audyn_uri_t *)NULL)->text + 8];
    audyn_uri_t uri;
    if (audyn_uri_parse(&uri, text, NULL)) {
        snprintf(words, sizeof words, "%s", text);
    } else {
        describe(words, sizeof words, &uri);
    }
    make_plain(name, words);
    if (!*name) {
        make_plain(name, *uri.scheme ? uri.scheme : "stream");
    }
}

static int
compare(const void *a, const void *b)
{
    // Many a file system that archives end on tells no difference.
    return strcasecmp(a, b);
}

static void
keep(void *name)
{
    (void)name;
}

// Enters `name` among those taken, or one with a number where it is taken, which then
// stands for it.  NULL: out of memory.
static char *
take(void **taken, char *name)
{
    char *own = name;
    for (unsigned n = 2; own && tfind(own, taken, compare); ++n) {
        if (own != name) {
            free(own);
        }
        if (asprintf(&own, "%s-%u", name, n) < 0) {
            own = NULL;
        }
    }
    if (own != name) {
        free(name);
    }
    if (own && !tsearch(own, taken, compare)) {
        free(own);
        own = NULL;
    }
    return own;
}

audyn_status_t
audyn_record_names_make(audyn_record_inputs_t *inputs)
{
    void *taken = NULL;
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < inputs->count; ++i) {
        audyn_record_input_t *item = &inputs->items[i];
        if (!item->name) {
            char name[DERIVED_BYTES + 1];
            derive(name, item->uri);
            item->name = strdup(name);
        }
        item->name = item->name ? take(&taken, item->name) : NULL;
        status = item->name ? AUDYN_OK : AUDYN_NO_MEMORY;
    }
    tdestroy(taken, keep);
    return status;
}
