// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/arrival_clock.h"

#include "core/clock.h"

// A packet may have been stamped a little before the socket was found empty.
#define SLACK_NS (10 * AUDYN_NS_PER_MS)

void
audyn_arrival_clock_read(audyn_arrival_clock_t *clock, int64_t utc_ns,
                         int64_t monotonic_ns) AUDYN_REALTIME
{
    const int64_t offset_ns = utc_ns - monotonic_ns;
    clock->before_offset_ns = clock->started ? clock->offset_ns : offset_ns;
    clock->before_ns = clock->started ? clock->monotonic_ns : INT64_MIN;
    clock->offset_ns = offset_ns;
    clock->monotonic_ns = monotonic_ns;
    clock->started = true;
}

static bool
is_possible(const audyn_arrival_clock_t *clock, int64_t monotonic_ns) AUDYN_REALTIME
{
    return monotonic_ns <= clock->monotonic_ns &&
           (clock->before_ns == INT64_MIN || monotonic_ns >= clock->before_ns - SLACK_NS);
}

int64_t
audyn_arrival_clock_monotonic(const audyn_arrival_clock_t *clock,
                              int64_t utc_ns) AUDYN_REALTIME
{
    const int64_t now_ns = utc_ns - clock->offset_ns;
    const int64_t before_ns = utc_ns - clock->before_offset_ns;
    return is_possible(clock, now_ns)      ? now_ns
           : is_possible(clock, before_ns) ? before_ns
                                           : clock->monotonic_ns;
}
