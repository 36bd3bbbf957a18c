// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/frame_pool_private.h"
#include "random.h"

#include <stdbool.h>
#include <string.h>

#define MOST_FRAMES 255

// The pool beside a plain stack that it must agree with.
struct model {
    audyn_frame_pool_t *pool;
    audyn_audio_frame_t *free[MOST_FRAMES]; // top last
    audyn_audio_frame_t *lent[MOST_FRAMES];
    uint32_t free_count, lent_count, most_lent, most_boundaries;
    audyn_frame_pool_stats_t counts;
};

static void
start_model(struct model *model, uint32_t pool_size, uint32_t first_sequence)
{
    const audyn_frame_pool_config_t config = {
        .pool_size = pool_size, .channels = 1, .sample_frames_per_buffer = 1};
    memset(model, 0, sizeof *model);
    assert_int_equal(frame_pool_create_at(&config, first_sequence, &model->pool),
                     AUDYN_OK);
    for (uint32_t i = pool_size; i > 0; --i) {
        model->free[model->free_count++] = &model->pool->frames[i - 1].frame;
    }
}

static void
acquire(struct model *model)
{
    audyn_audio_frame_t *expected = NULL;
    if (model->free_count) {
        expected = model->free[--model->free_count];
        model->lent[model->lent_count++] = expected;
        ++model->counts.acquired;
    } else {
        ++model->counts.exhausted;
    }
    assert_ptr_equal(audyn_frame_acquire(model->pool), expected);
    if (model->lent_count > model->most_lent) {
        model->most_lent = model->lent_count;
    }
    const uint32_t boundaries = model->pool->boundary_count;
    if (boundaries > model->most_boundaries) {
        model->most_boundaries = boundaries;
    }
    assert_true(boundaries < model->pool->pool_size);
}

static audyn_audio_frame_t *
move_to_free(struct model *model, uint32_t which)
{
    audyn_audio_frame_t *frame = model->lent[which];
    model->lent[which] = model->lent[--model->lent_count];
    model->free[model->free_count++] = frame;
    return frame;
}

static void
release(struct model *model, uint32_t which)
{
    if (model->lent_count) {
        assert_true(audyn_frame_release(move_to_free(model, which)));
        ++model->counts.released;
    }
}

static void
unacquire(struct model *model, uint32_t which)
{
    if (model->lent_count) {
        audyn_frame_unacquire(move_to_free(model, which));
        ++model->counts.unacquired;
    }
}

// Nothing was lost: every frame comes back, in order, and then no more.
static void
finish_model(struct model *model)
{
    while (model->lent_count) {
        release(model, 0);
    }
    for (uint32_t i = 0; i <= model->pool->pool_size; ++i) {
        acquire(model);
    }
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(model->pool, &stats);
    assert_int_equal(stats.capacity, model->pool->pool_size);
    assert_int_equal(stats.in_use, model->lent_count);
    assert_int_equal(stats.high_water, model->most_lent);
    assert_int_equal(stats.acquired, model->counts.acquired);
    assert_int_equal(stats.released, model->counts.released);
    assert_int_equal(stats.unacquired, model->counts.unacquired);
    assert_int_equal(stats.exhausted, model->counts.exhausted);
    assert_int_equal(stats.foreign, 0);
    assert_int_equal(stats.double_released, 0);
    audyn_frame_pool_destroy(model->pool);
}

// The likelihood of each step changes with the mood, so that the pool is drained, filled
// and given back in batches while the acquirer does not look.
static void
take_random_steps(struct model *model, uint32_t steps, uint64_t seed)
{
    static const struct {
        uint32_t acquire, release; // per cent; the rest unacquires
    } moods[] = {{50, 45}, {90, 5}, {15, 80}, {0, 100}, {40, 20}, {100, 0}};
    uint64_t state = seed;
    uint32_t mood = 0;
    for (uint32_t i = 0; i < steps; ++i) {
        if (random_below(&state, 12) == 0) {
            mood = random_below(&state, sizeof moods / sizeof moods[0]);
        }
        const uint32_t step = random_below(&state, 100);
        const uint32_t which = random_below(&state, model->lent_count);
        if (step < moods[mood].acquire) {
            acquire(model);
        } else if (step < moods[mood].acquire + moods[mood].release) {
            release(model, which);
        } else {
            unacquire(model, which);
        }
    }
}

static const uint32_t sizes[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, MOST_FRAMES};

static void
millions_of_random_steps_agree_with_a_plain_stack(void **state)
{
    (void)state;
    struct model model;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        start_model(&model, sizes[i], 0);
        take_random_steps(&model, 1000000, 0x9E3779B97F4A7C15 + i);
        finish_model(&model);
    }
    // The last run has met what is rare: many batches, one on top of the other.
    assert_true(model.most_boundaries > 10);
}

static void
every_sequence_of_eight_steps_on_three_frames_agrees_with_a_plain_stack(void **state)
{
    (void)state;
    enum { STEPS = 8, KINDS = 5 };
    struct model model;
    start_model(&model, 3, 0);
    uint32_t sequences = 1;
    for (int i = 0; i < STEPS; ++i) {
        sequences *= KINDS;
    }
    for (uint32_t sequence = 0; sequence < sequences; ++sequence) {
        uint32_t rest = sequence;
        for (int i = 0; i < STEPS; ++i, rest /= KINDS) {
            const uint32_t newest = model.lent_count - 1;
            switch (rest % KINDS) {
            case 0:
                acquire(&model);
                break;
            case 1:
                release(&model, 0);
                break;
            case 2:
                release(&model, newest);
                break;
            case 3:
                unacquire(&model, 0);
                break;
            default:
                unacquire(&model, newest);
            }
        }
    }
    finish_model(&model);
}

static void
a_batch_of_any_size_released_unseen_comes_back_last_in_first_out(void **state)
{
    (void)state;
    struct model model;
    start_model(&model, 9, 0);
    for (uint32_t kept_free = 0; kept_free < 9; ++kept_free) {
        for (uint32_t batch = 1; batch <= 9 - kept_free; ++batch) {
            while (model.free_count > kept_free) {
                acquire(&model);
            }
            for (uint32_t i = 0; i < batch; ++i) {
                release(&model, i % model.lent_count);
            }
            while (model.free_count) {
                acquire(&model);
            }
            while (model.lent_count) {
                release(&model, 0);
            }
        }
    }
    finish_model(&model);
}

static void
the_wrap_of_the_sequence_changes_nothing(void **state)
{
    (void)state;
    struct model model;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        for (uint32_t before = 1; before <= 2 * sizes[i]; before += 1 + sizes[i] / 5) {
            start_model(&model, sizes[i], UINT32_MAX - before + 1);
            take_random_steps(&model, 20000, before);
            finish_model(&model);
            assert_true(model.counts.released > before);
        }
    }
}

static void
the_same_steps_give_the_same_frames_in_every_pool(void **state)
{
    (void)state;
    struct model first;
    struct model second;
    start_model(&first, 9, 0);
    start_model(&second, 9, 12345);
    take_random_steps(&first, 10000, 77);
    take_random_steps(&second, 10000, 77);
    assert_int_equal(first.lent_count, second.lent_count);
    for (uint32_t i = 0; i < first.lent_count; ++i) {
        assert_int_equal((unsigned char *)first.lent[i] - (unsigned char *)first.pool,
                         (unsigned char *)second.lent[i] - (unsigned char *)second.pool);
    }
    finish_model(&first);
    finish_model(&second);
}

static void
an_empty_pool_answers_null_and_recovers_with_the_first_release(void **state)
{
    (void)state;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(2, 1, 16);
    audyn_audio_frame_t *first = audyn_frame_acquire(pool);
    audyn_audio_frame_t *second = audyn_frame_acquire(pool);
    assert_non_null(second);
    for (int i = 0; i < 1000; ++i) {
        assert_null(audyn_frame_acquire(pool));
    }
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(pool, &stats);
    assert_int_equal(stats.exhausted, 1000);
    assert_int_equal(stats.in_use, 2);
    assert_true(audyn_frame_release(first));
    assert_ptr_equal(audyn_frame_acquire(pool), first);
    assert_null(audyn_frame_acquire(pool));
    audyn_frame_pool_destroy(pool);
}

static void
a_frame_put_back_by_the_acquirer_is_the_next_one(void **state)
{
    (void)state;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(4, 1, 16);
    audyn_audio_frame_t *a = audyn_frame_acquire(pool);
    audyn_audio_frame_t *b = audyn_frame_acquire(pool);
    audyn_audio_frame_t *c = audyn_frame_acquire(pool);
    audyn_frame_unacquire(b);
    assert_ptr_equal(audyn_frame_acquire(pool), b);
    // What came back before lies under it, even if the acquirer has not looked since.
    assert_true(audyn_frame_release(a));
    assert_true(audyn_frame_release(c));
    audyn_frame_unacquire(b);
    assert_ptr_equal(audyn_frame_acquire(pool), b);
    assert_ptr_equal(audyn_frame_acquire(pool), c);
    assert_ptr_equal(audyn_frame_acquire(pool), a);
    audyn_frame_pool_destroy(pool);
}

static void
a_frame_never_returned_is_missed_and_shows_up_as_in_use(void **state)
{
    (void)state;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(4, 1, 16);
    audyn_audio_frame_t *forgotten = audyn_frame_acquire(pool);
    for (int i = 0; i < 100; ++i) {
        assert_true(audyn_frame_release(audyn_frame_acquire(pool)));
    }
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(pool, &stats);
    assert_int_equal(stats.in_use, 1);
    assert_int_equal(stats.high_water, 2);
    for (int i = 0; i < 3; ++i) {
        assert_ptr_not_equal(audyn_frame_acquire(pool), forgotten);
    }
    assert_null(audyn_frame_acquire(pool));
    audyn_frame_pool_destroy(pool);
}

static void
a_frame_keeps_its_address_size_and_buffer_for_life(void **state)
{
    (void)state;
    struct model model;
    start_model(&model, 9, 0);
    audyn_audio_frame_t before[9];
    for (int i = 0; i < 9; ++i) {
        memcpy(&before[i], &model.pool->frames[i].frame, sizeof before[i]);
        assert_int_equal(before[i].channels, 1);
        assert_int_equal(before[i].sample_frames, 1);
        assert_ptr_equal(before[i].pool, model.pool);
    }
    take_random_steps(&model, 100000, 5);
    for (int i = 0; i < 9; ++i) {
        assert_memory_equal(&before[i], &model.pool->frames[i].frame, sizeof before[i]);
    }
    finish_model(&model);
}

static void
the_free_list_links_frames_by_pointer_from_the_last_one_released_down(void **state)
{
    (void)state;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(5, 2, 16);
    assert_true(_Generic(pool->free_stack, audyn_audio_frame_t **: true, default: false));
    audyn_audio_frame_t *frames[5];
    for (int i = 0; i < 5; ++i) {
        frames[i] = audyn_frame_acquire(pool);
        assert_ptr_equal(frames[i], &pool->frames[i].frame);
    }
    for (int i = 0; i < 5; ++i) {
        assert_true(audyn_frame_release(frames[i]));
        assert_ptr_equal(pool->free_stack[i], frames[i ? i - 1 : 0]);
        assert_int_equal((uint32_t)pool->published, i);
    }
    audyn_frame_pool_destroy(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(millions_of_random_steps_agree_with_a_plain_stack),
        cmocka_unit_test(
            every_sequence_of_eight_steps_on_three_frames_agrees_with_a_plain_stack),
        cmocka_unit_test(
            a_batch_of_any_size_released_unseen_comes_back_last_in_first_out),
        cmocka_unit_test(the_wrap_of_the_sequence_changes_nothing),
        cmocka_unit_test(the_same_steps_give_the_same_frames_in_every_pool),
        cmocka_unit_test(an_empty_pool_answers_null_and_recovers_with_the_first_release),
        cmocka_unit_test(a_frame_put_back_by_the_acquirer_is_the_next_one),
        cmocka_unit_test(a_frame_never_returned_is_missed_and_shows_up_as_in_use),
        cmocka_unit_test(a_frame_keeps_its_address_size_and_buffer_for_life),
        cmocka_unit_test(
            the_free_list_links_frames_by_pointer_from_the_last_one_released_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
