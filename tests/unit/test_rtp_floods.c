// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Hostile packets before and beside a stream: none of its samples is lost, those of its
// very first packet included.

#include "random.h"
#include "rtp_bench.h"

#define GOOD_PACKETS 1000

struct flood {
    struct bench bench;
    uint64_t random;
    uint64_t sent;
    struct in_addr source; // of the hostile packets
    uint8_t hostile[48 * FRAME_BYTES];
};

static void
send_hostile(struct flood *flood, const audyn_rtp_packet_t *header)
{
    audyn_rtp_packet_t packet = *header;
    packet.payload = flood->hostile;
    const audyn_arrival_t arrival = {.tai_ns = TAI_START + flood->bench.now_ns,
                                     .monotonic_ns = 777 + flood->bench.now_ns,
                                     .source = flood->source};
    audyn_rtp_stream_receive(flood->bench.stream, &packet, &arrival);
    ++flood->sent;
}

static audyn_rtp_packet_t
random_packet(struct flood *flood)
{
    return (audyn_rtp_packet_t){.payload_type = 98,
                                .sequence = (uint16_t)random_next(&flood->random),
                                .timestamp = (uint32_t)random_next(&flood->random),
                                .ssrc = (uint32_t)random_next(&flood->random),
                                .payload_bytes = sizeof flood->hostile};
}

static void
send_lone_packets(struct flood *flood)
{
    const audyn_rtp_packet_t packet = random_packet(flood);
    send_hostile(flood, &packet);
}

static void
send_pair(struct flood *flood, audyn_rtp_packet_t packet)
{
    send_hostile(flood, &packet);
    ++packet.sequence;
    packet.timestamp += 48;
    send_hostile(flood, &packet);
}

static void
send_pairs(struct flood *flood)
{
    send_pair(flood, random_packet(flood));
}

static void
send_own_ssrc_with_wrong_timestamps(struct flood *flood)
{
    audyn_rtp_packet_t packet = random_packet(flood);
    packet.ssrc = flood->bench.next.ssrc;
    send_hostile(flood, &packet);
}

static void
send_own_ssrc_in_sequence(struct flood *flood)
{
    audyn_rtp_packet_t packet = random_packet(flood);
    packet.ssrc = flood->bench.next.ssrc;
    packet.sequence = (uint16_t)flood->sent;
    send_hostile(flood, &packet);
}

static void
send_pairs_of_own_ssrc(struct flood *flood)
{
    audyn_rtp_packet_t packet = random_packet(flood);
    packet.ssrc = flood->bench.next.ssrc;
    send_pair(flood, packet);
}

static void
send_runs_of_own_ssrc(struct flood *flood)
{
    audyn_rtp_packet_t packet = random_packet(flood);
    packet.ssrc = flood->bench.next.ssrc;
    for (unsigned i = 0; i < 20; ++i) {
        send_hostile(flood, &packet);
        ++packet.sequence;
        packet.timestamp += 48;
    }
}

static void
send_wrong_payload_types(struct flood *flood)
{
    audyn_rtp_packet_t packet = random_packet(flood);
    packet.ssrc = flood->bench.next.ssrc;
    packet.payload_type = (uint8_t)random_below(&flood->random, 98);
    send_hostile(flood, &packet);
}

static void
send_next_packet_with_wrong_payload_type(struct flood *flood)
{
    audyn_rtp_packet_t packet = flood->bench.next;
    packet.payload_type = (uint8_t)random_below(&flood->random, 98);
    send_hostile(flood, &packet);
}

static void
send_wrong_sizes(struct flood *flood)
{
    audyn_rtp_packet_t packet = flood->bench.next;
    packet.payload_bytes = 1 + random_below(&flood->random, 47) * FRAME_BYTES;
    send_hostile(flood, &packet);
}

// So many hostile packets for each good one, of which the first comes after 1000.
static void
check_with(const audyn_rtp_stream_config_t *config,
           void (*send_some)(struct flood *flood), unsigned for_each, in_addr_t source)
{
    struct flood flood = {.random = 0x9e3779b9, .source = {source}};
    struct bench *bench = &flood.bench;
    set_up_with(bench, config);
    memset(flood.hostile, 0x77, sizeof flood.hostile);
    while (flood.sent < 1000) {
        send_some(&flood);
        bench->now_ns += AUDYN_NS_PER_MS / for_each;
    }
    const uint64_t start =
        POSITION_START + audyn_clock_position(bench->now_ns, RATE) + 48;
    for (unsigned i = 0; i < GOOD_PACKETS; ++i) {
        send_packets(bench, 1);
        for (const uint64_t until = flood.sent + for_each; flood.sent < until;) {
            send_some(&flood);
        }
        audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
        take(bench);
    }
    const audyn_input_report_t report = report_of(bench);
    assert_int_equal(report.packets, GOOD_PACKETS);
    assert_int_equal(report.restarts, 0);
    const audyn_rejected_t *rejected = &report.rejected;
    assert_int_equal(rejected->ssrc + rejected->timestamp + rejected->payload_type +
                         rejected->size,
                     flood.sent);
    tear_down(bench);
    assert_true(bench->start == start);
    assert_int_equal(bench->end - bench->start, GOOD_PACKETS * 48);
    assert_int_equal(bench->counts[AUDYN_SAMPLE_RECEIVED], GOOD_PACKETS * 48);
    assert_int_equal(bench->strange, 0);
}

static void
check(void (*send_some)(struct flood *flood), unsigned for_each)
{
    check_with(&plain_config, send_some, for_each, 0); // as if the sender sent them
    check_with(&plain_config, send_some, for_each, 0x0100007f);
}

static void
a_flood_of_sources_with_one_packet_each(void **state)
{
    (void)state;
    check(send_lone_packets, 10);
    check(send_lone_packets, 100);
    check(send_lone_packets, 200);
}

static void
a_flood_of_sources_with_two_packets_in_order_each(void **state)
{
    (void)state;
    check(send_pairs, 10);
    check(send_pairs, 100);
    check(send_pairs, 200);
}

static void
a_flood_of_wrong_timestamps_of_the_own_source(void **state)
{
    (void)state;
    check(send_own_ssrc_with_wrong_timestamps, 100);
    check(send_own_ssrc_in_sequence, 10);
    check(send_pairs_of_own_ssrc, 10);
    check(send_pairs_of_own_ssrc, 100);
}

// Twenty in order are a sender.  They take no stream's place while that is there.
static void
runs_of_the_own_source_beside_the_stream(void **state)
{
    (void)state;
    struct flood flood = {.random = 5};
    struct bench *bench = &flood.bench;
    set_up(bench);
    memset(flood.hostile, 0x77, sizeof flood.hostile);
    for (unsigned i = 0; i < GOOD_PACKETS; ++i) {
        send_packets(bench, 1);
        if (i >= 8) {
            bench->now_ns += AUDYN_NS_PER_MS / 2;
            send_runs_of_own_ssrc(&flood);
            bench->now_ns -= AUDYN_NS_PER_MS / 2;
        }
    }
    assert_int_equal(report_of(bench).restarts, 0);
    tear_down(bench);
    assert_int_equal(bench->counts[AUDYN_SAMPLE_RECEIVED], GOOD_PACKETS * 48);
    assert_int_equal(bench->strange, 0);
}

static void
a_flood_of_wrong_sizes(void **state)
{
    (void)state;
    check(send_wrong_sizes, 50);
}

static void
a_flood_of_wrong_payload_types(void **state)
{
    (void)state;
    check(send_wrong_payload_types, 50);
    audyn_rtp_stream_config_t config = plain_config;
    config.payload_type = 98;
    check_with(&config, send_next_packet_with_wrong_payload_type, 50, 0);
}

static void
a_flood_is_told_of_a_few_times_a_second(void **state)
{
    (void)state;
    struct flood flood = {.random = 77, .source = {0x0100007f}};
    struct bench *bench = &flood.bench;
    set_up(bench);
    send_packets(bench, 100);
    expect_event(bench, AUDYN_EVENT_STARTED);
    for (unsigned i = 0; i < 2000; ++i) {
        send_packets(bench, 1);
        send_lone_packets(&flood);
        audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
    }
    audyn_event_t event;
    unsigned events = 0;
    uint64_t told = 0;
    while (audyn_rtp_stream_next_event(bench->stream, &event)) {
        assert_int_equal(event.kind, AUDYN_EVENT_FOREIGN_SSRC);
        assert_int_equal(event.source.s_addr, 0x0100007f);
        ++events;
        told += event.count;
    }
    assert_in_range(events, 2, 8);
    assert_in_range(told, 1500, 2000);
    tear_down(bench);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_flood_of_sources_with_one_packet_each),
        cmocka_unit_test(a_flood_of_sources_with_two_packets_in_order_each),
        cmocka_unit_test(a_flood_of_wrong_timestamps_of_the_own_source),
        cmocka_unit_test(runs_of_the_own_source_beside_the_stream),
        cmocka_unit_test(a_flood_of_wrong_sizes),
        cmocka_unit_test(a_flood_of_wrong_payload_types),
        cmocka_unit_test(a_flood_is_told_of_a_few_times_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
