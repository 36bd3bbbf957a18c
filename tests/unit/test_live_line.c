// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "cli/live_line.h"

#include <string.h>

#define MOST_WIDTH 200
#define GUARD_BYTES 64
#define GUARD 0x5A

// 1 h, 2 min, 3.4 s at 48 kHz; full scale on each even channel, silence on the others.
static audyn_recorder_progress_t
a_recording(void)
{
    audyn_recorder_progress_t progress = {
        .started = true,
        .sample_frames = UINT64_C(48000) * 37234 / 10,
        .counts = {[AUDYN_SAMPLE_RECEIVED] = 5,
                   [AUDYN_SAMPLE_LOST] = 40,
                   [AUDYN_SAMPLE_NO_SIGNAL] = 2},
    };
    for (int c = 0; c < AUDYN_METER_CHANNELS; c += 2) {
        progress.peaks[c] = 1.0F;
    }
    return progress;
}

static void
draw(char *line, size_t size, unsigned width, uint32_t channels)
{
    const audyn_input_format_t format = {.sample_rate = 48000, .channels = channels};
    const audyn_recorder_progress_t progress = a_recording();
    const audyn_frame_pool_stats_t pool = {.capacity = 200, .in_use = 50};
    audyn_live_line_format(line, size, width, &format, &progress, &pool);
}

static void
expect_guards(const unsigned char *bytes, size_t line_bytes)
{
    for (size_t i = 0; i < GUARD_BYTES; ++i) {
        assert_int_equal(bytes[i], GUARD);
        assert_int_equal(bytes[GUARD_BYTES + line_bytes + i], GUARD);
    }
}

static void
no_width_leads_out_of_the_buffer(void **state)
{
    (void)state;
    static const uint32_t channels[] = {1, 2, 8, 64};
    for (size_t i = 0; i < sizeof channels / sizeof *channels; ++i) {
        char whole[512];
        draw(whole, sizeof whole, sizeof whole, channels[i]);
        for (unsigned width = 0; width <= MOST_WIDTH; ++width) {
            unsigned char bytes[GUARD_BYTES + MOST_WIDTH + 1 + GUARD_BYTES];
            memset(bytes, GUARD, sizeof bytes);
            // No byte more than the line needs; a space would be trimmed from before it.
            bytes[GUARD_BYTES - 1] = ' ';
            char *line = (char *)bytes + GUARD_BYTES;
            draw(line, width + 1, MOST_WIDTH, channels[i]);
            assert_int_equal(bytes[GUARD_BYTES - 1], ' ');
            bytes[GUARD_BYTES - 1] = GUARD;
            expect_guards(bytes, width + 1);
            assert_in_range(strlen(line), 0, width);
            draw(line, MOST_WIDTH + 1, width, channels[i]);
            const size_t length = strlen(whole) < width ? strlen(whole) : width;
            assert_int_equal(strlen(line), length);
            assert_memory_equal(line, whole, length);
        }
    }
}

static void
time_levels_missing_and_buffer_are_shown(void **state)
{
    (void)state;
    char line[512];
    draw(line, sizeof line, MOST_WIDTH, 1);
    assert_string_equal(line, "01:02:03.4  [##########    0.0 dBFS]"
                              "  missing 42  buffer 25 %");
    draw(line, sizeof line, MOST_WIDTH, 2);
    assert_string_equal(line,
                        "01:02:03.4  [##########    0.0 dBFS  ----------  -99.9 dBFS]"
                        "  missing 42  buffer 25 %");
    draw(line, sizeof line, MOST_WIDTH, 8);
    assert_string_equal(line, "01:02:03.4  [@ @ @ @ ]  missing 42  buffer 25 %");
}

static void
of_many_the_line_shows_how_many_are_well(void **state)
{
    (void)state;
    const int64_t elapsed_ns = INT64_C(3723400) * AUDYN_NS_PER_MS;
    audyn_record_totals_t totals = {
        .running = 297, .waiting = 2, .failed = 1, .missing = 42, .buffer_percent = 25};
    char line[512];
    audyn_live_line_format_many(line, sizeof line, MOST_WIDTH, elapsed_ns, &totals);
    assert_string_equal(line, "01:02:03.4  297 running, 2 waiting, 1 failed"
                              "  missing 42  buffer 25 %");
    totals.finished = 3;
    audyn_live_line_format_many(line, sizeof line, 56, elapsed_ns, &totals);
    assert_string_equal(line, "01:02:03.4  297 running, 2 waiting, 1 failed, 3 finished");
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_width_leads_out_of_the_buffer),
        cmocka_unit_test(time_levels_missing_and_buffer_are_shown),
        cmocka_unit_test(of_many_the_line_shows_how_many_are_well),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
