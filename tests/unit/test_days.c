// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Days of streams in seconds, from the kernel's timestamps to the samples of the file:
// wraps of the RTP timestamp, senders that drift, a host whose time of day is set, a leap
// second.

#include "unit_test.h"

#include "input/arrival_clock.h"
#include "input/input_private.h"
#include "input/rtp_stream.h"
#include "input/stream_clock.h"
#include "random.h"
#include "recorder/recorder.h"
#include "simulated_clock.h"
#include "sink/sink_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { PACKET_FRAMES = 48, PACKET_BYTES = PACKET_FRAMES * 3 };

#define WRAPS 3
#define SECOND AUDYN_NS_PER_SECOND
#define SOME_DAY_S 1790000000

// No sample is zero, so that silence tells.
static uint32_t
value_at(uint64_t index)
{
    return (uint32_t)(index % 8388607) + 1;
}

/// A file that only looks whether what it gets is the sender's.
struct checking_sink {
    audyn_sink_t sink;
    uint64_t start, end; // positions
    uint64_t first;      // the sender's index of the first sample
    uint64_t strange;
};

static audyn_status_t
begin_file(audyn_sink_t *sink, const audyn_sink_start_t *start)
{
    struct checking_sink *checking = (struct checking_sink *)sink;
    checking->start = checking->end = start->position;
    return AUDYN_OK;
}

static audyn_status_t
check_samples(audyn_sink_t *sink, const float *samples, size_t sample_frames)
{
    struct checking_sink *checking = (struct checking_sink *)sink;
    const uint64_t index = checking->end - checking->start + checking->first;
    for (size_t i = 0; i < sample_frames; ++i) {
        const uint32_t value = (uint32_t)(samples[i] * 8388608.0F);
        checking->strange += value && value != value_at(index + i);
    }
    checking->end += sample_frames;
    return AUDYN_OK;
}

static audyn_status_t
check_silence(audyn_sink_t *sink, uint64_t sample_frames)
{
    ((struct checking_sink *)sink)->end += sample_frames;
    return AUDYN_OK;
}

static void
leave_alone(audyn_sink_t *sink)
{
    (void)sink;
}

static const audyn_sink_type_t checking_type = {.begin = begin_file,
                                                .write = check_samples,
                                                .write_silence = check_silence,
                                                .destroy = leave_alone};

/// One recording of the stream.
struct recording {
    struct audyn_input input;
    audyn_rtp_stream_t *stream;
    audyn_recorder_t *recorder;
    struct checking_sink file;
};

/// The host, and a sender whose clock runs by itself.
struct world {
    struct simulated_clock host;
    audyn_arrival_clock_t arrival;
    audyn_rtp_stream_config_t config;
    uint32_t rate;
    double ppm;       // the sender's clock is faster
    int64_t begin_ns; // monotonic, when the sender was at `first`
    int64_t begin_tai_ns;
    uint64_t first, next; // indices on its clock
    uint16_t sequence;
    uint64_t packets;
    uint64_t dice;
    audyn_stream_clock_t measure;
    struct recording recording, later; // one from the start, and one for a second
    bool has_later;
};

static void
open_recording(struct recording *recording, const audyn_rtp_stream_config_t *config,
               uint64_t first)
{
    const uint32_t rate = config->format.sample_rate;
    const audyn_timeline_config_t timeline = {rate, 1, 200, 5000};
    memset(recording, 0, sizeof *recording);
    recording->input.format = (audyn_input_format_t){rate, 1, 24, 1, 1};
    recording->file.sink = (audyn_sink_t){.type = &checking_type, .fd = -1};
    recording->file.first = first;
    assert_int_equal(audyn_timeline_create(&recording->input.timeline, &timeline),
                     AUDYN_OK);
    assert_int_equal(
        audyn_rtp_stream_create(&recording->stream, config, recording->input.timeline),
        AUDYN_OK);
    audyn_output_t *output;
    assert_int_equal(audyn_file_output_create(&output, &recording->file.sink), AUDYN_OK);
    const audyn_recorder_config_t recorder = {.input = &recording->input,
                                              .output = output};
    assert_int_equal(audyn_recorder_create(&recording->recorder, &recorder), AUDYN_OK);
}

static void
close_recording(struct recording *recording)
{
    audyn_timeline_finish(recording->input.timeline);
    audyn_recorder_step(recording->recorder);
    assert_int_equal(audyn_recorder_finish(recording->recorder, false), AUDYN_OK);
    audyn_recorder_destroy(recording->recorder);
    audyn_rtp_stream_destroy(recording->stream);
    audyn_timeline_destroy(recording->input.timeline);
}

// Ten seconds before a wrap of the timestamp of a clock that counts TAI.
static void
set_up(struct world *world, uint32_t rate, double ppm, audyn_anchor_t anchor,
       uint32_t clock_offset)
{
    memset(world, 0, sizeof *world);
    world->rate = rate;
    world->ppm = ppm;
    world->dice = 9;
    world->config = (audyn_rtp_stream_config_t){.format = {24, rate, 1},
                                                .payload_type = -1,
                                                .anchor = anchor,
                                                .clock_offset = clock_offset,
                                                .stall_ms = 10000};
    const uint64_t wrap = ((uint64_t)SOME_DAY_S * rate >> 32) + 1;
    world->first = world->next = (wrap << 32) - UINT64_C(10) * rate;
    world->begin_tai_ns = audyn_clock_tai_ns(world->first, rate);
    simulated_clock_init(&world->host, world->begin_tai_ns - 37 * SECOND);
    world->begin_ns = world->host.monotonic_ns;
    const audyn_media_rate_t media_rate = {.sample_rate = rate};
    audyn_stream_clock_begin(&world->measure, &media_rate, true);
    open_recording(&world->recording, &world->config, world->first);
}

static void
read_clocks(struct world *world)
{
    const audyn_clock_t *clock = &world->host.clock;
    audyn_arrival_clock_read(&world->arrival, clock->utc_ns(clock),
                             clock->tai_offset_s(clock) * SECOND,
                             clock->monotonic_ns(clock));
}

static void
receive(struct recording *recording, const audyn_rtp_packet_t *packet,
        const audyn_arrival_t *arrival)
{
    audyn_rtp_stream_receive(recording->stream, packet, arrival);
    audyn_rtp_stream_tick(recording->stream, arrival->monotonic_ns);
}

// The world goes on until the sender's next packet has arrived; then `meanwhile` happens
// to the host's clock, and the packet is taken from its socket.
static void
pass_packet(struct world *world, void (*meanwhile)(struct simulated_clock *host))
{
    uint8_t payload[PACKET_BYTES];
    for (uint32_t i = 0; i < PACKET_FRAMES; ++i) {
        const uint32_t value = value_at(world->next + i);
        payload[3 * i] = (uint8_t)(value >> 16);
        payload[3 * i + 1] = (uint8_t)(value >> 8);
        payload[3 * i + 2] = (uint8_t)value;
    }
    const audyn_rtp_packet_t packet = {.payload_type = 98,
                                       .sequence = world->sequence++,
                                       .timestamp = (uint32_t)world->next +
                                                    world->config.clock_offset,
                                       .ssrc = 0x1234,
                                       .payload = payload,
                                       .payload_bytes = PACKET_BYTES};
    const double sent =
        (double)(world->next - world->first + PACKET_FRAMES) / world->rate;
    const int64_t network_ns = AUDYN_NS_PER_MS + random_below(&world->dice, 500000);
    const int64_t at_ns =
        world->begin_ns + (int64_t)(sent * 1e9 / (1 + world->ppm * 1e-6)) + network_ns;
    simulated_clock_advance(&world->host, at_ns - world->host.monotonic_ns);
    const int64_t stamp_ns = world->host.utc_ns;
    if (meanwhile) {
        meanwhile(&world->host);
    }
    read_clocks(world);
    audyn_arrival_t arrival = {.leg = 0};
    audyn_arrival_clock_convert(&world->arrival, stamp_ns, &arrival.tai_ns,
                                &arrival.monotonic_ns);
    assert_true(arrival.monotonic_ns == at_ns);
    audyn_stream_clock_note(&world->measure, world->next, arrival.tai_ns, at_ns);
    receive(&world->recording, &packet, &arrival);
    if (world->has_later) {
        receive(&world->later, &packet, &arrival);
    }
    ++world->packets;
    world->next += PACKET_FRAMES;
}

static void
pass_seconds(struct world *world, unsigned seconds)
{
    const uint64_t end = world->next + (uint64_t)seconds * world->rate;
    for (unsigned i = 0; world->next < end; ++i) {
        pass_packet(world, NULL);
        if (i % 100 == 0) {
            audyn_recorder_step(world->recording.recorder);
        }
    }
}

// A packet every other second tells as much, where nothing happens.
static void
pass_until(struct world *world, uint64_t index)
{
    while (world->next + 2 * world->rate < index) {
        pass_packet(world, NULL);
        audyn_recorder_step(world->recording.recorder);
        // Those in between are lost.
        const uint32_t lost = 2 * world->rate / PACKET_FRAMES;
        world->next += (uint64_t)lost * PACKET_FRAMES;
        world->sequence = (uint16_t)(world->sequence + lost);
    }
}

static void
set_an_hour_on(struct simulated_clock *host)
{
    simulated_clock_step(host, 3600 * SECOND);
}

/// Where a recorder began, and where it ought to have.
struct beginning {
    uint64_t position;
    uint64_t index; // the sender's
    int64_t tai_ns; // true
};

static struct beginning
start_later(struct world *world)
{
    const int64_t elapsed_ns = world->host.monotonic_ns - world->begin_ns;
    struct beginning beginning = {.index = world->next,
                                  .tai_ns = world->begin_tai_ns + elapsed_ns};
    open_recording(&world->later, &world->config, world->next);
    world->has_later = true;
    pass_seconds(world, 1);
    world->has_later = false;
    close_recording(&world->later);
    assert_true(world->later.file.strange == 0);
    beginning.position = world->later.file.start;
    return beginning;
}

static void
assert_drift(const struct world *world)
{
    double ppm;
    assert_true(audyn_stream_clock_get_drift(&world->measure, &ppm));
    assert_true(fabs(ppm - world->ppm) < 0.1);
}

// From one wrap across others, with all that may happen in between.
static void
pass_days(struct world *world, struct beginning *after_step, struct beginning *after_leap)
{
    const uint64_t cycle = UINT64_C(1) << 32;
    pass_seconds(world, 20);
    pass_until(world, world->first + cycle / 3);
    pass_packet(world, set_an_hour_on);
    *after_step = start_later(world);
    pass_until(world, world->next + UINT64_C(300) * world->rate);
    assert_drift(world);
    pass_until(world, world->first + 2 * (cycle / 3));
    assert_drift(world);
    audyn_stream_clock_begin(&world->measure,
                             &(audyn_media_rate_t){.sample_rate = world->rate}, true);
    pass_seconds(world, 2);
    pass_packet(world, simulated_clock_leap);
    *after_leap = start_later(world);
    audyn_delay_t delay;
    audyn_stream_clock_get_delay(&world->measure, &delay);
    assert_true(delay.worst_ns - delay.least_ns < 2 * AUDYN_NS_PER_MS);
    for (unsigned i = 1; i < WRAPS; ++i) {
        pass_until(world, world->first + i * cycle);
        pass_seconds(world, 20);
        assert_drift(world);
    }
}

static void
assert_unbroken(struct world *world)
{
    audyn_input_report_t report;
    audyn_rtp_stream_get_report(world->recording.stream, &report);
    assert_int_equal(report.packets, world->packets);
    assert_int_equal(report.restarts + report.rejected.timestamp, 0);
    assert_true(report.on_media_clock ==
                (world->config.anchor == AUDYN_ANCHOR_MEDIA_CLOCK));
    audyn_timeline_finish(world->recording.input.timeline);
    audyn_recorder_step(world->recording.recorder);
    audyn_recorder_progress_t progress;
    audyn_recorder_get_progress(world->recording.recorder, &progress);
    assert_int_equal(progress.counts[AUDYN_SAMPLE_RECEIVED],
                     world->packets * PACKET_FRAMES);
    const struct checking_sink *file = &world->recording.file;
    assert_true(file->end - file->start == world->next - world->first);
    assert_true(file->strange == 0);
}

static void
on_a_media_clock_positions_are_the_senders_indices_for_days(void **state)
{
    (void)state;
    static const struct {
        uint32_t rate;
        double ppm;
        uint32_t clock_offset;
    } senders[] = {{44100, -100, 0}, {48000, 100, 963214424}, {96000, 100, 0}};
    for (size_t i = 0; i < sizeof senders / sizeof *senders; ++i) {
        struct world world;
        set_up(&world, senders[i].rate, senders[i].ppm, AUDYN_ANCHOR_MEDIA_CLOCK,
               senders[i].clock_offset);
        struct beginning after_step, after_leap;
        pass_days(&world, &after_step, &after_leap);
        assert_unbroken(&world);
        assert_true(world.recording.file.start == world.first);
        // Whatever this host's clock says.
        assert_true(after_step.position == after_step.index);
        assert_true(after_leap.position == after_leap.index);
        close_recording(&world.recording);
    }
}

// By this host's clock: a packet's first sample when it has arrived.
static void
assert_begins(const struct beginning *beginning, int64_t host_error_ns)
{
    const int64_t tai_ns = beginning->tai_ns + host_error_ns;
    const uint64_t position = audyn_clock_position(tai_ns, 48000);
    assert_in_range(beginning->position - position, 0, 3 * PACKET_FRAMES);
}

static void
without_one_positions_go_on_from_the_first_arrival_for_days(void **state)
{
    (void)state;
    struct world world;
    set_up(&world, 48000, -100, AUDYN_ANCHOR_ARRIVAL, 12345);
    struct beginning after_step, after_leap;
    pass_days(&world, &after_step, &after_leap);
    assert_unbroken(&world);
    const struct beginning first = {.position = world.recording.file.start,
                                    .tai_ns = world.begin_tai_ns};
    assert_begins(&first, 0);
    assert_begins(&after_step, 3600 * SECOND);
    assert_begins(&after_leap, 3600 * SECOND);
    close_recording(&world.recording);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(on_a_media_clock_positions_are_the_senders_indices_for_days),
        cmocka_unit_test(without_one_positions_go_on_from_the_first_arrival_for_days),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
