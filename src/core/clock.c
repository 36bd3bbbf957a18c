// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/clock.h"

#include <errno.h>
#include <stddef.h>
#include <sys/timex.h>
#include <time.h>

#define TAI_MINUS_UTC_SINCE_2017 37

static int64_t
read_clock(clockid_t id)
{
    struct timespec now;
    clock_gettime(id, &now);
    return now.tv_sec * AUDYN_NS_PER_SECOND + now.tv_nsec;
}

static int64_t
system_utc_ns(const audyn_clock_t *clock)
{
    (void)clock;
    return read_clock(CLOCK_REALTIME);
}

static int64_t
system_monotonic_ns(const audyn_clock_t *clock)
{
    (void)clock;
    return read_clock(CLOCK_MONOTONIC);
}

static void
system_sleep_until(const audyn_clock_t *clock, int64_t deadline_ns)
{
    (void)clock;
    const struct timespec deadline = {
        .tv_sec = deadline_ns / AUDYN_NS_PER_SECOND,
        .tv_nsec = deadline_ns % AUDYN_NS_PER_SECOND,
    };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) == EINTR) {
    }
}

const audyn_clock_t *
audyn_clock_system(void)
{
    static const audyn_clock_t clock = {
        .utc_ns = system_utc_ns,
        .monotonic_ns = system_monotonic_ns,
        .sleep_until = system_sleep_until,
    };
    return &clock;
}

int64_t
audyn_clock_tai_offset(void)
{
    struct timex state = {.modes = 0};
    return adjtimex(&state) >= 0 && state.tai > 0 ? state.tai : TAI_MINUS_UTC_SINCE_2017;
}

uint64_t
audyn_clock_position(int64_t tai_ns, uint32_t sample_rate) AUDYN_REALTIME
{
    const uint64_t seconds = (uint64_t)(tai_ns / AUDYN_NS_PER_SECOND);
    const uint64_t rest_ns = (uint64_t)(tai_ns % AUDYN_NS_PER_SECOND);
    return seconds * sample_rate + rest_ns * sample_rate / AUDYN_NS_PER_SECOND;
}

int64_t
audyn_clock_tai_ns(uint64_t position, uint32_t sample_rate) AUDYN_REALTIME
{
    const uint64_t seconds = position / sample_rate;
    const uint64_t rest = position % sample_rate;
    return (int64_t)(seconds * AUDYN_NS_PER_SECOND +
                     (rest * AUDYN_NS_PER_SECOND + sample_rate - 1) / sample_rate);
}
