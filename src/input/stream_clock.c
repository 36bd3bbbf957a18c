// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/stream_clock.h"

#include <string.h>

#define BIN_NS (AUDYN_NS_PER_MS / 10)
#define SIDE_BINS (AUDYN_STREAM_CLOCK_BINS / 2)

// The least delays of so many intervals tell a drift.
#define LEAST_POINTS 3

// The longest interval: the points then reach back for an hour.
#define MOST_INTERVAL_NS (32 * AUDYN_NS_PER_SECOND)

_Static_assert(AUDYN_STREAM_CLOCK_FINE == 256, "the bins beyond begin with 2⁸");

static void
set(_Atomic int64_t *value, int64_t to)
{
    atomic_store_explicit(value, to, memory_order_relaxed);
}

static int64_t
get(const _Atomic int64_t *value)
{
    return atomic_load_explicit(value, memory_order_relaxed);
}

// Of one side of the middle; `steps` is a distance in units of BIN_NS.
static unsigned
side_bin(uint64_t steps)
{
    if (steps < AUDYN_STREAM_CLOCK_FINE) {
        return (unsigned)steps;
    }
    const unsigned bits = 63U - (unsigned)__builtin_clzll(steps);
    const unsigned sixteenth = (unsigned)(steps >> (bits - 4)) & 15;
    const unsigned bin = AUDYN_STREAM_CLOCK_FINE + (bits - 8) * 16 + sixteenth;
    return bin < SIDE_BINS ? bin : SIDE_BINS - 1;
}

// The distance in the middle of a side's bin.
static int64_t
side_bin_ns(unsigned bin)
{
    if (bin < AUDYN_STREAM_CLOCK_FINE) {
        return bin * BIN_NS + BIN_NS / 2;
    }
    const unsigned beyond = bin - AUDYN_STREAM_CLOCK_FINE;
    const unsigned shift = beyond / 16 + 4;
    const int64_t steps = (int64_t)(16 + beyond % 16) << shift;
    return (steps + (INT64_C(1) << shift) / 2) * BIN_NS;
}

// Bins in the order of the delays, those before the middle first.
static unsigned
bin_of(int64_t distance_ns)
{
    return distance_ns < 0
               ? SIDE_BINS - 1 - side_bin((uint64_t)(-1 - distance_ns) / BIN_NS)
               : SIDE_BINS + side_bin((uint64_t)distance_ns / BIN_NS);
}

static int64_t
bin_ns(unsigned bin)
{
    return bin < SIDE_BINS ? -side_bin_ns(SIDE_BINS - 1 - bin)
                           : side_bin_ns(bin - SIDE_BINS);
}

void
audyn_stream_clock_begin(audyn_stream_clock_t *clock, const audyn_media_rate_t *rate,
                         bool absolute) AUDYN_REALTIME
{
    atomic_store_explicit(&clock->known, false, memory_order_relaxed);
    atomic_store_explicit(&clock->drift_known, false, memory_order_relaxed);
    for (unsigned i = 0; i < AUDYN_STREAM_CLOCK_BINS; ++i) {
        atomic_store_explicit(&clock->bins[i], 0, memory_order_relaxed);
    }
    clock->absolute = absolute;
    clock->started = false;
    clock->rate = *rate;
    const uint32_t numerator = rate->numerator ? rate->numerator : 1;
    const uint32_t denominator = rate->denominator ? rate->denominator : 1;
    clock->ns_per_sample = (double)AUDYN_NS_PER_SECOND * denominator /
                           ((double)rate->sample_rate * numerator);
    clock->point_count = 0;
    clock->interval_ns = AUDYN_NS_PER_SECOND;
}

static void
start(audyn_stream_clock_t *clock, uint64_t position, int64_t tai_ns,
      int64_t monotonic_ns)
{
    clock->started = true;
    clock->first_position = position;
    clock->first_tai_ns = tai_ns;
    clock->first_monotonic_ns = monotonic_ns;
    clock->first_delay_ns =
        clock->absolute ? tai_ns - audyn_media_tai_ns(position, &clock->rate) : 0;
    clock->interval_end_ns = clock->interval_ns;
    clock->least = (audyn_stream_clock_point_t){0, 0};
    set(&clock->middle_ns, clock->first_delay_ns);
    set(&clock->least_ns, clock->first_delay_ns);
    set(&clock->worst_ns, clock->first_delay_ns);
    atomic_store_explicit(&clock->known, true, memory_order_release);
}

// One more in its bin.  Before a bin runs over all are halved, which leaves the median.
static void
count(audyn_stream_clock_t *clock, int64_t distance_ns)
{
    _Atomic uint32_t *bin = &clock->bins[bin_of(distance_ns)];
    const uint32_t there = atomic_load_explicit(bin, memory_order_relaxed);
    atomic_store_explicit(bin, there + 1, memory_order_relaxed);
    if (there + 1 < UINT32_MAX) {
        return;
    }
    for (unsigned i = 0; i < AUDYN_STREAM_CLOCK_BINS; ++i) {
        const uint32_t all = atomic_load_explicit(&clock->bins[i], memory_order_relaxed);
        atomic_store_explicit(&clock->bins[i], all / 2, memory_order_relaxed);
    }
}

// Halves the points: of two neighbours the lesser delay remains.
static void
thin_out(audyn_stream_clock_t *clock)
{
    for (unsigned i = 0; i < AUDYN_STREAM_CLOCK_POINTS / 2; ++i) {
        const audyn_stream_clock_point_t *pair = &clock->points[2 * i];
        clock->points[i] = pair[pair[1].delay_ns < pair[0].delay_ns];
    }
    clock->point_count = AUDYN_STREAM_CLOCK_POINTS / 2;
    clock->interval_ns *= 2;
}

// The points' regression: what arrives ever earlier comes from a faster clock.
static double
measure_drift(const audyn_stream_clock_point_t *points, unsigned point_count)
{
    double mean_at = 0;
    double mean_delay = 0;
    for (unsigned i = 0; i < point_count; ++i) {
        mean_at += (double)points[i].at_ns / point_count;
        mean_delay += (double)points[i].delay_ns / point_count;
    }
    double product = 0;
    double square = 0;
    for (unsigned i = 0; i < point_count; ++i) {
        const double at = (double)points[i].at_ns - mean_at;
        product += at * ((double)points[i].delay_ns - mean_delay);
        square += at * at;
    }
    return -1e6 * product / square;
}

static void
keep_point(audyn_stream_clock_t *clock, audyn_stream_clock_point_t point)
{
    if (clock->point_count == AUDYN_STREAM_CLOCK_POINTS) {
        if (clock->interval_ns < MOST_INTERVAL_NS) {
            thin_out(clock);
        } else {
            memmove(clock->points, clock->points + 1,
                    --clock->point_count * sizeof clock->points[0]);
        }
    }
    clock->points[clock->point_count++] = point;
    if (clock->point_count >= LEAST_POINTS) {
        const double ppm = measure_drift(clock->points, clock->point_count);
        atomic_store_explicit(&clock->drift_ppm, ppm, memory_order_relaxed);
        atomic_store_explicit(&clock->drift_known, true, memory_order_release);
    }
}

// What lies on the lower edge of the delays has waited nowhere: there the clocks show.
static void
follow_edge(audyn_stream_clock_t *clock, audyn_stream_clock_point_t point)
{
    if (point.at_ns >= clock->interval_end_ns) {
        keep_point(clock, clock->least);
        clock->interval_end_ns = point.at_ns + clock->interval_ns;
        clock->least = point;
    } else if (point.delay_ns < clock->least.delay_ns) {
        clock->least = point;
    }
}

void
audyn_stream_clock_note(audyn_stream_clock_t *clock, uint64_t position, int64_t tai_ns,
                        int64_t monotonic_ns) AUDYN_REALTIME
{
    if (!clock->started) {
        start(clock, position, tai_ns, monotonic_ns);
    }
    const int64_t samples = (int64_t)(position - clock->first_position);
    const int64_t media_ns = (int64_t)((double)samples * clock->ns_per_sample);
    const audyn_stream_clock_point_t point = {
        .at_ns = monotonic_ns - clock->first_monotonic_ns,
        .delay_ns = monotonic_ns - clock->first_monotonic_ns - media_ns};
    const int64_t distance_ns =
        clock->absolute ? tai_ns - clock->first_tai_ns - media_ns : point.delay_ns;
    const int64_t delay_ns = clock->first_delay_ns + distance_ns;
    if (delay_ns < get(&clock->least_ns)) {
        set(&clock->least_ns, delay_ns);
    }
    if (delay_ns > get(&clock->worst_ns)) {
        set(&clock->worst_ns, delay_ns);
    }
    count(clock, distance_ns);
    follow_edge(clock, point);
}

// The bin in which half of all packets is reached.
static unsigned
median_bin(const audyn_stream_clock_t *clock)
{
    uint64_t all = 0;
    for (unsigned i = 0; i < AUDYN_STREAM_CLOCK_BINS; ++i) {
        all += atomic_load_explicit(&clock->bins[i], memory_order_relaxed);
    }
    uint64_t below = 0;
    unsigned bin = 0;
    while (bin < AUDYN_STREAM_CLOCK_BINS - 1) {
        below += atomic_load_explicit(&clock->bins[bin], memory_order_relaxed);
        if (2 * below >= all) {
            break;
        }
        ++bin;
    }
    return bin;
}

void
audyn_stream_clock_get_delay(const audyn_stream_clock_t *clock, audyn_delay_t *delay)
{
    *delay = (audyn_delay_t){0};
    if (!atomic_load_explicit(&clock->known, memory_order_acquire)) {
        return;
    }
    delay->known = true;
    delay->least_ns = get(&clock->least_ns);
    delay->worst_ns = get(&clock->worst_ns);
    const int64_t median_ns = get(&clock->middle_ns) + bin_ns(median_bin(clock));
    delay->typical_ns = median_ns < delay->least_ns   ? delay->least_ns
                        : median_ns > delay->worst_ns ? delay->worst_ns
                                                      : median_ns;
}

bool
audyn_stream_clock_get_drift(const audyn_stream_clock_t *clock, double *ppm)
{
    if (!atomic_load_explicit(&clock->drift_known, memory_order_acquire)) {
        return false;
    }
    *ppm = atomic_load_explicit(&clock->drift_ppm, memory_order_relaxed);
    return true;
}
