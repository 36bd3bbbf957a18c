// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/byte_size.h"

#include "core/decimal.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define LARGEST 0x1p63

static const char prefixes[] = "KMGTPE";

bool
audyn_byte_size_parse(const char *text, uint64_t *bytes)
{
    double number;
    if (!audyn_decimal_read(&text, &number)) {
        return false;
    }
    const char *prefix = *text ? strchr(prefixes, *text) : NULL;
    const int power = prefix ? (int)(prefix - prefixes) + 1 : 0;
    text += prefix != NULL;
    const bool decimal = !strcmp(text, "B");
    if (*text && !decimal && !(prefix && !strcmp(text, "iB"))) {
        return false;
    }
    number *= pow(decimal ? 1000.0 : 1024.0, power);
    if (!(number <= LARGEST)) {
        return false;
    }
    *bytes = (uint64_t)number;
    return true;
}

void
audyn_byte_size_text(char text[AUDYN_BYTE_SIZE_TEXT], uint64_t bytes)
{
    double number = (double)bytes;
    int prefix = -1;
    // What would be printed as 1024.0 is one of the next.
    while (number >= 1023.95) {
        number /= 1024.0;
        ++prefix;
    }
    if (prefix < 0) {
        snprintf(text, AUDYN_BYTE_SIZE_TEXT, "%u B", (unsigned)bytes);
    } else {
        snprintf(text, AUDYN_BYTE_SIZE_TEXT, "%.1f %ciB", number, prefixes[prefix]);
    }
}
