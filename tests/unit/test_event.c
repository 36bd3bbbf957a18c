// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "input/event.h"

static void
events_come_out_in_order(void **state)
{
    (void)state;
    audyn_event_ring_t ring = {0};
    audyn_event_t event;
    assert_false(audyn_event_pop(&ring, &event));
    for (unsigned i = 0; i < 3 * AUDYN_EVENT_ROOM; ++i) {
        audyn_event_push(&ring,
                         &(audyn_event_t){.kind = AUDYN_EVENT_SIGNAL, .position = i});
        assert_true(audyn_event_pop(&ring, &event));
        assert_int_equal(event.kind, AUDYN_EVENT_SIGNAL);
        assert_int_equal(event.position, i);
    }
    assert_false(audyn_event_pop(&ring, &event));
}

static void
events_without_room_are_counted_and_told_once(void **state)
{
    (void)state;
    audyn_event_ring_t ring = {0};
    audyn_event_t event;
    for (unsigned i = 0; i < AUDYN_EVENT_ROOM + 5; ++i) {
        audyn_event_push(&ring, &(audyn_event_t){.position = i});
    }
    for (unsigned i = 0; i < AUDYN_EVENT_ROOM; ++i) {
        assert_true(audyn_event_pop(&ring, &event));
        assert_int_equal(event.position, i);
    }
    assert_true(audyn_event_pop(&ring, &event));
    assert_int_equal(event.kind, AUDYN_EVENT_DROPPED);
    assert_int_equal(event.count, 5);
    assert_false(audyn_event_pop(&ring, &event));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(events_come_out_in_order),
        cmocka_unit_test(events_without_room_are_counted_and_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
