// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/duration.h"

#include "core/clock.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define CENTURY_NS (INT64_C(36525) * 86400 * AUDYN_NS_PER_SECOND)

static const struct {
    const char *name;
    int64_t ns;
} units[] = {
    {"ms", AUDYN_NS_PER_MS},
    {"h", 3600 * AUDYN_NS_PER_SECOND},
    {"m", 60 * AUDYN_NS_PER_SECOND},
    {"s", AUDYN_NS_PER_SECOND},
};

// The unit at `*text`, which moves past it; 0 where there is none.
static int64_t
read_unit(const char **text)
{
    for (size_t i = 0; i < sizeof units / sizeof *units; ++i) {
        const size_t length = strlen(units[i].name);
        if (!strncmp(*text, units[i].name, length)) {
            *text += length;
            return units[i].ns;
        }
    }
    return 0;
}

bool
audyn_duration_parse(const char *text, int64_t *ns)
{
    double total = 0.0;
    const char *at = text;
    do {
        if (!isdigit((unsigned char)*at)) {
            return false;
        }
        char *end;
        const double number = strtod(at, &end);
        const bool plain = at == text && !*end;
        at = end;
        const int64_t unit = plain ? AUDYN_NS_PER_SECOND : read_unit(&at);
        if (!unit) {
            return false;
        }
        total += number * (double)unit;
    } while (*at);
    if (!(total <= (double)CENTURY_NS)) {
        return false;
    }
    *ns = llround(total);
    return true;
}
