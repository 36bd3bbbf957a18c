// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/time_text.h"

#include "core/clock.h"
#include "core/time_zone.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FIRST_YEAR 1971 // so that a moment of it comes after 1970 in every zone
#define LAST_YEAR 2199
#define NS_DIGITS 9

/// The time of day as it was written, and where.
struct written {
    int year, month, day, hour, minute, second; // the second may be 60
    int64_t ns;
    bool has_time, has_offset;
    int32_t offset_s; // east of UTC
    const char *zone; // behind it; empty: none
};

static audyn_status_t
refuse(const char *text, const char *why, audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_INVALID,
                           "'%s' is no time: %s; write it as 2026-11-22T14:00:00.25Z, "
                           "'2026-11-22 14:00 Europe/Dublin', 2026-11-22 or @POSITION",
                           text, why);
}

// Exactly so many digits at `*at`, which moves past them.
static bool
read_digits(const char **at, int digits, int *value)
{
    *value = 0;
    for (int i = 0; i < digits; ++i) {
        if (!isdigit((unsigned char)**at)) {
            return false;
        }
        *value = 10 * *value + *(*at)++ - '0';
    }
    return true;
}

static bool
skip(const char **at, const char *characters)
{
    const bool found = **at && strchr(characters, **at);
    *at += found;
    return found;
}

static bool
read_date(const char **at, struct written *written)
{
    return read_digits(at, 4, &written->year) && skip(at, "-") &&
           read_digits(at, 2, &written->month) && skip(at, "-") &&
           read_digits(at, 2, &written->day);
}

static bool
read_fraction(const char **at, struct written *written)
{
    int64_t unit = AUDYN_NS_PER_SECOND;
    const char *from = *at;
    for (; isdigit((unsigned char)**at); ++*at) {
        unit /= 10;
        written->ns += unit * (**at - '0');
    }
    return *at > from && *at - from <= NS_DIGITS;
}

// "14:00", "14:00:00", "14:00:00.25"
static bool
read_time(const char **at, struct written *written)
{
    written->has_time = true;
    return read_digits(at, 2, &written->hour) && skip(at, ":") &&
           read_digits(at, 2, &written->minute) &&
           (!skip(at, ":") || (read_digits(at, 2, &written->second) &&
                               (!skip(at, ".,") || read_fraction(at, written))));
}

// "Z", "+01:00", "+0100", "+01"
static bool
read_offset(const char **at, struct written *written)
{
    if (skip(at, "Zz")) {
        written->has_offset = true;
        return true;
    }
    const int sign = **at == '-' ? -1 : 1;
    int hours;
    int minutes = 0;
    if (!skip(at, "+-")) {
        return true;
    }
    written->has_offset = true;
    const bool good =
        read_digits(at, 2, &hours) &&
        (skip(at, ":") ? read_digits(at, 2, &minutes)
                       : !isdigit((unsigned char)**at) || read_digits(at, 2, &minutes));
    written->offset_s = sign * (hours * 3600 + minutes * 60);
    return good && hours < 24 && minutes < 60;
}

static audyn_status_t
read_written(const char *text, struct written *written, audyn_error_t *error)
{
    *written = (struct written){0};
    const char *at = text;
    if (!read_date(&at, written)) {
        return refuse(text, "there is no date", error);
    }
    if ((*at == 'T' || *at == 't' || *at == ' ') && isdigit((unsigned char)at[1])) {
        ++at;
        if (!read_time(&at, written) || !read_offset(&at, written)) {
            return refuse(text, "the time of day cannot be read", error);
        }
    }
    if (*at && (written->has_offset || *at != ' ')) {
        return refuse(text, "something follows it", error);
    }
    while (*at == ' ') {
        ++at;
    }
    written->zone = at;
    return AUDYN_OK;
}

static int64_t
seconds_of(const struct written *written, struct tm *tm)
{
    *tm = (struct tm){
        .tm_year = written->year - 1900,
        .tm_mon = written->month - 1,
        .tm_mday = written->day,
        .tm_hour = written->hour,
        .tm_min = written->minute,
        .tm_sec = written->second == 60 ? 59 : written->second,
    };
    return timegm(tm);
}

static audyn_status_t
check_fields(const char *text, const struct written *written, audyn_error_t *error)
{
    if (written->hour > 23 || written->minute > 59 || written->second > 60) {
        return refuse(text, "hours end with 23, minutes and seconds with 59", error);
    }
    if (written->year < FIRST_YEAR || written->year > LAST_YEAR) {
        return refuse(text, "years are 1971 to 2199", error);
    }
    struct tm tm;
    seconds_of(written, &tm);
    return tm.tm_mday == written->day && tm.tm_mon == written->month - 1
               ? AUDYN_OK
               : refuse(text, "there is no such day", error);
}

// "+01:00"
static void
format_offset(char *text, size_t size, int32_t offset_s)
{
    const unsigned minutes = (unsigned)abs(offset_s) / 60;
    snprintf(text, size, "%c%02u:%02u", offset_s < 0 ? '-' : '+', minutes / 60,
             minutes % 60);
}

// Comes twice, or never: how to say which is meant.
static audyn_status_t
refuse_change(const struct written *written, const char *zone,
              const audyn_zone_offsets_t *offsets, audyn_error_t *error)
{
    char local[64];
    char first[24];
    char second[24];
    snprintf(local, sizeof local, "%04d-%02d-%02dT%02d:%02d:%02d", written->year,
             written->month, written->day, written->hour, written->minute,
             written->second);
    format_offset(first, sizeof first, offsets->offset_s[0]);
    format_offset(second, sizeof second, offsets->offset_s[1]);
    return audyn_error_set(error, AUDYN_INVALID,
                           "%s %s in %s, where clocks are changed; say %s%s or %s%s",
                           local, offsets->count ? "comes twice" : "never comes", zone,
                           local, first, local, second);
}

static audyn_status_t
find_offset(struct written *written, const char *zone, audyn_error_t *error)
{
    const audyn_status_t status = audyn_time_zone_check(zone, error);
    if (status) {
        return status;
    }
    struct tm tm;
    audyn_zone_offsets_t offsets;
    audyn_time_zone_offsets(zone, seconds_of(written, &tm), &offsets);
    if (offsets.count != 1) {
        return refuse_change(written, zone, &offsets, error);
    }
    written->offset_s = offsets.offset_s[0];
    return AUDYN_OK;
}

static audyn_status_t
read_position(const char *text, audyn_moment_text_t *moment, audyn_error_t *error)
{
    char *end;
    const unsigned long long position = strtoull(text + 1, &end, 10);
    if (!isdigit((unsigned char)text[1]) || *end || position > INT64_MAX) {
        return refuse(text, "a position is a number behind @", error);
    }
    *moment = (audyn_moment_text_t){.is_position = true, .position = position};
    return AUDYN_OK;
}

audyn_status_t
audyn_time_text_parse(audyn_moment_text_t *moment, const char *text, const char *zone,
                      const audyn_leap_seconds_t *leap_seconds, audyn_error_t *error)
{
    *moment = (audyn_moment_text_t){0};
    if (*text == '@') {
        return read_position(text, moment, error);
    }
    struct written written;
    audyn_status_t status = read_written(text, &written, error);
    if (!status) {
        status = check_fields(text, &written, error);
    }
    if (!status && !written.has_offset) {
        const char *usual = zone ? zone : "UTC";
        status = find_offset(&written, *written.zone ? written.zone : usual, error);
    }
    if (status) {
        return status;
    }
    struct tm tm;
    int64_t tai_s;
    if (!audyn_leap_seconds_to_tai(leap_seconds,
                                   seconds_of(&written, &tm) - written.offset_s,
                                   written.second == 60, &tai_s)) {
        return refuse(text, "there was no such second", error);
    }
    moment->tai_ns = tai_s * AUDYN_NS_PER_SECOND + written.ns;
    return AUDYN_OK;
}
