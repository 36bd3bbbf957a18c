// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "placed_recording.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

static int syncs;

int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);

int
__wrap_fdatasync(int fd)
{
    ++syncs;
    return __real_fdatasync(fd);
}

static void
start(struct placed_recording *recording, uint64_t sample_frames)
{
    placed_recording_start(recording, "test_recorder", sample_frames);
}

static void
finish(struct placed_recording *recording)
{
    audyn_timeline_finish(recording->input.timeline);
    audyn_recorder_step(recording->recorder);
}

// Returns when it is done, and taken up.
static void
sync_file(struct placed_recording *recording)
{
    audyn_syncer_t *syncer;
    assert_int_equal(audyn_syncer_create(&syncer, NULL, NULL), AUDYN_OK);
    audyn_recorder_sync(recording->recorder, syncer);
    audyn_syncer_destroy(syncer);
    audyn_recorder_step(recording->recorder);
}

static void
a_recording_has_exactly_the_sample_frames_asked_for(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 12345);
    for (uint32_t i = 0; i < 20; ++i) {
        placed_recording_add(&recording, PLACED_START + i * 1000, 1000);
        audyn_recorder_step(recording.recorder);
    }
    assert_int_equal(placed_recording_progress(&recording).state, AUDYN_RECORDER_FULL);
    finish(&recording);
    const audyn_recorder_progress_t progress = placed_recording_progress(&recording);
    assert_true(progress.sample_frames == 12345);
    assert_true(progress.position == PLACED_START);
    assert_true(progress.counts[AUDYN_SAMPLE_RECEIVED] == 12345);
    assert_int_equal(audyn_recorder_finish(recording.recorder, true), AUDYN_OK);
    const audyn_wav_info_t info = placed_recording_info(&recording);
    assert_true(info.sample_frames == 12345);
    assert_true(info.position == PLACED_START);
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    placed_recording_end(&recording);
}

static void
what_the_input_ends_with_is_recorded_to_the_last_sample(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 0);
    placed_recording_add(&recording, PLACED_START, 777);
    placed_recording_add(&recording, PLACED_START + 1000, 1);
    finish(&recording);
    const audyn_recorder_progress_t progress = placed_recording_progress(&recording);
    assert_int_equal(progress.state, AUDYN_RECORDER_ENDED);
    assert_true(progress.sample_frames == 1001);
    assert_true(progress.counts[AUDYN_SAMPLE_LOST] == 223);
    assert_true(progress.counts[AUDYN_SAMPLE_RECEIVED] == 778);
    assert_true(progress.peaks[0] == 0.25f);
    assert_true(progress.missing);
    assert_true(progress.missing_from == PLACED_START + 777);
    const audyn_recorder_progress_t next = placed_recording_progress(&recording);
    assert_true(next.peaks[0] == 0.0f);
    assert_false(next.missing);
    assert_int_equal(audyn_recorder_finish(recording.recorder, true), AUDYN_OK);
    assert_true(placed_recording_info(&recording).sample_frames == 1001);
    placed_recording_end(&recording);
}

static void
the_header_counts_what_was_there_when_the_sync_began(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 0);
    uint64_t before = 0;
    for (unsigned second = 0; second < 5; ++second) {
        placed_recording_add(&recording, PLACED_START + second * PLACED_RATE,
                             PLACED_RATE);
        sync_file(&recording);
        assert_int_equal(placed_recording_info(&recording).sample_frames, before);
        before = placed_recording_progress(&recording).sample_frames;
    }
    finish(&recording);
    assert_int_equal(audyn_recorder_finish(recording.recorder, true), AUDYN_OK);
    placed_recording_end(&recording);
}

static void
an_empty_file_is_put_on_disk_once_until_samples_come(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 0);
    const int before = syncs;
    sync_file(&recording);
    sync_file(&recording);
    assert_int_equal(syncs, before + 1);
    placed_recording_add(&recording, PLACED_START, 12345);
    audyn_recorder_step(recording.recorder);
    sync_file(&recording);
    assert_int_equal(syncs, before + 2);
    finish(&recording);
    assert_int_equal(audyn_recorder_finish(recording.recorder, true), AUDYN_OK);
    placed_recording_end(&recording);
}

static void
the_file_of_a_recorder_that_has_ended_is_completed(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 0);
    placed_recording_add(&recording, PLACED_START, 12345);
    audyn_recorder_step(recording.recorder);
    sync_file(&recording);
    assert_int_equal(placed_recording_info(&recording).completeness,
                     AUDYN_WAV_IN_PROGRESS);
    finish(&recording);
    sync_file(&recording);
    const audyn_wav_info_t info = placed_recording_info(&recording);
    assert_int_equal(info.sample_frames, 12345);
    assert_int_equal(info.recording.state, AUDYN_WAV_FINISHED);
    // The header is still to be synced.
    assert_false(audyn_recorder_is_complete(recording.recorder));
    sync_file(&recording);
    assert_true(audyn_recorder_is_complete(recording.recorder));
    sync_file(&recording);
    assert_int_equal(audyn_recorder_finish(recording.recorder, true), AUDYN_OK);
    placed_recording_end(&recording);
}

static void
a_file_that_cannot_grow_keeps_what_it_has_and_does_not_starve_the_input(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 0);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    const struct rlimit limit = {1000000, before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    for (uint32_t i = 0; i < 100; ++i) {
        placed_recording_add(&recording, PLACED_START + i * PLACED_RATE / 4,
                             PLACED_RATE / 4);
        audyn_recorder_step(recording.recorder);
        sync_file(&recording);
    }
    finish(&recording);
    audyn_frame_pool_stats_t pool;
    audyn_timeline_get_pool_stats(recording.input.timeline, &pool);
    assert_int_equal(pool.exhausted, 0);
    assert_int_equal(pool.in_use, 0);
    const audyn_recorder_progress_t progress = placed_recording_progress(&recording);
    assert_int_equal(progress.state, AUDYN_RECORDER_FAILED);
    assert_int_equal(progress.status, AUDYN_TOO_LARGE);
    assert_true(progress.sample_frames > 200000);
    audyn_recorder_finish(recording.recorder, true);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    const audyn_wav_info_t info = placed_recording_info(&recording);
    assert_true(info.sample_frames == progress.sample_frames);
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    placed_recording_end(&recording);
}

static void
samples_that_are_not_worth_keeping_leave_no_file(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 0);
    placed_recording_add(&recording, PLACED_START, 1000);
    finish(&recording);
    assert_int_equal(audyn_recorder_finish(recording.recorder, false), AUDYN_OK);
    assert_int_equal(access(recording.path, F_OK), -1);
    placed_recording_end(&recording);
}

static void
without_a_sample_no_file_is_left(void **state)
{
    (void)state;
    struct placed_recording recording;
    start(&recording, 0);
    finish(&recording);
    assert_int_equal(audyn_recorder_finish(recording.recorder, true), AUDYN_OK);
    assert_int_equal(access(recording.path, F_OK), -1);
    placed_recording_end(&recording);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_recording_has_exactly_the_sample_frames_asked_for),
        cmocka_unit_test(what_the_input_ends_with_is_recorded_to_the_last_sample),
        cmocka_unit_test(the_header_counts_what_was_there_when_the_sync_began),
        cmocka_unit_test(an_empty_file_is_put_on_disk_once_until_samples_come),
        cmocka_unit_test(the_file_of_a_recorder_that_has_ended_is_completed),
        cmocka_unit_test(
            a_file_that_cannot_grow_keeps_what_it_has_and_does_not_starve_the_input),
        cmocka_unit_test(samples_that_are_not_worth_keeping_leave_no_file),
        cmocka_unit_test(without_a_sample_no_file_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
