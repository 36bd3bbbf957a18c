// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/clock.h"

#include <errno.h>
#include <stdbool.h>
#include <time.h>

#define TAI_MINUS_UTC_SINCE_2017 37
#define TAI_MINUS_UTC_IN_1972 10

// Two clocks that are read one after the other are apart by whole seconds and this.
#define APART_NS (50 * AUDYN_NS_PER_MS)
#define READINGS 3

__extension__ typedef unsigned __int128 wide_t;

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

// adjtimex() would tell it as well, but is a system call.
static int64_t
system_tai_offset_s(const audyn_clock_t *clock)
{
    (void)clock;
    int64_t offset_s = 0;
    for (int i = 0; i < READINGS; ++i) {
        const int64_t utc_ns = read_clock(CLOCK_REALTIME);
        const int64_t apart_ns = read_clock(CLOCK_TAI) - utc_ns;
        offset_s = apart_ns / AUDYN_NS_PER_SECOND;
        if (apart_ns % AUDYN_NS_PER_SECOND < APART_NS) {
            break; // else this thread had to wait in between
        }
    }
    return offset_s < TAI_MINUS_UTC_IN_1972 ? TAI_MINUS_UTC_SINCE_2017 + offset_s
                                            : offset_s;
}

const audyn_clock_t *
audyn_clock_system(void)
{
    static const audyn_clock_t clock = {
        .utc_ns = system_utc_ns,
        .monotonic_ns = system_monotonic_ns,
        .sleep_until = system_sleep_until,
        .tai_offset_s = system_tai_offset_s,
    };
    return &clock;
}

// value × factor × numerator / (divisor × denominator), rounded down or up.  64 bits,
// 30 and 32 leave the product in 126.
static uint64_t
scale(uint64_t value, int64_t factor, uint32_t numerator, int64_t divisor,
      uint32_t denominator, bool up)
{
    const wide_t parts = (wide_t)divisor * (denominator ? denominator : 1);
    const wide_t product = (wide_t)value * (wide_t)factor * (numerator ? numerator : 1);
    return (uint64_t)((product + (up ? parts - 1 : 0)) / parts);
}

uint64_t
audyn_media_position(int64_t tai_ns, const audyn_media_rate_t *rate) AUDYN_REALTIME
{
    return scale((uint64_t)tai_ns, rate->sample_rate, rate->numerator,
                 AUDYN_NS_PER_SECOND, rate->denominator, false);
}

int64_t
audyn_media_tai_ns(uint64_t position, const audyn_media_rate_t *rate) AUDYN_REALTIME
{
    return (int64_t)scale(position, AUDYN_NS_PER_SECOND, rate->denominator,
                          rate->sample_rate, rate->numerator, true);
}

uint64_t
audyn_media_first_position(int64_t tai_ns, const audyn_media_rate_t *rate)
{
    const uint64_t position = audyn_media_position(tai_ns, rate);
    return audyn_media_tai_ns(position, rate) < tai_ns ? position + 1 : position;
}

uint64_t
audyn_media_nominal(uint64_t position, const audyn_media_rate_t *rate) AUDYN_REALTIME
{
    return scale(position, 1, rate->denominator, 1, rate->numerator, false);
}

uint64_t
audyn_clock_position(int64_t tai_ns, uint32_t sample_rate) AUDYN_REALTIME
{
    return audyn_media_position(tai_ns, &(audyn_media_rate_t){sample_rate, 1, 1});
}

int64_t
audyn_clock_tai_ns(uint64_t position, uint32_t sample_rate) AUDYN_REALTIME
{
    return audyn_media_tai_ns(position, &(audyn_media_rate_t){sample_rate, 1, 1});
}
