// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A graph of PipeWire's without PipeWire: cycles with their clock, and what the timeline
/// made of them.  Each test has one.

#ifndef AUDYN_TESTS_PIPEWIRE_BENCH_H
#define AUDYN_TESTS_PIPEWIRE_BENCH_H

#include "unit_test.h"

#include "input/pipewire_flow.h"

#include <stdlib.h>
#include <string.h>

enum {
    BENCH_RATE = 48000,
    BENCH_CHANNELS = 3,
    BENCH_MOST = 400000, ///< sample frames of the timeline, and of a buffer
};

struct pipewire_bench {
    audyn_timeline_t *timeline;
    pipewire_flow_t *flow;
    struct spa_io_clock clock;
    bool counts_by_end; ///< its driver counts the clock up by the cycle that begins
    uint64_t next_ns;   ///< when the next cycle begins, on the monotonic clock
    uint32_t played;    ///< sample frames of sound so far; the first has the value 1
    float memory[BENCH_MOST * BENCH_CHANNELS];
    // What the worker has seen.
    uint64_t start;
    uint32_t length;
    int sounds[BENCH_MOST]; ///< which sample frame of the sound lies there; 0: silence
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
};

#define BENCH_TAI_OFFSET_NS (INT64_C(1700000037) * AUDYN_NS_PER_SECOND)

static inline struct pipewire_bench *
bench_create(uint32_t buffer_ms)
{
    struct pipewire_bench *bench = calloc(1, sizeof *bench);
    const audyn_timeline_config_t timeline = {
        .sample_rate = BENCH_RATE, .channels = BENCH_CHANNELS, .buffer_ms = buffer_ms};
    assert_non_null(bench);
    assert_int_equal(audyn_timeline_create(&bench->timeline, &timeline), AUDYN_OK);
    const pipewire_flow_config_t config = {
        .timeline = bench->timeline,
        .format = {.sample_rate = BENCH_RATE, .channels = BENCH_CHANNELS, .bits = 32},
        .tai_offset_ns = BENCH_TAI_OFFSET_NS,
    };
    assert_int_equal(pipewire_flow_create(&bench->flow, &config), AUDYN_OK);
    bench->clock.id = 7;
    bench->clock.rate = SPA_FRACTION(1, BENCH_RATE);
    bench->clock.duration = 1024;
    bench->clock.position = 99999;
    bench->next_ns = 5 * (uint64_t)AUDYN_NS_PER_SECOND;
    pipewire_flow_set_clock(bench->flow, &bench->clock);
    return bench;
}

static inline uint64_t
bench_ns(uint64_t sample_frames, uint32_t rate)
{
    return sample_frames * (uint64_t)AUDYN_NS_PER_SECOND / rate;
}

/// The clock as it is when a cycle of so many of the graph's sample frames begins.
static inline void
bench_begin_cycle(struct pipewire_bench *bench, uint32_t quantum)
{
    bench->clock.position += bench->counts_by_end ? quantum : bench->clock.duration;
    bench->clock.duration = quantum;
    bench->clock.nsec = bench->next_ns;
    bench->next_ns += bench_ns(quantum, bench->clock.rate.denom);
}

/// The next `sample_frames` of the sound, in this memory.
static inline void
bench_sound(struct pipewire_bench *bench, uint32_t sample_frames, struct spa_data *data,
            struct spa_chunk *chunk)
{
    for (uint32_t i = 0; i < sample_frames; ++i) {
        const float value = (float)++bench->played;
        for (uint32_t c = 0; c < BENCH_CHANNELS; ++c) {
            bench->memory[i * BENCH_CHANNELS + c] = c == 1 ? -value : value;
        }
    }
    *chunk = (struct spa_chunk){.size = sample_frames * BENCH_CHANNELS *
                                        (uint32_t)sizeof(float),
                                .stride = BENCH_CHANNELS * (int32_t)sizeof(float)};
    *data = (struct spa_data){
        .maxsize = sizeof bench->memory, .data = bench->memory, .chunk = chunk};
}

static inline void
bench_give(struct pipewire_bench *bench, uint32_t sample_frames)
{
    struct spa_data data;
    struct spa_chunk chunk;
    bench_sound(bench, sample_frames, &data, &chunk);
    const struct spa_buffer buffer = {.n_datas = 1, .datas = &data};
    pipewire_flow_take(bench->flow, &buffer);
}

/// A cycle as it should be.
static inline void
bench_cycle(struct pipewire_bench *bench, uint32_t quantum)
{
    bench_begin_cycle(bench, quantum);
    bench_give(bench, quantum);
}

/// A cycle in which the graph did not wait for us: its sound is gone.
static inline void
bench_miss(struct pipewire_bench *bench, uint32_t quantum)
{
    bench_begin_cycle(bench, quantum);
    bench->played += quantum;
}

/// The worker's part.
static inline void
bench_drain(struct pipewire_bench *bench)
{
    audyn_stretch_t stretch;
    while (audyn_timeline_next(bench->timeline, &stretch)) {
        bench->start = bench->length ? bench->start : stretch.position;
        assert_true(stretch.position == bench->start + bench->length);
        for (uint64_t i = 0; i < stretch.sample_frames; ++i) {
            const float *samples = stretch.samples + i * BENCH_CHANNELS;
            assert_true(bench->length < BENCH_MOST);
            bench->sounds[bench->length++] = stretch.samples ? (int)samples[0] : 0;
            assert_true(!stretch.samples ||
                        (samples[0] + samples[1] == 0 && samples[2] == samples[0]));
        }
        audyn_timeline_release(bench->timeline, &stretch);
    }
    audyn_timeline_count(bench->timeline, UINT64_MAX, bench->counts);
}

static inline void
bench_finish(struct pipewire_bench *bench)
{
    audyn_timeline_finish(bench->timeline);
    bench_drain(bench);
}

static inline audyn_graph_report_t
bench_report(const struct pipewire_bench *bench)
{
    audyn_graph_report_t report = {0};
    pipewire_flow_get_report(bench->flow, &report);
    return report;
}

/// From `first` on the timeline holds the sound from `sound` on.
static inline void
bench_assert_sound(const struct pipewire_bench *bench, uint32_t first, uint32_t count,
                   uint32_t sound)
{
    for (uint32_t i = 0; i < count; ++i) {
        if (bench->sounds[first + i] != (int)(sound + i)) {
            fail_msg("at %u is %d, not %u", first + i, bench->sounds[first + i],
                     sound + i);
        }
    }
}

static inline void
bench_assert_silence(const struct pipewire_bench *bench, uint32_t first, uint32_t count)
{
    for (uint32_t i = 0; i < count; ++i) {
        assert_int_equal(bench->sounds[first + i], 0);
    }
}

static inline void
bench_destroy(struct pipewire_bench *bench)
{
    pipewire_flow_destroy(bench->flow);
    audyn_timeline_destroy(bench->timeline);
    free(bench);
}

#endif
