// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Senders that fall silent, begin anew, jump in time, or have neighbours: what is lost
// is what was not sent, and the events say the same as the loss map.

#include "rtp_bench.h"

static void
silence_of_the_sender_becomes_no_signal_at_the_clocks_pace(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 500);
    wait_ms(&bench, 5000);
    const uint64_t shown = bench.end - bench.start;
    assert_true(shown > 3 * RATE && shown < 5 * RATE);
    // Its clock went on meanwhile.
    bench.next.timestamp += 5 * RATE;
    send_packets(&bench, 500);
    tear_down(&bench);
    assert_true(bench.end - bench.start == 6 * RATE);
    assert_true(bench.counts[AUDYN_SAMPLE_NO_SIGNAL] == 5 * RATE);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == RATE);
}

// A gap of 5 s, after which the sender's clock has gone on, and what people are told.
static void
check_gap(uint32_t stall_ms, audyn_sample_class_t class)
{
    struct bench bench;
    audyn_rtp_stream_config_t config = plain_config;
    config.stall_ms = stall_ms;
    set_up_with(&bench, &config);
    send_packets(&bench, 500);
    wait_ms(&bench, 5000);
    bench.next.timestamp += 5 * RATE;
    bench.next.sequence = (uint16_t)(bench.next.sequence + 5000);
    send_packets(&bench, 500);
    const audyn_event_t started = expect_event(&bench, AUDYN_EVENT_STARTED);
    audyn_event_t lost = {0};
    audyn_event_t back = {0};
    if (class == AUDYN_SAMPLE_NO_SIGNAL) {
        lost = expect_event(&bench, AUDYN_EVENT_NO_SIGNAL);
        back = expect_event(&bench, AUDYN_EVENT_SIGNAL);
    }
    expect_no_event(&bench);
    tear_down(&bench);
    assert_int_equal(bench.end - bench.start, 6 * RATE);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], RATE);
    assert_int_equal(bench.counts[class], 5 * RATE);
    assert_true(started.position == bench.start);
    assert_int_equal(started.ssrc, 0xabcd);
    if (class == AUDYN_SAMPLE_NO_SIGNAL) {
        assert_int_equal(bench.gap_count, 1);
        assert_true(lost.position == bench.gaps[0].position);
        assert_true(back.position == lost.position + bench.gaps[0].sample_frames);
        assert_int_equal((back.tai_ns - lost.tai_ns) / AUDYN_NS_PER_MS,
                         5001 - stall_ms / 4 * 4 - 4);
    }
}

static void
a_gap_is_as_long_in_the_file_whatever_counts_as_a_stall(void **state)
{
    (void)state;
    check_gap(10, AUDYN_SAMPLE_NO_SIGNAL);
    check_gap(100, AUDYN_SAMPLE_NO_SIGNAL);
    check_gap(4000, AUDYN_SAMPLE_NO_SIGNAL);
    check_gap(10000, AUDYN_SAMPLE_LOST);
}

static void
a_packet_that_is_repeated_for_ever_does_not_stop_the_time(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    audyn_rtp_packet_t last = bench.next;
    for (unsigned i = 0; i < 1000; ++i) {
        receive(&bench, last);
        wait_ms(&bench, 4);
    }
    tear_down(&bench);
    assert_true(bench.end - bench.start > 2 * RATE);
}

static void
a_lost_stretch_shorter_than_a_stall_is_loss(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    for (unsigned i = 0; i < 90; ++i) {
        make(&bench);
        audyn_rtp_stream_tick(bench.stream, 777 + bench.now_ns);
    }
    send_packets(&bench, 100);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    expect_no_event(&bench);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_LOST], 90 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_NO_SIGNAL], 0);
}

// A sender that begins anew with another SSRC, timestamp and sequence after so long.
static void
check_restart(unsigned gap_ms, in_addr_t source)
{
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 500);
    wait_ms(&bench, gap_ms);
    bench.next.ssrc = 0x5555;
    bench.next.timestamp = 0x80001234;
    bench.next.sequence = 7;
    bench.source.s_addr = source;
    for (unsigned i = 0; i < 1000; ++i) {
        send_packets(&bench, 1);
        audyn_rtp_stream_tick(bench.stream, 777 + bench.now_ns);
    }
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.restarts, 1);
    assert_int_equal(report.ssrc, 0x5555);
    assert_int_equal(report.packets, 1500);
    assert_int_equal(report.rejected.ssrc, 0);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    audyn_event_t lost = {0};
    if (gap_ms) {
        lost = expect_event(&bench, AUDYN_EVENT_NO_SIGNAL);
    }
    const audyn_event_t restarted = expect_event(&bench, AUDYN_EVENT_RESTARTED);
    assert_int_equal(restarted.ssrc, 0x5555);
    assert_int_equal(restarted.source.s_addr, source);
    if (gap_ms) {
        const audyn_event_t back = expect_event(&bench, AUDYN_EVENT_SIGNAL);
        assert_true(back.position == restarted.position);
        assert_int_equal(back.position - lost.position, gap_ms * 48);
    }
    expect_no_event(&bench);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 1500 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_NO_SIGNAL], gap_ms * 48);
    assert_int_equal(bench.end - bench.start, (1500 + gap_ms) * 48);
    assert_int_equal(bench.gap_count, gap_ms ? 1 : 0);
    if (gap_ms) {
        assert_true(bench.gaps[0].position == lost.position);
    }
}

static void
a_sender_that_starts_again_is_taken_up_where_the_clock_is_without_loss(void **state)
{
    (void)state;
    check_restart(2000, 0);
    check_restart(400, 0);
    check_restart(52, 0);
    check_restart(0, 0);
}

static void
a_sender_on_another_host_may_take_a_silent_streams_place(void **state)
{
    (void)state;
    check_restart(2000, 0x0a00000a);
    check_restart(200, 0x0a00000a);
    check_restart(100, 0x0a00000a);
}

// Packets of another source, one each 4 ms, while the stream is silent.
static void
stumble_beside(struct bench *bench, audyn_rtp_packet_t *foreign, unsigned packets)
{
    for (unsigned i = 0; i < packets; ++i) {
        ++foreign->sequence;
        foreign->timestamp += 48;
        wait_ms(bench, 4);
        receive(bench, *foreign);
    }
}

static void
a_neighbour_is_never_taken_for_a_stream_that_stumbles(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    audyn_rtp_packet_t foreign = bench.next;
    foreign.ssrc = 0x9999;
    send_packets(&bench, 100);
    for (unsigned i = 0; i < 10; ++i) {
        stumble_beside(&bench, &foreign, 1);
        bench.next.timestamp += 4 * 48;
        send_packets(&bench, 100);
    }
    stumble_beside(&bench, &foreign, 750);
    bench.next.timestamp += 3 * RATE;
    send_packets(&bench, 100);
    assert_int_equal(report_of(&bench).restarts, 0);
    assert_int_equal(report_of(&bench).rejected.ssrc, 760);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    const audyn_event_t event = expect_event(&bench, AUDYN_EVENT_FOREIGN_SSRC);
    assert_int_equal(event.ssrc, 0x9999);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 1200 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_NO_SIGNAL], 3 * RATE);
}

// Two devices that were given the same SSRC, the other one with a clock of its own.
static void
another_host_with_the_same_ssrc_is_a_neighbour_too(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    audyn_rtp_packet_t foreign = bench.next;
    foreign.timestamp += 0x12345678;
    for (unsigned i = 0; i < 3000; ++i) {
        const audyn_rtp_packet_t packet = make(&bench);
        bench.source.s_addr = 0x0a00000a;
        if (i < 1000 || i >= 2000) {
            receive(&bench, packet);
        }
        bench.source.s_addr = 0x0b00000b;
        ++foreign.sequence;
        foreign.timestamp += 48;
        receive(&bench, foreign);
        audyn_rtp_stream_tick(bench.stream, 777 + bench.now_ns);
        take(&bench);
    }
    assert_int_equal(report_of(&bench).restarts, 0);
    assert_int_equal(report_of(&bench).rejected.timestamp, 3000);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    assert_int_equal(expect_event(&bench, AUDYN_EVENT_FOREIGN_SSRC).source.s_addr,
                     0x0b00000b);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 2000 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_NO_SIGNAL], 1000 * 48);
}

static void
a_source_that_strayed_in_once_may_still_take_a_silent_streams_place(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    audyn_rtp_packet_t foreign = bench.next;
    foreign.ssrc = 0x5555;
    receive(&bench, foreign);
    send_packets(&bench, 5000);
    wait_ms(&bench, 200);
    bench.next.ssrc = 0x5555;
    bench.source.s_addr = 0x0a00000a;
    send_packets(&bench, 1000);
    assert_int_equal(report_of(&bench).restarts, 1);
    assert_int_equal(report_of(&bench).packets, 6100);
    assert_int_equal(report_of(&bench).rejected.timestamp, 1);
    tear_down(&bench);
}

static void
a_packet_later_than_a_second_finds_its_place_in_a_window_of_two(void **state)
{
    (void)state;
    struct bench bench;
    set_up_window(&bench, &plain_config, 2000);
    send_packets(&bench, 100);
    const audyn_rtp_packet_t late = make(&bench);
    const audyn_rtp_packet_t too_late = make(&bench);
    send_packets(&bench, 1800);
    receive(&bench, late);
    send_packets(&bench, 1000);
    receive(&bench, too_late);
    assert_int_equal(report_of(&bench).rejected.timestamp, 0);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 2901 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_LATE], 48);
}

static void
every_other_packet_is_missing_as_long_as_the_stream_lasts(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    uint64_t expected = 0;
    for (unsigned i = 0; i < 20000; ++i) {
        const audyn_rtp_packet_t packet = make(&bench);
        if (i % 2 == 0) {
            receive(&bench, packet);
        }
        expected += i % 2 && i < 19999 ? 48 : 0;
        take(&bench);
    }
    assert_int_equal(report_of(&bench).legs[0].lost * 48, expected);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 10000 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_LOST], expected);
}

static void
a_flood_does_not_make_a_neighbour_forgotten(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    audyn_rtp_packet_t foreign = bench.next;
    foreign.ssrc = 0x9999;
    for (unsigned i = 0; i < 1000; ++i) {
        send_packets(&bench, 1);
        audyn_rtp_packet_t lone = foreign;
        lone.ssrc = 0x10000 + i;
        receive(&bench, lone);
        if (i < 100) {
            ++foreign.sequence;
            foreign.timestamp += 48;
            receive(&bench, foreign);
        }
    }
    stumble_beside(&bench, &foreign, 750);
    assert_int_equal(report_of(&bench).restarts, 0);
    tear_down(&bench);
}

static void
a_restart_in_another_format_is_refused_as_such(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    wait_ms(&bench, 2000);
    // Mono from now on: half the bytes for as many sample frames.
    bench.next.ssrc = 0x5555;
    for (unsigned i = 0; i < 100; ++i) {
        audyn_rtp_packet_t packet = make(&bench);
        packet.payload_bytes /= 2;
        receive(&bench, packet);
    }
    assert_int_equal(report_of(&bench).restarts, 0);
    assert_true(report_of(&bench).rejected.size > 0);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 4800);
}

static void
without_a_payload_type_asked_for_a_restart_may_bring_another(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    bench.next.payload_type = 97;
    receive(&bench, bench.next);
    assert_int_equal(report_of(&bench).rejected.payload_type, 1);
    wait_ms(&bench, 2000);
    bench.next.ssrc = 0x5555;
    send_packets(&bench, 100);
    assert_int_equal(report_of(&bench).restarts, 1);
    tear_down(&bench);
}

static void
a_lone_packet_from_nowhere_moves_nothing(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    audyn_rtp_packet_t wild = bench.next;
    wild.timestamp += 0x40000000;
    receive(&bench, wild);
    send_packets(&bench, 100);
    assert_int_equal(report_of(&bench).rejected.timestamp, 1);
    tear_down(&bench);
    assert_true(bench.end - bench.start == 9600);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 9600);
}

static void
a_sender_whose_clock_jumps_is_followed_without_loss(void **state)
{
    (void)state;
    const uint32_t jumps[] = {0x40000000, (uint32_t)-RATE / 2, RATE / 2, 5 * RATE};
    for (unsigned i = 0; i < 4; ++i) {
        struct bench bench;
        set_up(&bench);
        send_packets(&bench, 100);
        bench.next.timestamp += jumps[i];
        send_packets(&bench, 100);
        const audyn_input_report_t report = report_of(&bench);
        assert_int_equal(report.packets, 200);
        assert_int_equal(report.rejected.timestamp, 0);
        assert_int_equal(report.restarts, 1);
        expect_event(&bench, AUDYN_EVENT_STARTED);
        expect_event(&bench, AUDYN_EVENT_RESTARTED);
        expect_no_event(&bench);
        tear_down(&bench);
        assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 200 * 48);
        assert_int_equal(bench.end - bench.start, 200 * 48);
    }
}

static void
a_stream_that_was_held_up_arrives_whole(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    // Half a second in a queue, which then drops 400 packets and delivers the rest.
    wait_ms(&bench, 500);
    for (unsigned i = 0; i < 50; ++i) {
        receive(&bench, make(&bench));
        bench.now_ns -= AUDYN_NS_PER_MS;
    }
    bench.next.sequence = (uint16_t)(bench.next.sequence + 400);
    bench.next.timestamp += 400 * 48;
    send_packets(&bench, 100);
    assert_int_equal(report_of(&bench).packets, 250);
    assert_int_equal(report_of(&bench).restarts, 0);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 250 * 48);
    assert_int_equal(bench.end - bench.start, 650 * 48);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(silence_of_the_sender_becomes_no_signal_at_the_clocks_pace),
        cmocka_unit_test(a_gap_is_as_long_in_the_file_whatever_counts_as_a_stall),
        cmocka_unit_test(a_packet_that_is_repeated_for_ever_does_not_stop_the_time),
        cmocka_unit_test(a_lost_stretch_shorter_than_a_stall_is_loss),
        cmocka_unit_test(
            a_sender_that_starts_again_is_taken_up_where_the_clock_is_without_loss),
        cmocka_unit_test(a_sender_on_another_host_may_take_a_silent_streams_place),
        cmocka_unit_test(a_neighbour_is_never_taken_for_a_stream_that_stumbles),
        cmocka_unit_test(another_host_with_the_same_ssrc_is_a_neighbour_too),
        cmocka_unit_test(
            a_source_that_strayed_in_once_may_still_take_a_silent_streams_place),
        cmocka_unit_test(a_packet_later_than_a_second_finds_its_place_in_a_window_of_two),
        cmocka_unit_test(every_other_packet_is_missing_as_long_as_the_stream_lasts),
        cmocka_unit_test(a_flood_does_not_make_a_neighbour_forgotten),
        cmocka_unit_test(a_restart_in_another_format_is_refused_as_such),
        cmocka_unit_test(without_a_payload_type_asked_for_a_restart_may_bring_another),
        cmocka_unit_test(a_lone_packet_from_nowhere_moves_nothing),
        cmocka_unit_test(a_sender_whose_clock_jumps_is_followed_without_loss),
        cmocka_unit_test(a_stream_that_was_held_up_arrives_whole),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
