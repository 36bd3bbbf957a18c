// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/arrival_clock.h"

#include "core/clock.h"

// A packet may have been stamped a little before the socket was found empty.
#define SLACK_NS (10 * AUDYN_NS_PER_MS)

void
audyn_arrival_clock_read(audyn_arrival_clock_t *clock, int64_t utc_ns,
                         int64_t tai_offset_ns, int64_t monotonic_ns) AUDYN_REALTIME
{
    const bool started = clock->started;
    clock->before = clock->now;
    clock->before_ns = started ? clock->monotonic_ns : INT64_MIN;
    clock->now.utc_ns = utc_ns - monotonic_ns;
    clock->now.tai_ns = tai_offset_ns;
    clock->monotonic_ns = monotonic_ns;
    clock->started = true;
    if (!started) {
        clock->before = clock->now;
    }
}

static bool
is_possible(const audyn_arrival_clock_t *clock, int64_t monotonic_ns) AUDYN_REALTIME
{
    return monotonic_ns <= clock->monotonic_ns &&
           (clock->before_ns == INT64_MIN || monotonic_ns >= clock->before_ns - SLACK_NS);
}

void
audyn_arrival_clock_convert(const audyn_arrival_clock_t *clock, int64_t utc_ns,
                            int64_t *tai_ns, int64_t *monotonic_ns) AUDYN_REALTIME
{
    const int64_t now_ns = utc_ns - clock->now.utc_ns;
    const int64_t before_ns = utc_ns - clock->before.utc_ns;
    if (is_possible(clock, now_ns)) {
        *monotonic_ns = now_ns;
        *tai_ns = utc_ns + clock->now.tai_ns;
    } else if (is_possible(clock, before_ns)) {
        *monotonic_ns = before_ns;
        *tai_ns = utc_ns + clock->before.tai_ns;
    } else {
        *monotonic_ns = clock->monotonic_ns;
        *tai_ns = clock->monotonic_ns + clock->now.utc_ns + clock->now.tai_ns;
    }
}
