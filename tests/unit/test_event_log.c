// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/event_log.h"
#include "failing_allocations.h"

#include <stdlib.h>

static audyn_event_log_t *
create(void)
{
    audyn_event_log_t *log;
    assert_int_equal(audyn_event_log_create(&log), AUDYN_OK);
    return log;
}

static void
add(audyn_event_log_t *log, audyn_event_kind_t kind, uint64_t position)
{
    const audyn_event_t event = {
        .kind = kind, .position = position, .tai_ns = 1790000000000000000, .leg = 1};
    audyn_event_log_add(log, &event);
}

// What is taken up to there, as one line.
static void
expect(audyn_event_log_t *log, uint64_t position, const char *expected)
{
    json_t *events = audyn_event_log_take(log, position);
    char *text = json_dumps(events, JSON_COMPACT);
    assert_string_equal(text, expected);
    free(text);
    json_decref(events);
}

static void
each_segment_tells_what_happened_before_its_end_and_only_that(void **state)
{
    (void)state;
    audyn_event_log_t *log = create();
    add(log, AUDYN_EVENT_NO_SIGNAL, 90);
    add(log, AUDYN_EVENT_LEG_LOST, 99);
    add(log, AUDYN_EVENT_SIGNAL, 100);
    expect(log, 100,
           "[{\"event\":\"no_signal\",\"tai_ns\":1790000000000000000,\"position\":90},"
           "{\"event\":\"leg_lost\",\"tai_ns\":1790000000000000000,\"position\":99,"
           "\"leg\":\"b\"}]");
    expect(log, 100, "[]");
    expect(log, 200,
           "[{\"event\":\"signal\",\"tai_ns\":1790000000000000000,\"position\":100}]");
    audyn_event_log_destroy(log);
}

static void
what_found_no_room_is_counted_in_its_place(void **state)
{
    (void)state;
    audyn_event_log_t *log = create();
    for (uint64_t i = 0; i < 1000; ++i) {
        add(log, AUDYN_EVENT_RESTARTED, i);
    }
    const audyn_event_t by_input = {.kind = AUDYN_EVENT_DROPPED, .count = 5};
    audyn_event_log_add(log, &by_input);
    json_t *events = audyn_event_log_take(log, 2000);
    const size_t told = json_array_size(events) - 1;
    const json_t *last = json_array_get(events, told);
    assert_string_equal(json_string_value(json_object_get(last, "event")), "dropped");
    assert_int_equal(json_integer_value(json_object_get(last, "count")), 1005 - told);
    json_decref(events);
    // There is room again.
    audyn_event_log_add(log, &by_input);
    expect(log, 2000, "[{\"event\":\"dropped\",\"count\":5}]");
    audyn_event_log_destroy(log);
}

static void
nobody_who_listens_is_no_harm(void **state)
{
    (void)state;
    add(NULL, AUDYN_EVENT_SIGNAL, 1);
    assert_null(audyn_event_log_take(NULL, 1));
    audyn_event_log_destroy(NULL);
}

static void
a_log_that_has_no_memory_is_none(void **state)
{
    (void)state;
    audyn_event_log_t *log;
    failing_allocations_after(0);
    assert_int_equal(audyn_event_log_create(&log), AUDYN_NO_MEMORY);
    assert_null(log);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_segment_tells_what_happened_before_its_end_and_only_that),
        cmocka_unit_test(what_found_no_room_is_counted_in_its_place),
        cmocka_unit_test(a_log_that_has_no_memory_is_none),
        cmocka_unit_test(nobody_who_listens_is_no_harm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
