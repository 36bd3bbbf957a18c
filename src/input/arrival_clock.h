// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Turns kernel receive timestamps, which follow the time of day, into monotonic time and
/// TAI, though somebody may set the time of day, or a leap second be inserted, while
/// packets wait in their socket.

#ifndef AUDYN_INPUT_ARRIVAL_CLOCK_H
#define AUDYN_INPUT_ARRIVAL_CLOCK_H

#include <audyn/attributes.h>

#include <stdbool.h>
#include <stdint.h>

/// Used by one thread.  Start with all zero.
typedef struct {
    bool started;
    struct {
        int64_t utc_ns;   ///< time of day − monotonic time
        int64_t tai_ns;   ///< TAI − time of day
    } now, before;        ///< when the sockets are read, and when they were read before
    int64_t monotonic_ns; ///< now
    int64_t before_ns;    ///< when the sockets were read before
} audyn_arrival_clock_t;

/// The sockets are going to be read: the clocks, read together.
void audyn_arrival_clock_read(audyn_arrival_clock_t *clock, int64_t utc_ns,
                              int64_t tai_offset_ns, int64_t monotonic_ns) AUDYN_REALTIME;

/// When a packet with this timestamp arrived: after the sockets were read before, and not
/// later than now.
void audyn_arrival_clock_convert(const audyn_arrival_clock_t *clock, int64_t utc_ns,
                                 int64_t *tai_ns, int64_t *monotonic_ns) AUDYN_REALTIME;

#endif
