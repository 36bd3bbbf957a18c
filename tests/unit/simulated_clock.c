// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "simulated_clock.h"

// The clock's functions get it as const, being the same for all who read it.
static struct simulated_clock *
simulated_of(const audyn_clock_t *clock)
{
    return (struct simulated_clock *)(uintptr_t)clock;
}

static int64_t
read_locked(struct simulated_clock *simulated, const int64_t *time_ns)
{
    pthread_mutex_lock(&simulated->mutex);
    const int64_t now_ns = *time_ns;
    pthread_mutex_unlock(&simulated->mutex);
    return now_ns;
}

static int64_t
read_utc(const audyn_clock_t *clock)
{
    struct simulated_clock *simulated = simulated_of(clock);
    return read_locked(simulated, &simulated->utc_ns);
}

static int64_t
read_monotonic(const audyn_clock_t *clock)
{
    struct simulated_clock *simulated = simulated_of(clock);
    return read_locked(simulated, &simulated->monotonic_ns);
}

static int64_t
read_tai_offset(const audyn_clock_t *clock)
{
    struct simulated_clock *simulated = simulated_of(clock);
    return read_locked(simulated, &simulated->tai_offset_s);
}

static void
sleep_simulated(const audyn_clock_t *clock, int64_t deadline_ns)
{
    struct simulated_clock *simulated = simulated_of(clock);
    pthread_mutex_lock(&simulated->mutex);
    while (!simulated->released && simulated->monotonic_ns < deadline_ns) {
        simulated->deadline_ns = deadline_ns;
        pthread_cond_broadcast(&simulated->changed);
        pthread_cond_wait(&simulated->changed, &simulated->mutex);
    }
    simulated->deadline_ns = 0;
    pthread_mutex_unlock(&simulated->mutex);
}

void
simulated_clock_init(struct simulated_clock *simulated, int64_t utc_ns)
{
    *simulated = (struct simulated_clock){
        .clock = {read_utc, read_monotonic, sleep_simulated, read_tai_offset},
        .utc_ns = utc_ns,
        .monotonic_ns = 1000 * AUDYN_NS_PER_SECOND,
        .tai_offset_s = 37,
    };
    pthread_mutex_init(&simulated->mutex, NULL);
    pthread_cond_init(&simulated->changed, NULL);
}

void
simulated_clock_advance(struct simulated_clock *simulated, int64_t ns)
{
    pthread_mutex_lock(&simulated->mutex);
    simulated->utc_ns += ns;
    simulated->monotonic_ns += ns;
    pthread_cond_broadcast(&simulated->changed);
    pthread_mutex_unlock(&simulated->mutex);
}

void
simulated_clock_step(struct simulated_clock *simulated, int64_t ns)
{
    pthread_mutex_lock(&simulated->mutex);
    simulated->utc_ns += ns;
    pthread_mutex_unlock(&simulated->mutex);
}

void
simulated_clock_leap(struct simulated_clock *simulated)
{
    pthread_mutex_lock(&simulated->mutex);
    simulated->utc_ns -= AUDYN_NS_PER_SECOND;
    ++simulated->tai_offset_s;
    pthread_mutex_unlock(&simulated->mutex);
}

void
simulated_clock_wait_for_sleeper(struct simulated_clock *simulated)
{
    pthread_mutex_lock(&simulated->mutex);
    while (simulated->deadline_ns <= simulated->monotonic_ns) {
        pthread_cond_wait(&simulated->changed, &simulated->mutex);
    }
    pthread_mutex_unlock(&simulated->mutex);
}

void
simulated_clock_release(struct simulated_clock *simulated)
{
    pthread_mutex_lock(&simulated->mutex);
    simulated->released = true;
    pthread_cond_broadcast(&simulated->changed);
    pthread_mutex_unlock(&simulated->mutex);
}
