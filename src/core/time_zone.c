// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/time_zone.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define HOUR_S 3600
#define MOST_OFFSET_H 27 // from UTC, in either direction

static bool
is_utc(const char *zone)
{
    return !strcmp(zone, "UTC") || !strcmp(zone, "Z");
}

static bool
is_local(const char *zone)
{
    return !strcmp(zone, "local");
}

// RFC 8536, 3.1.
static bool
is_zone_file(const char *path)
{
    char magic[4] = "";
    FILE *file = fopen(path, "re");
    const bool is_one = file && fread(magic, sizeof magic, 1, file) == 1 &&
                        !memcmp(magic, "TZif", sizeof magic);
    if (file) {
        fclose(file);
    }
    return is_one;
}

// glibc takes any other name, and any other file, for UTC, without a word.  Zones below
// `right` count leap seconds, and are half a minute off.
static bool
has_file(const char *zone)
{
    const char *folder = getenv("TZDIR");
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/%s",
                                folder && *folder ? folder : "/usr/share/zoneinfo", zone);
    return *zone && *zone != '/' && !strstr(zone, "..") && length > 0 &&
           strncmp(zone, "right/", 6) != 0 && (size_t)length < sizeof path &&
           is_zone_file(path);
}

audyn_status_t
audyn_time_zone_check(const char *zone, audyn_error_t *error)
{
    return is_utc(zone) || is_local(zone) || has_file(zone)
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID,
                                 "'%s' is no time zone; there are UTC, local, and those "
                                 "of tzdata, such as Europe/Dublin",
                                 zone);
}

// Returns what TZ was, for leave_zone().
static char *
enter_zone(const char *zone)
{
    const char *before = getenv("TZ");
    char *copy = before ? strdup(before) : NULL;
    char name[PATH_MAX];
    snprintf(name, sizeof name, ":%s", is_utc(zone) ? "UTC" : zone);
    setenv("TZ", name, 1);
    tzset();
    return copy;
}

static void
leave_zone(char *before)
{
    if (before) {
        setenv("TZ", before, 1);
    } else {
        unsetenv("TZ");
    }
    tzset();
    free(before);
}

static int32_t
offset_at(int64_t utc_s)
{
    const time_t seconds = utc_s;
    struct tm tm = {0};
    localtime_r(&seconds, &tm);
    return (int32_t)tm.tm_gmtoff;
}

// In the order of time: the greater offset comes first.
static void
add(audyn_zone_offsets_t *offsets, int32_t offset_s)
{
    if (offsets->count == 1 && offsets->offset_s[0] != offset_s) {
        const int32_t other = offsets->offset_s[0];
        offsets->offset_s[0] = offset_s > other ? offset_s : other;
        offsets->offset_s[1] = offset_s > other ? other : offset_s;
        offsets->count = 2;
    } else if (!offsets->count) {
        offsets->offset_s[0] = offset_s;
        offsets->count = 1;
    }
}

// Each offset that the zone has around then may be the one at which its clocks show the
// time: they do where it is also the one that holds at that moment.
static void
find(int64_t local_s, audyn_zone_offsets_t *offsets)
{
    *offsets = (audyn_zone_offsets_t){0};
    for (int64_t h = -MOST_OFFSET_H; h <= MOST_OFFSET_H; ++h) {
        const int32_t offset_s = offset_at(local_s + h * HOUR_S);
        if (offset_at(local_s - offset_s) == offset_s) {
            add(offsets, offset_s);
        }
    }
    if (!offsets->count) {
        offsets->offset_s[0] = offset_at(local_s - MOST_OFFSET_H * HOUR_S);
        offsets->offset_s[1] = offset_at(local_s + MOST_OFFSET_H * HOUR_S);
    }
}

void
audyn_time_zone_offsets(const char *zone, int64_t local_s, audyn_zone_offsets_t *offsets)
{
    if (is_local(zone)) {
        tzset();
        find(local_s, offsets);
        return;
    }
    char *before = enter_zone(zone);
    find(local_s, offsets);
    leave_zone(before);
}
