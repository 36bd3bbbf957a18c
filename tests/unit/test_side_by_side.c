// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "cli/side_by_side.h"

#include <semaphore.h>
#include <stdatomic.h>

#define ITEMS 100

struct item {
    _Atomic int done;
    sem_t *before, *behind; // or NULL
};

static void
work(void *argument)
{
    struct item *item = argument;
    if (item->behind) {
        sem_post(item->behind);
    }
    if (item->before) {
        sem_wait(item->before);
    }
    atomic_fetch_add(&item->done, 1);
}

static void
each_item_is_done_once(void **state)
{
    (void)state;
    for (size_t count = 0; count <= ITEMS; ++count) {
        struct item items[ITEMS] = {{0}};
        void *all[ITEMS];
        for (size_t i = 0; i < ITEMS; ++i) {
            all[i] = &items[i];
        }
        audyn_side_by_side(work, all, count);
        for (size_t i = 0; i < ITEMS; ++i) {
            assert_int_equal(items[i].done, i < count);
        }
    }
}

// Were it one after the other, they would wait for ever.
static void
one_that_waits_does_not_hold_up_the_next(void **state)
{
    (void)state;
    sem_t one;
    sem_t two;
    sem_init(&one, 0, 0);
    sem_init(&two, 0, 0);
    struct item items[] = {{.before = &one, .behind = &two},
                           {.before = &two, .behind = &one}};
    void *all[] = {&items[0], &items[1]};
    audyn_side_by_side(work, all, 2);
    assert_int_equal(items[0].done + items[1].done, 2);
    sem_destroy(&one);
    sem_destroy(&two);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_item_is_done_once),
        cmocka_unit_test(one_that_waits_does_not_hold_up_the_next),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
