// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Misuse that a release build rejects and counts.  Built without AUDYN_POOL_DEBUG,
// whatever the build around it is.

#include "unit_test.h"

#include "core/frame_pool_private.h"

#include <stdlib.h>
#include <string.h>

struct fixture {
    audyn_frame_pool_t *pool;
    audyn_audio_frame_t *frame; // acquired; two more are free
};

static int
set_up(void **state)
{
    static struct fixture fixture;
    fixture.pool = audyn_frame_pool_create(3, 2, 64);
    fixture.frame = audyn_frame_acquire(fixture.pool);
    *state = &fixture;
    return fixture.frame ? 0 : -1;
}

static int
tear_down(void **state)
{
    struct fixture *fixture = *state;
    audyn_frame_pool_destroy(fixture->pool);
    return 0;
}

static void
assert_counted(const struct fixture *fixture, uint64_t foreign, uint64_t double_released)
{
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(fixture->pool, &stats);
    assert_int_equal(stats.foreign, foreign);
    assert_int_equal(stats.double_released, double_released);
}

// Whatever was tried, three different frames are there, no fourth.
static void
assert_pool_is_whole(const struct fixture *fixture)
{
    audyn_audio_frame_t *first = audyn_frame_acquire(fixture->pool);
    audyn_audio_frame_t *second = audyn_frame_acquire(fixture->pool);
    audyn_audio_frame_t *third = audyn_frame_acquire(fixture->pool);
    assert_non_null(third);
    assert_ptr_not_equal(first, second);
    assert_ptr_not_equal(second, third);
    assert_ptr_not_equal(first, third);
    assert_null(audyn_frame_acquire(fixture->pool));
}

static void
a_second_release_is_rejected_and_counted(void **state)
{
    struct fixture *fixture = *state;
    assert_true(audyn_frame_release(fixture->frame));
    assert_false(audyn_frame_release(fixture->frame));
    assert_false(audyn_frame_release(fixture->frame));
    assert_counted(fixture, 0, 2);
    assert_pool_is_whole(fixture);
}

static void
a_second_release_long_after_the_first_is_still_rejected(void **state)
{
    struct fixture *fixture = *state;
    audyn_audio_frame_t *second = audyn_frame_acquire(fixture->pool);
    assert_true(audyn_frame_release(fixture->frame));
    assert_true(audyn_frame_release(second));
    for (int i = 0; i < 1000; ++i) {
        audyn_audio_frame_t *other = audyn_frame_acquire(fixture->pool);
        assert_ptr_equal(other, second);
        assert_true(audyn_frame_release(other));
    }
    assert_false(audyn_frame_release(fixture->frame));
    assert_counted(fixture, 0, 1);
    assert_pool_is_whole(fixture);
}

static void
a_frame_that_was_never_acquired_cannot_be_released(void **state)
{
    struct fixture *fixture = *state;
    assert_false(audyn_frame_release(&fixture->pool->frames[2].frame));
    assert_counted(fixture, 0, 1);
    assert_true(audyn_frame_release(fixture->frame));
    assert_pool_is_whole(fixture);
}

static void
a_second_unacquire_is_rejected_and_counted(void **state)
{
    struct fixture *fixture = *state;
    audyn_frame_unacquire(fixture->frame);
    audyn_frame_unacquire(fixture->frame);
    assert_counted(fixture, 0, 1);
    assert_pool_is_whole(fixture);
}

static void
a_frame_put_back_by_one_side_cannot_be_put_back_by_the_other(void **state)
{
    struct fixture *fixture = *state;
    audyn_frame_unacquire(fixture->frame);
    assert_false(audyn_frame_release(fixture->frame));
    assert_counted(fixture, 0, 1);
    audyn_audio_frame_t *frame = audyn_frame_acquire(fixture->pool);
    assert_true(audyn_frame_release(frame));
    audyn_frame_unacquire(frame);
    assert_counted(fixture, 0, 2);
    assert_pool_is_whole(fixture);
}

static void
assert_stranger_is_rejected(struct fixture *fixture, void *copy)
{
    audyn_frame_pool_stats_t before;
    audyn_frame_pool_get_stats(fixture->pool, &before);
    memcpy(copy, fixture->frame, sizeof *fixture->frame);
    assert_false(audyn_frame_release(copy));
    audyn_frame_unacquire(copy);
    assert_counted(fixture, before.foreign + 2, 0);
}

static void
a_copied_frame_is_rejected_wherever_the_copy_lies(void **state)
{
    struct fixture *fixture = *state;
    static max_align_t in_static_memory[4];
    max_align_t on_the_stack[4];
    assert_stranger_is_rejected(fixture, on_the_stack);
    assert_stranger_is_rejected(fixture, in_static_memory);
    void *on_the_heap = malloc(sizeof *fixture->frame);
    assert_non_null(on_the_heap);
    assert_stranger_is_rejected(fixture, on_the_heap);
    free(on_the_heap);
    assert_true(audyn_frame_release(fixture->frame));
    assert_pool_is_whole(fixture);
}

static void
a_pointer_into_the_pool_that_is_no_frame_is_rejected(void **state)
{
    struct fixture *fixture = *state;
    unsigned char *frames = (unsigned char *)fixture->pool->frames;
    // Between two frames, right behind the last one, and among the samples.
    assert_stranger_is_rejected(fixture, frames + 32);
    assert_stranger_is_rejected(fixture, frames + fixture->pool->frames_size);
    assert_stranger_is_rejected(fixture, fixture->frame->data);
    assert_stranger_is_rejected(fixture, fixture->frame->data + 2);
}

static void
a_frame_goes_back_to_its_own_pool_whichever_it_is(void **state)
{
    struct fixture *fixture = *state;
    audyn_frame_pool_t *other = audyn_frame_pool_create(1, 1, 1);
    audyn_audio_frame_t *frame = audyn_frame_acquire(other);
    assert_true(audyn_frame_release(frame));
    assert_true(audyn_frame_release(fixture->frame));
    assert_ptr_equal(audyn_frame_acquire(other), frame);
    assert_null(audyn_frame_acquire(other));
    audyn_frame_pool_destroy(other);
    assert_counted(fixture, 0, 0);
    assert_pool_is_whole(fixture);
}

static void
a_copy_that_names_another_pool_is_foreign_there(void **state)
{
    struct fixture *fixture = *state;
    audyn_frame_pool_t *other = audyn_frame_pool_create(1, 1, 1);
    const audyn_audio_frame_t forged = {
        .data = fixture->frame->data, .sample_frames = 1, .channels = 1, .pool = other};
    // Written over a frame of the first pool, for as long as the test takes.
    audyn_audio_frame_t genuine = *fixture->frame;
    memcpy(fixture->frame, &forged, sizeof forged);
    assert_false(audyn_frame_release(fixture->frame));
    memcpy(fixture->frame, &genuine, sizeof genuine);
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(other, &stats);
    assert_int_equal(stats.foreign, 1);
    audyn_frame_pool_destroy(other);
    assert_counted(fixture, 0, 0);
    assert_true(audyn_frame_release(fixture->frame));
    assert_pool_is_whole(fixture);
}

static void
null_is_refused_without_a_pool_to_count_it(void **state)
{
    struct fixture *fixture = *state;
    assert_false(audyn_frame_release(NULL));
    audyn_frame_unacquire(NULL);
    assert_counted(fixture, 0, 0);
    assert_true(audyn_frame_release(fixture->frame));
    assert_pool_is_whole(fixture);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_second_release_is_rejected_and_counted),
        CASE(a_second_release_long_after_the_first_is_still_rejected),
        CASE(a_frame_that_was_never_acquired_cannot_be_released),
        CASE(a_second_unacquire_is_rejected_and_counted),
        CASE(a_frame_put_back_by_one_side_cannot_be_put_back_by_the_other),
        CASE(a_copied_frame_is_rejected_wherever_the_copy_lies),
        CASE(a_pointer_into_the_pool_that_is_no_frame_is_rejected),
        CASE(a_frame_goes_back_to_its_own_pool_whichever_it_is),
        CASE(a_copy_that_names_another_pool_is_foreign_there),
        CASE(null_is_refused_without_a_pool_to_count_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
