// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A timeline, samples that tell their position, and a worker that checks them.

#ifndef AUDYN_TESTS_TIMELINE_BENCH_H
#define AUDYN_TESTS_TIMELINE_BENCH_H

#include "unit_test.h"

#include "input/timeline_private.h"

#include <stdlib.h>

#define RATE 48000U
#define CHANNELS 2U
#define ORIGIN UINT64_C(86000000123)
#define WINDOW (RATE / 5)

// The sample of a position: never zero, so that silence tells.
static inline float
value_at(uint64_t position, uint32_t channel)
{
    return (float)((position * CHANNELS + channel) % 8388607 + 1) / 8388608.0f;
}

static inline void
copy(float *restrict out, const void *restrict in, size_t samples)
{
    memcpy(out, in, samples * sizeof(float));
}

static inline audyn_timeline_t *
create(uint32_t window_ms, uint32_t buffer_ms)
{
    const audyn_timeline_config_t config = {RATE, CHANNELS, window_ms, buffer_ms};
    audyn_timeline_t *timeline;
    assert_int_equal(audyn_timeline_create(&timeline, &config), AUDYN_OK);
    return timeline;
}

// What `leg` brings; with `flaws` it is other audio in every sample frame whose position
// is a multiple of that.
static inline audyn_samples_t
make_samples(unsigned leg, uint64_t position, uint32_t count, uint32_t flaws)
{
    float *data = malloc(count * CHANNELS * sizeof *data);
    assert_non_null(data);
    for (uint32_t i = 0; i < count * CHANNELS; ++i) {
        const uint64_t at = position + i / CHANNELS;
        const float sign = flaws && at % flaws == 0 ? -1 : 1;
        data[i] = sign * value_at(at, i % CHANNELS);
    }
    return (audyn_samples_t){.position = position,
                             .sample_frames = count,
                             .bytes = sizeof(float),
                             .data = data,
                             .decode = copy,
                             .leg = leg};
}

static inline void
drop_samples(const audyn_samples_t *samples)
{
    free((void *)(uintptr_t)samples->data);
}

static inline audyn_placement_t
place_on(audyn_timeline_t *timeline, unsigned leg, uint64_t position, uint32_t count,
         uint32_t flaws)
{
    const audyn_samples_t samples = make_samples(leg, position, count, flaws);
    audyn_placement_t placement;
    audyn_timeline_place(timeline, &samples, &placement);
    drop_samples(&samples);
    assert_int_equal(placement.placed + placement.duplicate + placement.late +
                         placement.no_frame,
                     count);
    assert_true(placement.differing <= placement.duplicate);
    assert_int_equal(placement.differing > 0, placement.differs_from != 0);
    return placement;
}

static inline audyn_placement_t
place(audyn_timeline_t *timeline, uint64_t position, uint32_t count)
{
    return place_on(timeline, 0, position, count, 0);
}

/// What the worker saw.
struct seen {
    uint64_t start, end;
    uint8_t *sounds; // [position − start]: 1 where the sample is the right one, 0: zero
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
};

static inline void
check_stretch(struct seen *seen, const audyn_stretch_t *stretch)
{
    if (!seen->sounds) {
        seen->start = seen->end = stretch->position;
    }
    assert_true(stretch->position == seen->end);
    assert_true(stretch->sample_frames > 0);
    seen->end += stretch->sample_frames;
    seen->sounds = realloc(seen->sounds, seen->end - seen->start);
    for (uint64_t i = 0; i < stretch->sample_frames; ++i) {
        const uint64_t position = stretch->position + i;
        uint8_t *sound = &seen->sounds[position - seen->start];
        *sound = stretch->samples && stretch->samples[i * CHANNELS] != 0.0f;
        for (uint32_t c = 0; *sound && c < CHANNELS; ++c) {
            const float sample = stretch->samples[i * CHANNELS + c];
            assert_true(sample == value_at(position, c));
        }
    }
}

static inline void
drain(audyn_timeline_t *timeline, struct seen *seen)
{
    audyn_stretch_t stretch;
    while (audyn_timeline_next(timeline, &stretch)) {
        check_stretch(seen, &stretch);
        audyn_timeline_release(timeline, &stretch);
    }
    audyn_timeline_count(timeline, UINT64_MAX, seen->counts);
}

static inline void
finish(audyn_timeline_t *timeline, struct seen *seen)
{
    audyn_timeline_finish(timeline);
    drain(timeline, seen);
    assert_true(audyn_timeline_ended(timeline));
    uint64_t sum = 0;
    for (int i = 0; i < AUDYN_SAMPLE_CLASSES; ++i) {
        sum += seen->counts[i];
    }
    assert_true(sum == seen->end - seen->start);
    uint64_t sounding = 0;
    for (uint64_t i = 0; i < seen->end - seen->start; ++i) {
        sounding += seen->sounds[i];
    }
    assert_true(sounding == audyn_samples_received(seen->counts));
    audyn_frame_pool_stats_t stats;
    audyn_timeline_get_pool_stats(timeline, &stats);
    assert_int_equal(stats.in_use, 0);
    free(seen->sounds);
    audyn_timeline_destroy(timeline);
}

#endif
