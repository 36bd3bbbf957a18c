// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A stream that comes in by several legs (SMPTE ST 2022-7).

#include "legs_bench.h"
#include "random.h"

#include <stdlib.h>

#define PACKETS 3000
#define PACKET_NS AUDYN_NS_PER_MS

/// A packet on its way.
struct delivery {
    int64_t at_ns;
    unsigned leg;
    unsigned number;
};

struct plan {
    unsigned leg_count;
    unsigned skew_ms[AUDYN_LEGS];
    unsigned loss_percent, jitter_ms;
};

struct network {
    uint64_t dice;
    struct delivery deliveries[PACKETS * AUDYN_LEGS];
    size_t count;
    uint64_t lost[AUDYN_LEGS];   // beginning with the first that arrives
    uint64_t lowest[AUDYN_LEGS]; // packets of which this is the first leg to have them
};

static int
compare_deliveries(const void *a, const void *b)
{
    const int64_t first = ((const struct delivery *)a)->at_ns;
    const int64_t second = ((const struct delivery *)b)->at_ns;
    return (first > second) - (first < second);
}

// Each packet is lost on any leg, but on one.
static void
plan_deliveries(struct network *network, const struct plan *plan)
{
    for (unsigned number = 0; number < PACKETS; ++number) {
        const unsigned sure = random_below(&network->dice, plan->leg_count);
        bool delivered = false;
        for (unsigned leg = 0; leg < plan->leg_count; ++leg) {
            if (leg != sure && random_below(&network->dice, 100) < plan->loss_percent) {
                continue;
            }
            const int64_t jitter_ns = random_below(
                &network->dice, plan->jitter_ms * (uint32_t)AUDYN_NS_PER_MS + 1);
            network->deliveries[network->count++] =
                (struct delivery){(number + 1) * PACKET_NS +
                                      plan->skew_ms[leg] * AUDYN_NS_PER_MS + jitter_ns,
                                  leg, number};
            network->lowest[leg] += !delivered;
            delivered = true;
        }
    }
    qsort(network->deliveries, network->count, sizeof *network->deliveries,
          compare_deliveries);
}

static void
plan_losses(struct network *network, unsigned leg_count)
{
    for (unsigned leg = 0; leg < leg_count; ++leg) {
        bool arrived[PACKETS] = {false};
        unsigned first = PACKETS;
        unsigned last = 0;
        for (size_t i = 0; i < network->count; ++i) {
            const struct delivery *delivery = &network->deliveries[i];
            if (delivery->leg == leg) {
                first = first == PACKETS ? delivery->number : first;
                last = delivery->number > last ? delivery->number : last;
                arrived[delivery->number] = true;
            }
        }
        for (unsigned number = first; number < last; ++number) {
            network->lost[leg] += !arrived[number];
        }
    }
}

static void
deliver(struct bench *bench, const struct network *network)
{
    const audyn_rtp_packet_t start = bench->next;
    for (size_t i = 0; i < network->count; ++i) {
        const struct delivery *delivery = &network->deliveries[i];
        audyn_rtp_packet_t packet = start;
        packet.sequence = (uint16_t)(start.sequence + delivery->number);
        packet.timestamp = start.timestamp + delivery->number * 48;
        bench->now_ns = delivery->at_ns;
        bench->leg = delivery->leg;
        receive(bench, packet);
        if (i % 4 == 0) {
            audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
            take(bench);
        }
    }
}

static void
check_plan(const struct plan *plan, uint64_t seed)
{
    static struct network network;
    network = (struct network){.dice = seed};
    plan_deliveries(&network, plan);
    plan_losses(&network, plan->leg_count);
    struct bench bench;
    audyn_rtp_stream_config_t config = legs_config;
    config.leg_count = plan->leg_count;
    set_up_window(&bench, &config, 500);
    bench.numbered = true;
    bench.next.timestamp = (uint32_t)POSITION_START;
    bench.next.sequence = UINT16_MAX - 700;
    deliver(&bench, &network);
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.packets, network.count);
    assert_int_equal(report.restarts, 0);
    assert_int_equal(report.rejected.timestamp + report.rejected.ssrc, 0);
    assert_int_equal(report.leg_count, plan->leg_count);
    tear_down(&bench);
    assert_true(bench.start == POSITION_START);
    assert_int_equal(bench.end - bench.start, PACKETS * 48);
    assert_int_equal(bench.strange, 0);
    for (unsigned leg = 0; leg < plan->leg_count; ++leg) {
        assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED + leg],
                         network.lowest[leg] * 48);
        assert_int_equal(report.legs[leg].lost, network.lost[leg]);
        assert_int_equal(report.legs[leg].differing, 0);
    }
}

static void
the_output_is_whole_as_long_as_each_packet_comes_on_one_leg(void **state)
{
    (void)state;
    const struct plan plans[] = {
        {.leg_count = 2},
        {.leg_count = 2, .loss_percent = 30},
        {.leg_count = 2, .loss_percent = 90, .jitter_ms = 5},
        {.leg_count = 2, .skew_ms = {0, 450}, .loss_percent = 50, .jitter_ms = 10},
        {.leg_count = 2, .skew_ms = {450, 0}, .loss_percent = 50, .jitter_ms = 10},
        {.leg_count = 2, .skew_ms = {50, 10}, .loss_percent = 10, .jitter_ms = 30},
        {.leg_count = 4,
         .skew_ms = {300, 0, 450, 150},
         .loss_percent = 70,
         .jitter_ms = 20},
    };
    for (unsigned i = 0; i < sizeof plans / sizeof *plans; ++i) {
        for (uint64_t seed = 1; seed <= 4; ++seed) {
            check_plan(&plans[i], seed * 0x9e3779b97f4a7c15);
        }
    }
}

static void
a_leg_may_die_and_come_back(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    send_on(&bench, A | B, 1000);
    send_on(&bench, A, 1000);
    assert_true(report_of(&bench).legs[0].alive);
    assert_false(report_of(&bench).legs[1].alive);
    send_on(&bench, A | B, 100);
    assert_true(report_of(&bench).legs[1].alive);
    send_on(&bench, B, 1000);
    send_on(&bench, A | B, 100);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    audyn_event_t event = expect_event(&bench, AUDYN_EVENT_LEG_LOST);
    assert_int_equal(event.leg, 1);
    event = expect_event(&bench, AUDYN_EVENT_LEG_BACK);
    assert_int_equal(event.leg, 1);
    assert_true(event.position == POSITION_START + 2000 * 48);
    assert_int_equal(expect_event(&bench, AUDYN_EVENT_LEG_LOST).leg, 0);
    assert_int_equal(expect_event(&bench, AUDYN_EVENT_LEG_BACK).leg, 0);
    expect_no_event(&bench);
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.legs[0].lost, 1000);
    assert_int_equal(report.legs[1].lost, 1000);
    assert_int_equal(report.legs[0].packets, 2200);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 2200 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED + 1], 1000 * 48);
    assert_int_equal(bench.end - bench.start, 3200 * 48);
}

static void
a_leg_may_start_minutes_later(void **state)
{
    (void)state;
    for (unsigned first = A; first <= B; ++first) {
        struct bench bench;
        set_up_legs(&bench);
        send_on(&bench, first, 150000);
        send_on(&bench, A | B, 1000);
        const audyn_input_report_t report = report_of(&bench);
        assert_int_equal(report.legs[first == A ? 1 : 0].packets, 1000);
        assert_int_equal(report.legs[first == A ? 1 : 0].lost, 0);
        expect_event(&bench, AUDYN_EVENT_STARTED);
        expect_event(&bench, AUDYN_EVENT_LEG_LOST);
        expect_event(&bench, AUDYN_EVENT_LEG_BACK);
        expect_no_event(&bench);
        tear_down(&bench);
        assert_int_equal(audyn_samples_received(bench.counts), 151000 * 48);
        assert_int_equal(bench.strange, 0);
    }
}

static void
when_all_legs_fall_silent_there_is_no_signal_and_none_is_missed(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    send_on(&bench, A | B, 1000);
    wait_ms(&bench, 2000);
    assert_false(report_of(&bench).legs[0].alive);
    bench.next.timestamp += 2 * RATE;
    send_on(&bench, A | B, 1000);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    expect_event(&bench, AUDYN_EVENT_NO_SIGNAL);
    expect_event(&bench, AUDYN_EVENT_SIGNAL);
    expect_no_event(&bench);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_NO_SIGNAL], 2 * RATE);
}

// Leg B carries something else; A stays away for 3 s.
static void
check_wrong_leg(uint32_t ssrc, uint32_t timestamp)
{
    struct bench bench;
    set_up_legs(&bench);
    audyn_rtp_packet_t wrong = bench.next;
    wrong.ssrc = ssrc;
    wrong.timestamp += timestamp;
    for (unsigned i = 0; i < 6000; ++i) {
        const audyn_rtp_packet_t packet = make(&bench);
        bench.leg = 0;
        if (i < 2000 || i >= 5000) {
            receive(&bench, packet);
        }
        bench.leg = 1;
        ++wrong.sequence;
        wrong.timestamp += 48;
        receive(&bench, wrong);
        audyn_rtp_stream_tick(bench.stream, 777 + bench.now_ns);
        take(&bench);
    }
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.restarts, 0);
    assert_int_equal(report.legs[0].packets, 3000);
    assert_int_equal(report.legs[1].packets, 0);
    assert_int_equal(report.legs[1].refused_ssrc, ssrc == 0xabcd ? 0 : 6000);
    assert_int_equal(report.legs[1].differs, ssrc == 0xabcd);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 3000 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_NO_SIGNAL], 3000 * 48);
    assert_int_equal(bench.strange, 0);
}

static void
another_stream_on_a_leg_is_never_taken_for_this_one(void **state)
{
    (void)state;
    check_wrong_leg(0x7777, 0);
    check_wrong_leg(0x7777, 0x12345678);
    check_wrong_leg(0xabcd, 0x12345678);
}

// The sender begins anew while leg B is 300 ms behind, and the last packets before that
// are lost on leg A.
static void
check_restart_with_skew(uint32_t ssrc, uint32_t timestamp)
{
    static audyn_rtp_packet_t sent[2000];
    struct bench bench;
    set_up_legs(&bench);
    for (unsigned i = 0; i < 2300; ++i) {
        if (i == 1000) {
            bench.next.ssrc = ssrc;
            bench.next.timestamp += timestamp;
            bench.next.sequence = 40000;
        }
        bench.numbered = false;
        bench.leg = 0;
        if (i < 2000) {
            sent[i] = make(&bench);
            if (i < 950 || i >= 1000) {
                receive(&bench, sent[i]);
            }
        } else {
            bench.now_ns += AUDYN_NS_PER_MS;
        }
        bench.leg = 1;
        if (i >= 300) {
            receive(&bench, sent[i - 300]);
        }
        if (i == 1500) {
            // Of the old source, but where the new one is already.
            audyn_rtp_packet_t foreign = sent[999];
            foreign.sequence += 100;
            foreign.timestamp += 100 * 48;
            receive(&bench, foreign);
        }
        audyn_rtp_stream_tick(bench.stream, 777 + bench.now_ns);
        take(&bench);
    }
    const audyn_input_report_t report = report_of(&bench);
    assert_int_equal(report.restarts, 1);
    expect_event(&bench, AUDYN_EVENT_STARTED);
    tear_down(&bench);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED], 1950 * 48);
    assert_int_equal(bench.counts[AUDYN_SAMPLE_RECEIVED + 1], 50 * 48);
    assert_int_equal(bench.end - bench.start, 2000 * 48);
    assert_int_equal(report.packets, 3950);
    assert_int_equal(report.rejected.ssrc + report.rejected.timestamp, 1);
}

static void
a_restart_on_both_legs_loses_nothing_whatever_their_skew(void **state)
{
    (void)state;
    check_restart_with_skew(0x5555, 0);
    check_restart_with_skew(0x5555, 0x12345678);
    check_restart_with_skew(0xabcd, 0x12345678);
}

static void
each_leg_has_its_delay_and_its_sender(void **state)
{
    (void)state;
    struct bench bench;
    set_up_legs(&bench);
    for (unsigned i = 0; i < 4000; ++i) {
        const audyn_rtp_packet_t packet = make(&bench);
        for (bench.leg = 0; bench.leg < 2; ++bench.leg) {
            bench.source.s_addr = 100 + bench.leg;
            bench.now_ns += bench.leg * 5 * AUDYN_NS_PER_MS;
            receive(&bench, packet);
        }
        bench.now_ns -= 5 * AUDYN_NS_PER_MS;
    }
    audyn_input_report_t report = report_of(&bench);
    for (unsigned leg = 0; leg < 2; ++leg) {
        assert_true(report.legs[leg].delay.known);
        assert_int_equal(report.legs[leg].delay.least_ns / AUDYN_NS_PER_MS, 1 + 5 * leg);
        assert_int_equal(report.legs[leg].sender.s_addr, 100 + leg);
    }
    assert_true(report.drift_known);
    assert_true(report.drift_ppm > -0.1 && report.drift_ppm < 0.1);
    assert_false(report.leaves_late);
    tear_down(&bench);
}

static void
a_sender_that_is_late_by_its_own_clock_is_found(void **state)
{
    (void)state;
    for (int late_ms = 20; late_ms <= 22; late_ms += 2) {
        struct bench bench;
        set_up_legs(&bench);
        bench.now_ns = late_ms * AUDYN_NS_PER_MS;
        send_on(&bench, A, 100);
        assert_int_equal(report_of(&bench).leaves_late, late_ms == 22);
        tear_down(&bench);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_output_is_whole_as_long_as_each_packet_comes_on_one_leg),
        cmocka_unit_test(a_leg_may_die_and_come_back),
        cmocka_unit_test(a_leg_may_start_minutes_later),
        cmocka_unit_test(when_all_legs_fall_silent_there_is_no_signal_and_none_is_missed),
        cmocka_unit_test(another_stream_on_a_leg_is_never_taken_for_this_one),
        cmocka_unit_test(a_restart_on_both_legs_loses_nothing_whatever_their_skew),
        cmocka_unit_test(each_leg_has_its_delay_and_its_sender),
        cmocka_unit_test(a_sender_that_is_late_by_its_own_clock_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
