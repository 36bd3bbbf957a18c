// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/duration.h"

#include "core/clock.h"
#include "core/decimal.h"

#include <math.h>
#include <string.h>

#define CENTURY_NS (INT64_C(36525) * 86400 * AUDYN_NS_PER_SECOND)

static const struct {
    const char *name;
    int64_t ns;
} units[] = {
    {"ms", AUDYN_NS_PER_MS},           {"d", 86400 * AUDYN_NS_PER_SECOND},
    {"h", 3600 * AUDYN_NS_PER_SECOND}, {"m", 60 * AUDYN_NS_PER_SECOND},
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
        const bool first = at == text;
        double number;
        if (!audyn_decimal_read(&at, &number)) {
            return false;
        }
        const bool plain = first && !*at;
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
