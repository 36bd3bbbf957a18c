// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "fence.h"
#include "pcm/select.h"
#include "random.h"

#include <string.h>

enum { MOST_SAMPLES = 8192 };

// What is decoded comes from the end of the first and goes to the end of the second.
static struct fence input, output;

static int
set_up(void **state)
{
    (void)state;
    if (put_up_fence(&input) || put_up_fence(&output)) {
        return -1;
    }
    uint64_t dice = 1;
    for (size_t i = 0; i < input.size; ++i) {
        input.page[i] = (unsigned char)random_next(&dice);
    }
    return 0;
}

static int
tear_down(void **state)
{
    (void)state;
    return take_down_fence(&input) || take_down_fence(&output);
}

static audyn_selection_t
select_channels(const uint8_t *channels, uint32_t count, uint32_t stride)
{
    audyn_selection_t selection = {.stride = stride};
    for (uint32_t i = 0; i < count; ++i) {
        assert_true(audyn_selection_add(&selection, channels[i]));
        assert_false(audyn_selection_add(&selection, channels[i]));
    }
    assert_int_equal(selection.channels, count);
    return selection;
}

// As many sample frames as there is room for, up to `sample_frames`.
static void
check_selection(const uint8_t *channels, uint32_t count, uint32_t stride, uint32_t bytes,
                size_t sample_frames)
{
    audyn_pcm_decode_t *decode =
        bytes == 2 ? audyn_pcm_best()->decode_l16 : audyn_pcm_best()->decode_l24;
    const size_t room = input.size / (stride * sizeof(float));
    sample_frames = sample_frames < room ? sample_frames : room;
    const audyn_selection_t selection = select_channels(channels, count, stride);
    const unsigned char *in = input.page + input.size - sample_frames * stride * bytes;
    float *out = (float *)(void *)(output.page + output.size -
                                   sample_frames * count * sizeof(float));
    float all[MOST_SAMPLES];
    decode(all, in, sample_frames * stride);
    audyn_selection_decode(&selection, out, in, sample_frames, bytes, decode);
    for (size_t frame = 0; frame < sample_frames; ++frame) {
        for (uint32_t i = 0; i < count; ++i) {
            assert_true(out[frame * count + i] == all[frame * stride + channels[i]]);
        }
    }
}

// Goes on with each channel of `stride` that is not yet among the first `count`.
static unsigned
check_every_continuation(uint8_t *channels, uint32_t count, uint32_t stride)
{
    unsigned checked = 0;
    if (count) {
        for (uint32_t bytes = 2; bytes <= 3; ++bytes) {
            check_selection(channels, count, stride, bytes, 1);
            check_selection(channels, count, stride, bytes, 7);
        }
        ++checked;
    }
    for (uint8_t channel = 0; channel < stride; ++channel) {
        if (!memchr(channels, channel, count)) {
            channels[count] = channel;
            checked += check_every_continuation(channels, count + 1, stride);
        }
    }
    return checked;
}

static void
every_selection_in_every_order_is_what_the_whole_has_there(void **state)
{
    (void)state;
    static const unsigned selections[] = {0, 1, 4, 15, 64, 325, 1956};
    for (uint32_t stride = 1; stride <= 6; ++stride) {
        uint8_t channels[6];
        assert_int_equal(check_every_continuation(channels, 0, stride),
                         selections[stride]);
    }
}

static void
every_run_of_64_channels_and_any_number_of_sample_frames_come_out_right(void **state)
{
    (void)state;
    uint8_t channels[AUDYN_SELECT_CHANNELS];
    for (uint8_t first = 0; first < 64; ++first) {
        for (uint8_t count = 1; count <= 64 - first; ++count) {
            for (uint8_t i = 0; i < count; ++i) {
                channels[i] = (uint8_t)(first + i);
            }
            check_selection(channels, count, 64, 2 + count % 2, 16);
        }
    }
    for (size_t sample_frames = 1; sample_frames <= 512; ++sample_frames) {
        check_selection((const uint8_t[]){1}, 1, 2, 3, sample_frames);
        check_selection((const uint8_t[]){1, 0}, 2, 2, 3, sample_frames);
    }
}

static void
scattered_channels_of_a_wide_stream_come_out_right(void **state)
{
    (void)state;
    uint64_t dice = 11;
    for (int times = 0; times < 3000; ++times) {
        const uint32_t stride = 1 + random_below(&dice, 64);
        uint8_t channels[AUDYN_SELECT_CHANNELS];
        for (uint8_t i = 0; i < stride; ++i) {
            channels[i] = i;
        }
        for (uint32_t i = 0; i < stride; ++i) {
            const uint32_t other = random_below(&dice, stride);
            const uint8_t channel = channels[i];
            channels[i] = channels[other];
            channels[other] = channel;
        }
        check_selection(channels, 1 + random_below(&dice, stride), stride,
                        2 + random_below(&dice, 2), 1 + random_below(&dice, 400));
    }
}

static void
a_selection_knows_how_far_it_reaches_and_whether_it_is_all(void **state)
{
    (void)state;
    audyn_selection_t selection = {.stride = 3};
    assert_int_equal(audyn_selection_end(&selection), 0);
    assert_false(audyn_selection_is_whole(&selection));
    selection = select_channels((const uint8_t[]){0, 1, 2}, 3, 3);
    assert_true(audyn_selection_is_whole(&selection));
    assert_int_equal(audyn_selection_end(&selection), 3);
    selection = select_channels((const uint8_t[]){0, 1}, 2, 3);
    assert_false(audyn_selection_is_whole(&selection));
    selection = select_channels((const uint8_t[]){2, 0, 1}, 3, 3);
    assert_false(audyn_selection_is_whole(&selection));
    assert_int_equal(audyn_selection_end(&selection), 3);
    selection = select_channels((const uint8_t[]){63, 0}, 2, 64);
    assert_int_equal(audyn_selection_end(&selection), 64);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_selection_in_every_order_is_what_the_whole_has_there),
        cmocka_unit_test(
            every_run_of_64_channels_and_any_number_of_sample_frames_come_out_right),
        cmocka_unit_test(scattered_channels_of_a_wide_stream_come_out_right),
        cmocka_unit_test(a_selection_knows_how_far_it_reaches_and_whether_it_is_all),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
