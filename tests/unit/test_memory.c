// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/memory.h"
#include "memory_calls.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGES 20

static size_t
page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static void
assert_all_zero(const audyn_memory_t *memory)
{
    assert_null(memory->address);
    assert_int_equal(memory->size, 0);
    assert_false(memory->locked);
}

static void
a_mapping_is_page_aligned_zeroed_and_writable(void **state)
{
    (void)state;
    audyn_memory_t memory;
    const size_t size = PAGES * page_size() + 1;
    assert_int_equal(audyn_memory_map(&memory, size, AUDYN_LOCK_BEST_EFFORT, true),
                     AUDYN_OK);
    assert_int_equal((uintptr_t)memory.address % page_size(), 0);
    assert_int_equal(memory.size, size);
    unsigned char *bytes = memory.address;
    for (size_t i = 0; i < size; ++i) {
        assert_int_equal(bytes[i], 0);
    }
    memset(bytes, 0xA5, size);
    audyn_memory_unmap(&memory);
    assert_all_zero(&memory);
}

static void
every_page_is_resident_before_the_first_use(void **state)
{
    (void)state;
    audyn_memory_t memory;
    assert_int_equal(
        audyn_memory_map(&memory, PAGES * page_size(), AUDYN_LOCK_NEVER, false),
        AUDYN_OK);
    unsigned char resident[PAGES] = {0};
    assert_int_equal(mincore(memory.address, memory.size, resident), 0);
    for (size_t i = 0; i < PAGES; ++i) {
        assert_true(resident[i] & 1);
    }
    audyn_memory_unmap(&memory);
}

static void
a_forked_child_does_not_have_the_memory(void **state)
{
    (void)state;
    audyn_memory_t memory;
    assert_int_equal(
        audyn_memory_map(&memory, PAGES * page_size(), AUDYN_LOCK_NEVER, false),
        AUDYN_OK);
    const pid_t child = fork();
    if (child == 0) {
        unsigned char resident[PAGES];
        const int answer = mincore(memory.address, memory.size, resident);
        _exit(answer == -1 && errno == ENOMEM ? 0 : 1);
    }
    int status = -1;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    assert_int_equal(WEXITSTATUS(status), 0);
    audyn_memory_unmap(&memory);
}

static void
nothing_at_all_is_invalid(void **state)
{
    (void)state;
    audyn_memory_t memory = {.size = 1};
    assert_int_equal(audyn_memory_map(&memory, 0, AUDYN_LOCK_NEVER, false),
                     AUDYN_INVALID);
    assert_all_zero(&memory);
}

static void
a_mapping_that_fails_is_out_of_memory(void **state)
{
    (void)state;
    memory_calls.fail_mmap = true;
    audyn_memory_t memory = {.size = 1};
    assert_int_equal(audyn_memory_map(&memory, 1, AUDYN_LOCK_NEVER, false),
                     AUDYN_NO_MEMORY);
    assert_all_zero(&memory);
}

static void
a_required_lock_that_fails_gives_the_mapping_back(void **state)
{
    (void)state;
    memory_calls.fail_mlock = true;
    audyn_memory_t memory = {.size = 1};
    assert_int_equal(audyn_memory_map(&memory, 4096, AUDYN_LOCK_REQUIRED, false),
                     AUDYN_NOT_LOCKED);
    assert_all_zero(&memory);
    assert_int_equal(memory_calls.unmapped, 4096);
}

static void
a_lock_is_tried_unless_told_never_and_its_outcome_told(void **state)
{
    (void)state;
    static const struct {
        audyn_lock_t lock;
        bool refused, locked;
        unsigned tries;
    } cases[] = {
        {AUDYN_LOCK_BEST_EFFORT, false, true, 1},
        {AUDYN_LOCK_BEST_EFFORT, true, false, 1},
        {AUDYN_LOCK_REQUIRED, false, true, 1},
        {AUDYN_LOCK_NEVER, false, false, 0},
        {AUDYN_LOCK_NEVER, true, false, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; ++i) {
        memory_calls = (struct memory_calls){.fail_mlock = cases[i].refused,
                                             .skip_mlock = !cases[i].refused};
        audyn_memory_t memory;
        assert_int_equal(audyn_memory_map(&memory, 4096, cases[i].lock, false), AUDYN_OK);
        assert_int_equal(memory.locked, cases[i].locked);
        assert_int_equal(memory_calls.mlocks, cases[i].tries);
        audyn_memory_unmap(&memory);
    }
}

static void
unmapping_twice_or_nothing_does_no_harm(void **state)
{
    (void)state;
    audyn_memory_t memory = {0};
    audyn_memory_unmap(&memory);
    assert_int_equal(memory_calls.munmaps, 0);
    assert_int_equal(audyn_memory_map(&memory, 1, AUDYN_LOCK_NEVER, false), AUDYN_OK);
    audyn_memory_unmap(&memory);
    audyn_memory_unmap(&memory);
    assert_int_equal(memory_calls.munmaps, 1);
}

static void
a_plan_lays_arrays_one_after_the_other_each_aligned(void **state)
{
    (void)state;
    audyn_memory_plan_t plan = {0};
    assert_int_equal(audyn_memory_plan_add(&plan, 3, 5, 64), 0);
    assert_int_equal(plan.size, 15);
    assert_int_equal(audyn_memory_plan_add(&plan, 1, 1, 64), 64);
    assert_int_equal(audyn_memory_plan_add(&plan, 2, 4, 1), 65);
    assert_int_equal(audyn_memory_plan_add(&plan, 0, 1, 4096), 4096);
    assert_int_equal(plan.size, 4096);
    assert_false(plan.overflow);
}

static void
a_plan_remembers_an_overflow_in_size_alignment_or_sum(void **state)
{
    (void)state;
    audyn_memory_plan_t plan = {0};
    audyn_memory_plan_add(&plan, SIZE_MAX / 2 + 1, 2, 1);
    assert_true(plan.overflow);
    plan = (audyn_memory_plan_t){.size = SIZE_MAX - 10};
    audyn_memory_plan_add(&plan, 1, 1, 64);
    assert_true(plan.overflow);
    plan = (audyn_memory_plan_t){.size = SIZE_MAX - 10};
    audyn_memory_plan_add(&plan, 10, 1, 1);
    assert_false(plan.overflow);
    audyn_memory_plan_add(&plan, 1, 1, 1);
    assert_true(plan.overflow);
    audyn_memory_plan_add(&plan, 1, 1, 1);
    assert_true(plan.overflow);
}

#define CASE(name) cmocka_unit_test_setup(name, memory_calls_forget)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_mapping_is_page_aligned_zeroed_and_writable),
        CASE(every_page_is_resident_before_the_first_use),
        CASE(a_forked_child_does_not_have_the_memory),
        CASE(nothing_at_all_is_invalid),
        CASE(a_mapping_that_fails_is_out_of_memory),
        CASE(a_required_lock_that_fails_gives_the_mapping_back),
        CASE(a_lock_is_tried_unless_told_never_and_its_outcome_told),
        CASE(unmapping_twice_or_nothing_does_no_harm),
        CASE(a_plan_lays_arrays_one_after_the_other_each_aligned),
        CASE(a_plan_remembers_an_overflow_in_size_alignment_or_sum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
