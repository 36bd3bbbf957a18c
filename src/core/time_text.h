// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Moments as people write them, of any time zone, and positions.

#ifndef AUDYN_CORE_TIME_TEXT_H
#define AUDYN_CORE_TIME_TEXT_H

#include "core/error.h"
#include "core/leap_seconds.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    bool is_position;
    uint64_t position; ///< a sample's index on the media clock
    int64_t tai_ns;    ///< else this, since 1970-01-01 00:00:00 TAI
} audyn_moment_text_t;

/// Reads
///
///     2026-11-22T14:00:00.25Z        also with a space for the T; +01:00, -0330
///     2026-11-22 14:00 Europe/Dublin a zone of tzdata
///     2026-11-22 14:00               of the zone `zone`; NULL: UTC
///     2026-11-22                     midnight, of `zone` or of one behind it
///     2016-12-31T23:59:60Z           a leap second
///     @84826830576000                a position
///
/// to the nanosecond, from 1971 to 2199.  `zone` may also be "UTC" or "local", which is
/// that of this process (TZ).  Fails with AUDYN_INVALID, also where the zone's clocks
/// have shown the time twice, or never: `error` then names the offsets that tell which.
/// Sets TZ for a moment: no other thread may run.
audyn_status_t audyn_time_text_parse(audyn_moment_text_t *moment, const char *text,
                                     const char *zone,
                                     const audyn_leap_seconds_t *leap_seconds,
                                     audyn_error_t *error);

#endif
