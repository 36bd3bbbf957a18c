// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "input/rtp_stream.h"

#include <string.h>

#define RATE 48000
#define FRAME_BYTES 6
#define TAI_START (INT64_C(1790000000) * AUDYN_NS_PER_SECOND)
#define POSITION_START (UINT64_C(1790000000) * RATE)

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

/// A stream with its timeline, and a sender that is told what to do.
struct bench {
    audyn_timeline_t *timeline;
    audyn_rtp_stream_t *stream;
    audyn_rtp_packet_t next; // what the sender would send now
    int64_t now_ns;          // since the start
    uint8_t payload[64 * FRAME_BYTES];
    // What the worker has seen.
    uint64_t start, end;
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
};

static void
set_up_with(struct bench *bench, const audyn_rtp_stream_config_t *config)
{
    *bench = (struct bench){
        .next = {.payload_type = 98,
                 .sequence = 100,
                 .timestamp = 5000,
                 .ssrc = 0xabcd,
                 .payload_bytes = 48 * FRAME_BYTES},
    };
    memset(bench->payload, 0x11, sizeof bench->payload);
    const audyn_timeline_config_t timeline = {RATE, 2, 200, 5000};
    assert_int_equal(audyn_timeline_create(&bench->timeline, &timeline), AUDYN_OK);
    assert_int_equal(audyn_rtp_stream_create(&bench->stream, config, bench->timeline),
                     AUDYN_OK);
}

static void
set_up(struct bench *bench)
{
    const audyn_rtp_stream_config_t config = {.format = {24, RATE, 2},
                                              .payload_type = -1};
    set_up_with(bench, &config);
}

static void
take(struct bench *bench)
{
    audyn_stretch_t stretch;
    while (audyn_timeline_next(bench->timeline, &stretch)) {
        bench->start = bench->end ? bench->start : stretch.position;
        bench->end = stretch.position + stretch.sample_frames;
        audyn_timeline_release(bench->timeline, &stretch);
    }
    audyn_timeline_count(bench->timeline, UINT64_MAX, bench->counts);
}

static void
tear_down(struct bench *bench)
{
    audyn_timeline_finish(bench->timeline);
    take(bench);
    audyn_rtp_stream_destroy(bench->stream);
    audyn_timeline_destroy(bench->timeline);
}

static void
receive(struct bench *bench, audyn_rtp_packet_t packet)
{
    packet.payload = bench->payload;
    const audyn_arrival_t arrival = {TAI_START + bench->now_ns, 777 + bench->now_ns};
    audyn_rtp_stream_receive(bench->stream, &packet, &arrival);
}

// The sender's next packet, without giving it to anyone.
static audyn_rtp_packet_t
make(struct bench *bench)
{
    const audyn_rtp_packet_t packet = bench->next;
    const uint32_t frames = (uint32_t)(packet.payload_bytes / FRAME_BYTES);
    bench->next.sequence = (uint16_t)(packet.sequence + 1);
    bench->next.timestamp = packet.timestamp + frames;
    bench->now_ns += frames * AUDYN_NS_PER_SECOND / RATE;
    return packet;
}

static void
send(struct bench *bench, unsigned packets)
{
    for (unsigned i = 0; i < packets; ++i) {
        receive(bench, make(bench));
        if (i % 100 == 0) {
            take(bench);
        }
    }
}

// The world goes on without a packet.
static void
wait_ms(struct bench *bench, unsigned ms)
{
    for (unsigned i = 0; i < ms; i += 4) {
        bench->now_ns += 4 * AUDYN_NS_PER_MS;
        audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
        take(bench);
    }
}

static audyn_input_report_t
report_of(const struct bench *bench)
{
    audyn_input_report_t report;
    audyn_rtp_stream_get_report(bench->stream, &report);
    return report;
}

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
    send(&bench, 1000);
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
        send(&bench, 1);
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
    send(&bench, 10);
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
        send(&bench, 1);
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
    send(&bench, 100);
    receive(&bench, foreign);
    for (unsigned i = 0; i < 750; ++i) {
        ++foreign.sequence;
        foreign.timestamp += 48 * 4;
        foreign.payload_bytes = 48 * FRAME_BYTES;
        wait_ms(&bench, 4);
        receive(&bench, foreign);
    }
    bench.next.timestamp += 3 * RATE;
    send(&bench, 100);
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
    send(&bench, 100);
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
    send(&bench, 100);
    bench.next.payload_type = 97;
    receive(&bench, bench.next);
    assert_int_equal(report_of(&bench).rejected.payload_type, 1);
    wait_ms(&bench, 2000);
    bench.next.ssrc = 0x5555;
    send(&bench, 100);
    assert_int_equal(report_of(&bench).restarts, 1);
    tear_down(&bench);
}

static void
a_packet_that_is_repeated_for_ever_does_not_stop_the_time(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send(&bench, 100);
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
    send(&bench, 10);
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
    send(&bench, 500);
    wait_ms(&bench, 5000);
    const uint64_t shown = bench.end - bench.start;
    assert_true(shown > 3 * RATE && shown < 5 * RATE);
    // Its clock went on meanwhile.
    bench.next.timestamp += 5 * RATE;
    send(&bench, 500);
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
    send(&bench, 500);
    wait_ms(&bench, 2000);
    bench.next.ssrc = 0x5555;
    bench.next.timestamp = 0x80001234;
    bench.next.sequence = 7;
    send(&bench, 500);
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
    send(&bench, 10);
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
    const audyn_rtp_stream_config_t config = {
        .format = {24, RATE, 2}, .payload_type = -1, .anchor = AUDYN_ANCHOR_MEDIA_CLOCK};
    set_up_with(&bench, &config);
    bench.next.timestamp = (uint32_t)POSITION_START;
    // A packet every half second.
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
    assert_int_equal(report.packets, packets);
    assert_int_equal(report.restarts, 0);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
    assert_true(bench.end == POSITION_START + (uint64_t)(packets - 1) * (RATE / 2) + 48);
    assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == (uint64_t)packets * 48);
}

static void
a_restarted_sender_on_the_media_clock_has_its_old_time(void **state)
{
    (void)state;
    struct bench bench;
    const audyn_rtp_stream_config_t config = {
        .format = {24, RATE, 2}, .payload_type = -1, .anchor = AUDYN_ANCHOR_MEDIA_CLOCK};
    set_up_with(&bench, &config);
    bench.next.timestamp = (uint32_t)POSITION_START;
    send(&bench, 500);
    wait_ms(&bench, 5000);
    bench.next.ssrc = 0x5555;
    bench.next.timestamp += 5 * RATE + 3;
    send(&bench, 500);
    assert_int_equal(report_of(&bench).restarts, 1);
    tear_down(&bench);
    assert_true(bench.end - bench.start == 6 * RATE + 3);
    assert_true(bench.counts[AUDYN_SAMPLE_NO_SIGNAL] == 5 * RATE + 3 + 48);
}

static void
a_media_clock_that_is_set_loses_no_sample(void **state)
{
    (void)state;
    const int32_t steps[] = {-3 * RATE, 3600 * RATE};
    for (unsigned i = 0; i < 2; ++i) {
        struct bench bench;
        const audyn_rtp_stream_config_t config = {.format = {24, RATE, 2},
                                                  .payload_type = -1,
                                                  .anchor = AUDYN_ANCHOR_MEDIA_CLOCK};
        set_up_with(&bench, &config);
        bench.next.timestamp = (uint32_t)POSITION_START;
        send(&bench, 500);
        bench.next.timestamp += (uint32_t)steps[i];
        send(&bench, 500);
        assert_int_equal(report_of(&bench).restarts, 1);
        assert_false(report_of(&bench).on_media_clock);
        tear_down(&bench);
        // One packet goes into the proof.
        assert_true(bench.counts[AUDYN_SAMPLE_RECEIVED] == 999 * 48);
        assert_true(bench.end - bench.start <= 1001 * 48);
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
    receive(&bench, bench.next);
    assert_true(report_of(&bench).on_media_clock);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START - 3 * RATE);

    set_up_with(&bench, &config);
    bench.next.timestamp = (uint32_t)POSITION_START - 30 * RATE;
    receive(&bench, bench.next);
    assert_false(report_of(&bench).on_media_clock);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
}

static void
a_lone_packet_from_nowhere_moves_nothing(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    send(&bench, 100);
    audyn_rtp_packet_t wild = bench.next;
    wild.timestamp += 0x40000000;
    receive(&bench, wild);
    send(&bench, 100);
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
    send(&bench, 100);
    bench.next.timestamp += 0x40000000;
    send(&bench, 100);
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
    send(&bench, 3);
    audyn_error_t explanation;
    assert_true(audyn_rtp_stream_explain(bench.stream, &explanation));
    assert_non_null(strstr(explanation.text, "payload type 98"));
    tear_down(&bench);

    set_up(&bench);
    bench.next.payload_bytes = 100;
    send(&bench, 3);
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
        cmocka_unit_test(a_media_clock_gives_each_sample_its_tai_index),
        cmocka_unit_test(days_of_a_media_clock_pass_without_losing_a_sample_of_its_time),
        cmocka_unit_test(a_restarted_sender_on_the_media_clock_has_its_old_time),
        cmocka_unit_test(a_media_clock_that_is_set_loses_no_sample),
        cmocka_unit_test(a_clock_that_nobody_vouches_for_is_believed_only_if_it_agrees),
        cmocka_unit_test(a_lone_packet_from_nowhere_moves_nothing),
        cmocka_unit_test(a_sender_whose_clock_jumps_is_followed_after_two_packets),
        cmocka_unit_test(another_payload_type_or_size_is_refused_and_said),
        cmocka_unit_test(
            a_wrong_channel_count_that_fits_by_chance_is_found_by_the_timestamps),
        cmocka_unit_test(nothing_to_explain_where_nothing_came),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
