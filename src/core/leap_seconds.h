// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// TAI − UTC over the years: where the time of day of a TAI second comes from.

#ifndef AUDYN_CORE_LEAP_SECONDS_H
#define AUDYN_CORE_LEAP_SECONDS_H

#include <audyn/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define AUDYN_LEAP_SECONDS 64

/// `offsets[i]` is TAI − UTC from the TAI second `from[i]` on, in seconds since 1970.
typedef struct {
    int64_t from[AUDYN_LEAP_SECONDS];
    int32_t offsets[AUDYN_LEAP_SECONDS];
    unsigned count;
} audyn_leap_seconds_t;

/// Reads the IERS list ("3692217600 37 # 1 Jan 2017", NTP seconds).  On failure the
/// table holds what audyn_leap_seconds_init() gives.
audyn_status_t audyn_leap_seconds_parse(audyn_leap_seconds_t *table, const char *text,
                                        size_t size);

/// The system's list (tzdata); without one, what holds since 2017.
void audyn_leap_seconds_init(audyn_leap_seconds_t *table);

/// The UTC second, as POSIX counts, of a TAI second.  A leap second (23:59:60) gets the
/// number of the second before it, and `*leap` is set.
int64_t audyn_leap_seconds_to_utc(const audyn_leap_seconds_t *table, int64_t tai_s,
                                  bool *leap);

/// The way back: the TAI second of a UTC second; `leap`: of the leap second behind it.
/// False where there is no such second.
bool audyn_leap_seconds_to_tai(const audyn_leap_seconds_t *table, int64_t utc_s,
                               bool leap, int64_t *tai_s);

#endif
