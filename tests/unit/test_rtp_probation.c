// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "input/rtp_probation.h"

#include <stdlib.h>
#include <string.h>

#define SSRC 0x1234

static audyn_rtp_probation_t *
create(void)
{
    audyn_rtp_probation_t *probation = calloc(1, sizeof *probation);
    assert_non_null(probation);
    return probation;
}

// A packet of 48 sample frames, the n-th of its sender, that arrives after so many ms.
static const audyn_probation_packet_t *
keep_sized(audyn_rtp_probation_t *probation, uint32_t ssrc, uint16_t number,
           unsigned at_ms, size_t bytes)
{
    uint8_t payload[65536];
    memset(payload, number, bytes);
    const audyn_rtp_packet_t packet = {.payload_type = 98,
                                       .sequence = number,
                                       .timestamp = number * 48U,
                                       .ssrc = ssrc,
                                       .payload = payload,
                                       .payload_bytes = bytes};
    const audyn_arrival_t arrival = {.monotonic_ns = at_ms * AUDYN_NS_PER_MS};
    return audyn_rtp_probation_keep(probation, &packet, 48, &arrival, INT64_MIN);
}

static bool
keep(audyn_rtp_probation_t *probation, uint32_t ssrc, uint16_t number)
{
    return audyn_rtp_probation_is_proven(
        probation, keep_sized(probation, ssrc, number, number, 288));
}

// Returns after how many of these packets the source was proven; 0: it was not.
static unsigned
prove(const uint16_t *numbers, unsigned count)
{
    audyn_rtp_probation_t *probation = create();
    unsigned needed = 0;
    for (unsigned i = 0; i < count && !needed; ++i) {
        needed = keep(probation, SSRC, numbers[i]) ? i + 1 : 0;
    }
    free(probation);
    return needed;
}

#define PROVE(...)                                                                       \
    prove((const uint16_t[]){__VA_ARGS__},                                               \
          sizeof(uint16_t[]){__VA_ARGS__} / sizeof(uint16_t))

static void
eight_packets_in_order_prove_a_source(void **state)
{
    (void)state;
    assert_int_equal(PROVE(1, 2, 3, 4, 5, 6, 7, 8), 8);
    // Every other one is missing; they overtake each other.
    assert_int_equal(PROVE(2, 4, 6, 8, 10, 12, 14, 16), 8);
    assert_int_equal(PROVE(2, 1, 4, 3, 6, 5, 8, 7), 8);
}

static void
what_comes_twice_proves_nothing_more(void **state)
{
    (void)state;
    assert_int_equal(PROVE(1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2), 0);
    assert_int_equal(PROVE(1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8), 15);
}

static void
packets_far_apart_prove_nothing(void **state)
{
    (void)state;
    assert_int_equal(PROVE(100, 200, 300, 400, 500, 600, 700, 800, 900), 0);
    audyn_rtp_probation_t *probation = create();
    for (uint16_t i = 1; i < 20; ++i) {
        const audyn_probation_packet_t *last =
            keep_sized(probation, SSRC, i, i * 1001U, 288);
        assert_false(audyn_rtp_probation_is_proven(probation, last));
    }
    free(probation);
}

static void
ragged_sizes_are_in_order_too(void **state)
{
    (void)state;
    audyn_rtp_probation_t *probation = create();
    const uint8_t payload[288] = {0};
    uint32_t timestamp = UINT32_MAX - 100;
    for (uint16_t i = 0; i < 8; ++i) {
        const uint32_t frames = 1 + i % 3U * 20;
        const audyn_rtp_packet_t packet = {.sequence = (uint16_t)(UINT16_MAX - 3 + i),
                                           .timestamp = timestamp,
                                           .payload = payload,
                                           .payload_bytes = frames * 6};
        timestamp += frames;
        const audyn_arrival_t arrival = {.monotonic_ns = i};
        assert_int_equal(
            audyn_rtp_probation_keep(probation, &packet, frames, &arrival, INT64_MIN)
                ->run,
            i + 1);
    }
    free(probation);
}

static void
a_proven_source_is_given_back_in_order_of_arrival_and_whole(void **state)
{
    (void)state;
    audyn_rtp_probation_t *probation = create();
    const uint16_t numbers[] = {1, 3, 2, 4, 5, 6, 7, 8};
    const audyn_probation_packet_t *last = NULL;
    for (unsigned i = 0; i < 8; ++i) {
        keep_sized(probation, 77 + i, numbers[i], i, 288);
        last = keep_sized(probation, SSRC, numbers[i], i, 288);
    }
    assert_int_equal(audyn_rtp_probation_first(probation, last)->packet.sequence, 1);
    assert_int_equal(audyn_counter_get(&probation->sources), 9);
    audyn_probation_packet_t taken;
    uint64_t number = 0;
    for (unsigned i = 0; i < 8; ++i) {
        assert_true(audyn_rtp_probation_take(probation, &number, SSRC, 98, &taken));
        assert_int_equal(taken.packet.sequence, numbers[i]);
        assert_int_equal(taken.packet.payload_bytes, 288);
        assert_int_equal(taken.packet.payload[287], numbers[i]);
    }
    assert_false(audyn_rtp_probation_take(probation, &number, SSRC, 98, &taken));
    number = 0;
    assert_false(audyn_rtp_probation_take(probation, &number, SSRC, 98, &taken));
    number = 0;
    assert_true(audyn_rtp_probation_take(probation, &number, 77, 98, &taken));
    free(probation);
}

// So many other packets come between any two of a source: returns how many of its own
// were kept when it was proven.
static unsigned
prove_in_a_crowd(unsigned others, size_t bytes)
{
    audyn_rtp_probation_t *probation = create();
    uint32_t ssrc = 0x10000;
    unsigned kept = 0;
    bool proven = false;
    for (uint16_t i = 1; i <= 8 && !proven; ++i) {
        const audyn_probation_packet_t *last = keep_sized(probation, SSRC, i, i, bytes);
        proven = audyn_rtp_probation_is_proven(probation, last);
        uint64_t number = 0;
        audyn_probation_packet_t taken;
        while (proven && audyn_rtp_probation_take(probation, &number, SSRC, 98, &taken)) {
            assert_int_equal(taken.packet.sequence, ++kept);
            assert_int_equal(taken.packet.payload[bytes - 1], kept);
        }
        for (unsigned n = 0; n < others; ++n) {
            keep_sized(probation, ssrc++, (uint16_t)n, i, bytes);
        }
    }
    assert_true(proven);
    free(probation);
    return kept;
}

static void
where_there_is_no_room_fewer_packets_must_do_and_none_is_lost(void **state)
{
    (void)state;
    assert_int_equal(prove_in_a_crowd(30, 48), 8);
    assert_int_equal(prove_in_a_crowd(100, 48), 4);
    assert_int_equal(prove_in_a_crowd(400, 48), 2);
    assert_int_equal(prove_in_a_crowd(0, 14400), 5);
    assert_int_equal(prove_in_a_crowd(0, 60000), 2);
    assert_int_equal(prove_in_a_crowd(20, 1440), 4);
}

static void
other_packets_in_between_do_not_count(void **state)
{
    (void)state;
    audyn_rtp_probation_t *probation = create();
    const audyn_probation_packet_t *last = keep_sized(probation, SSRC, 1, 1, 288);
    assert_true(audyn_rtp_probation_is_uncontested(probation, SSRC));
    keep_sized(probation, 0x999, 2, 1, 288);
    assert_false(audyn_rtp_probation_is_uncontested(probation, SSRC));
    last = keep_sized(probation, SSRC, 2, 2, 288);
    assert_int_equal(last->run, 2);
    free(probation);
}

static void
only_what_arrived_after_a_moment_counts(void **state)
{
    (void)state;
    audyn_rtp_probation_t *probation = create();
    for (uint16_t i = 1; i < 6; ++i) {
        keep_sized(probation, SSRC, i, i, 288);
    }
    const uint8_t payload[288] = {0};
    const audyn_rtp_packet_t packet = {.payload_type = 98,
                                       .sequence = 6,
                                       .timestamp = 6 * 48,
                                       .ssrc = SSRC,
                                       .payload = payload,
                                       .payload_bytes = sizeof payload};
    const audyn_arrival_t arrival = {.monotonic_ns = 6 * AUDYN_NS_PER_MS};
    const int64_t since_ns = 5 * AUDYN_NS_PER_MS;
    assert_int_equal(
        audyn_rtp_probation_keep(probation, &packet, 48, &arrival, since_ns)->run, 1);
    free(probation);
}

static void
steps_that_tell_of_another_format_are_counted_if_they_agree(void **state)
{
    (void)state;
    audyn_rtp_probation_t *probation = create();
    const uint8_t payload[288] = {0};
    for (uint16_t i = 0; i < 10; ++i) {
        // Mono: half the bytes for as many sample frames; from the sixth on, nonsense.
        const audyn_rtp_packet_t packet = {.sequence = i,
                                           .timestamp = i < 6 ? i * 48U : i * i * 100U,
                                           .payload = payload,
                                           .payload_bytes = 144};
        const audyn_arrival_t arrival = {.monotonic_ns = i};
        const audyn_probation_packet_t *last =
            audyn_rtp_probation_keep(probation, &packet, 24, &arrival, INT64_MIN);
        assert_int_equal(last->run, 1);
        assert_int_equal(last->odd_run, i < 6 ? i : 1);
        assert_int_equal(last->odd_bytes, i ? 144 : 0);
    }
    free(probation);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(eight_packets_in_order_prove_a_source),
        cmocka_unit_test(what_comes_twice_proves_nothing_more),
        cmocka_unit_test(packets_far_apart_prove_nothing),
        cmocka_unit_test(ragged_sizes_are_in_order_too),
        cmocka_unit_test(a_proven_source_is_given_back_in_order_of_arrival_and_whole),
        cmocka_unit_test(where_there_is_no_room_fewer_packets_must_do_and_none_is_lost),
        cmocka_unit_test(other_packets_in_between_do_not_count),
        cmocka_unit_test(only_what_arrived_after_a_moment_counts),
        cmocka_unit_test(steps_that_tell_of_another_format_are_counted_if_they_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
