// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/leap_seconds.h"

#include "core/small_file.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define LIST "/usr/share/zoneinfo/leap-seconds.list"
#define LIST_BYTES (64 * 1024)
#define NTP_MINUS_UNIX INT64_C(2208988800)
#define UTC_2017 INT64_C(1483228800)
#define OFFSET_2017 37

static bool
add(audyn_leap_seconds_t *table, int64_t utc_s, long offset)
{
    const unsigned i = table->count;
    if (i == AUDYN_LEAP_SECONDS || offset < 0 || offset > 1000 ||
        (i && utc_s <= table->from[i - 1] - table->offsets[i - 1])) {
        return false;
    }
    table->from[i] = utc_s + offset;
    table->offsets[i] = (int32_t)offset;
    ++table->count;
    return true;
}

static void
init_without_list(audyn_leap_seconds_t *table)
{
    table->count = 0;
    add(table, UTC_2017, OFFSET_2017);
}

static bool
parse_line(audyn_leap_seconds_t *table, const char *line)
{
    if (!isdigit((unsigned char)*line)) {
        return *line == '#' || *line == '\0';
    }
    char *end;
    const long long ntp_s = strtoll(line, &end, 10);
    char *rest;
    const long offset = strtol(end, &rest, 10);
    return rest != end && ntp_s < INT64_C(1) << 40 &&
           add(table, ntp_s - NTP_MINUS_UNIX, offset);
}

audyn_status_t
audyn_leap_seconds_parse(audyn_leap_seconds_t *table, const char *text, size_t size)
{
    table->count = 0;
    bool good = true;
    for (size_t at = 0; good && at < size;) {
        const char *newline = memchr(text + at, '\n', size - at);
        const size_t length = newline ? (size_t)(newline - text) - at : size - at;
        char line[256] = "#";
        if (length < sizeof line) {
            memcpy(line, text + at, length);
            line[length] = '\0';
        }
        good = parse_line(table, line);
        at += length + 1;
    }
    if (!good || !table->count) {
        init_without_list(table);
        return AUDYN_BAD_DATA;
    }
    return AUDYN_OK;
}

void
audyn_leap_seconds_init(audyn_leap_seconds_t *table)
{
    char text[LIST_BYTES];
    size_t size;
    audyn_error_t error;
    if (audyn_small_file_read(LIST, text, sizeof text, &size, &error) ||
        audyn_leap_seconds_parse(table, text, size)) {
        init_without_list(table);
    }
}

int64_t
audyn_leap_seconds_to_utc(const audyn_leap_seconds_t *table, int64_t tai_s, bool *leap)
{
    unsigned i = table->count;
    while (i > 1 && table->from[i - 1] > tai_s) {
        --i;
    }
    const int64_t utc_s = tai_s - table->offsets[i - 1];
    // The second before a higher offset begins has no number of its own.
    *leap = i < table->count && table->offsets[i] > table->offsets[i - 1] &&
            tai_s >= table->from[i] - (table->offsets[i] - table->offsets[i - 1]);
    return *leap ? utc_s - 1 : utc_s;
}

bool
audyn_leap_seconds_to_tai(const audyn_leap_seconds_t *table, int64_t utc_s, bool leap,
                          int64_t *tai_s)
{
    // Offsets that hold on either side of a step may both lead back; of a second that was
    // left out, none does.
    for (unsigned i = 0; i < table->count; ++i) {
        const int64_t candidate = utc_s + leap + table->offsets[i];
        bool is_leap;
        if (audyn_leap_seconds_to_utc(table, candidate, &is_leap) == utc_s &&
            is_leap == leap) {
            *tai_s = candidate;
            return true;
        }
    }
    return false;
}
