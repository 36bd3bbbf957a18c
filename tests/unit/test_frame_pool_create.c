// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/frame_pool_private.h"
#include "memory_calls.h"

#include <stdio.h>

static const audyn_frame_pool_config_t ordinary = {
    .pool_size = 8, .channels = 2, .sample_frames_per_buffer = 100};

static void
assert_refused(const audyn_frame_pool_config_t *config, audyn_status_t status)
{
    audyn_frame_pool_t *pool = (audyn_frame_pool_t *)(uintptr_t)1;
    assert_int_equal(audyn_frame_pool_create_with(config, &pool), status);
    assert_null(pool);
    assert_null(audyn_frame_pool_create(config->pool_size, config->channels,
                                        config->sample_frames_per_buffer));
    assert_int_equal(memory_calls.mapped, memory_calls.unmapped);
}

static void
a_size_of_zero_is_invalid(void **state)
{
    (void)state;
    audyn_frame_pool_config_t config = ordinary;
    config.pool_size = 0;
    assert_refused(&config, AUDYN_INVALID);
    config = ordinary;
    config.channels = 0;
    assert_refused(&config, AUDYN_INVALID);
    config = ordinary;
    config.sample_frames_per_buffer = 0;
    assert_refused(&config, AUDYN_INVALID);
    assert_int_equal(memory_calls.mmaps, 0);
}

static void
a_size_that_cannot_be_represented_is_too_large(void **state)
{
    (void)state;
    const uint32_t most = UINT32_MAX;
    // The buffer, the aligned buffer, and all buffers together.
    assert_refused(&(audyn_frame_pool_config_t){1, most, most, 0, 0, false},
                   AUDYN_TOO_LARGE);
    assert_refused(&(audyn_frame_pool_config_t){1, 1U << 31, 1U << 31, 0, 0, false},
                   AUDYN_TOO_LARGE);
    assert_refused(&(audyn_frame_pool_config_t){most, 1U << 15, 1U << 15, 0, 0, false},
                   AUDYN_TOO_LARGE);
    assert_int_equal(memory_calls.mmaps, 0);
}

static void
sizes_beyond_the_address_space_are_out_of_memory(void **state)
{
    (void)state;
    assert_refused(&(audyn_frame_pool_config_t){1, 1U << 30, 1U << 28, 0, 0, false},
                   AUDYN_NO_MEMORY);
}

static void
an_alignment_is_zero_or_a_power_of_two_from_64_to_4096(void **state)
{
    (void)state;
    audyn_frame_pool_config_t config = ordinary;
    for (uint32_t alignment = 0; alignment <= 10000; ++alignment) {
        const bool fits = alignment == 0 || alignment == 64 || alignment == 128 ||
                          alignment == 256 || alignment == 512 || alignment == 1024 ||
                          alignment == 2048 || alignment == 4096;
        config.alignment = alignment;
        audyn_frame_pool_t *pool;
        assert_int_equal(audyn_frame_pool_create_with(&config, &pool),
                         fits ? AUDYN_OK : AUDYN_INVALID);
        audyn_frame_pool_destroy(pool);
    }
    config.alignment = 1U << 31;
    audyn_frame_pool_t *pool;
    assert_int_equal(audyn_frame_pool_create_with(&config, &pool), AUDYN_INVALID);
}

static void
no_memory_is_reported_and_leaves_nothing_behind(void **state)
{
    (void)state;
    memory_calls.fail_mmap = true;
    assert_refused(&ordinary, AUDYN_NO_MEMORY);
    assert_int_equal(memory_calls.mmaps, 2);
    assert_int_equal(memory_calls.mapped, 0);
}

static void
a_lock_that_is_required_and_refused_fails_the_creation(void **state)
{
    (void)state;
    memory_calls.fail_mlock = true;
    audyn_frame_pool_config_t config = ordinary;
    config.lock = AUDYN_LOCK_REQUIRED;
    audyn_frame_pool_t *pool = (audyn_frame_pool_t *)(uintptr_t)1;
    assert_int_equal(audyn_frame_pool_create_with(&config, &pool), AUDYN_NOT_LOCKED);
    assert_null(pool);
    assert_int_equal(memory_calls.mapped, memory_calls.unmapped);
    assert_true(memory_calls.mapped > 0);
}

static audyn_frame_pool_stats_t
stats_of_pool_with_lock(audyn_lock_t lock)
{
    audyn_frame_pool_config_t config = ordinary;
    config.lock = lock;
    audyn_frame_pool_t *pool;
    audyn_frame_pool_stats_t stats;
    assert_int_equal(audyn_frame_pool_create_with(&config, &pool), AUDYN_OK);
    audyn_frame_pool_get_stats(pool, &stats);
    audyn_frame_pool_destroy(pool);
    return stats;
}

static void
the_statistics_say_whether_the_memory_is_locked(void **state)
{
    (void)state;
    memory_calls.skip_mlock = true;
    assert_true(stats_of_pool_with_lock(AUDYN_LOCK_BEST_EFFORT).locked);
    assert_true(stats_of_pool_with_lock(AUDYN_LOCK_REQUIRED).locked);
    memory_calls.fail_mlock = true;
    assert_false(stats_of_pool_with_lock(AUDYN_LOCK_BEST_EFFORT).locked);
    assert_int_equal(memory_calls.mlocks, 3);
    assert_false(stats_of_pool_with_lock(AUDYN_LOCK_NEVER).locked);
    assert_int_equal(memory_calls.mlocks, 3);
}

static void
all_memory_is_one_mapping_that_children_do_not_get(void **state)
{
    (void)state;
    const audyn_frame_pool_stats_t stats = stats_of_pool_with_lock(AUDYN_LOCK_NEVER);
    assert_int_equal(memory_calls.mmaps, 1);
    assert_int_equal(memory_calls.mapped, stats.bytes);
    assert_int_equal(memory_calls.munmaps, 1);
    assert_int_equal(memory_calls.unmapped, stats.bytes);
    assert_true(memory_calls.kept_from_children);
    assert_false(memory_calls.huge_pages);
    audyn_frame_pool_config_t config = ordinary;
    config.huge_pages = true;
    audyn_frame_pool_t *pool;
    assert_int_equal(audyn_frame_pool_create_with(&config, &pool), AUDYN_OK);
    assert_true(memory_calls.huge_pages);
    audyn_frame_pool_destroy(pool);
}

static void
destroying_null_does_nothing(void **state)
{
    (void)state;
    audyn_frame_pool_destroy(NULL);
    assert_int_equal(memory_calls.munmaps, 0);
}

static void
the_settings_are_copied(void **state)
{
    (void)state;
    audyn_frame_pool_config_t config = ordinary;
    audyn_frame_pool_t *pool;
    assert_int_equal(audyn_frame_pool_create_with(&config, &pool), AUDYN_OK);
    config = (audyn_frame_pool_config_t){0};
    for (uint32_t i = 0; i < ordinary.pool_size; ++i) {
        const audyn_audio_frame_t *frame = audyn_frame_acquire(pool);
        assert_int_equal(frame->channels, ordinary.channels);
        assert_int_equal(frame->sample_frames, ordinary.sample_frames_per_buffer);
        assert_ptr_equal(frame->pool, pool);
    }
    assert_null(audyn_frame_acquire(pool));
    audyn_frame_pool_destroy(pool);
}

static void
frames_lie_64_bytes_apart_in_the_array_of_the_pool(void **state)
{
    (void)state;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(9, 2, 100);
    assert_int_equal(sizeof pool->frames[0], 64);
    assert_int_equal((uintptr_t)pool->frames % 64, 0);
    for (uint32_t i = 0; i < 9; ++i) {
        assert_int_equal((uintptr_t)audyn_frame_acquire(pool),
                         (uintptr_t)pool->frames + 64 * i);
    }
    audyn_frame_pool_destroy(pool);
}

static void
assert_buffers_in_order(uint32_t channels, uint32_t sample_frames, uint32_t alignment)
{
    const audyn_frame_pool_config_t config = {5,         channels, sample_frames,
                                              alignment, 0,        false};
    audyn_frame_pool_t *pool;
    assert_int_equal(audyn_frame_pool_create_with(&config, &pool), AUDYN_OK);
    // Behind everything else, one after the other, up to the end of the mapping.
    uintptr_t free_from = (uintptr_t)(pool->returned + config.pool_size);
    for (uint32_t i = 0; i < config.pool_size; ++i) {
        const uintptr_t start = (uintptr_t)pool->frames[i].frame.data;
        assert_int_equal(start % (alignment ? alignment : 64), 0);
        assert_true(start >= free_from);
        free_from = start + (uintptr_t)channels * sample_frames * sizeof(float);
    }
    assert_true(free_from <= (uintptr_t)pool + pool->memory.size);
    audyn_frame_pool_destroy(pool);
}

static void
sample_buffers_are_aligned_and_apart_inside_the_memory_of_the_pool(void **state)
{
    (void)state;
    for (uint32_t alignment = 32; alignment <= 4096; alignment *= 2) {
        const uint32_t wanted = alignment == 32 ? 0 : alignment;
        assert_buffers_in_order(1, 1, wanted);
        assert_buffers_in_order(2, 48, wanted);
        assert_buffers_in_order(7, 333, wanted);
        assert_buffers_in_order(64, 2048, wanted);
    }
}

#define END_OF(type, field) (offsetof(type, field) + sizeof(((type *)0)->field))

static void
assert_lines_apart(size_t end, size_t start)
{
    assert_true((end - 1) / AUDYN_CACHE_LINE < start / AUDYN_CACHE_LINE);
}

static void
what_each_side_writes_lies_on_cache_lines_of_its_own(void **state)
{
    (void)state;
    typedef struct audyn_frame_pool pool_t;
    assert_lines_apart(END_OF(pool_t, memory), offsetof(pool_t, acquired));
    assert_lines_apart(END_OF(pool_t, acquirer_thread), offsetof(pool_t, published));
    assert_lines_apart(END_OF(pool_t, published), offsetof(pool_t, releaser_foreign));
    assert_int_equal(sizeof(pool_t) % AUDYN_CACHE_LINE, 0);
    const audyn_frame_pool_t *pool = audyn_frame_pool_create(3, 1, 1);
    const uintptr_t ends[] = {(uintptr_t)(pool + 1), (uintptr_t)(pool->frames + 3),
                              (uintptr_t)(pool->boundaries + 3),
                              (uintptr_t)(pool->free_stack + 3),
                              (uintptr_t)(pool->returned + 3)};
    const uintptr_t starts[] = {(uintptr_t)pool->frames, (uintptr_t)pool->boundaries,
                                (uintptr_t)pool->free_stack, (uintptr_t)pool->returned,
                                (uintptr_t)pool->frames[0].frame.data};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; ++i) {
        assert_lines_apart(ends[i], starts[i]);
    }
    audyn_frame_pool_destroy(pool->frames[0].frame.pool);
}

#define CASE(name) cmocka_unit_test_setup(name, memory_calls_forget)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_size_of_zero_is_invalid),
        CASE(a_size_that_cannot_be_represented_is_too_large),
        CASE(sizes_beyond_the_address_space_are_out_of_memory),
        CASE(an_alignment_is_zero_or_a_power_of_two_from_64_to_4096),
        CASE(no_memory_is_reported_and_leaves_nothing_behind),
        CASE(a_lock_that_is_required_and_refused_fails_the_creation),
        CASE(the_statistics_say_whether_the_memory_is_locked),
        CASE(all_memory_is_one_mapping_that_children_do_not_get),
        CASE(destroying_null_does_nothing),
        CASE(the_settings_are_copied),
        CASE(frames_lie_64_bytes_apart_in_the_array_of_the_pool),
        CASE(sample_buffers_are_aligned_and_apart_inside_the_memory_of_the_pool),
        CASE(what_each_side_writes_lies_on_cache_lines_of_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
