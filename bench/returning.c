// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A worker that stood still gives back 1,024 frames at once: what each acquire after that
// costs, beside the steady state, in which one frame comes back for each acquired.
// Prints, in ticks of the time stamp counter without those of reading it: the median of
// the steady state, and the largest of the medians at each of the 1,024 places.

#include "measure.h"

#include <audyn/frame_pool.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <x86intrin.h>

enum { FRAMES = 1024, ROUNDS = 301, STEADY = 16 };

static audyn_audio_frame_t *frames[FRAMES]; // acquired in this order
static _Atomic int to_release; // written by the acquirer, taken back by the releaser
static cpu_set_t allowed;

static void *
release_when_told(void *unused)
{
    (void)unused;
    pin_to_processor(&allowed, 1);
    for (int count; (count = atomic_load(&to_release)) >= 0;) {
        for (int i = 0; i < count; ++i) {
            audyn_frame_release(frames[i]);
        }
        atomic_compare_exchange_strong(&to_release, &count, 0);
    }
    return NULL;
}

static void
give_back(int count)
{
    atomic_store(&to_release, count);
    while (atomic_load(&to_release)) {
    }
}

static uint32_t
ticks_of_acquire(audyn_frame_pool_t *pool, audyn_audio_frame_t **frame)
{
    unsigned processor;
    _mm_mfence();
    _mm_lfence();
    const uint64_t before = __rdtsc();
    _mm_lfence();
    if (pool) {
        *frame = audyn_frame_acquire(pool);
    }
    const uint64_t after = __rdtscp(&processor);
    _mm_lfence();
    return (uint32_t)(after - before);
}

static int
compare(const void *left, const void *right)
{
    const uint32_t a = *(const uint32_t *)left;
    const uint32_t b = *(const uint32_t *)right;
    return (a > b) - (a < b);
}

static uint32_t
median(uint32_t *ticks, size_t count)
{
    qsort(ticks, count, sizeof *ticks, compare);
    return ticks[count / 2];
}

static void
measure(audyn_frame_pool_t *pool)
{
    static uint32_t empty[ROUNDS];
    static uint32_t steady[ROUNDS * STEADY];
    static uint32_t returned[FRAMES][ROUNDS];
    for (int round = 0; round < ROUNDS; ++round) {
        empty[round] = ticks_of_acquire(NULL, NULL);
        for (int i = 0; i < STEADY; ++i) {
            give_back(1);
            steady[round * STEADY + i] = ticks_of_acquire(pool, &frames[0]);
        }
        give_back(FRAMES);
        for (int i = 0; i < FRAMES; ++i) {
            returned[i][round] = ticks_of_acquire(pool, &frames[i]);
        }
    }
    const uint32_t clock = median(empty, ROUNDS);
    uint32_t worst = 0;
    for (int i = 0; i < FRAMES; ++i) {
        const uint32_t ticks = median(returned[i], ROUNDS);
        worst = ticks > worst ? ticks : worst;
    }
    printf("steady\t%u\n", median(steady, (size_t)ROUNDS * STEADY) - clock);
    printf("worst\t%u\n", worst - clock);
}

int
main(void)
{
    sched_getaffinity(0, sizeof allowed, &allowed);
    audyn_frame_pool_t *pool = audyn_frame_pool_create(FRAMES, 2, 480);
    if (!pool || !pin_to_processor(&allowed, 0) || CPU_COUNT(&allowed) < 2) {
        fputs("returning: this needs memory and two processors\n", stderr);
        return EXIT_FAILURE;
    }
    for (int i = 0; i < FRAMES; ++i) {
        frames[i] = audyn_frame_acquire(pool);
    }
    pthread_t releaser;
    if (pthread_create(&releaser, NULL, release_when_told, NULL)) {
        return EXIT_FAILURE;
    }
    measure(pool);
    atomic_store(&to_release, -1);
    pthread_join(releaser, NULL);
    audyn_frame_pool_destroy(pool);
    return EXIT_SUCCESS;
}
