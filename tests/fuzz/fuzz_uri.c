// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The bytes are a URI, as it comes from a command line or a configuration.

#include "fuzz_target.h"

#include "input/uri.h"

#include <ctype.h>
#include <string.h>

static void
check_inside(const audyn_uri_t *uri, const char *text)
{
    // The empty value of an option without one is at the end of its key.
    EXPECT(text >= uri->text && text < uri->text + sizeof uri->text);
    EXPECT(memchr(text, '\0', sizeof uri->text - (size_t)(text - uri->text)));
}

static void
check_scheme(const char *scheme)
{
    EXPECT(islower((unsigned char)*scheme));
    for (const char *c = scheme; *c; ++c) {
        EXPECT(islower((unsigned char)*c) || isdigit((unsigned char)*c) ||
               strchr("+-.", *c));
    }
}

static void
check_option(audyn_uri_t *uri, unsigned index)
{
    const char *key = uri->options[index].key;
    check_inside(uri, key);
    check_inside(uri, uri->options[index].value);
    EXPECT(*key);
    // Each key is there once, or this would find another.
    EXPECT(audyn_uri_option(uri, key) == uri->options[index].value);
    double number = 7.0;
    if (audyn_uri_number(uri, key, -1.0, 1.0, &number, NULL)) {
        EXPECT(number >= 7.0);
    } else {
        EXPECT(number >= -1.0 && number <= 1.0);
    }
    uint32_t integer = 7;
    EXPECT((audyn_uri_integer(uri, key, 8, 9, &integer, NULL) == AUDYN_OK) ==
           (integer >= 8 && integer <= 9));
    uint32_t integers[2];
    unsigned count;
    audyn_uri_integers(uri, key, 8, 9, integers, 2, &count, NULL);
    EXPECT(count <= 2);
    for (unsigned i = 0; i < count; ++i) {
        EXPECT(integers[i] >= 8 && integers[i] <= 9);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *text = malloc(size + 1);
    EXPECT(text);
    if (size) {
        memcpy(text, bytes, size);
    }
    text[size] = '\0';
    static audyn_uri_t uri;
    audyn_error_t error = {""};
    if (audyn_uri_parse(&uri, text, &error)) {
        EXPECT(error.text[0]);
    } else {
        check_inside(&uri, uri.scheme);
        check_inside(&uri, uri.body);
        check_scheme(uri.scheme);
        EXPECT(uri.option_count <= AUDYN_URI_OPTIONS);
        for (unsigned i = 0; i < uri.option_count; ++i) {
            check_option(&uri, i);
        }
        EXPECT(!audyn_uri_reject_unknown(&uri, "none", &error));
    }
    free(text);
    return 0;
}
