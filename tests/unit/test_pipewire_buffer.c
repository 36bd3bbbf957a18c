// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Buffers of any layout, through the flow to the timeline.

#include "pipewire_bench.h"

#include "input/pipewire_buffer.h"

// Planes of one memory, `gap` bytes apart, each with this offset and stride.
static void
give_planes(struct pipewire_bench *bench, uint32_t sample_frames, uint32_t offset,
            uint32_t stride)
{
    const uint32_t room = offset + sample_frames * stride + 64;
    uint8_t *memory = calloc(BENCH_CHANNELS, room);
    struct spa_data datas[BENCH_CHANNELS];
    struct spa_chunk chunks[BENCH_CHANNELS];
    assert_non_null(memory);
    for (uint32_t c = 0; c < BENCH_CHANNELS; ++c) {
        uint8_t *plane = memory + c * room;
        for (uint32_t i = 0; i < sample_frames; ++i) {
            const float value = (float)(bench->played + i + 1) * (c == 1 ? -1.0F : 1.0F);
            memcpy(plane + offset + i * stride, &value, sizeof value);
        }
        chunks[c] = (struct spa_chunk){
            .offset = offset, .size = sample_frames * stride, .stride = (int32_t)stride};
        datas[c] = (struct spa_data){.maxsize = room, .data = plane, .chunk = &chunks[c]};
    }
    const struct spa_buffer buffer = {.n_datas = BENCH_CHANNELS, .datas = datas};
    pipewire_flow_take(bench->flow, &buffer);
    bench->played += sample_frames;
    free(memory);
}

static void
planes_of_any_offset_and_stride_come_out_whole(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(4000);
    static const uint32_t counts[] = {1, 32, 1023, 1024, 1025, 8192};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; ++i) {
        for (uint32_t stride = 4; stride <= 8; ++stride) {
            bench_begin_cycle(bench, counts[i]);
            give_planes(bench, counts[i], 3 * stride, stride);
            bench_drain(bench);
        }
    }
    bench_finish(bench);
    assert_int_equal(bench->length, bench->played);
    bench_assert_sound(bench, 0, bench->length, 1);
    bench_destroy(bench);
}

// Interleaved, at `offset`, with `extra` bytes behind each sample frame.
static void
give_interleaved(struct pipewire_bench *bench, uint32_t sample_frames, uint32_t offset,
                 uint32_t extra, uint32_t maxsize)
{
    const uint32_t packed = BENCH_CHANNELS * (uint32_t)sizeof(float);
    const uint32_t stride = packed + extra;
    struct spa_data data;
    struct spa_chunk chunk;
    bench_sound(bench, sample_frames, &data, &chunk);
    uint8_t *memory = calloc(1, maxsize + stride);
    assert_non_null(memory);
    for (uint32_t i = 0; i < sample_frames; ++i) {
        memcpy(memory + offset % maxsize + i * stride, bench->memory + i * BENCH_CHANNELS,
               packed);
    }
    chunk = (struct spa_chunk){.offset = offset,
                               .size = sample_frames * stride - extra,
                               .stride = extra ? (int32_t)stride : 0};
    data = (struct spa_data){.maxsize = maxsize, .data = memory, .chunk = &chunk};
    const struct spa_buffer buffer = {.n_datas = 1, .datas = &data};
    pipewire_flow_take(bench->flow, &buffer);
    free(memory);
}

static void
interleaved_samples_of_any_offset_and_stride_come_out_whole(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(4000);
    for (uint32_t extra = 0; extra <= 9; ++extra) {
        bench_begin_cycle(bench, 1500);
        give_interleaved(bench, 1500, extra * 7, extra, 1 << 18);
    }
    // An offset beyond the memory begins anew in it.
    bench_begin_cycle(bench, 100);
    give_interleaved(bench, 100, (1 << 14) + 24, 0, 1 << 14);
    bench_finish(bench);
    assert_int_equal(bench->length, 15100);
    bench_assert_sound(bench, 0, bench->length, 1);
    bench_destroy(bench);
}

static void
a_buffer_may_be_longer_than_the_timeline_takes_at_once(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(10000);
    const uint32_t most = audyn_timeline_max_placed(bench->timeline);
    bench_cycle(bench, 2 * most + 1);
    bench_begin_cycle(bench, most + 1);
    give_planes(bench, most + 1, 0, 4);
    bench_finish(bench);
    assert_int_equal(bench->length, 3 * most + 2);
    bench_assert_sound(bench, 0, bench->length, 1);
    bench_destroy(bench);
}

static void
a_corrupted_buffer_is_lost_and_counted(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench_cycle(bench, 1024);
    bench_begin_cycle(bench, 1024);
    struct spa_data data;
    struct spa_chunk chunk;
    bench_sound(bench, 1024, &data, &chunk);
    chunk.flags = SPA_CHUNK_FLAG_CORRUPTED;
    const struct spa_buffer buffer = {.n_datas = 1, .datas = &data};
    pipewire_flow_take(bench->flow, &buffer);
    bench_cycle(bench, 1024);
    bench_finish(bench);
    assert_int_equal(bench->length, 3 * 1024);
    bench_assert_silence(bench, 1024, 1024);
    bench_assert_sound(bench, 2 * 1024, 1024, 2 * 1024 + 1);
    assert_true(bench->counts[AUDYN_SAMPLE_LOST] == 1024);
    assert_true(bench_report(bench).unreadable == 1);
    bench_destroy(bench);
}

static void
sizes_are_kept_within_the_memory_of_the_shortest_plane(void **state)
{
    (void)state;
    float memory[64];
    struct spa_chunk chunks[] = {{.size = 1000, .stride = 4},
                                 {.size = 80, .stride = 4},
                                 {.offset = 240, .size = 1000, .stride = 4}};
    struct spa_data datas[3];
    for (int i = 0; i < 3; ++i) {
        datas[i] = (struct spa_data){
            .maxsize = sizeof memory, .data = memory, .chunk = &chunks[i]};
    }
    const struct spa_buffer spa = {.n_datas = 3, .datas = datas};
    pipewire_buffer_t buffer;
    assert_true(pipewire_buffer_read(&buffer, &spa, 1));
    assert_int_equal(buffer.sample_frames, 64);
    assert_true(pipewire_buffer_read(&buffer, &spa, 2));
    assert_int_equal(buffer.sample_frames, 20);
    assert_true(pipewire_buffer_read(&buffer, &spa, 3));
    assert_int_equal(buffer.sample_frames, 4);
    datas[1].data = NULL;
    assert_true(pipewire_buffer_read(&buffer, &spa, 3));
    assert_int_equal(buffer.sample_frames, 0);
    datas[1].maxsize = 0;
    assert_true(pipewire_buffer_read(&buffer, &spa, 3));
    assert_int_equal(buffer.sample_frames, 0);
}

static void
what_cannot_be_samples_is_refused(void **state)
{
    (void)state;
    float memory[64];
    struct spa_chunk chunk = {.size = sizeof memory};
    struct spa_data datas[2];
    for (int i = 0; i < 2; ++i) {
        datas[i] =
            (struct spa_data){.maxsize = sizeof memory, .data = memory, .chunk = &chunk};
    }
    struct spa_buffer spa = {.n_datas = 2, .datas = datas};
    pipewire_buffer_t buffer;
    assert_false(pipewire_buffer_read(&buffer, &spa, 3)); // a plane is missing
    spa.n_datas = 0;
    assert_false(pipewire_buffer_read(&buffer, &spa, 1));
    spa.n_datas = 1;
    chunk.stride = -8;
    assert_false(pipewire_buffer_read(&buffer, &spa, 1));
    chunk.stride = 7;
    assert_false(pipewire_buffer_read(&buffer, &spa, 2));
    chunk.stride = 8;
    assert_true(pipewire_buffer_read(&buffer, &spa, 2));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(planes_of_any_offset_and_stride_come_out_whole),
        cmocka_unit_test(interleaved_samples_of_any_offset_and_stride_come_out_whole),
        cmocka_unit_test(a_buffer_may_be_longer_than_the_timeline_takes_at_once),
        cmocka_unit_test(a_corrupted_buffer_is_lost_and_counted),
        cmocka_unit_test(sizes_are_kept_within_the_memory_of_the_shortest_plane),
        cmocka_unit_test(what_cannot_be_samples_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
