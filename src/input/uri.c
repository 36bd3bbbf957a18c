// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/uri.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DECIMAL_DIGITS "0123456789"
#define HEX_DIGITS "0123456789abcdefABCDEF"

// In place.  False where "%" is not followed by two hexadecimal digits, or stands for
// NUL, which would cut a path short.
static bool
decode_percent(char *text)
{
    char *out = text;
    for (const char *in = text; *in; ++in) {
        if (*in != '%') {
            *out++ = *in;
            continue;
        }
        if (!isxdigit((unsigned char)in[1]) || !isxdigit((unsigned char)in[2])) {
            return false;
        }
        const char digits[] = {in[1], in[2], '\0'};
        *out = (char)strtoul(digits, NULL, 16);
        if (!*out++) {
            return false;
        }
        in += 2;
    }
    *out = '\0';
    return true;
}

static bool
is_scheme(const char *text, size_t length)
{
    // RFC 3986, section 3.1.
    for (size_t i = 0; i < length; ++i) {
        const unsigned char c = (unsigned char)text[i];
        if (!isalpha(c) && (i == 0 || (!isdigit(c) && !strchr("+-.", c)))) {
            return false;
        }
    }
    return length > 0;
}

static audyn_status_t
append_option(audyn_uri_t *uri, const char *key, const char *value, audyn_error_t *error)
{
    if (uri->option_count == AUDYN_URI_OPTIONS) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "too many options; there can be %d at most",
                               AUDYN_URI_OPTIONS);
    }
    uri->options[uri->option_count++] =
        (struct audyn_uri_option){.key = key, .value = value};
    return AUDYN_OK;
}

static audyn_status_t
add_option(audyn_uri_t *uri, char *key, audyn_error_t *error)
{
    char *value = strchr(key, '=');
    if (value) {
        *value++ = '\0';
    } else {
        value = key + strlen(key);
    }
    if (!decode_percent(key) || !decode_percent(value)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "option '%s': '%%' must be followed by two hexadecimal "
                               "digits; write '%%25' for a percent sign",
                               key);
    }
    if (!*key) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "an option without a name; options are written as "
                               "?key=value&key=value");
    }
    for (unsigned i = 0; i < uri->option_count; ++i) {
        if (!strcmp(uri->options[i].key, key)) {
            return audyn_error_set(error, AUDYN_INVALID,
                                   "option '%s' is given twice; give it once", key);
        }
    }
    return append_option(uri, key, value, error);
}

audyn_status_t
audyn_uri_parse(audyn_uri_t *uri, const char *text, audyn_error_t *error)
{
    *uri = (audyn_uri_t){.scheme = "", .body = ""};
    const size_t length = strlen(text);
    if (length >= sizeof uri->text) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "the URI is %zu characters long; %zu is the limit", length,
                               sizeof uri->text - 1);
    }
    memcpy(uri->text, text, length + 1);
    char *body = strchr(uri->text, ':');
    if (!body || !is_scheme(uri->text, (size_t)(body - uri->text))) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "'%s' does not begin with a scheme such as 'file:', "
                               "'tone:' or 'rtp:'; for a file, write 'file:PATH'",
                               text);
    }
    *body++ = '\0';
    for (char *c = uri->text; *c; ++c) {
        *c = (char)tolower((unsigned char)*c);
    }
    uri->scheme = uri->text;
    if (!strncmp(body, "//", 2)) {
        body += 2;
    }
    uri->body = body;
    // Cut before decoding, so that an escaped "?" or "&" belongs to the text around it.
    char *rest = strchr(body, '?');
    if (rest) {
        *rest++ = '\0';
    }
    if (!decode_percent(body)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "'%s': '%%' must be followed by two hexadecimal digits; "
                               "write '%%25' for a percent sign",
                               text);
    }
    audyn_status_t status = AUDYN_OK;
    while (rest && !status) {
        char *option = strsep(&rest, "&");
        status = add_option(uri, option, error);
    }
    return status;
}

const char *
audyn_uri_option(audyn_uri_t *uri, const char *key)
{
    for (unsigned i = 0; i < uri->option_count; ++i) {
        if (!strcmp(uri->options[i].key, key)) {
            uri->options[i].used = true;
            return uri->options[i].value;
        }
    }
    return NULL;
}

audyn_status_t
audyn_uri_add_default(audyn_uri_t *uri, const char *key, const char *value,
                      audyn_error_t *error)
{
    return audyn_uri_option(uri, key) ? AUDYN_OK : append_option(uri, key, value, error);
}

audyn_status_t
audyn_uri_number(audyn_uri_t *uri, const char *key, double least, double most,
                 double *value, audyn_error_t *error)
{
    const char *text = audyn_uri_option(uri, key);
    if (!text) {
        return AUDYN_OK;
    }
    // strtod() would also take hexadecimal, infinity and leading blanks.
    const bool decimal = *text && !text[strspn(text, "-." DECIMAL_DIGITS)];
    char *end;
    const double number = strtod(text, &end);
    if (!decimal || *end || number < least || number > most) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s=%s: this must be a number from %g to %g", key, text,
                               least, most);
    }
    *value = number;
    return AUDYN_OK;
}

static audyn_status_t
parse_integer(const char *key, const char *text, uint32_t least, uint32_t most,
              uint32_t *value, audyn_error_t *error)
{
    const bool hexadecimal = !strncmp(text, "0x", 2);
    const char *digits = hexadecimal ? text + 2 : text;
    const bool valid =
        *digits && !digits[strspn(digits, hexadecimal ? HEX_DIGITS : DECIMAL_DIGITS)];
    // Saturates, and is then out of range.
    const unsigned long long number = strtoull(digits, NULL, hexadecimal ? 16 : 10);
    if (!valid || number < least || number > most) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s=%s: this must be a whole number from %u to %u", key,
                               text, least, most);
    }
    *value = (uint32_t)number;
    return AUDYN_OK;
}

audyn_status_t
audyn_uri_integer(audyn_uri_t *uri, const char *key, uint32_t least, uint32_t most,
                  uint32_t *value, audyn_error_t *error)
{
    const char *text = audyn_uri_option(uri, key);
    return text ? parse_integer(key, text, least, most, value, error) : AUDYN_OK;
}

void
audyn_uri_cut(audyn_uri_list_t *list, const char *text)
{
    list->count = 0;
    while (text) {
        const size_t length = strcspn(text, ",");
        if (list->count < AUDYN_URI_ITEMS) {
            snprintf(list->items[list->count], sizeof list->items[0], "%.*s", (int)length,
                     text);
        }
        ++list->count;
        text = text[length] ? text + length + 1 : NULL;
    }
}

audyn_status_t
audyn_uri_integers(audyn_uri_t *uri, const char *key, uint32_t least, uint32_t most,
                   uint32_t *values, unsigned room, unsigned *count, audyn_error_t *error)
{
    audyn_uri_list_t list;
    audyn_uri_cut(&list, audyn_uri_option(uri, key));
    *count = 0;
    if (list.count > room) {
        return audyn_error_set(error, AUDYN_INVALID, "%s= takes at most %u values", key,
                               room);
    }
    audyn_status_t status = AUDYN_OK;
    while (!status && *count < list.count) {
        status =
            parse_integer(key, list.items[*count], least, most, &values[*count], error);
        *count += !status;
    }
    return status;
}

audyn_status_t
audyn_uri_reject_unknown(const audyn_uri_t *uri, const char *known, audyn_error_t *error)
{
    for (unsigned i = 0; i < uri->option_count; ++i) {
        if (!uri->options[i].used) {
            return audyn_error_set(error, AUDYN_INVALID,
                                   "'%s:' has no option '%s'; it has: %s", uri->scheme,
                                   uri->options[i].key, known);
        }
    }
    return AUDYN_OK;
}
