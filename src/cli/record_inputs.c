// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_inputs.h"

#include "cli/record_names.h"
#include "input/input.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

// The longest URI, a name, and what is between and behind them.
#define LINE_BYTES 8192

static const char blanks[] = " \t\r\n\v\f";

static bool
make_room(audyn_record_inputs_t *inputs)
{
    if (inputs->count < inputs->room) {
        return true;
    }
    const size_t room = inputs->room ? 2 * inputs->room : 8;
    audyn_record_input_t *items = reallocarray(inputs->items, room, sizeof *items);
    if (items) {
        inputs->items = items;
        inputs->room = room;
    }
    return items;
}

audyn_status_t
audyn_record_inputs_add(audyn_record_inputs_t *inputs, const char *uri, const char *name,
                        unsigned line)
{
    if (inputs->count == AUDYN_RECORD_INPUTS_MOST) {
        return AUDYN_TOO_LARGE;
    }
    if (!make_room(inputs)) {
        return AUDYN_NO_MEMORY;
    }
    audyn_record_input_t *item = &inputs->items[inputs->count];
    *item = (audyn_record_input_t){.uri = strdup(uri), .line = line};
    item->name = name ? strdup(name) : NULL;
    ++inputs->count;
    return item->uri && (item->name || !name) ? AUDYN_OK : AUDYN_NO_MEMORY;
}

// The next word or, with `whole`, all that is left but blanks at the end.
static char *
cut(char **text, bool whole)
{
    char *start = *text + strspn(*text, blanks);
    char *end = start + (whole ? strlen(start) : strcspn(start, blanks));
    *text = *end ? end + 1 : end;
    *end = '\0';
    while (end > start && strchr(blanks, end[-1])) {
        *--end = '\0';
    }
    return start;
}

static void
cut_remark(char *line)
{
    for (char *c = line; *c; ++c) {
        if (*c == '#' && (c == line || strchr(blanks, c[-1]))) {
            *c = '\0';
            return;
        }
    }
}

static audyn_status_t
add_line(audyn_record_inputs_t *inputs, char *line, unsigned number)
{
    cut_remark(line);
    const char *uri = cut(&line, false);
    const char *name = cut(&line, true);
    if (!*uri) {
        return AUDYN_OK;
    }
    const audyn_status_t status =
        audyn_record_inputs_add(inputs, uri, *name ? name : NULL, number);
    if (!status && *name) {
        audyn_record_input_t *item = &inputs->items[inputs->count - 1];
        audyn_record_name_check(item->name, &item->fault);
    }
    return status;
}

static audyn_status_t
add_faulty_line(audyn_record_inputs_t *inputs, unsigned number)
{
    const audyn_status_t status = audyn_record_inputs_add(inputs, "", NULL, number);
    if (!status) {
        audyn_error_set(&inputs->items[inputs->count - 1].fault, AUDYN_INVALID,
                        "the line is not text, or longer than %d bytes", LINE_BYTES - 1);
    }
    return status;
}

// Without its newline.  False where there is none any more.
static bool
read_line(FILE *list, char line[LINE_BYTES], bool *is_text)
{
    size_t length = 0;
    *is_text = true;
    int c = getc(list);
    if (c == EOF) {
        return false;
    }
    for (; c != '\n' && c != EOF; c = getc(list)) {
        *is_text = *is_text && c && length < LINE_BYTES - 1;
        if (*is_text) {
            line[length++] = (char)c;
        }
    }
    line[length] = '\0';
    return true;
}

audyn_status_t
audyn_record_inputs_read(audyn_record_inputs_t *inputs, FILE *list, audyn_error_t *error)
{
    char line[LINE_BYTES];
    bool is_text;
    audyn_status_t status = AUDYN_OK;
    for (unsigned number = 1; !status && read_line(list, line, &is_text); ++number) {
        status =
            is_text ? add_line(inputs, line, number) : add_faulty_line(inputs, number);
    }
    if (status == AUDYN_TOO_LARGE) {
        return audyn_error_set(error, status, "more than %d inputs",
                               AUDYN_RECORD_INPUTS_MOST);
    }
    if (!status && ferror(list)) {
        const int cause = errno;
        return audyn_error_set(error, audyn_status_from_errno(cause),
                               "cannot be read: %s", strerror(cause));
    }
    return status ? audyn_error_set(error, status, "%s", audyn_strerror(status)) : status;
}

size_t
audyn_record_inputs_check(audyn_record_inputs_t *inputs)
{
    size_t faults = 0;
    for (size_t i = 0; i < inputs->count; ++i) {
        audyn_record_input_t *item = &inputs->items[i];
        if (!*item->fault.text) {
            audyn_input_check(item->uri, &item->fault);
        }
        faults += *item->fault.text != '\0';
    }
    return faults;
}

void
audyn_record_inputs_finish(audyn_record_inputs_t *inputs)
{
    for (size_t i = 0; i < inputs->count; ++i) {
        free(inputs->items[i].uri);
        free(inputs->items[i].name);
    }
    free(inputs->items);
    *inputs = (audyn_record_inputs_t){0};
}
