// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "placed_recording.h"
#include "simulated_clock.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

struct bench {
    struct placed_recording placed;
    struct simulated_clock clock;
};

static void
set_up(struct bench *bench, uint64_t sample_frames)
{
    simulated_clock_init(&bench->clock, INT64_C(1790000000) * AUDYN_NS_PER_SECOND);
    placed_recording_start(&bench->placed, "test_recorder", sample_frames,
                           &bench->clock.clock);
}

static void
finish(struct bench *bench)
{
    audyn_timeline_finish(bench->placed.input.timeline);
    audyn_recorder_step(bench->placed.recorder);
}

static void
a_recording_has_exactly_the_sample_frames_asked_for(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 12345);
    for (uint32_t i = 0; i < 20; ++i) {
        placed_recording_add(&bench.placed, PLACED_START + i * 1000, 1000);
        audyn_recorder_step(bench.placed.recorder);
    }
    assert_int_equal(placed_recording_progress(&bench.placed).state, AUDYN_RECORDER_FULL);
    finish(&bench);
    const audyn_recorder_progress_t progress = placed_recording_progress(&bench.placed);
    assert_true(progress.sample_frames == 12345);
    assert_true(progress.position == PLACED_START);
    assert_true(progress.counts[AUDYN_SAMPLE_RECEIVED] == 12345);
    assert_int_equal(audyn_recorder_finish(bench.placed.recorder, true), AUDYN_OK);
    const audyn_wav_info_t info = placed_recording_info(&bench.placed);
    assert_true(info.sample_frames == 12345);
    assert_true(info.position == PLACED_START);
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    placed_recording_end(&bench.placed);
}

static void
what_the_input_ends_with_is_recorded_to_the_last_sample(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    placed_recording_add(&bench.placed, PLACED_START, 777);
    placed_recording_add(&bench.placed, PLACED_START + 1000, 1);
    finish(&bench);
    const audyn_recorder_progress_t progress = placed_recording_progress(&bench.placed);
    assert_int_equal(progress.state, AUDYN_RECORDER_ENDED);
    assert_true(progress.sample_frames == 1001);
    assert_true(progress.counts[AUDYN_SAMPLE_LOST] == 223);
    assert_true(progress.counts[AUDYN_SAMPLE_RECEIVED] == 778);
    assert_true(progress.peaks[0] == 0.25f);
    assert_true(placed_recording_progress(&bench.placed).peaks[0] == 0.0f);
    assert_int_equal(audyn_recorder_finish(bench.placed.recorder, true), AUDYN_OK);
    assert_true(placed_recording_info(&bench.placed).sample_frames == 1001);
    placed_recording_end(&bench.placed);
}

static void
the_header_follows_every_second(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    uint64_t position = PLACED_START;
    for (unsigned second = 1; second <= 5; ++second) {
        for (unsigned i = 0; i < 10; ++i) {
            placed_recording_add(&bench.placed, position, PLACED_RATE / 10);
            position += PLACED_RATE / 10;
            simulated_clock_advance(&bench.clock, 100 * AUDYN_NS_PER_MS);
            audyn_recorder_step(bench.placed.recorder);
        }
        // All but what is not decided yet, less than a frame.
        const uint64_t counted = placed_recording_info(&bench.placed).sample_frames;
        assert_in_range(counted, second * PLACED_RATE - 512, second * PLACED_RATE);
    }
    finish(&bench);
    assert_int_equal(audyn_recorder_finish(bench.placed.recorder, true), AUDYN_OK);
    placed_recording_end(&bench.placed);
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
        placed_recording_add(&bench.placed, PLACED_START + i * PLACED_RATE / 4,
                             PLACED_RATE / 4);
        simulated_clock_advance(&bench.clock, 250 * AUDYN_NS_PER_MS);
        audyn_recorder_step(bench.placed.recorder);
    }
    finish(&bench);
    audyn_frame_pool_stats_t pool;
    audyn_timeline_get_pool_stats(bench.placed.input.timeline, &pool);
    assert_int_equal(pool.exhausted, 0);
    assert_int_equal(pool.in_use, 0);
    const audyn_recorder_progress_t progress = placed_recording_progress(&bench.placed);
    assert_int_equal(progress.state, AUDYN_RECORDER_FAILED);
    assert_int_equal(progress.status, AUDYN_TOO_LARGE);
    assert_true(progress.sample_frames > 200000);
    audyn_recorder_finish(bench.placed.recorder, true);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    const audyn_wav_info_t info = placed_recording_info(&bench.placed);
    assert_true(info.sample_frames == progress.sample_frames);
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    placed_recording_end(&bench.placed);
}

static void
samples_that_are_not_worth_keeping_leave_no_file(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    placed_recording_add(&bench.placed, PLACED_START, 1000);
    finish(&bench);
    assert_int_equal(audyn_recorder_finish(bench.placed.recorder, false), AUDYN_OK);
    assert_int_equal(access(bench.placed.path, F_OK), -1);
    placed_recording_end(&bench.placed);
}

static void
without_a_sample_no_file_is_left(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench, 0);
    finish(&bench);
    assert_int_equal(audyn_recorder_finish(bench.placed.recorder, true), AUDYN_OK);
    assert_int_equal(access(bench.placed.path, F_OK), -1);
    placed_recording_end(&bench.placed);
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
