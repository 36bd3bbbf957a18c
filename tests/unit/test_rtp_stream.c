// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "rtp_bench.h"

static void
the_first_packets_arrival_anchors_the_timeline(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    receive(&bench, bench.next);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
    assert_true(bench.end == POSITION_START + 48);
}

static void
timestamp_and_sequence_may_wrap(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    bench.next.timestamp = UINT32_MAX - 1000;
    bench.next.sequence = UINT16_MAX - 10;
    send_packets(&bench, 1000);
    assert_int_equal(report_of(&bench).reordered, 0);
    tear_down(&bench);
    assert_true(bench.end - bench.start == 48000);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 48000);
}

static void
packet_sizes_may_change_at_any_time(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    uint64_t frames = 0;
    for (unsigned i = 0; i < 500; ++i) {
        const unsigned count = i % 2 ? 50 : 1 + i % 12;
        bench.next.payload_bytes = count * FRAME_BYTES;
        send_packets(&bench, 1);
        frames += count;
    }
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.packets, 500);
    assert_int_equal(report.status, AUDYN_OK);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == frames);
    assert_true(bench.end - bench.start == frames);
}

static void
duplicates_and_reordered_packets_are_counted_as_such(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 10);
    const audyn_rtp_packet_t first = make(&bench);
    const audyn_rtp_packet_t second = make(&bench);
    receive(&bench, second);
    receive(&bench, first);
    receive(&bench, first);
    receive(&bench, second);
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.packets, 14);
    assert_int_equal(report.reordered, 1);
    assert_int_equal(report.duplicates, 2);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 12 * 48);
    assert_true(bench.counts[AUDYN_SAMPLE_LOST] == 0);
}

static void
another_ssrc_is_refused_while_the_stream_is_there(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    for (unsigned i = 0; i < 100; ++i) {
        send_packets(&bench, 1);
        audyn_rtp_packet_t foreign = bench.next;
        foreign.ssrc = 0x9999;
        receive(&bench, foreign);
    }
    assert_int_equal(report_of(&bench).rejected.ssrc, 100);
    assert_int_equal(report_of(&bench).restarts, 0);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 4800);
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
    receive(&bench, foreign);
    for (unsigned i = 0; i < 750; ++i) {
        ++foreign.sequence;
        foreign.timestamp += 48 * 4;
        foreign.payload_bytes = 48 * FRAME_BYTES;
        wait_ms(&bench, 4);
        receive(&bench, foreign);
    }
    bench.next.timestamp += 3 * RATE;
    send_packets(&bench, 100);
    assert_int_equal(report_of(&bench).restarts, 0);
    assert_int_equal(report_of(&bench).rejected.ssrc, 751);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 200 * 48);
    assert_true(bench.counts[AUDYN_SAMPLE_NO_SIGNAL] == 3 * RATE);
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
the_ssrc_that_was_asked_for_is_waited_for(void **state)
{
    (void)state;
    struct bench bench;
    const audyn_rtp_stream_config_t config = {
        .format = {24, RATE, 2}, .payload_type = -1, .has_ssrc = true, .ssrc = 0xabcd};
    set_up_with(&bench, &config);
    audyn_rtp_packet_t foreign = bench.next;
    foreign.ssrc = 1;
    receive(&bench, foreign);
    send_packets(&bench, 10);
    assert_int_equal(report_of(&bench).rejected.ssrc, 1);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 480);
}

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

static void
a_sender_that_starts_again_is_taken_up_where_the_clock_is(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 500);
    wait_ms(&bench, 2000);
    bench.next.ssrc = 0x5555;
    bench.next.timestamp = 0x80001234;
    bench.next.sequence = 7;
    send_packets(&bench, 500);
    assert_int_equal(report_of(&bench).restarts, 1);
    tear_down(&bench);
    // One packet goes into the proof that it is a sender.
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == RATE - 48);
    const int64_t error =
        (int64_t)(bench.end - bench.start - bench.counts[AUDYN_SAMPLE_NO_SIGNAL] - RATE);
    assert_int_equal(error, -48);
    const int64_t off = (int64_t)(bench.end - bench.start) - 3 * RATE;
    assert_in_range(off + 96, 0, 192);
}

// Absolute time: where the position of the first packet lies, for a local clock that is
// off by so much.
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
a_sender_whose_clock_jumps_is_followed_after_two_packets(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send_packets(&bench, 100);
    bench.next.timestamp += 0x40000000;
    send_packets(&bench, 100);
    assert_int_equal(report_of(&bench).rejected.timestamp, 1);
    assert_int_equal(report_of(&bench).restarts, 1);
    tear_down(&bench);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 199 * 48);
    assert_true(bench.end - bench.start <= 9700);
}

static void
another_payload_type_or_size_is_refused_and_said(void **state)
{
    (void)state;
    struct bench bench;
    const audyn_rtp_stream_config_t config = {.format = {24, RATE, 2},
                                              .payload_type = 97};
    set_up_with(&bench, &config);
    send_packets(&bench, 3);
    audyn_error_t explanation;
    assert_true(audyn_rtp_stream_explain(bench.stream, &explanation));
    assert_non_null(strstr(explanation.text, "payload type 98"));
    tear_down(&bench);

    set_up(&bench);
    bench.next.payload_bytes = 100;
    send_packets(&bench, 3);
    assert_int_equal(report_of(&bench).rejected.size, 3);
    assert_true(audyn_rtp_stream_explain(bench.stream, &explanation));
    assert_non_null(strstr(explanation.text, "100 bytes"));
    tear_down(&bench);
}

static void
a_wrong_channel_count_that_fits_by_chance_is_found_by_the_timestamps(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    // Mono: 48 sample frames in 144 bytes, which would also be 24 stereo ones.
    for (unsigned i = 0; i < 8; ++i) {
        audyn_rtp_packet_t packet = make(&bench);
        packet.payload_bytes = 144;
        receive(&bench, packet);
    }
    assert_int_equal(report_of(&bench).status, AUDYN_INVALID);
    audyn_error_t explanation;
    assert_true(audyn_rtp_stream_explain(bench.stream, &explanation));
    assert_non_null(strstr(explanation.text, "L24 with 1 channel"));
    audyn_rtp_stream_destroy(bench.stream);
    audyn_timeline_destroy(bench.timeline);
}

static void
nothing_to_explain_where_nothing_came(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    audyn_error_t explanation;
    assert_false(audyn_rtp_stream_explain(bench.stream, &explanation));
    audyn_rtp_stream_reject(bench.stream, AUDYN_RTP_MALFORMED);
    audyn_rtp_stream_reject(bench.stream, AUDYN_RTP_RTCP);
    assert_true(audyn_rtp_stream_explain(bench.stream, &explanation));
    assert_int_equal(report_of(&bench).rejected.malformed, 1);
    assert_int_equal(report_of(&bench).rejected.rtcp, 1);
    tear_down(&bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_packets_arrival_anchors_the_timeline),
        cmocka_unit_test(timestamp_and_sequence_may_wrap),
        cmocka_unit_test(packet_sizes_may_change_at_any_time),
        cmocka_unit_test(duplicates_and_reordered_packets_are_counted_as_such),
        cmocka_unit_test(another_ssrc_is_refused_while_the_stream_is_there),
        cmocka_unit_test(a_neighbour_is_never_taken_for_a_stream_that_stumbles),
        cmocka_unit_test(a_restart_in_another_format_is_refused_as_such),
        cmocka_unit_test(without_a_payload_type_asked_for_a_restart_may_bring_another),
        cmocka_unit_test(a_packet_that_is_repeated_for_ever_does_not_stop_the_time),
        cmocka_unit_test(the_ssrc_that_was_asked_for_is_waited_for),
        cmocka_unit_test(silence_of_the_sender_becomes_no_signal_at_the_clocks_pace),
        cmocka_unit_test(a_sender_that_starts_again_is_taken_up_where_the_clock_is),
        cmocka_unit_test(a_lone_packet_from_nowhere_moves_nothing),
        cmocka_unit_test(a_sender_whose_clock_jumps_is_followed_after_two_packets),
        cmocka_unit_test(another_payload_type_or_size_is_refused_and_said),
        cmocka_unit_test(
            a_wrong_channel_count_that_fits_by_chance_is_found_by_the_timestamps),
        cmocka_unit_test(nothing_to_explain_where_nothing_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
