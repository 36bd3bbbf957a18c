// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/loss_map.h"

#include <string.h>

static void
add(audyn_loss_map_t *map, uint64_t position, uint64_t sample_frames,
    audyn_sample_class_t class)
{
    const audyn_span_t span = {position, sample_frames, class};
    audyn_loss_map_add(map, &span);
}

static void
assert_span(const json_t *spans, size_t index, uint64_t position, uint64_t sample_frames,
            const char *class)
{
    const json_t *span = json_array_get(spans, index);
    assert_true(json_integer_value(json_object_get(span, "position")) ==
                (json_int_t)position);
    assert_true(json_integer_value(json_object_get(span, "sample_frames")) ==
                (json_int_t)sample_frames);
    assert_string_equal(json_string_value(json_object_get(span, "class")), class);
}

static void
neighbours_of_one_class_are_one_span(void **state)
{
    (void)state;
    audyn_loss_map_t *map;
    assert_int_equal(audyn_loss_map_create(&map), AUDYN_OK);
    add(map, 1000, 48, AUDYN_SAMPLE_RECEIVED);
    add(map, 1048, 48, AUDYN_SAMPLE_LOST);
    add(map, 1096, 2, AUDYN_SAMPLE_LOST);
    add(map, 1098, 1, AUDYN_SAMPLE_LATE);
    add(map, 1099, 1, AUDYN_SAMPLE_RECEIVED);
    add(map, 1100, 7, AUDYN_SAMPLE_LATE);
    add(map, 1107, 1, AUDYN_SAMPLE_NO_FRAME);
    add(map, 1108, 5, AUDYN_SAMPLE_NO_SIGNAL);
    json_t *spans = audyn_loss_map_json(map);
    assert_int_equal(json_array_size(spans), 5);
    assert_span(spans, 0, 1048, 50, "lost");
    assert_span(spans, 1, 1098, 1, "late");
    assert_span(spans, 2, 1100, 7, "late");
    assert_span(spans, 3, 1107, 1, "no_frame");
    assert_span(spans, 4, 1108, 5, "no_signal");
    json_decref(spans);
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    audyn_loss_map_counts(map, counts);
    assert_true(counts[AUDYN_SAMPLE_RECEIVED] == 49);
    assert_true(counts[AUDYN_SAMPLE_LOST] == 50);
    assert_true(counts[AUDYN_SAMPLE_LATE] == 8);
    assert_true(audyn_loss_map_is_exact(map));
    audyn_loss_map_destroy(map);
}

static void
a_map_without_end_stays_bounded_and_says_so(void **state)
{
    (void)state;
    audyn_loss_map_t *map;
    assert_int_equal(audyn_loss_map_create(&map), AUDYN_OK);
    const uint64_t spans = UINT64_C(5) << 20;
    for (uint64_t i = 0; i < spans; ++i) {
        add(map, 2 * i, 1, AUDYN_SAMPLE_LOST);
        add(map, 2 * i + 1, 1, AUDYN_SAMPLE_RECEIVED);
    }
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    audyn_loss_map_counts(map, counts);
    assert_true(counts[AUDYN_SAMPLE_LOST] == spans);
    assert_true(counts[AUDYN_SAMPLE_RECEIVED] == spans);
    assert_false(audyn_loss_map_is_exact(map));
    audyn_loss_map_destroy(map);
}

static void
what_only_a_further_leg_brought_is_a_span_of_its_own(void **state)
{
    (void)state;
    audyn_loss_map_t *map;
    assert_int_equal(audyn_loss_map_create(&map), AUDYN_OK);
    add(map, 1000, 48, AUDYN_SAMPLE_RECEIVED + 1);
    add(map, 1048, 48, AUDYN_SAMPLE_RECEIVED + 1);
    add(map, 1096, 2, AUDYN_SAMPLE_RECEIVED + 2);
    add(map, 1098, 48, AUDYN_SAMPLE_RECEIVED);
    add(map, 1146, 1, AUDYN_SAMPLE_RECEIVED + 3);
    json_t *spans = audyn_loss_map_json(map);
    assert_int_equal(json_array_size(spans), 3);
    assert_span(spans, 0, 1000, 96, "received_b");
    assert_span(spans, 1, 1096, 2, "received_c");
    assert_span(spans, 2, 1146, 1, "received_d");
    json_decref(spans);
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    audyn_loss_map_counts(map, counts);
    assert_true(audyn_samples_received(counts) == 147);
    assert_true(counts[AUDYN_SAMPLE_RECEIVED] == 48);
    audyn_loss_map_destroy(map);
}

static void
what_is_taken_back_was_never_there(void **state)
{
    (void)state;
    audyn_loss_map_t *map;
    assert_int_equal(audyn_loss_map_create(&map), AUDYN_OK);
    add(map, 1000, 48, AUDYN_SAMPLE_RECEIVED);
    add(map, 1048, 50, AUDYN_SAMPLE_LOST);
    add(map, 1098, 10, AUDYN_SAMPLE_RECEIVED);
    add(map, 1108, 5, AUDYN_SAMPLE_RECEIVED + 1);
    add(map, 1113, 7, AUDYN_SAMPLE_RECEIVED);
    audyn_loss_map_take_back(map, 1120, 0);
    audyn_loss_map_take_back(map, 1110, 10);
    audyn_loss_map_take_back(map, 1060, 50);
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    audyn_loss_map_counts(map, counts);
    assert_true(counts[AUDYN_SAMPLE_RECEIVED] == 48);
    assert_true(counts[AUDYN_SAMPLE_RECEIVED + 1] == 0);
    assert_true(counts[AUDYN_SAMPLE_LOST] == 12);
    json_t *spans = audyn_loss_map_json(map);
    assert_int_equal(json_array_size(spans), 1);
    assert_span(spans, 0, 1048, 12, "lost");
    json_decref(spans);
    audyn_loss_map_take_back(map, 1000, 60);
    audyn_loss_map_counts(map, counts);
    for (int i = 0; i < AUDYN_SAMPLE_CLASSES; ++i) {
        assert_true(counts[i] == 0);
    }
    audyn_loss_map_destroy(map);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(neighbours_of_one_class_are_one_span),
        cmocka_unit_test(what_only_a_further_leg_brought_is_a_span_of_its_own),
        cmocka_unit_test(what_is_taken_back_was_never_there),
        cmocka_unit_test(a_map_without_end_stays_bounded_and_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
