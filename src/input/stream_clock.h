// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How a stream's clock runs against this host's, measured on its packets: how long after
/// its time each arrives, and by how much the stream is faster.

#ifndef AUDYN_INPUT_STREAM_CLOCK_H
#define AUDYN_INPUT_STREAM_CLOCK_H

#include "core/clock.h"
#include "input/input.h"

#include <stdatomic.h>

/// Delays are sorted by their distance from the first one: in steps of 0.1 ms up to
/// 25.6 ms on either side, beyond that in 16 steps for each doubling, up to seven hours.
#define AUDYN_STREAM_CLOCK_FINE 256
#define AUDYN_STREAM_CLOCK_BINS (2 * (AUDYN_STREAM_CLOCK_FINE + 20 * 16))

/// The least delays of as many intervals; an interval is a second and grows with the time
/// measured, so that they reach back for an hour.
#define AUDYN_STREAM_CLOCK_POINTS 112

/// When a packet arrived since the first one, and how much later than that one it was, by
/// the monotonic clock.
typedef struct {
    int64_t at_ns, delay_ns;
} audyn_stream_clock_point_t;

/// Written by one thread, the input thread; readable by any.  Start with all zero.
typedef struct {
    // The input thread's own.
    bool absolute;
    bool started; // the first packet has come
    audyn_media_rate_t rate;
    double ns_per_sample;
    uint64_t first_position; // of the first packet
    int64_t first_tai_ns;    // when it arrived
    int64_t first_monotonic_ns;
    int64_t first_delay_ns; // how long after its time
    int64_t interval_ns;
    int64_t interval_end_ns;          // since the first packet
    audyn_stream_clock_point_t least; // of the interval that goes on
    audyn_stream_clock_point_t points[AUDYN_STREAM_CLOCK_POINTS]; // oldest first
    unsigned point_count;

    // Written by the input thread.  Each stands for itself, but for `known`, which
    // publishes the first delay, and `drift_known`, which publishes the first drift.
    _Atomic bool known, drift_known;
    _Atomic int64_t middle_ns, least_ns, worst_ns; // the first delay, and the extremes
    _Atomic double drift_ppm;
    _Atomic uint32_t bins[AUDYN_STREAM_CLOCK_BINS];
} audyn_stream_clock_t;

/// Input thread.  Forgets all, and measures positions of a clock of this rate.
/// `absolute`: they are TAI sample indices.
void audyn_stream_clock_begin(audyn_stream_clock_t *clock, const audyn_media_rate_t *rate,
                              bool absolute) AUDYN_REALTIME;

/// Input thread.  A packet whose first sample is at `position` has arrived.
void audyn_stream_clock_note(audyn_stream_clock_t *clock, uint64_t position,
                             int64_t tai_ns, int64_t monotonic_ns) AUDYN_REALTIME;

/// Any thread.  Arrival minus the time of a packet's first sample: by TAI as this host
/// knows it where positions are absolute, else by the monotonic clock and relative to the
/// first packet.  The typical delay is the median of all, to 0.1 ms, or 4 % of how far it
/// lies from the first one.
void audyn_stream_clock_get_delay(const audyn_stream_clock_t *clock,
                                  audyn_delay_t *delay);

/// Any thread.  How much faster the stream runs than this host's monotonic clock, over
/// the last hour at most; negative: slower.  False in the first seconds.
bool audyn_stream_clock_get_drift(const audyn_stream_clock_t *clock, double *ppm);

#endif
