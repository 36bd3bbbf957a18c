// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/audio_queue_private.h"
#include "memory_calls.h"
#include "random.h"

#include <pthread.h>
#include <sched.h>

static audyn_audio_queue_t *
create(uint32_t capacity)
{
    memory_calls = (struct memory_calls){0};
    audyn_audio_queue_t *queue;
    assert_int_equal(audyn_audio_queue_create(&queue, capacity), AUDYN_OK);
    return queue;
}

// As if 2³² − `before` blocks had passed already.
static audyn_audio_queue_t *
create_before_wrap(uint32_t capacity, uint32_t before)
{
    audyn_audio_queue_t *queue = create(capacity);
    atomic_init(&queue->pushed, 0U - before);
    atomic_init(&queue->popped, 0U - before);
    queue->known_pushed = queue->known_popped = 0U - before;
    return queue;
}

// A block whose members all follow from its number; the frame is never looked at.
static audyn_audio_block_t
make_block(uint64_t number)
{
    return (audyn_audio_block_t){.frame = (audyn_audio_frame_t *)(uintptr_t)(number * 64),
                                 .position = number << 33 | 7,
                                 .filled = (uint32_t)number ^ 0xA5A5A5A5};
}

static bool
push(audyn_audio_queue_t *queue, uint64_t number)
{
    const audyn_audio_block_t block = make_block(number);
    return audyn_audio_queue_push(queue, &block);
}

static bool
is_block(const audyn_audio_block_t *block, uint64_t number)
{
    const audyn_audio_block_t expected = make_block(number);
    return block->frame == expected.frame && block->position == expected.position &&
           block->filled == expected.filled;
}

static void
assert_pops(audyn_audio_queue_t *queue, uint64_t number)
{
    audyn_audio_block_t block;
    assert_true(audyn_audio_queue_pop(queue, &block));
    assert_true(is_block(&block, number));
}

static void
blocks_come_out_whole_and_in_the_order_they_went_in(void **state)
{
    (void)state;
    audyn_audio_queue_t *queue = create(4);
    for (uint64_t i = 0; i < 4; ++i) {
        assert_true(push(queue, i));
    }
    for (uint64_t i = 0; i < 4; ++i) {
        assert_pops(queue, i);
    }
    audyn_audio_queue_destroy(queue);
}

static void
a_full_queue_refuses_a_block_until_one_is_popped(void **state)
{
    (void)state;
    audyn_audio_queue_t *queue = create(2);
    assert_true(push(queue, 1));
    assert_true(push(queue, 2));
    assert_false(push(queue, 3));
    assert_false(push(queue, 3));
    assert_int_equal(audyn_audio_queue_length(queue), 2);
    assert_pops(queue, 1);
    assert_true(push(queue, 4));
    assert_false(push(queue, 5));
    assert_pops(queue, 2);
    assert_pops(queue, 4);
    audyn_audio_queue_destroy(queue);
}

static void
an_empty_queue_gives_nothing_and_leaves_the_block_alone(void **state)
{
    (void)state;
    audyn_audio_queue_t *queue = create(2);
    audyn_audio_block_t block = make_block(99);
    assert_false(audyn_audio_queue_pop(queue, &block));
    assert_true(push(queue, 1));
    assert_pops(queue, 1);
    assert_false(audyn_audio_queue_pop(queue, &block));
    assert_true(is_block(&block, 99));
    audyn_audio_queue_destroy(queue);
}

// Agrees with two plain counters, whichever mood the steps are in.
static void
take_random_steps(audyn_audio_queue_t *queue, uint32_t steps)
{
    uint64_t state = 20;
    uint64_t pushed = 0;
    uint64_t popped = 0;
    uint32_t per_cent = 50;
    for (uint32_t i = 0; i < steps; ++i) {
        if (random_below(&state, 50) == 0) {
            per_cent = random_below(&state, 101);
        }
        if (random_below(&state, 100) < per_cent) {
            const bool room = pushed - popped < queue->capacity;
            assert_int_equal(push(queue, pushed), room);
            pushed += room;
        } else if (pushed > popped) {
            assert_pops(queue, popped++);
        } else {
            audyn_audio_block_t block;
            assert_false(audyn_audio_queue_pop(queue, &block));
        }
        assert_int_equal(audyn_audio_queue_length(queue), pushed - popped);
    }
    assert_true(popped > steps / 10);
}

static void
random_steps_agree_with_plain_counters_over_the_wrap_of_the_indices(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity <= 64; capacity *= 2) {
        for (uint32_t before = 1; before <= 1000; before += 333) {
            audyn_audio_queue_t *queue = create_before_wrap(capacity, before);
            take_random_steps(queue, 50000);
            audyn_audio_queue_destroy(queue);
        }
    }
}

static void
the_capacity_is_rounded_up_to_a_power_of_two(void **state)
{
    (void)state;
    static const uint32_t cases[][2] = {{1, 1}, {2, 2}, {3, 4},
                                        {4, 4}, {5, 8}, {1000, 1024}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        audyn_audio_queue_t *queue = create(cases[i][0]);
        for (uint32_t n = 0; n < cases[i][1]; ++n) {
            assert_true(push(queue, n));
        }
        assert_false(push(queue, 0));
        assert_int_equal(audyn_audio_queue_length(queue), cases[i][1]);
        audyn_audio_queue_destroy(queue);
    }
}

static void
a_capacity_of_zero_or_above_two_to_the_thirtieth_is_invalid(void **state)
{
    (void)state;
    static const uint32_t capacities[] = {0, (1U << 30) + 1, UINT32_MAX};
    for (size_t i = 0; i < sizeof capacities / sizeof capacities[0]; ++i) {
        audyn_audio_queue_t *queue = (audyn_audio_queue_t *)(uintptr_t)1;
        assert_int_equal(audyn_audio_queue_create(&queue, capacities[i]), AUDYN_INVALID);
        assert_null(queue);
    }
}

static void
the_largest_capacity_asks_for_all_of_its_memory(void **state)
{
    (void)state;
    memory_calls = (struct memory_calls){.fail_mmap = true};
    audyn_audio_queue_t *queue = (audyn_audio_queue_t *)(uintptr_t)1;
    assert_int_equal(audyn_audio_queue_create(&queue, 1U << 30), AUDYN_NO_MEMORY);
    assert_null(queue);
    assert_int_equal(memory_calls.mmaps, 1);
    assert_true(memory_calls.asked >= sizeof(audyn_audio_block_t) << 30);
}

static void
no_memory_is_reported_and_leaves_nothing_behind(void **state)
{
    (void)state;
    memory_calls = (struct memory_calls){.fail_mmap = true};
    audyn_audio_queue_t *queue = (audyn_audio_queue_t *)(uintptr_t)1;
    assert_int_equal(audyn_audio_queue_create(&queue, 16), AUDYN_NO_MEMORY);
    assert_null(queue);
    assert_int_equal(memory_calls.mapped, 0);
}

static void
destroying_gives_all_memory_back_and_accepts_null(void **state)
{
    (void)state;
    audyn_audio_queue_destroy(NULL);
    audyn_audio_queue_t *queue = create(100);
    assert_int_equal(memory_calls.mmaps, 1);
    assert_true(memory_calls.kept_from_children);
    assert_true(push(queue, 1));
    audyn_audio_queue_destroy(queue);
    assert_int_equal(memory_calls.unmapped, memory_calls.mapped);
}

static void
what_each_side_writes_lies_on_cache_lines_of_its_own(void **state)
{
    (void)state;
    typedef struct audyn_audio_queue queue_t;
    const size_t line = AUDYN_CACHE_LINE;
    assert_true((offsetof(queue_t, memory) + sizeof(audyn_memory_t) - 1) / line <
                offsetof(queue_t, pushed) / line);
    assert_true(offsetof(queue_t, known_popped) / line <
                offsetof(queue_t, popped) / line);
    assert_int_equal(sizeof(queue_t) % line, 0);
    audyn_audio_queue_t *queue = create(1);
    assert_int_equal((uintptr_t)queue->ring % line, 0);
    assert_true((uintptr_t)queue->ring >= (uintptr_t)(queue + 1));
    audyn_audio_queue_destroy(queue);
}

#define STRESS_BLOCKS 150000U

struct stress {
    audyn_audio_queue_t *queue;
    uint32_t wrong; // the popper's, read after it was joined
    _Atomic bool done;
    uint32_t lengths_above_capacity; // the watcher's
};

static void *
pop_and_check(void *argument)
{
    struct stress *stress = argument;
    uint64_t expected = 0;
    while (expected < STRESS_BLOCKS) {
        audyn_audio_block_t block;
        if (audyn_audio_queue_pop(stress->queue, &block)) {
            stress->wrong += !is_block(&block, expected++);
        } else {
            sched_yield();
        }
    }
    return NULL;
}

static void *
watch_length(void *argument)
{
    struct stress *stress = argument;
    while (!atomic_load_explicit(&stress->done, memory_order_acquire)) {
        stress->lengths_above_capacity +=
            audyn_audio_queue_length(stress->queue) > stress->queue->capacity;
        sched_yield();
    }
    return NULL;
}

static void
two_threads_pass_every_block_once_whole_and_in_order(void **state)
{
    (void)state;
    for (uint32_t capacity = 1; capacity <= 256; capacity *= 16) {
        struct stress stress = {.queue = create_before_wrap(capacity, STRESS_BLOCKS / 2)};
        pthread_t popper;
        pthread_t watcher;
        assert_int_equal(pthread_create(&popper, NULL, pop_and_check, &stress), 0);
        assert_int_equal(pthread_create(&watcher, NULL, watch_length, &stress), 0);
        for (uint64_t i = 0; i < STRESS_BLOCKS; ++i) {
            while (!push(stress.queue, i)) {
                sched_yield();
            }
        }
        pthread_join(popper, NULL);
        atomic_store_explicit(&stress.done, true, memory_order_release);
        pthread_join(watcher, NULL);
        assert_int_equal(stress.wrong, 0);
        assert_int_equal(stress.lengths_above_capacity, 0);
        assert_int_equal(audyn_audio_queue_length(stress.queue), 0);
        audyn_audio_queue_destroy(stress.queue);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(blocks_come_out_whole_and_in_the_order_they_went_in),
        cmocka_unit_test(a_full_queue_refuses_a_block_until_one_is_popped),
        cmocka_unit_test(an_empty_queue_gives_nothing_and_leaves_the_block_alone),
        cmocka_unit_test(
            random_steps_agree_with_plain_counters_over_the_wrap_of_the_indices),
        cmocka_unit_test(the_capacity_is_rounded_up_to_a_power_of_two),
        cmocka_unit_test(a_capacity_of_zero_or_above_two_to_the_thirtieth_is_invalid),
        cmocka_unit_test(the_largest_capacity_asks_for_all_of_its_memory),
        cmocka_unit_test(no_memory_is_reported_and_leaves_nothing_behind),
        cmocka_unit_test(destroying_gives_all_memory_back_and_accepts_null),
        cmocka_unit_test(what_each_side_writes_lies_on_cache_lines_of_its_own),
        cmocka_unit_test(two_threads_pass_every_block_once_whole_and_in_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
