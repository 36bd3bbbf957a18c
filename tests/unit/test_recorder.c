// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "input/input_private.h"
#include "recorder/recorder.h"
#include "simulated_clock.h"
#include "sink/wav_reader.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#define RATE 48000U
#define POSITION (UINT64_C(1790000000) * RATE)

/// An input whose samples the test places itself, recorded into a file.
struct bench {
    struct audyn_input input;
    struct simulated_clock clock;
    audyn_recorder_t *recorder;
    char path[64];
};

static void
copy(float *restrict out, const void *restrict in, size_t samples)
{
    memcpy(out, in, samples * sizeof(float));
}

static void
set_up(struct bench *bench, uint64_t sample_frames)
{
    *bench = (struct bench){.input.format = {RATE, 1, 24}};
    simulated_clock_init(&bench->clock, INT64_C(1790000000) * AUDYN_NS_PER_SECOND);
    const audyn_input_config_t input_config = {.buffer_ms = 5000};
    assert_int_equal(input_create_timeline(&bench->input, 0, &input_config, NULL),
                     AUDYN_OK);
    snprintf(bench->path, sizeof bench->path, "test_recorder.%d.wav", (int)getpid());
    const audyn_sink_config_t sink_config = {
        .sample_rate = RATE,
        .channels = 1,
        .encoding = AUDYN_PCM24,
        .overwrite = true,
        .description = "test",
        .source = "test",
    };
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, bench->path, &sink_config, NULL), AUDYN_OK);
    const audyn_recorder_config_t config = {
        .input = &bench->input,
        .sink = sink,
        .sample_frames = sample_frames,
        .clock = &bench->clock.clock,
        .metering = true,
    };
    assert_int_equal(audyn_recorder_create(&bench->recorder, &config), AUDYN_OK);
}

static void
tear_down(struct bench *bench)
{
    audyn_recorder_destroy(bench->recorder);
    audyn_timeline_destroy(bench->input.timeline);
    unlink(bench->path);
}

static void
place(struct bench *bench, uint64_t position, uint32_t count)
{
    static float samples[RATE];
    for (uint32_t i = 0; i < count; ++i) {
        samples[i] = 0.25f;
    }
    const audyn_samples_t placed = {.position = position,
                                    .sample_frames = count,
                                    .bytes = sizeof *samples,
                                    .data = samples,
                                    .decode = copy};
    audyn_placement_t placement;
    audyn_timeline_place(bench->input.timeline, &placed, &placement);
}

static audyn_recorder_progress_t
progress_of(struct bench *bench)
{
    audyn_recorder_progress_t progress;
    audyn_recorder_get_progress(bench->recorder, &progress);
    return progress;
}

static void
finish(struct bench *bench)
{
    audyn_timeline_finish(bench->input.timeline);
    audyn_recorder_step(bench->recorder);
}

static audyn_wav_info_t
info_of(const struct bench *bench)
{
    audyn_wav_info_t info;
    assert_int_equal(audyn_wav_read_info(bench->path, &info, NULL), AUDYN_OK);
    return info;
}

static void
a_recording_has_exactly_the_sample_frames_asked_for(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 12345);
    for (uint32_t i = 0; i < 20; ++i) {
        place(&bench, POSITION + i * 1000, 1000);
        audyn_recorder_step(bench.recorder);
    }
    assert_int_equal(progress_of(&bench).state, AUDYN_RECORDER_FULL);
    finish(&bench);
    const audyn_recorder_progress_t progress = progress_of(&bench);
    assert_true(progress.sample_frames == 12345);
    assert_true(progress.position == POSITION);
    assert_true(progress.counts[AUDYN_SAMPLE_RECEIVED] == 12345);
    assert_int_equal(audyn_recorder_finish(bench.recorder, true), AUDYN_OK);
    const audyn_wav_info_t info = info_of(&bench);
    assert_true(info.sample_frames == 12345);
    assert_true(info.position == POSITION);
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    tear_down(&bench);
}

static void
what_the_input_ends_with_is_recorded_to_the_last_sample(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    place(&bench, POSITION, 777);
    place(&bench, POSITION + 1000, 1);
    finish(&bench);
    const audyn_recorder_progress_t progress = progress_of(&bench);
    assert_int_equal(progress.state, AUDYN_RECORDER_ENDED);
    assert_true(progress.sample_frames == 1001);
    assert_true(progress.counts[AUDYN_SAMPLE_LOST] == 223);
    assert_true(progress.counts[AUDYN_SAMPLE_RECEIVED] == 778);
    assert_true(progress.peaks[0] == 0.25f);
    assert_true(progress_of(&bench).peaks[0] == 0.0f);
    assert_int_equal(audyn_recorder_finish(bench.recorder, true), AUDYN_OK);
    assert_true(info_of(&bench).sample_frames == 1001);
    tear_down(&bench);
}

static void
the_header_follows_every_second(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    uint64_t position = POSITION;
    for (unsigned second = 1; second <= 5; ++second) {
        for (unsigned i = 0; i < 10; ++i) {
            place(&bench, position, RATE / 10);
            position += RATE / 10;
            simulated_clock_advance(&bench.clock, 100 * AUDYN_NS_PER_MS);
            audyn_recorder_step(bench.recorder);
        }
        // All but what is not decided yet, less than a frame.
        const uint64_t counted = info_of(&bench).sample_frames;
        assert_in_range(counted, second * RATE - 512, second * RATE);
    }
    finish(&bench);
    assert_int_equal(audyn_recorder_finish(bench.recorder, true), AUDYN_OK);
    tear_down(&bench);
}

static void
a_file_that_cannot_grow_keeps_what_it_has_and_does_not_starve_the_input(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit limit = {1000000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (uint32_t i = 0; i < 100; ++i) {
        place(&bench, POSITION + i * RATE / 4, RATE / 4);
        simulated_clock_advance(&bench.clock, 250 * AUDYN_NS_PER_MS);
        audyn_recorder_step(bench.recorder);
    }
    finish(&bench);
    audyn_frame_pool_stats_t pool;
    audyn_timeline_get_pool_stats(bench.input.timeline, &pool);
    assert_int_equal(pool.exhausted, 0);
    assert_int_equal(pool.in_use, 0);
    const audyn_recorder_progress_t progress = progress_of(&bench);
    assert_int_equal(progress.state, AUDYN_RECORDER_FAILED);
    assert_int_equal(progress.status, AUDYN_TOO_LARGE);
    assert_true(progress.sample_frames > 200000);
    audyn_recorder_finish(bench.recorder, true);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    const audyn_wav_info_t info = info_of(&bench);
    assert_true(info.sample_frames == progress.sample_frames);
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    tear_down(&bench);
}

static void
samples_that_are_not_worth_keeping_leave_no_file(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    place(&bench, POSITION, 1000);
    finish(&bench);
    assert_int_equal(audyn_recorder_finish(bench.recorder, false), AUDYN_OK);
    assert_int_equal(access(bench.path, F_OK), -1);
    tear_down(&bench);
}

static void
without_a_sample_no_file_is_left(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    finish(&bench);
    assert_int_equal(audyn_recorder_finish(bench.recorder, true), AUDYN_OK);
    assert_int_equal(access(bench.path, F_OK), -1);
    tear_down(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_has_exactly_the_sample_frames_asked_for),
        cmocka_unit_test(what_the_input_ends_with_is_recorded_to_the_last_sample),
        cmocka_unit_test(the_header_follows_every_second),
        cmocka_unit_test(
            a_file_that_cannot_grow_keeps_what_it_has_and_does_not_starve_the_input),
        cmocka_unit_test(samples_that_are_not_worth_keeping_leave_no_file),
        cmocka_unit_test(without_a_sample_no_file_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
