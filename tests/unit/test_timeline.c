// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "timeline_bench.h"

#include <pthread.h>
#include <sched.h>

static void
what_comes_in_order_goes_out_whole(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    for (uint32_t i = 0; i < 1000; ++i) {
        assert_int_equal(place(timeline, ORIGIN + i * 48, 48).placed, 48);
        drain(timeline, &seen);
    }
    finish(timeline, &seen);
    assert_true(seen.start == ORIGIN);
    assert_true(seen.end == ORIGIN + 48000);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 48000);
}

static void
a_window_of_zero_decides_each_frame_at_once(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(0, 1000);
    struct seen seen = {0};
    place(timeline, ORIGIN, 10 * timeline_frame_size(timeline));
    drain(timeline, &seen);
    assert_true(seen.end + timeline_frame_size(timeline) > ORIGIN + 5120);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 5120);
}

static void
a_lost_packet_is_exactly_as_many_samples_of_silence(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    for (uint32_t i = 0; i < 1000; ++i) {
        if (i % 7 != 3) {
            place(timeline, ORIGIN + i * 48, 48);
        }
        drain(timeline, &seen);
    }
    const uint64_t lost = 143 * 48;
    for (uint32_t i = 0; i < 48; ++i) {
        assert_int_equal(seen.sounds[3 * 48 + i], 0);
    }
    assert_int_equal(seen.sounds[3 * 48 - 1], 1);
    assert_int_equal(seen.sounds[4 * 48], 1);
    finish(timeline, &seen);
    assert_true(seen.end - seen.start == 48000);
    assert_true(seen.counts[AUDYN_SAMPLE_LOST] == lost);
}

static void
every_other_packet_may_be_missing_for_as_long_as_one_likes(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    for (uint32_t i = 0; i < 40000; i += 2) {
        place(timeline, ORIGIN + i * 6, 6);
        if (i % 1000 == 0) {
            drain(timeline, &seen);
        }
    }
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 20000 * 6);
    assert_true(seen.counts[AUDYN_SAMPLE_LOST] == 19999 * 6);
}

static void
reordered_packets_find_their_place(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    // Blocks of eight packets, each reversed; the first block moves the start back.
    for (uint32_t i = 0; i < 800; ++i) {
        const uint32_t packet = i / 8 * 8 + (7 - i % 8);
        assert_int_equal(place(timeline, ORIGIN + packet * 48, 48).placed, 48);
        drain(timeline, &seen);
    }
    finish(timeline, &seen);
    assert_true(seen.start == ORIGIN);
    assert_true(seen.end == ORIGIN + 800 * 48);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 800 * 48);
}

static void
what_is_there_already_is_left_alone(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    place(timeline, ORIGIN, 100);
    assert_int_equal(place(timeline, ORIGIN, 100).duplicate, 100);
    const audyn_placement_t half = place(timeline, ORIGIN + 50, 100);
    assert_int_equal(half.duplicate, 50);
    assert_int_equal(half.placed, 50);
    // Two islands that a third packet joins, itself partly there.
    place(timeline, ORIGIN + 200, 50);
    const audyn_placement_t joined = place(timeline, ORIGIN + 100, 200);
    assert_int_equal(joined.duplicate, 100);
    assert_int_equal(joined.placed, 100);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 300);
}

static void
packets_that_straddle_frames_and_are_ragged_come_out_whole(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    uint64_t position = ORIGIN + 17;
    uint32_t seed = 1;
    for (uint32_t i = 0; i < 2000; ++i) {
        seed = seed * 1664525 + 1013904223;
        const uint32_t count = 1 + (seed >> 16) % (i % 100 ? 120 : 9000);
        assert_int_equal(place(timeline, position, count).placed, count);
        position += count;
        drain(timeline, &seen);
    }
    finish(timeline, &seen);
    assert_true(seen.start == ORIGIN + 17);
    assert_true(seen.end == position);
}

static void
what_comes_after_its_window_is_late_and_silent(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    place(timeline, ORIGIN, 48);
    for (uint32_t i = 2; i < 600; ++i) {
        place(timeline, ORIGIN + i * 48, 48);
        drain(timeline, &seen);
    }
    assert_int_equal(place(timeline, ORIGIN + 48, 48).late, 48);
    // A second time it is no more than it was.
    assert_int_equal(place(timeline, ORIGIN + 48, 48).late, 48);
    // And what had come in time is a duplicate.
    assert_int_equal(place(timeline, ORIGIN + 96, 48).duplicate, 48);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_LATE] == 48);
    assert_true(seen.counts[AUDYN_SAMPLE_LOST] == 0);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 599 * 48);
}

static void
the_window_is_as_long_as_it_says(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    place(timeline, ORIGIN, 48);
    place(timeline, ORIGIN + 96, WINDOW - 96 - 48 + 96);
    assert_int_equal(place(timeline, ORIGIN + 48, 48).placed, 48);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == WINDOW + 48);
}

static void
a_worker_that_stands_still_costs_the_newest_samples_and_each_is_counted(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(100, 500);
    struct seen seen = {0};
    uint64_t refused = 0;
    for (uint32_t i = 0; i < 20000; ++i) {
        refused += place(timeline, ORIGIN + i * 48, 48).no_frame;
        if (i > 15000) {
            drain(timeline, &seen);
        }
    }
    finish(timeline, &seen);
    assert_true(refused > 10000 * 48);
    assert_true(seen.end - seen.start == 20000 * 48);
    assert_true(seen.counts[AUDYN_SAMPLE_NO_FRAME] == refused);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 20000 * 48 - refused);
}

static void
what_was_refused_up_to_the_end_is_on_record_too(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(100, 500);
    struct seen seen = {0};
    for (uint32_t i = 0; i < 20000; ++i) {
        place(timeline, ORIGIN + i * 48, 48);
    }
    audyn_timeline_finish(timeline);
    finish(timeline, &seen); // which finishes it again
    assert_true(seen.end - seen.start == 20000 * 48);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] < RATE);
    assert_true(seen.counts[AUDYN_SAMPLE_LOST] == 0);
}

static void
without_signal_the_timeline_goes_on_in_silence(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    audyn_timeline_idle(timeline, ORIGIN);
    assert_false(audyn_timeline_next(timeline, &(audyn_stretch_t){0}));
    place(timeline, ORIGIN, 480);
    for (uint64_t i = 1; i <= 500; ++i) {
        audyn_timeline_idle(timeline, ORIGIN + i * 480);
        drain(timeline, &seen);
    }
    place(timeline, ORIGIN + 500 * 480, 480);
    finish(timeline, &seen);
    assert_true(seen.end == ORIGIN + 501 * 480);
    assert_true(seen.counts[AUDYN_SAMPLE_NO_SIGNAL] == 499 * 480);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 960);
}

static void
a_jump_of_seconds_is_filled_to_the_sample(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    place(timeline, ORIGIN, 48);
    place(timeline, ORIGIN + 90001, 48);
    finish(timeline, &seen);
    assert_true(seen.end == ORIGIN + 90049);
    assert_true(seen.counts[AUDYN_SAMPLE_LOST] == 90001 - 48);
}

static void
a_timeline_without_a_sample_ends_empty(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    assert_false(audyn_timeline_ended(timeline));
    struct seen seen = {0};
    finish(timeline, &seen);
    assert_null(seen.sounds);
}

enum { PACKETS = 20000 };

// The input thread of a stream with every kind of trouble.
static void *
place_with_trouble(void *argument)
{
    audyn_timeline_t *timeline = argument;
    for (uint32_t i = 0; i < PACKETS; ++i) {
        if (i % 9 == 4) {
            continue;
        }
        while (!audyn_timeline_has_room(timeline, 4800)) {
            sched_yield();
        }
        place(timeline, ORIGIN + i * 48, 48);
        if (i % 13 == 0) {
            place(timeline, ORIGIN + i * 48, 48);
        }
        if (i % 4001 == 4000) {
            // Its window has passed.
            place(timeline, ORIGIN + (i - 300) / 9 * 9 * 48 + 4 * 48, 48);
            audyn_timeline_idle(timeline, audyn_timeline_end(timeline) + 30);
        }
    }
    audyn_timeline_finish(timeline);
    return NULL;
}

static void
input_thread_and_worker_agree_on_every_sample(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(100, 500);
    struct seen seen = {0};
    pthread_t input;
    assert_int_equal(pthread_create(&input, NULL, place_with_trouble, timeline), 0);
    while (!audyn_timeline_ended(timeline)) {
        drain(timeline, &seen);
        sched_yield();
    }
    pthread_join(input, NULL);
    assert_true(seen.end - seen.start == PACKETS * 48);
    assert_true(seen.counts[AUDYN_SAMPLE_LATE] > 0);
    finish(timeline, &seen);
}

static void
settings_out_of_range_are_refused(void **state)
{
    (void)state;
    const audyn_timeline_config_t bad[] = {
        {0, 2, 200, 1000},      {RATE, 0, 200, 1000}, {RATE, 65, 200, 1000},
        {RATE, 2, 2001, 1000},  {RATE, 2, 200, 99},   {RATE, 2, 200, 60001},
        {400000, 2, 200, 1000},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; ++i) {
        audyn_timeline_t *timeline;
        assert_int_equal(audyn_timeline_create(&timeline, &bad[i]), AUDYN_INVALID);
        assert_null(timeline);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_comes_in_order_goes_out_whole),
        cmocka_unit_test(a_window_of_zero_decides_each_frame_at_once),
        cmocka_unit_test(a_lost_packet_is_exactly_as_many_samples_of_silence),
        cmocka_unit_test(every_other_packet_may_be_missing_for_as_long_as_one_likes),
        cmocka_unit_test(reordered_packets_find_their_place),
        cmocka_unit_test(what_is_there_already_is_left_alone),
        cmocka_unit_test(packets_that_straddle_frames_and_are_ragged_come_out_whole),
        cmocka_unit_test(what_comes_after_its_window_is_late_and_silent),
        cmocka_unit_test(the_window_is_as_long_as_it_says),
        cmocka_unit_test(
            a_worker_that_stands_still_costs_the_newest_samples_and_each_is_counted),
        cmocka_unit_test(what_was_refused_up_to_the_end_is_on_record_too),
        cmocka_unit_test(without_signal_the_timeline_goes_on_in_silence),
        cmocka_unit_test(a_jump_of_seconds_is_filled_to_the_sample),
        cmocka_unit_test(a_timeline_without_a_sample_ends_empty),
        cmocka_unit_test(input_thread_and_worker_agree_on_every_sample),
        cmocka_unit_test(settings_out_of_range_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
