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
    /// TAI − UTC now, in seconds: one more after a leap second.
    int64_t (*tai_offset_s)(const audyn_clock_t *clock);
};

/// Nanoseconds since 1970-01-01 00:00:00 TAI, with leap seconds.
static inline int64_t
audyn_clock_tai_now_ns(const audyn_clock_t *clock)
{
    return clock->utc_ns(clock) + clock->tai_offset_s(clock) * AUDYN_NS_PER_SECOND;
}

/// The machine's clocks.  Static.  None makes a system call but to sleep.  TAI − UTC is
/// the kernel's where a PTP or NTP daemon has set it, else 37, which holds since
/// 2017-01-01, and the leap seconds that the kernel has inserted since its start.
const audyn_clock_t *audyn_clock_system(void);

/// How fast a media clock runs: `sample_rate` × `numerator` / `denominator` samples a
/// second (RFC 7273, section 5.2: `rate=`).  A fraction of 0/0 stands for 1/1.
typedef struct {
    uint32_t sample_rate; ///< nominal, Hz
    uint32_t numerator, denominator;
} audyn_media_rate_t;

/// The index on a media clock at a TAI time: floor(tai_ns × rate / 10⁹) (AES67 7.4).
/// Exact over the whole range of `tai_ns` ≥ 0.
uint64_t audyn_media_position(int64_t tai_ns,
                              const audyn_media_rate_t *rate) AUDYN_REALTIME;

/// The TAI time at which the sample of this index begins, rounded up, so that
/// audyn_media_position() of it is `position` again.
int64_t audyn_media_tai_ns(uint64_t position,
                           const audyn_media_rate_t *rate) AUDYN_REALTIME;

/// The index of the first sample that begins at that time or after it.
uint64_t audyn_media_first_position(int64_t tai_ns, const audyn_media_rate_t *rate);

/// The index at the same moment on a clock that runs at the nominal rate, rounded down:
/// what files that know only a sample rate count.
uint64_t audyn_media_nominal(uint64_t position,
                             const audyn_media_rate_t *rate) AUDYN_REALTIME;

/// The same for a clock that runs at its nominal rate.
uint64_t audyn_clock_position(int64_t tai_ns, uint32_t sample_rate) AUDYN_REALTIME;
int64_t audyn_clock_tai_ns(uint64_t position, uint32_t sample_rate) AUDYN_REALTIME;

#endif
