// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/decimal.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

bool
audyn_decimal_read(const char **text, double *number)
{
    const char *end = *text + strspn(*text, DIGITS);
    if (end == *text) {
        return false;
    }
    if (*end == '.') {
        ++end;
        end += strspn(end, DIGITS);
    }
    *number = strtod(*text, NULL);
    *text = end;
    return true;
}
