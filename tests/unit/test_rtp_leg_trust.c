// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Legs that carry other audio: found, left out, and taken in again.

#include "legs_bench.h"

// From here on, what comes on leg B is another programme.
static void
send_with_other_audio_on_b(struct bench *bench, unsigned packets, unsigned legs)
{
    for (unsigned i = 0; i < packets; ++i) {
        audyn_rtp_packet_t packet = make(bench);
        bench->leg = 0;
        if (legs & A) {
            receive(bench, packet);
        }
        bench->leg = 1;
        bench->numbered = false;
        memset(bench->payload, 0x44, sizeof bench->payload);
        receive(bench, packet);
        bench->numbered = true;
        audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
        take(bench);
    }
}

static void
a_leg_with_other_audio_is_left_out_until_it_agrees_for_a_second(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    send_on(&bench, A | B, 1000);
    send_with_other_audio_on_b(&bench, 500, A | B);
    audyn_input_report_t report = report_of(&bench);
    assert_true(report.legs[1].differs);
    assert_int_equal(report.legs[1].differing, 500);
    assert_int_equal(report.legs[0].differing, 0);
    // It is not there to save anything.
    send_with_other_audio_on_b(&bench, 50, B);
    send_on(&bench, A | B, 990);
    send_on(&bench, B, 10);
    send_on(&bench, A | B, 10);
    assert_false(report_of(&bench).legs[1].differs);
    send_on(&bench, B, 100);
    send_on(&bench, A | B, 10);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    audyn_event_t event = expect_event(&bench, AUDYN_EVENT_LEG_DIFFERS);
    assert_int_equal(event.leg, 1);
    assert_true(event.position == POSITION_START + 1000 * 48);
    event = expect_event(&bench, AUDYN_EVENT_LEG_AGREES);
    assert_true(event.position == POSITION_START + 2560 * 48);
    expect_no_event(&bench);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_LOST], 60 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED + 1], 100 * 48);
    assert_int_equal(bench.strange, 0);
}

#define AHEAD 300

// Leg B is 300 packets ahead of A; of those from `other` on, `others` are of another
// programme.
static void
send_ahead_on_b(struct bench *bench, unsigned packets, unsigned other, unsigned others)
{
    audyn_rtp_packet_t late[AHEAD];
    for (unsigned i = 0; i < packets; ++i) {
        const audyn_rtp_packet_t packet = make(bench);
        bench->leg = 1;
        bench->numbered = i - other >= others;
        memset(bench->payload, 0x44, sizeof bench->payload);
        receive(bench, packet);
        bench->numbered = true;
        bench->leg = 0;
        if (i >= AHEAD) {
            receive(bench, late[i % AHEAD]);
        }
        late[i % AHEAD] = packet;
        audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
        take(bench);
    }
}

static void
a_leg_that_runs_ahead_of_the_others_is_trusted_again_too(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    send_ahead_on_b(&bench, 3000, 1000, 500);
    assert_false(report_of(&bench).legs[1].differs);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    audyn_event_t event = expect_event(&bench, AUDYN_EVENT_LEG_DIFFERS);
    assert_true(event.position == POSITION_START + 1000 * 48);
    event = expect_event(&bench, AUDYN_EVENT_LEG_AGREES);
    assert_int_equal(event.leg, 1);
    assert_true(event.position == POSITION_START + 2500 * 48);
    expect_no_event(&bench);
    tear_down(&bench);
    // A has sent 2700 packets; B was 300 ahead when it was trusted again.
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 2700 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_LOST], 100 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED + 1], 200 * 48);
    assert_int_equal(bench.strange, 0);
}

static void
a_leg_that_runs_ahead_with_other_audio_stays_out(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    send_ahead_on_b(&bench, 6000, 1000, 5000);
    assert_true(report_of(&bench).legs[1].differs);
    assert_true(report_of(&bench).legs[1].differing > 4000);
    tear_down(&bench);
    assert_int_equal(bench.strange, 0);
}

static void
other_audio_is_not_recorded_when_the_lower_leg_dies(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    send_on(&bench, A | B, 1000);
    send_with_other_audio_on_b(&bench, 100, A | B);
    send_with_other_audio_on_b(&bench, 3000, B);
    send_on(&bench, A, 500);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 1600 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_NO_SIGNAL], 3000 * 48);
    assert_int_equal(bench.strange, 0);
}

static void
other_audio_that_came_first_is_taken_back(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    audyn_rtp_packet_t late[20];
    unsigned count = 0;
    for (unsigned i = 0; i < 2000; ++i) {
        const audyn_rtp_packet_t packet = make(&bench);
        bench.leg = 1;
        bench.numbered = false;
        memset(bench.payload, 0x44, sizeof bench.payload);
        receive(&bench, packet);
        bench.numbered = true;
        bench.leg = 0;
        // Some of its packets are there before it turns out to be wrong.
        if (i >= 20 && (i < 25 || i >= 35)) {
            receive(&bench, late[count % 20]);
        }
        late[count++ % 20] = packet;
        take(&bench);
    }
    assert_true(report_of(&bench).legs[1].differs);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 1970 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_LOST], 10 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED + 1], 0);
    assert_int_equal(bench.strange, 0);
}

static void
of_two_legs_that_differ_the_lower_stays_trusted_though_it_is_not_the_first(void **state)
{
    (void)state;
    struct bench bench;
    audyn_rtp_stream_config_t config = legs_config;
    config.leg_count = 3;
    set_up_window(&bench, &config, 500);
    for (unsigned i = 0; i < 1000; ++i) {
        const audyn_rtp_packet_t packet = make(&bench);
        memset(bench.payload, 0x11, sizeof bench.payload);
        bench.leg = 1;
        receive(&bench, packet);
        memset(bench.payload, 0x44, sizeof bench.payload);
        bench.leg = 2;
        receive(&bench, packet);
        take(&bench);
    }
    assert_false(report_of(&bench).legs[1].differs);
    assert_int_equal(report_of(&bench).legs[1].differing, 0);
    assert_true(report_of(&bench).legs[2].differs);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED + 1], 1000 * 48);
    assert_int_equal(bench.strange, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_leg_with_other_audio_is_left_out_until_it_agrees_for_a_second),
        cmocka_unit_test(a_leg_that_runs_ahead_of_the_others_is_trusted_again_too),
        cmocka_unit_test(a_leg_that_runs_ahead_with_other_audio_stays_out),
        cmocka_unit_test(other_audio_is_not_recorded_when_the_lower_leg_dies),
        cmocka_unit_test(other_audio_that_came_first_is_taken_back),
        cmocka_unit_test(
            of_two_legs_that_differ_the_lower_stays_trusted_though_it_is_not_the_first),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
