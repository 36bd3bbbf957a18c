// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// All time comes from here, so that a test can cross an hour in an instant.

#ifndef AUDYN_CORE_CLOCK_H
#define AUDYN_CORE_CLOCK_H

#include <audyn/attributes.h>

#include <stdint.h>

#define AUDYN_NS_PER_SECOND INT64_C(1000000000)
#define AUDYN_NS_PER_MS INT64_C(1000000)

typedef struct audyn_clock audyn_clock_t;

/// Any thread may use a clock.  A simulated one embeds this struct first.
struct audyn_clock {
    /// Nanoseconds since 1970-01-01 00:00:00 UTC, without leap seconds.
    int64_t (*utc_ns)(const audyn_clock_t *clock);
    /// Nanoseconds since an arbitrary moment, never stepped.
    int64_t (*monotonic_ns)(const audyn_clock_t *clock);
    /// Returns once monotonic_ns() has reached `deadline_ns`.
    void (*sleep_until)(const audyn_clock_t *clock, int64_t deadline_ns);
};

/// The machine's clocks.  Static.
const audyn_clock_t *audyn_clock_system(void);

/// TAI − UTC now, in seconds: the kernel's where a PTP or NTP daemon has set it, else
/// 37, which holds since 2017-01-01.
int64_t audyn_clock_tai_offset(void);

/// The TAI sample index at a TAI time: floor(tai_ns × sample_rate / 10⁹) (AES67 7.4).
/// Exact over the whole range of `tai_ns` ≥ 0.
uint64_t audyn_clock_position(int64_t tai_ns, uint32_t sample_rate) AUDYN_REALTIME;

/// The TAI time at which the sample of this index begins, rounded up, so that
/// audyn_clock_position() of it is `position` again.
int64_t audyn_clock_tai_ns(uint64_t position, uint32_t sample_rate) AUDYN_REALTIME;

#endif
