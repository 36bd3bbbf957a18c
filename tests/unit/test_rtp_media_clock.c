// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Streams whose timestamps are TAI sample indices.

#include "rtp_bench.h"

// Of a long run: three daily wraps, but few hours where ThreadSanitizer makes each step
// dear.
#if defined(__SANITIZE_THREAD__)
#define HOURS 2
#elif defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define HOURS 2
#endif
#endif
#ifndef HOURS
#define HOURS 75
#endif

static const audyn_rtp_stream_config_t media_config = {
    .format = {24, RATE, 2}, .payload_type = -1, .anchor = AUDYN_ANCHOR_MEDIA_CLOCK};

static uint64_t
absolute_start(uint32_t timestamp, uint32_t offset, int64_t clock_error_ns)
{
    struct bench bench;
    const audyn_rtp_stream_config_t config = {.format = {24, RATE, 2},
                                              .payload_type = -1,
                                              .anchor = AUDYN_ANCHOR_MEDIA_CLOCK,
                                              .clock_offset = offset};
    set_up_with(&bench, &config);
    bench.next.timestamp = timestamp;
    bench.now_ns = clock_error_ns;
    send_packets(&bench, 10);
    assert_true(report_of(&bench).on_media_clock);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 480);
    return bench.start;
}

static void
a_media_clock_gives_each_sample_its_tai_index(void **state)
{
    (void)state;
    const int64_t hour_ns = 3600 * AUDYN_NS_PER_SECOND;
    const uint32_t timestamp = (uint32_t)POSITION_START;
    assert_true(absolute_start(timestamp, 0, 0) == POSITION_START);
    assert_true(absolute_start(timestamp + 1000, 0, 0) == POSITION_START + 1000);
    // Two recorders whose clocks are hours apart agree on every sample.
    assert_true(absolute_start(timestamp, 0, 11 * hour_ns) == POSITION_START);
    assert_true(absolute_start(timestamp, 0, -12 * hour_ns) == POSITION_START);
    assert_true(absolute_start(timestamp + 963214424, 963214424, 5 * hour_ns) ==
                POSITION_START);
    // On either side of the daily wrap.
    const uint64_t wrap = (POSITION_START >> 32 << 32) + (UINT64_C(1) << 32);
    const int64_t to_wrap_ns =
        (int64_t)((wrap - POSITION_START) / RATE) * AUDYN_NS_PER_SECOND;
    assert_true(absolute_start(UINT32_MAX - 99, 0, to_wrap_ns) == wrap - 100);
    assert_true(absolute_start(100, 0, to_wrap_ns) == wrap + 100);
}

static void
days_of_a_media_clock_pass_without_losing_a_sample_of_its_time(void **state)
{
    (void)state;
    struct bench bench;
    set_up_with(&bench, &media_config);
    bench.next.timestamp = (uint32_t)POSITION_START;
    const unsigned proof = 8;
    send_packets(&bench, proof);
    // Then a packet every half second.
    const unsigned packets = HOURS * 3600 * 2;
    for (unsigned i = 0; i < packets; ++i) {
        receive(&bench, bench.next);
        bench.next.sequence = (uint16_t)(bench.next.sequence + RATE / 2 / 48);
        bench.next.timestamp += RATE / 2;
        // The local clock is off by 100 ppm.
        bench.now_ns += AUDYN_NS_PER_SECOND / 2 + 50000;
        take(&bench);
    }
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.packets, proof + packets);
    assert_int_equal(report.restarts, 0);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
    assert_true(bench.end ==
                POSITION_START + (proof + 1) * 48 + (uint64_t)(packets - 1) * (RATE / 2));
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == (uint64_t)(proof + packets) * 48);
}

static void
a_restarted_sender_on_the_media_clock_has_its_old_time(void **state)
{
    (void)state;
    struct bench bench;
    set_up_with(&bench, &media_config);
    bench.next.timestamp = (uint32_t)POSITION_START;
    send_packets(&bench, 500);
    wait_ms(&bench, 5000);
    bench.next.ssrc = 0x5555;
    bench.next.timestamp += 5 * RATE + 3;
    send_packets(&bench, 500);
    assert_int_equal(report_of(&bench).restarts, 1);
    tear_down(&bench);
    assert_true(bench.end - bench.start == 6 * RATE + 3);
    assert_true(bench.counts[AUDYN_SAMPLE_NO_SIGNAL] == 5 * RATE + 3);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == RATE);
}

static void
a_media_clock_that_is_set_loses_no_sample(void **state)
{
    (void)state;
    const int32_t steps[] = {-3 * RATE, 3600 * RATE};
    for (unsigned i = 0; i < 2; ++i) {
        struct bench bench;
        set_up_with(&bench, &media_config);
        bench.next.timestamp = (uint32_t)POSITION_START;
        send_packets(&bench, 500);
        bench.next.timestamp += (uint32_t)steps[i];
        send_packets(&bench, 500);
        assert_int_equal(report_of(&bench).restarts, 1);
        assert_false(report_of(&bench).on_media_clock);
        expect_event(&bench, AUDYN_EVENT_STARTED);
        expect_event(&bench, AUDYN_EVENT_RESTARTED);
        const audyn_event_t event = expect_event(&bench, AUDYN_EVENT_CLOCK_LOST);
        assert_true(event.position == POSITION_START + 500 * 48);
        tear_down(&bench);
        assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 1000 * 48);
        assert_int_equal(bench.end - bench.start, 1000 * 48);
    }
}

static void
a_sender_with_more_latency_after_a_restart_keeps_the_media_clock(void **state)
{
    (void)state;
    struct bench bench;
    set_up_with(&bench, &media_config);
    bench.next.timestamp = (uint32_t)POSITION_START;
    send_packets(&bench, 500);
    bench.next.ssrc = 0x5555;
    bench.next.timestamp -= 30 * 48;
    send_packets(&bench, 500);
    assert_int_equal(report_of(&bench).restarts, 1);
    assert_true(report_of(&bench).on_media_clock);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
    assert_int_equal(bench.end - bench.start, 970 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 970 * 48);
}

// The local clock runs fast or slow while the stream is away for so long; returns how
// many samples were received.
static uint64_t
receive_after_outage(unsigned hours, int ppm)
{
    struct bench bench;
    set_up_with(&bench, &media_config);
    bench.next.timestamp = (uint32_t)POSITION_START;
    send_packets(&bench, 500);
    const unsigned seconds = hours * 3600;
    for (unsigned i = 0; i < seconds; ++i) {
        wait_ms(&bench, 4);
        bench.now_ns += 996 * AUDYN_NS_PER_MS + ppm * AUDYN_NS_PER_SECOND / 1000000;
    }
    bench.next.timestamp += seconds * RATE;
    bench.next.ssrc = 0x5555;
    send_packets(&bench, 20000);
    assert_int_equal(report_of(&bench).packets, 20500);
    assert_true(report_of(&bench).on_media_clock);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
    assert_true(bench.end == POSITION_START + (uint64_t)seconds * RATE + 20500 * 48);
    return bench.counts[AUDYN_SAMPLE_RECEIVED];
}

static void
positions_stay_right_across_outages_of_any_length(void **state)
{
    (void)state;
    for (int ppm = -100; ppm <= 100; ppm += 200) {
        assert_int_equal(receive_after_outage(5, ppm), 20500 * 48);
        assert_true(receive_after_outage(40, ppm) > 10000 * 48);
    }
}

static void
a_clock_that_nobody_vouches_for_is_believed_only_if_it_agrees(void **state)
{
    (void)state;
    struct bench bench;
    const audyn_rtp_stream_config_t config = {
        .format = {24, RATE, 2}, .payload_type = -1, .anchor = AUDYN_ANCHOR_PLAUSIBLE};
    set_up_with(&bench, &config);
    bench.next.timestamp = (uint32_t)POSITION_START - 3 * RATE;
    send_packets(&bench, 8);
    assert_true(report_of(&bench).on_media_clock);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START - 3 * RATE);

    set_up_with(&bench, &config);
    bench.next.timestamp = (uint32_t)POSITION_START - 30 * RATE;
    bench.now_ns -= AUDYN_NS_PER_MS; // the first one comes as its samples end
    send_packets(&bench, 8);
    assert_false(report_of(&bench).on_media_clock);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
}

// NTSC's pull-down: 48 kHz that are 47,952 samples a second.
static const audyn_media_rate_t slow = {RATE, 1000, 1001};

static void
set_up_slow(struct bench *bench)
{
    const audyn_rtp_stream_config_t config = {.format = {24, RATE, 2},
                                              .payload_type = -1,
                                              .anchor = AUDYN_ANCHOR_MEDIA_CLOCK,
                                              .rate_numerator = slow.numerator,
                                              .rate_denominator = slow.denominator};
    set_up_with(bench, &config);
}

static void
a_clock_at_a_fraction_of_its_rate_gives_each_sample_its_index(void **state)
{
    (void)state;
    const int64_t errors_ns[] = {0, 12 * 3600 * AUDYN_NS_PER_SECOND,
                                 -12 * 3600 * AUDYN_NS_PER_SECOND};
    const uint64_t first = audyn_media_position(TAI_START, &slow);
    assert_true(first < POSITION_START - UINT64_C(1) * 3600 * RATE);
    for (unsigned i = 0; i < 3; ++i) {
        struct bench bench;
        set_up_slow(&bench);
        bench.next.timestamp = (uint32_t)first;
        bench.now_ns = errors_ns[i];
        send_packets(&bench, 20);
        assert_true(report_of(&bench).on_media_clock);
        tear_down(&bench);
        assert_true(bench.start == first);
    }
}

static void
hours_at_a_fraction_of_the_rate_without_signal_keep_the_senders_time(void **state)
{
    (void)state;
    struct bench bench;
    set_up_slow(&bench);
    const uint64_t first = audyn_media_position(TAI_START, &slow);
    bench.next.timestamp = (uint32_t)first;
    send_packets(&bench, 500);
    uint64_t sent = 500 * 48;
    for (unsigned hour = 1; hour <= 3; ++hour) {
        // An hour of silence, in which by 48 kHz 172,627 samples too many would pass.
        wait_ms(&bench, 3600 * 1000);
        const uint64_t now = audyn_media_position(TAI_START + bench.now_ns, &slow);
        bench.next.timestamp = (uint32_t)now;
        bench.next.ssrc += hour % 2;
        send_packets(&bench, 500);
        sent += 500 * 48;
        assert_int_equal(report_of(&bench).rejected.timestamp, 0);
    }
    assert_true(report_of(&bench).on_media_clock);
    const uint64_t last = bench.next.timestamp;
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == sent);
    assert_true((uint32_t)bench.end == last);
    assert_true(bench.end - first == sent + bench.counts[AUDYN_SAMPLE_NO_SIGNAL] +
                                         bench.counts[AUDYN_SAMPLE_LOST]);
    const int64_t off_ns =
        audyn_media_tai_ns(bench.end, &slow) - (TAI_START + bench.now_ns);
    assert_in_range(off_ns + 2 * AUDYN_NS_PER_MS, 0, 4 * AUDYN_NS_PER_MS);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_media_clock_gives_each_sample_its_tai_index),
        cmocka_unit_test(days_of_a_media_clock_pass_without_losing_a_sample_of_its_time),
        cmocka_unit_test(a_restarted_sender_on_the_media_clock_has_its_old_time),
        cmocka_unit_test(a_media_clock_that_is_set_loses_no_sample),
        cmocka_unit_test(
            a_sender_with_more_latency_after_a_restart_keeps_the_media_clock),
        cmocka_unit_test(positions_stay_right_across_outages_of_any_length),
        cmocka_unit_test(a_clock_at_a_fraction_of_its_rate_gives_each_sample_its_index),
        cmocka_unit_test(
            hours_at_a_fraction_of_the_rate_without_signal_keep_the_senders_time),
        cmocka_unit_test(a_clock_that_nobody_vouches_for_is_believed_only_if_it_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
