// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the clocks of a time zone (tzdata) show.

#ifndef AUDYN_CORE_TIME_ZONE_H
#define AUDYN_CORE_TIME_ZONE_H

#include "core/error.h"

#include <stdint.h>

/// What happens where clocks are changed: a time of day may come twice.
typedef struct {
    unsigned count;      ///< how often: 0, 1 or 2
    int32_t offset_s[2]; ///< east of UTC, the earlier moment first; where the time never
                         ///< comes, those before and after the change
} audyn_zone_offsets_t;

/// "Europe/Dublin", "UTC", or "local": that of this process (TZ).  Fails with
/// AUDYN_INVALID where there is no such zone.
audyn_status_t audyn_time_zone_check(const char *zone, audyn_error_t *error);

/// The offsets at which the zone's clocks show `local_s`: the seconds since
/// 1970-01-01 00:00:00 as if it were UTC.  The zone is one that was checked.  Sets TZ for
/// a moment: no other thread may run.
void audyn_time_zone_offsets(const char *zone, int64_t local_s,
                             audyn_zone_offsets_t *offsets);

#endif
