// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/layout.h"

#include "core/clock.h"
#include "core/directory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define HOUR_S 3600
#define DAY_S 86400
#define NS_PER_CENTISECOND (10 * AUDYN_NS_PER_MS)

static const struct {
    const char *name, *pattern;
    bool centiseconds;
} layouts[] = {
    {"flat", "%Y-%m-%d-%H", false},
    {"hierarchy", "%Y/%m/%d/%H/archive", false},
    {"combo", "%Y/%m/%d/%H/%Y-%m-%d-%H", false},
    {"dailydir", "%Y-%m-%d/%Y-%m-%d-%H", false},
    {"accurate", "%Y-%m-%d/%Y-%m-%d-%H-%M-%S", true},
};

/// What the clock shows, as far as it decides which file a sample belongs to.
struct mark {
    int64_t day, period; // since 1970; since midnight
    long zone_s;         // east of UTC; 0 where a change of it does not cut
};

static audyn_status_t
read_name(audyn_layout_t *layout, const char *name, audyn_error_t *error)
{
    static const char custom[] = "custom=";
    const char *pattern = NULL;
    if (!strncmp(name, custom, sizeof custom - 1)) {
        pattern = name + sizeof custom - 1;
    }
    for (size_t i = 0; !pattern && i < sizeof layouts / sizeof *layouts; ++i) {
        if (!strcmp(name, layouts[i].name)) {
            pattern = layouts[i].pattern;
            layout->centiseconds = layouts[i].centiseconds;
        }
    }
    if (!pattern) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s is not a layout; there are flat, hierarchy, combo, "
                               "dailydir, accurate and custom=STRFTIME",
                               name);
    }
    if (strlen(pattern) >= sizeof layout->pattern) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "the layout's pattern is longer than %zu bytes",
                               sizeof layout->pattern - 1);
    }
    strcpy(layout->pattern, pattern);
    return AUDYN_OK;
}

audyn_status_t
audyn_layout_init(audyn_layout_t *layout, const char *name, uint32_t period_s,
                  audyn_archive_clock_t clock, audyn_error_t *error)
{
    *layout = (audyn_layout_t){.period_s = period_s, .clock = clock};
    audyn_status_t status = read_name(layout, name, error);
    if (!status && (!period_s || period_s > DAY_S)) {
        status = audyn_error_set(error, AUDYN_INVALID,
                                 "a file can last from one second to one day");
    }
    audyn_leap_seconds_init(&layout->leap_seconds);
    char path[4 * AUDYN_LAYOUT_PATTERN];
    if (!status && audyn_layout_path(layout, 0, path, sizeof path)) {
        status = audyn_error_set(error, AUDYN_INVALID,
                                 "the pattern %s does not name a file below the archive, "
                                 "or has control characters",
                                 layout->pattern);
    }
    return status;
}

// The time of day, by the archive's clock.
static void
break_down(const audyn_layout_t *layout, int64_t tai_s, struct tm *tm)
{
    bool leap = false;
    const time_t seconds =
        layout->clock == AUDYN_ARCHIVE_TAI
            ? tai_s
            : audyn_leap_seconds_to_utc(&layout->leap_seconds, tai_s, &leap);
    if (layout->clock == AUDYN_ARCHIVE_LOCAL) {
        localtime_r(&seconds, tm);
    } else {
        gmtime_r(&seconds, tm);
    }
    tm->tm_sec += leap;
}

static struct mark
mark_at(const audyn_layout_t *layout, int64_t tai_s)
{
    struct tm tm;
    break_down(layout, tai_s, &tm);
    const int64_t second = tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec;
    const int64_t last = DAY_S - 1; // a leap second belongs to the day that it ends
    return (struct mark){
        .day = 366 * (int64_t)tm.tm_year + tm.tm_yday,
        .period = (second < last ? second : last) / layout->period_s,
        .zone_s = layout->period_s <= HOUR_S ? tm.tm_gmtoff : 0,
    };
}

static bool
is_same(const struct mark *a, const struct mark *b)
{
    return a->day == b->day && a->period == b->period && a->zone_s == b->zone_s;
}

int64_t
audyn_layout_next_cut(const audyn_layout_t *layout, int64_t tai_s)
{
    const struct mark now = mark_at(layout, tai_s);
    int64_t same = tai_s;
    int64_t other = tai_s + layout->period_s;
    struct mark then = mark_at(layout, other);
    while (is_same(&now, &then)) { // a leap second, or the hour that comes twice
        same = other++;
        then = mark_at(layout, other);
    }
    while (other - same > 1) {
        const int64_t middle = same + (other - same) / 2;
        then = mark_at(layout, middle);
        *(is_same(&now, &then) ? &same : &other) = middle;
    }
    return other;
}

static bool
is_good_path(const char *path)
{
    bool good = audyn_directory_is_below(path);
    for (const char *c = path; *c; ++c) {
        good &= !iscntrl((unsigned char)*c);
    }
    return good;
}

audyn_status_t
audyn_layout_path(const audyn_layout_t *layout, int64_t tai_ns, char *path, size_t size)
{
    struct tm tm;
    break_down(layout, tai_ns / AUDYN_NS_PER_SECOND, &tm);
    const size_t length = strftime(path, size, layout->pattern, &tm);
    if (!length) {
        return *layout->pattern ? AUDYN_TOO_LARGE : AUDYN_INVALID;
    }
    if (layout->centiseconds) {
        const int centiseconds = (int)(tai_ns % AUDYN_NS_PER_SECOND / NS_PER_CENTISECOND);
        if (snprintf(path + length, size - length, "-%02d", centiseconds) >=
            (int)(size - length)) {
            return AUDYN_TOO_LARGE;
        }
    }
    return is_good_path(path) ? AUDYN_OK : AUDYN_INVALID;
}
