// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "rtp_bench.h"

static void
the_first_packets_arrival_anchors_the_timeline(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    bench.now_ns -= AUDYN_NS_PER_MS; // the first one comes as its samples end
    send_packets(&bench, 8);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
    assert_true(bench.end == POSITION_START + 8 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 8 * 48);
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
sources_that_prove_nothing_are_counted_and_said(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    for (uint32_t i = 0; i < 5; ++i) {
        bench.next.ssrc = i;
        send_packets(&bench, 7);
    }
    assert_int_equal(report_of(&bench).packets, 0);
    assert_int_equal(report_of(&bench).rejected.ssrc, 35);
    audyn_error_t explanation;
    assert_true(audyn_rtp_stream_explain(bench.stream, &explanation));
    assert_non_null(strstr(explanation.text, "packets of 5 sources"));
    assert_null(strstr(explanation.text, "ssrc="));
    tear_down(&bench);
    assert_true(bench.end == 0);
}

static void
advice_names_no_option_where_the_sender_describes_the_stream(void **state)
{
    (void)state;
    for (unsigned described = 0; described < 2; ++described) {
        struct bench bench;
        audyn_rtp_stream_config_t config = plain_config;
        config.payload_type = 97;
        config.described = described;
        set_up_with(&bench, &config);
        send_packets(&bench, 3);
        audyn_error_t explanation;
        assert_true(audyn_rtp_stream_explain(bench.stream, &explanation));
        assert_int_equal(!strstr(explanation.text, "pt="), described);
        assert_int_equal(!strstr(explanation.text, "description"), !described);
        tear_down(&bench);
    }
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
        cmocka_unit_test(the_ssrc_that_was_asked_for_is_waited_for),
        cmocka_unit_test(another_payload_type_or_size_is_refused_and_said),
        cmocka_unit_test(
            a_wrong_channel_count_that_fits_by_chance_is_found_by_the_timestamps),
        cmocka_unit_test(sources_that_prove_nothing_are_counted_and_said),
        cmocka_unit_test(advice_names_no_option_where_the_sender_describes_the_stream),
        cmocka_unit_test(nothing_to_explain_where_nothing_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
