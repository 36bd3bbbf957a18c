// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The same samples on several legs.

#include "timeline_bench.h"

#include "random.h"

#define LEG_B (AUDYN_SAMPLE_RECEIVED + 1)
#define LEG_C (AUDYN_SAMPLE_RECEIVED + 2)

static audyn_placement_t
compare_on(const audyn_timeline_t *timeline, unsigned leg, uint64_t position,
           uint32_t count, uint32_t flaws)
{
    const audyn_samples_t samples = make_samples(leg, position, count, flaws);
    audyn_placement_t placement;
    audyn_timeline_compare(timeline, &samples, &placement);
    drop_samples(&samples);
    assert_int_equal(placement.placed + placement.late + placement.no_frame, 0);
    return placement;
}

static void
a_sample_counts_for_the_lowest_leg_that_brought_it(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    assert_int_equal(place_on(timeline, 1, ORIGIN, 100, 0).placed, 100);
    assert_int_equal(place_on(timeline, 0, ORIGIN, 48, 0).duplicate, 48);
    assert_int_equal(place_on(timeline, 0, ORIGIN + 100, 48, 0).placed, 48);
    assert_int_equal(place_on(timeline, 1, ORIGIN + 100, 48, 0).duplicate, 48);
    // Three legs, and a packet that is partly there, from two of them, and partly not.
    assert_int_equal(place_on(timeline, 2, ORIGIN + 148, 20, 0).placed, 20);
    const audyn_placement_t mixed = place_on(timeline, 1, ORIGIN + 140, 40, 0);
    assert_int_equal(mixed.duplicate, 8 + 20);
    assert_int_equal(mixed.placed, 12);
    assert_int_equal(place_on(timeline, 2, ORIGIN + 180, 5, 0).placed, 5);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 48 + 48);
    assert_true(seen.counts[LEG_B] == 52 + 32);
    assert_true(seen.counts[LEG_C] == 5);
}

static void
what_is_decided_keeps_its_leg(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(100, 1000);
    struct seen seen = {0};
    place_on(timeline, 1, ORIGIN, RATE / 2, 0);
    assert_int_equal(place_on(timeline, 0, ORIGIN, 48, 3).duplicate, 48);
    assert_int_equal(compare_on(timeline, 0, ORIGIN, 48, 3).duplicate, 0);
    audyn_timeline_take_back(timeline, 1);
    const uint32_t frame_size = timeline_frame_size(timeline);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 0);
    // Of the window, and what remained of the frame in which it begins.
    assert_in_range(seen.counts[AUDYN_SAMPLE_LOST], RATE / 10, RATE / 10 + frame_size);
    assert_true(seen.counts[LEG_B] + seen.counts[AUDYN_SAMPLE_LOST] == RATE / 2);
}

static void
legs_that_lose_other_packets_make_one_whole_stream_at_any_skew(void **state)
{
    (void)state;
    for (uint32_t skew = 0; skew <= 450; skew += 90) {
        audyn_timeline_t *timeline = create(500, 2000);
        struct seen seen = {0};
        for (uint32_t i = 0; i < 4000 + skew; ++i) {
            if (i < 4000 && i % 10 < 5) {
                place_on(timeline, 0, ORIGIN + i * 48, 48, 0);
            }
            if (i >= skew && (i - skew) % 10 >= 4) {
                place_on(timeline, 1, ORIGIN + (i - skew) * 48, 48, 0);
            }
            drain(timeline, &seen);
        }
        finish(timeline, &seen);
        assert_true(seen.start == ORIGIN);
        assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 2000 * 48);
        assert_true(seen.counts[LEG_B] == 2000 * 48);
        assert_true(seen.end - seen.start == 4000 * 48);
    }
}

static void
other_audio_of_a_higher_leg_is_counted_and_left_out(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    place(timeline, ORIGIN, 3000);
    const audyn_placement_t other = place_on(timeline, 1, ORIGIN + 10, 3000, 10);
    assert_int_equal(other.placed, 10);
    assert_int_equal(other.duplicate, 2990);
    assert_int_equal(other.differing, 299);
    assert_int_equal(other.differs_from, 1 << 0);
    audyn_timeline_take_back(timeline, 1);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 3000);
    assert_true(seen.counts[AUDYN_SAMPLE_LOST] == 10);
}

static void
other_audio_of_a_lower_leg_takes_the_place(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    place_on(timeline, 2, ORIGIN, 3000, 7);
    place_on(timeline, 3, ORIGIN + 3000, 10, 1);
    const audyn_placement_t right = place_on(timeline, 1, ORIGIN, 3010, 0);
    assert_int_equal(right.duplicate, 3010);
    assert_in_range(right.differing, 10 + 428, 10 + 429);
    assert_int_equal(right.differs_from, 1 << 2 | 1 << 3);
    finish(timeline, &seen);
    assert_true(seen.counts[LEG_B] == 3010);
}

static void
one_channel_that_differs_is_found_in_any_width(void **state)
{
    (void)state;
    static float samples[3][700 * 64];
    for (uint32_t channels = 1; channels <= 64; ++channels) {
        const audyn_timeline_config_t config = {RATE, channels, 200, 1000};
        audyn_timeline_t *timeline;
        assert_int_equal(audyn_timeline_create(&timeline, &config), AUDYN_OK);
        const uint32_t last = 700 * channels - 1;
        samples[1][last] = 1;
        for (unsigned leg = 0; leg < 3; ++leg) {
            const audyn_samples_t on_leg = {.position = ORIGIN,
                                            .sample_frames = 700,
                                            .bytes = sizeof(float),
                                            .data = samples[leg],
                                            .decode = copy,
                                            .leg = leg};
            audyn_placement_t placement;
            audyn_timeline_place(timeline, &on_leg, &placement);
            assert_int_equal(placement.differing, leg == 1);
            assert_int_equal(placement.differs_from, leg == 1);
        }
        samples[1][last] = 0;
        audyn_timeline_destroy(timeline);
    }
}

// Eight channels of which the timeline has the sixth and the first.
static audyn_placement_t
place_selected(audyn_timeline_t *timeline, unsigned leg, uint32_t flaws)
{
    enum { FRAMES = 700, STRIDE = 8 };
    static float data[FRAMES * STRIDE];
    audyn_selection_t selection = {.stride = STRIDE};
    assert_true(audyn_selection_add(&selection, 5) && audyn_selection_add(&selection, 0));
    const audyn_samples_t selected = make_samples(leg, ORIGIN, FRAMES, flaws);
    for (uint32_t i = 0; i < FRAMES; ++i) {
        const float *frame = (const float *)selected.data + i * CHANNELS;
        data[i * STRIDE + 5] = frame[0];
        data[i * STRIDE] = frame[1];
        data[i * STRIDE + 3] = (float)leg;
    }
    audyn_samples_t samples = selected;
    samples.data = data;
    samples.selection = &selection;
    audyn_placement_t placement;
    audyn_timeline_place(timeline, &samples, &placement);
    drop_samples(&selected);
    return placement;
}

static void
of_the_channels_on_the_wire_only_those_selected_are_placed_and_compared(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    assert_int_equal(place_selected(timeline, 1, 0).placed, 700);
    assert_int_equal(place_selected(timeline, 0, 0).differing, 0);
    assert_int_equal(place_selected(timeline, 2, 5).differing, 140);
    finish(timeline, &seen);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 700);
}

static void
what_is_taken_back_is_silence_until_another_leg_brings_it(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    place_on(timeline, 1, ORIGIN, 1000, 1);
    place_on(timeline, 0, ORIGIN + 2000, 1000, 0);
    place_on(timeline, 2, ORIGIN + 3000, 1000, 0);
    audyn_timeline_take_back(timeline, 1);
    audyn_timeline_take_back(timeline, 3);
    assert_int_equal(place_on(timeline, 2, ORIGIN + 500, 600, 0).placed, 600);
    finish(timeline, &seen);
    assert_true(seen.start == ORIGIN);
    assert_true(seen.end == ORIGIN + 4000);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 1000);
    assert_true(seen.counts[LEG_C] == 1600);
    assert_true(seen.counts[AUDYN_SAMPLE_LOST] == 1400);
}

static void
a_comparison_counts_and_leaves_everything_as_it_was(void **state)
{
    (void)state;
    audyn_timeline_t *timeline = create(200, 1000);
    struct seen seen = {0};
    assert_int_equal(compare_on(timeline, 1, ORIGIN, 100, 0).duplicate, 0);
    place(timeline, ORIGIN, 100);
    place_on(timeline, 1, ORIGIN + 100, 50, 0);
    place_on(timeline, 2, ORIGIN + 200, 50, 0);
    const audyn_placement_t equal = compare_on(timeline, 1, ORIGIN - 50, 400, 0);
    assert_int_equal(equal.duplicate, 150);
    assert_int_equal(equal.differing, 0);
    const audyn_placement_t other = compare_on(timeline, 1, ORIGIN + 50, 400, 1);
    assert_int_equal(other.duplicate, 100);
    assert_int_equal(other.differing, 100);
    assert_int_equal(other.differs_from, 1 << 0 | 1 << 2);
    finish(timeline, &seen);
    assert_true(seen.end == ORIGIN + 250);
    assert_true(seen.counts[AUDYN_SAMPLE_RECEIVED] == 100);
    assert_true(seen.counts[LEG_B] == 50);
    assert_true(seen.counts[LEG_C] == 50);
}

// A timeline of one byte for each sample: who has brought it, and what.
enum { MODEL = 4000, NOBODY = AUDYN_LEGS };
struct model {
    uint8_t leg[MODEL];
    bool flawed[MODEL];
};

static audyn_placement_t
model_place(struct model *model, unsigned leg, uint32_t first, uint32_t count,
            uint32_t flaws)
{
    audyn_placement_t placement = {0};
    for (uint32_t i = first; i < first + count; ++i) {
        const bool flawed = flaws && (ORIGIN + i) % flaws == 0;
        const unsigned there = model->leg[i];
        placement.placed += there == NOBODY;
        placement.duplicate += there != NOBODY;
        if (there != NOBODY && there != leg && model->flawed[i] != flawed) {
            ++placement.differing;
            placement.differs_from |= 1U << there;
        }
        if (leg < there) {
            model->leg[i] = (uint8_t)leg;
            model->flawed[i] = flawed;
        }
    }
    return placement;
}

static void
model_take_back(struct model *model, unsigned leg)
{
    for (uint32_t i = 0; i < MODEL; ++i) {
        model->leg[i] = model->leg[i] == leg ? NOBODY : model->leg[i];
    }
}

static void
assert_as_in_model(audyn_timeline_t *timeline, const struct model *model)
{
    audyn_timeline_finish(timeline);
    audyn_stretch_t stretch;
    while (audyn_timeline_next(timeline, &stretch)) {
        for (uint64_t i = 0; i < stretch.sample_frames; ++i) {
            const uint64_t at = stretch.position + i;
            const uint64_t index = at - ORIGIN;
            const float right = model->leg[index] == NOBODY ? 0 : value_at(at, 1);
            const float sample = stretch.samples ? stretch.samples[i * CHANNELS + 1] : 0;
            assert_true(sample == (model->flawed[index] ? -right : right));
        }
        audyn_timeline_release(timeline, &stretch);
    }
    audyn_span_t span;
    while (audyn_timeline_next_span(timeline, UINT64_MAX, &span)) {
        for (uint64_t i = 0; i < span.sample_frames; ++i) {
            const unsigned leg = model->leg[span.position + i - ORIGIN];
            assert_int_equal(span.class, leg == NOBODY ? AUDYN_SAMPLE_LOST
                                                       : AUDYN_SAMPLE_RECEIVED + leg);
        }
    }
}

static void
any_order_of_legs_differences_and_withdrawals_ends_as_the_rules_say(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed <= 300; ++seed) {
        uint64_t dice = seed;
        audyn_timeline_t *timeline = create(200, 1000);
        struct model model = {0};
        memset(model.leg, NOBODY, sizeof model.leg);
        // The whole range is open from the start.
        place_on(timeline, 3, ORIGIN, MODEL, 0);
        model_place(&model, 3, 0, MODEL, 0);
        for (int i = 0; i < 60; ++i) {
            const unsigned leg = random_below(&dice, AUDYN_LEGS);
            const uint32_t first = random_below(&dice, MODEL - 700);
            const uint32_t count = 1 + random_below(&dice, 700);
            const uint32_t flaws = random_below(&dice, 5);
            if (random_below(&dice, 10) == 0) {
                audyn_timeline_take_back(timeline, leg);
                model_take_back(&model, leg);
                continue;
            }
            const audyn_placement_t got =
                place_on(timeline, leg, ORIGIN + first, count, flaws);
            const audyn_placement_t right = model_place(&model, leg, first, count, flaws);
            assert_memory_equal(&got, &right, sizeof got);
        }
        assert_as_in_model(timeline, &model);
        audyn_timeline_destroy(timeline);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sample_counts_for_the_lowest_leg_that_brought_it),
        cmocka_unit_test(what_is_decided_keeps_its_leg),
        cmocka_unit_test(legs_that_lose_other_packets_make_one_whole_stream_at_any_skew),
        cmocka_unit_test(other_audio_of_a_higher_leg_is_counted_and_left_out),
        cmocka_unit_test(other_audio_of_a_lower_leg_takes_the_place),
        cmocka_unit_test(one_channel_that_differs_is_found_in_any_width),
        cmocka_unit_test(
            of_the_channels_on_the_wire_only_those_selected_are_placed_and_compared),
        cmocka_unit_test(what_is_taken_back_is_silence_until_another_leg_brings_it),
        cmocka_unit_test(a_comparison_counts_and_leaves_everything_as_it_was),
        cmocka_unit_test(
            any_order_of_legs_differences_and_withdrawals_ends_as_the_rules_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
