// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The clock of PipeWire's graph, and where samples lie on the timeline by it.

#include "pipewire_bench.h"

#include "failing_allocations.h"

static const uint32_t quanta[] = {32, 256, 1024, 8192};

static void
all_cycles_lie_one_after_another_from_the_time_of_the_first(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    const int64_t tai_ns = BENCH_TAI_OFFSET_NS + (int64_t)bench->next_ns;
    for (int i = 0; i < 200; ++i) {
        bench_cycle(bench, 1024);
        bench_drain(bench);
    }
    bench_finish(bench);
    assert_true(bench->start == audyn_clock_position(tai_ns, BENCH_RATE));
    assert_int_equal(bench->length, 200 * 1024);
    bench_assert_sound(bench, 0, bench->length, 1);
    assert_true(bench->counts[AUDYN_SAMPLE_RECEIVED] == bench->length);
    const audyn_graph_report_t report = bench_report(bench);
    assert_int_equal(report.sample_rate, BENCH_RATE);
    assert_int_equal(report.quantum, 1024);
    assert_true(report.xruns == 0 && report.discontinuities == 0);
    bench_destroy(bench);
}

// From each quantum to each other one, with and without cycles that are missing around.
static void
change_quantum(struct pipewire_bench *bench, uint32_t from, uint32_t to, unsigned missed)
{
    for (unsigned i = 0; i < 3; ++i) {
        bench_cycle(bench, from);
    }
    for (unsigned i = 0; i < missed; ++i) {
        bench_miss(bench, i % 2 ? to : from);
    }
    for (unsigned i = 0; i < 3; ++i) {
        bench_cycle(bench, to);
    }
    bench_drain(bench);
}

static void
follow_changes(bool counts_by_end, unsigned missed)
{
    struct pipewire_bench *bench = bench_create(4000);
    bench->counts_by_end = counts_by_end;
    for (size_t i = 0; i < 4; ++i) {
        for (size_t j = 0; j < 4; ++j) {
            change_quantum(bench, quanta[i], quanta[j], missed);
        }
    }
    bench_finish(bench);
    // What was missed is silence of its length: each sample lies at its own place.
    assert_int_equal(bench->length, bench->played);
    for (uint32_t i = 0; i < bench->length; ++i) {
        assert_true(!bench->sounds[i] || bench->sounds[i] == (int)i + 1);
    }
    uint32_t lost = 0;
    for (size_t i = 0; i < 4; ++i) {
        lost += 4 * (quanta[i] * ((missed + 1) / 2) + quanta[i] * (missed / 2));
    }
    assert_true(bench->counts[AUDYN_SAMPLE_LOST] == lost);
    assert_true(bench->counts[AUDYN_SAMPLE_RECEIVED] == bench->length - lost);
    assert_true(bench_report(bench).xruns == (missed ? 16 : 0));
    assert_true(bench_report(bench).discontinuities == 0);
    bench_destroy(bench);
}

static void
the_quantum_may_change_at_any_time(void **state)
{
    (void)state;
    follow_changes(false, 0);
    follow_changes(true, 0);
}

static void
missing_cycles_are_lost_samples_also_where_the_quantum_changes(void **state)
{
    (void)state;
    for (unsigned missed = 1; missed <= 3; ++missed) {
        follow_changes(false, missed);
        follow_changes(true, missed);
    }
}

// As PipeWire 0.3.65 does it: the length of a cycle that has begun becomes the next
// one's, and of what was prepared for it only so much is handed over.
static void
what_a_shortened_cycle_does_not_hand_over_is_lost(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench->counts_by_end = true;
    bench_cycle(bench, 4096);
    bench_cycle(bench, 4096);
    bench_begin_cycle(bench, 4096);
    bench->clock.duration = 32;
    bench_give(bench, 32);
    bench->played += 4096 - 32;
    bench_cycle(bench, 32);
    bench_cycle(bench, 32);
    bench_finish(bench);
    assert_int_equal(bench->length, 3 * 4096 + 2 * 32);
    bench_assert_sound(bench, 0, 2 * 4096 + 32, 1);
    bench_assert_silence(bench, 2 * 4096 + 32, 4096 - 32);
    bench_assert_sound(bench, 3 * 4096, 64, 3 * 4096 + 1);
    assert_true(bench->counts[AUDYN_SAMPLE_LOST] == 4096 - 32);
    bench_destroy(bench);
}

static void
a_lengthened_cycle_loses_nothing(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench->counts_by_end = true;
    bench_cycle(bench, 1024);
    bench_cycle(bench, 32);
    bench_begin_cycle(bench, 32);
    bench->clock.duration = 8192;
    bench_give(bench, 32);
    bench_cycle(bench, 8192);
    bench_cycle(bench, 8192);
    bench_finish(bench);
    assert_int_equal(bench->length, 1024 + 2 * 32 + 2 * 8192);
    bench_assert_sound(bench, 0, bench->length, 1);
    assert_true(bench_report(bench).discontinuities == 0);
    bench_destroy(bench);
}

static void
a_driver_that_tells_the_time_badly_makes_no_silence(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    for (uint64_t i = 0; i < 100; ++i) {
        bench_begin_cycle(bench, 256);
        bench->clock.nsec += i * 7919 % 60 * (uint64_t)AUDYN_NS_PER_MS;
        bench_give(bench, 256);
    }
    bench_finish(bench);
    assert_int_equal(bench->length, 100 * 256);
    bench_assert_sound(bench, 0, bench->length, 1);
    bench_destroy(bench);
}

static void
another_driver_goes_on_where_the_machine_s_clock_is(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench_cycle(bench, 1024);
    bench->clock.id = 8;
    bench->next_ns += bench_ns(960, BENCH_RATE);
    bench_cycle(bench, 1024);
    // One whose time is before the end of what was there cannot go back.
    bench->clock.id = 9;
    bench->clock.position = 5;
    bench->next_ns -= bench_ns(500, BENCH_RATE);
    bench_cycle(bench, 1024);
    bench_cycle(bench, 1024);
    bench_finish(bench);
    assert_int_equal(bench->length, 4 * 1024 + 960);
    bench_assert_sound(bench, 0, 1024, 1);
    bench_assert_silence(bench, 1024, 960);
    bench_assert_sound(bench, 1024 + 960, 3 * 1024, 1025);
    assert_true(bench->counts[AUDYN_SAMPLE_LOST] == 960);
    assert_true(bench_report(bench).discontinuities == 2);
    assert_true(bench_report(bench).xruns == 0);
    bench_destroy(bench);
}

static void
a_clock_that_begins_anew_or_jumps_ahead_is_not_believed(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench_cycle(bench, 1024);
    bench->clock.position = 0;
    bench_cycle(bench, 1024);
    bench->clock.position += UINT64_C(1) << 40;
    bench_cycle(bench, 1024);
    bench->clock.position += 96000;
    bench_cycle(bench, 1024);
    bench_cycle(bench, 1024);
    bench_finish(bench);
    assert_int_equal(bench->length, 5 * 1024);
    bench_assert_sound(bench, 0, bench->length, 1);
    assert_true(bench_report(bench).discontinuities == 3);
    bench_destroy(bench);
}

static void
a_source_that_vanishes_is_no_signal_until_it_is_back(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(5000);
    const uint64_t begin =
        audyn_clock_position(BENCH_TAI_OFFSET_NS + (int64_t)bench->next_ns, BENCH_RATE);
    bench_cycle(bench, 1024);
    pipewire_flow_note_pause(bench->flow);
    const int64_t gone_ns = (int64_t)bench->next_ns;
    pipewire_flow_idle(bench->flow, gone_ns + AUDYN_NS_PER_SECOND);
    assert_true(audyn_timeline_end(bench->timeline) == begin + 1024);
    for (int64_t ms = 1200; ms < 3000; ms += 200) {
        pipewire_flow_idle(bench->flow, gone_ns + ms * AUDYN_NS_PER_MS);
        bench_drain(bench);
    }
    bench->next_ns += 3 * (uint64_t)AUDYN_NS_PER_SECOND;
    bench_cycle(bench, 1024);
    bench_finish(bench);
    assert_int_equal(bench->length, 2 * 1024 + 3 * BENCH_RATE);
    bench_assert_silence(bench, 1024, 3 * BENCH_RATE);
    bench_assert_sound(bench, 1024 + 3 * BENCH_RATE, 1024, 1025);
    assert_true(bench->counts[AUDYN_SAMPLE_NO_SIGNAL] == 3 * BENCH_RATE);
    audyn_event_t event;
    assert_true(pipewire_flow_next_event(bench->flow, &event));
    assert_int_equal(event.kind, AUDYN_EVENT_NO_SIGNAL);
    assert_true(event.position == bench->start + 1024);
    assert_true(pipewire_flow_next_event(bench->flow, &event));
    assert_int_equal(event.kind, AUDYN_EVENT_SIGNAL);
    assert_true(event.position == bench->start + 1024 + 3 * BENCH_RATE);
    assert_false(pipewire_flow_next_event(bench->flow, &event));
    bench_destroy(bench);
}

static void
a_short_pause_is_no_signal_and_no_loss(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench_cycle(bench, 256);
    pipewire_flow_note_pause(bench->flow);
    bench_miss(bench, 256);
    bench_cycle(bench, 256);
    bench_miss(bench, 256);
    bench_cycle(bench, 256);
    bench_finish(bench);
    assert_int_equal(bench->length, 5 * 256);
    assert_true(bench->counts[AUDYN_SAMPLE_NO_SIGNAL] == 256);
    assert_true(bench->counts[AUDYN_SAMPLE_LOST] == 256);
    bench_destroy(bench);
}

static void
nothing_is_idle_before_the_first_sample(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    pipewire_flow_idle(bench->flow, 3600 * AUDYN_NS_PER_SECOND);
    bench_give(bench, 0);
    pipewire_flow_idle(bench->flow, 7200 * AUDYN_NS_PER_SECOND);
    bench_finish(bench);
    assert_int_equal(bench->length, 0);
    audyn_event_t event;
    assert_false(pipewire_flow_next_event(bench->flow, &event));
    bench_destroy(bench);
}

static void
more_samples_than_the_cycle_has_are_kept_and_noted(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench_cycle(bench, 256);
    bench_begin_cycle(bench, 256);
    bench_give(bench, 300);
    bench_cycle(bench, 256);
    bench_cycle(bench, 256);
    bench_finish(bench);
    assert_int_equal(bench->length, 4 * 256 + 44);
    bench_assert_sound(bench, 0, bench->length, 1);
    assert_true(bench_report(bench).discontinuities == 1);
    bench_destroy(bench);
}

static void
what_comes_after_more_than_a_second_is_late_and_moves_nothing(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(5000);
    bench_cycle(bench, 4800);
    pipewire_flow_idle(bench->flow, (int64_t)bench->next_ns + 1200 * AUDYN_NS_PER_MS);
    for (int i = 0; i < 20; ++i) {
        bench_cycle(bench, 4800);
    }
    bench_finish(bench);
    assert_int_equal(bench->length, 21 * 4800);
    bench_assert_sound(bench, 0, 4800, 1);
    bench_assert_sound(bench, 4 * 4800, 17 * 4800, 4 * 4800 + 1);
    assert_true(bench->counts[AUDYN_SAMPLE_LATE] > 8000);
    assert_true(bench_report(bench).discontinuities == 0);
    bench_destroy(bench);
}

static void
a_burst_after_a_standstill_of_the_daemon_is_not_too_late(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(5000);
    bench_cycle(bench, 1024);
    pipewire_flow_idle(bench->flow, (int64_t)bench->next_ns + 900 * AUDYN_NS_PER_MS);
    for (int i = 0; i < 42; ++i) {
        bench_cycle(bench, 1024);
    }
    bench_finish(bench);
    bench_assert_sound(bench, 0, 43 * 1024, 1);
    assert_true(bench->counts[AUDYN_SAMPLE_RECEIVED] == 43 * 1024);
    bench_destroy(bench);
}

static void
a_converted_rate_loses_the_time_of_missing_cycles(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    bench->clock.rate = SPA_FRACTION(1, 44100);
    for (int i = 0; i < 10; ++i) {
        bench_begin_cycle(bench, 441);
        // The converter gives what it has.
        bench_give(bench, i % 2 ? 470 : 490);
    }
    bench_begin_cycle(bench, 441);
    bench_begin_cycle(bench, 441);
    bench_give(bench, 480);
    bench_finish(bench);
    assert_int_equal(bench->length, 10 * 480 + 480 + 480);
    bench_assert_sound(bench, 0, 4800, 1);
    bench_assert_silence(bench, 4800, 480);
    assert_true(bench->counts[AUDYN_SAMPLE_LOST] == 480);
    assert_int_equal(bench_report(bench).sample_rate, 44100);
    bench_destroy(bench);
}

static void
several_buffers_of_one_cycle_follow_each_other(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    for (int i = 0; i < 5; ++i) {
        bench_begin_cycle(bench, 1024);
        bench_give(bench, 1000);
        bench_give(bench, 24);
    }
    bench_finish(bench);
    assert_int_equal(bench->length, 5 * 1024);
    bench_assert_sound(bench, 0, bench->length, 1);
    assert_true(bench_report(bench).discontinuities == 0);
    bench_destroy(bench);
}

static void
no_free_frame_is_counted_and_the_timeline_goes_on(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(100);
    for (int i = 0; i < 20; ++i) {
        bench_cycle(bench, 1024);
    }
    bench_drain(bench);
    bench_cycle(bench, 1024);
    bench_finish(bench);
    assert_int_equal(bench->length, 21 * 1024);
    assert_true(bench->counts[AUDYN_SAMPLE_NO_FRAME] > 10 * 1024);
    assert_true(bench->counts[AUDYN_SAMPLE_NO_FRAME] +
                    bench->counts[AUDYN_SAMPLE_RECEIVED] ==
                bench->length);
    bench_assert_sound(bench, 20 * 1024, 1024, 20 * 1024 + 1);
    bench_destroy(bench);
}

static void
without_a_clock_nothing_is_taken(void **state)
{
    (void)state;
    struct pipewire_bench *bench = bench_create(1000);
    pipewire_flow_set_clock(bench->flow, NULL);
    bench_give(bench, 1024);
    bench->clock.rate.denom = 0;
    pipewire_flow_set_clock(bench->flow, &bench->clock);
    bench_give(bench, 1024);
    bench_finish(bench);
    assert_int_equal(bench->length, 0);
    assert_true(bench_report(bench).unreadable == 2);
    bench_destroy(bench);
}

static void
each_allocation_may_fail(void **state)
{
    (void)state;
    const pipewire_flow_config_t config = {
        .format = {.sample_rate = BENCH_RATE, .channels = 2, .bits = 32}};
    const size_t mapped = failing_allocations_mapped();
    int allowed = 0;
    for (bool failed = true; failed; ++allowed) {
        pipewire_flow_t *flow;
        failing_allocations_after(allowed);
        const audyn_status_t status = pipewire_flow_create(&flow, &config);
        failed = failing_allocations_happened();
        failing_allocations_after(-1);
        assert_int_equal(status, failed ? AUDYN_NO_MEMORY : AUDYN_OK);
        assert_true(failed == !flow);
        pipewire_flow_destroy(flow);
        assert_true(failing_allocations_mapped() == mapped);
    }
    assert_in_range(allowed, 3, 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_cycles_lie_one_after_another_from_the_time_of_the_first),
        cmocka_unit_test(the_quantum_may_change_at_any_time),
        cmocka_unit_test(missing_cycles_are_lost_samples_also_where_the_quantum_changes),
        cmocka_unit_test(what_a_shortened_cycle_does_not_hand_over_is_lost),
        cmocka_unit_test(a_lengthened_cycle_loses_nothing),
        cmocka_unit_test(a_driver_that_tells_the_time_badly_makes_no_silence),
        cmocka_unit_test(another_driver_goes_on_where_the_machine_s_clock_is),
        cmocka_unit_test(a_clock_that_begins_anew_or_jumps_ahead_is_not_believed),
        cmocka_unit_test(a_source_that_vanishes_is_no_signal_until_it_is_back),
        cmocka_unit_test(a_short_pause_is_no_signal_and_no_loss),
        cmocka_unit_test(nothing_is_idle_before_the_first_sample),
        cmocka_unit_test(more_samples_than_the_cycle_has_are_kept_and_noted),
        cmocka_unit_test(what_comes_after_more_than_a_second_is_late_and_moves_nothing),
        cmocka_unit_test(a_burst_after_a_standstill_of_the_daemon_is_not_too_late),
        cmocka_unit_test(a_converted_rate_loses_the_time_of_missing_cycles),
        cmocka_unit_test(several_buffers_of_one_cycle_follow_each_other),
        cmocka_unit_test(no_free_frame_is_counted_and_the_timeline_goes_on),
        cmocka_unit_test(without_a_clock_nothing_is_taken),
        cmocka_unit_test(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
