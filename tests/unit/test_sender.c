// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The sender, led from packet to packet by a simulated clock, with a real socket at the
// other end.

#include "unit_test.h"

#include "failing_allocations.h"
#include "noise.h"
#include "sender/sender.h"
#include "simulated_clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <sndfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOME_DAY (INT64_C(1767225600) * AUDYN_NS_PER_SECOND + 123456789)

// A source, a sender, and a socket that receives from it.
struct rig {
    struct simulated_clock simulated;
    audyn_destination_t destination;
    audyn_input_t *input;
    audyn_sender_t *sender;
    int receiver;
    uint64_t packets; // received so far
    uint16_t first_sequence;
    uint64_t start; // position of the first packet
    uint8_t bytes[2048];
    audyn_rtp_packet_t packet; // the last one received
};

static void
open_source(struct rig *rig, const char *uri)
{
    const audyn_input_config_t config = {.buffer_ms = 1000, .free_running = true};
    audyn_error_t error = {""};
    if (audyn_input_open(&rig->input, uri, &config, &error)) {
        fail_msg("%s: %s", uri, error.text);
    }
}

static void
open_noise(struct rig *rig, unsigned bits, int sample_frames)
{
    char path[] = "/tmp/audyn-sender-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    const audyn_rtp_format_t *format = &rig->destination.format;
    write_noise(path, SF_FORMAT_WAV | (bits == 16 ? SF_FORMAT_PCM_16 : SF_FORMAT_PCM_24),
                (int)format->sample_rate, (int)format->channels, sample_frames);
    char uri[64];
    snprintf(uri, sizeof uri, "file:%s", path);
    open_source(rig, uri);
    unlink(path);
}

// All zero but the receiver's socket, bound to some port of 127.0.0.1.
static void
init_rig(struct rig *rig, const char *options, const char *packet_time)
{
    *rig = (struct rig){.receiver = socket(AF_INET, SOCK_DGRAM, 0)};
    simulated_clock_init(&rig->simulated, SOME_DAY);
    struct sockaddr_in local = {.sin_family = AF_INET,
                                .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof local;
    assert_int_equal(bind(rig->receiver, (const struct sockaddr *)&local, size), 0);
    assert_int_equal(getsockname(rig->receiver, (struct sockaddr *)&local, &size), 0);
    char uri[128];
    snprintf(uri, sizeof uri, "rtp://127.0.0.1:%u?%s", ntohs(local.sin_port), options);
    audyn_error_t error = {""};
    if (audyn_destination_parse(&rig->destination, uri, packet_time, &error)) {
        fail_msg("%s: %s", uri, error.text);
    }
}

static void
create_sender(struct rig *rig, uint64_t sample_frames)
{
    const audyn_sender_config_t config = {.destination = rig->destination,
                                          .sample_frames = sample_frames,
                                          .clock = &rig->simulated.clock};
    audyn_error_t error = {""};
    if (audyn_sender_create(&rig->sender, rig->input, &config, &error)) {
        fail_msg("%s", error.text);
    }
}

// Until the source is half a second ahead, or at its end, so that the sender sleeps for
// deadlines only.
static void
wait_for_source(const struct rig *rig)
{
    audyn_input_report_t report;
    audyn_frame_pool_stats_t pool;
    do {
        sched_yield();
        audyn_input_get_report(rig->input, &report);
        audyn_timeline_get_pool_stats(audyn_input_timeline(rig->input), &pool);
    } while (!report.finished && pool.in_use < pool.capacity / 2);
}

static void
start(struct rig *rig, uint64_t sample_frames)
{
    create_sender(rig, sample_frames);
    assert_int_equal(audyn_input_start(rig->input, NULL), AUDYN_OK);
    wait_for_source(rig);
    assert_int_equal(audyn_sender_start(rig->sender, NULL), AUDYN_OK);
    simulated_clock_wait_for_sleeper(&rig->simulated);
}

static void
tear_down(struct rig *rig)
{
    if (!rig->receiver) {
        return;
    }
    simulated_clock_release(&rig->simulated);
    audyn_sender_destroy(rig->sender);
    audyn_input_close(rig->input);
    close(rig->receiver);
    *rig = (struct rig){0};
}

static int
set_up_test(void **state)
{
    *state = calloc(1, sizeof(struct rig));
    return *state ? 0 : -1;
}

// Also where the test has failed, so that no thread runs on.
static int
tear_down_test(void **state)
{
    tear_down(*state);
    free(*state);
    return 0;
}

#define on_rig(test) cmocka_unit_test_setup_teardown(test, set_up_test, tear_down_test)

// False where nothing has arrived.  Loopback delivers within the send call.
static bool
receive(struct rig *rig)
{
    const ssize_t size = recv(rig->receiver, rig->bytes, sizeof rig->bytes, MSG_DONTWAIT);
    if (size < 0) {
        assert_int_equal(errno, EAGAIN);
        return false;
    }
    assert_int_equal(audyn_rtp_parse(&rig->packet, rig->bytes, (size_t)size),
                     AUDYN_RTP_OK);
    if (!rig->packets) {
        audyn_sender_report_t report;
        audyn_sender_get_report(rig->sender, &report);
        rig->start = report.position;
        rig->first_sequence = rig->packet.sequence;
    }
    const audyn_destination_t *destination = &rig->destination;
    assert_int_equal(rig->packet.ssrc, destination->ssrc);
    assert_int_equal(rig->packet.payload_type, destination->payload_type);
    assert_int_equal(rig->packet.payload_bytes,
                     destination->packet_frames *
                         audyn_rtp_frame_bytes(&destination->format));
    const uint64_t position = rig->start + rig->packets * destination->packet_frames;
    assert_int_equal(rig->packet.timestamp, (uint32_t)position);
    assert_int_equal(rig->packet.sequence,
                     (uint16_t)(rig->first_sequence + rig->packets));
    ++rig->packets;
    return true;
}

static int64_t
tai_now(const struct rig *rig)
{
    return audyn_clock_tai_now_ns(&rig->simulated.clock);
}

static bool
has_finished(const struct rig *rig, int timeout_ms)
{
    struct pollfd event = {.fd = audyn_sender_event_fd(rig->sender), .events = POLLIN};
    return poll(&event, 1, timeout_ms) == 1;
}

// Lets the packet go that the sender waits to send, `late_ns` after it is due.
static void
let_go(struct rig *rig, int64_t late_ns)
{
    simulated_clock_wait_for_sleeper(&rig->simulated);
    assert_false(receive(rig));
    wait_for_source(rig);
    simulated_clock_advance(&rig->simulated, rig->simulated.deadline_ns -
                                                 rig->simulated.monotonic_ns + late_ns);
}

static void
wait_for_packet(struct rig *rig)
{
    struct pollfd event = {.fd = rig->receiver, .events = POLLIN};
    assert_int_equal(poll(&event, 1, 10000), 1);
    assert_true(receive(rig));
}

// The next packet, sent when its last sample is due and not before.
static void
next_packet(struct rig *rig)
{
    let_go(rig, 0);
    wait_for_packet(rig);
    const uint64_t end = rig->start + rig->packets * rig->destination.packet_frames;
    assert_int_equal(tai_now(rig),
                     audyn_clock_tai_ns(end, rig->destination.format.sample_rate));
}

// Big-endian, as signed 32 bits.
static int32_t
sample_at(const struct rig *rig, size_t index)
{
    const uint32_t bytes = rig->destination.format.bits / 8;
    const uint8_t *in = rig->packet.payload + index * bytes;
    uint32_t value = 0;
    for (uint32_t b = 0; b < bytes; ++b) {
        value |= (uint32_t)in[b] << (24 - 8 * b);
    }
    return (int32_t)value;
}

// Sends a file of so many sample frames and compares packet by packet.
static void
assert_sent_bit_for_bit(struct rig *rig, unsigned file_bits, const char *format,
                        const char *packet_time, uint32_t sample_frames)
{
    char options[64];
    snprintf(options, sizeof options, "format=%s&pt=101", format);
    init_rig(rig, options, packet_time);
    const audyn_rtp_format_t *wire = &rig->destination.format;
    open_noise(rig, file_bits, (int)sample_frames);
    start(rig, 0);
    const uint32_t size = rig->destination.packet_frames;
    const uint64_t packets = (sample_frames + size - 1) / size;
    const int32_t mask = (int32_t)(UINT32_MAX << (32 - file_bits));
    for (uint64_t p = 0; p < packets; ++p) {
        next_packet(rig);
        for (size_t i = 0; i < (size_t)size * wire->channels; ++i) {
            const uint64_t index = p * size * wire->channels + i;
            const bool silence = index >= (uint64_t)sample_frames * wire->channels;
            assert_int_equal(sample_at(rig, i), silence ? 0 : noise(index) & mask);
        }
    }
    assert_true(has_finished(rig, 10000));
    assert_false(receive(rig));
    audyn_sender_report_t report;
    audyn_sender_get_report(rig->sender, &report);
    assert_int_equal(report.packets, packets);
    assert_int_equal(report.sample_frames, sample_frames);
    assert_int_equal(report.late, 0);
    assert_int_equal(report.unsent, 0);
    assert_int_equal(report.worst_ns, 0);
    tear_down(rig);
}

static void
packets_are_the_file_bit_for_bit_and_leave_on_time(void **state)
{
    struct rig *rig = *state;
    assert_sent_bit_for_bit(rig, 24, "L24/48000/2", "1ms", 4800);
    assert_sent_bit_for_bit(rig, 16, "L16/48000/2", "1ms", 4800);
    assert_sent_bit_for_bit(rig, 16, "L24/48000/1", "4ms", 4800);
}

static void
every_packet_time_and_rate_keeps_its_step_and_its_size(void **state)
{
    struct rig *rig = *state;
    // 1000 is no multiple of any: the last packet is filled up with silence.
    static const char *const times[] = {"125us", "250us", "333us", "1ms", "4ms"};
    for (size_t i = 0; i < sizeof times / sizeof *times; ++i) {
        assert_sent_bit_for_bit(rig, 24, "L24/48000/2", times[i], 1000);
        assert_sent_bit_for_bit(rig, 16, "L16/44100/3", times[i], 1000);
        assert_sent_bit_for_bit(rig, 24, "L24/96000/1", times[i], 1000);
    }
    assert_sent_bit_for_bit(rig, 24, "L24/48000/64", "125us", 1000);
}

static void
the_first_packet_lies_on_the_grid_soon_after_the_present(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L24/48000/2", "1ms");
    open_source(rig, "tone:");
    const uint64_t now = audyn_clock_position(tai_now(rig), 48000);
    start(rig, 0);
    next_packet(rig);
    assert_int_equal(rig->start % 48, 0);
    assert_in_range(rig->start, now + 1, now + 48);
}

static void
timestamps_are_the_tai_sample_index_across_their_wrap(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L24/48000/1", "1ms");
    open_source(rig, "tone:?channels=1");
    // Half a second before the index passes a multiple of 2³².
    const uint64_t wrap = (audyn_clock_position(tai_now(rig), 48000) >> 32) + 1;
    const int64_t wrap_ns = audyn_clock_tai_ns(wrap << 32, 48000);
    simulated_clock_step(&rig->simulated,
                         wrap_ns - AUDYN_NS_PER_SECOND / 2 - tai_now(rig));
    start(rig, 0);
    next_packet(rig);
    assert_true(rig->packet.timestamp > UINT32_MAX - 48000);
    while (rig->packets < 1000) {
        next_packet(rig);
    }
    assert_true(rig->packet.timestamp < 48000);
}

static void
minutes_later_each_packet_still_leaves_when_it_is_due(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L16/44100/1", "4ms");
    open_source(rig, "tone:?rate=44100&channels=1");
    start(rig, UINT64_C(120) * 44100);
    const uint64_t packets = (120 * 44100 + 191) / 192;
    for (uint64_t i = 0; i < packets; ++i) {
        next_packet(rig);
    }
    assert_true(has_finished(rig, 10000));
}

static void
a_duration_is_sent_to_the_sample(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L24/48000/1", "1ms");
    open_source(rig, "tone:12000?level=0&channels=1"); // 0, 1, 0, -1
    start(rig, 1002);
    for (int i = 0; i < 21; ++i) {
        next_packet(rig);
    }
    // 20 × 48 + 42
    assert_int_equal(sample_at(rig, 41), 0x7FFFFF00);
    for (size_t i = 42; i < 48; ++i) {
        assert_int_equal(sample_at(rig, i), 0);
    }
    assert_true(has_finished(rig, 10000));
    assert_false(receive(rig));
    audyn_sender_report_t report;
    audyn_sender_get_report(rig->sender, &report);
    assert_int_equal(report.packets, 21);
    assert_int_equal(report.sample_frames, 1002);
}

static void
who_falls_behind_sends_what_is_due_at_once_and_counts_it_late(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L24/48000/2", "1ms");
    open_source(rig, "tone:");
    start(rig, 0);
    next_packet(rig);
    let_go(rig, 10 * AUDYN_NS_PER_MS);
    for (int i = 0; i < 11; ++i) {
        wait_for_packet(rig);
    }
    simulated_clock_wait_for_sleeper(&rig->simulated);
    assert_false(receive(rig));
    audyn_sender_report_t report;
    audyn_sender_get_report(rig->sender, &report);
    // 10 ms late, 9 ms …, 2 ms; the last two by no more than their own length.
    assert_int_equal(report.late, 9);
    assert_int_equal(report.worst_ns, 10 * AUDYN_NS_PER_MS);
    assert_int_equal(report.packets, 12);
    next_packet(rig);
}

static void
l16_from_a_deeper_source_is_dithered_by_position(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L16/48000/2", "1ms");
    open_noise(rig, 24, 480);
    start(rig, 0);
    unsigned rounded_otherwise = 0;
    for (uint64_t p = 0; p < 10; ++p) {
        next_packet(rig);
        float samples[96];
        for (uint64_t i = 0; i < 96; ++i) {
            samples[i] = (float)(noise(p * 96 + i) >> 8) / 8388608.0F;
        }
        uint8_t expected[192];
        const uint64_t position = rig->start + p * 48;
        audyn_pcm_encode_dithered(expected, samples, 96, 16, position * 2);
        uint8_t plain[192];
        audyn_pcm_plain()->encode_l16(plain, samples, 96);
        for (size_t i = 0; i < 96; ++i) {
            assert_int_equal(rig->packet.payload[2 * i], expected[2 * i + 1]);
            assert_int_equal(rig->packet.payload[2 * i + 1], expected[2 * i]);
            rounded_otherwise +=
                memcmp(rig->packet.payload + 2 * i, plain + 2 * i, 2) != 0;
        }
    }
    assert_in_range(rounded_otherwise, 100, 900);
}

static void
a_receiver_that_is_not_there_yet_misses_only_what_was_sent_before(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L24/48000/2", "1ms");
    open_source(rig, "tone:");
    struct sockaddr_in local;
    socklen_t size = sizeof local;
    assert_int_equal(getsockname(rig->receiver, (struct sockaddr *)&local, &size), 0);
    close(rig->receiver);
    start(rig, 0);
    for (int i = 0; i < 10; ++i) {
        simulated_clock_wait_for_sleeper(&rig->simulated);
        simulated_clock_advance(&rig->simulated, AUDYN_NS_PER_MS);
    }
    simulated_clock_wait_for_sleeper(&rig->simulated);
    audyn_sender_report_t report;
    audyn_sender_get_report(rig->sender, &report);
    assert_int_equal(report.unsent, 0);
    assert_in_range(report.packets, 8, 10);

    rig->receiver = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(bind(rig->receiver, (const struct sockaddr *)&local, size), 0);
    simulated_clock_advance(&rig->simulated, AUDYN_NS_PER_MS);
    struct pollfd event = {.fd = rig->receiver, .events = POLLIN};
    assert_int_equal(poll(&event, 1, 10000), 1);
}

static void
the_sending_thread_allocates_nothing(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L16/48000/2", "1ms");
    open_source(rig, "tone:");
    start(rig, 0);
    failing_allocations_after(0);
    for (int i = 0; i < 1000; ++i) {
        next_packet(rig);
    }
    const bool allocated = failing_allocations_happened();
    failing_allocations_after(-1);
    assert_false(allocated);
}

static void
a_source_that_does_not_match_is_refused_with_what_would(void **state)
{
    struct rig *rig = *state;
    static const char *const sources[] = {"tone:?rate=44100", "tone:?channels=3"};
    static const char *const advice[] = {"L24/44100/2", "L24/48000/3"};
    for (size_t i = 0; i < 2; ++i) {
        init_rig(rig, "format=L24/48000/2", "1ms");
        open_source(rig, sources[i]);
        const audyn_sender_config_t config = {.destination = rig->destination};
        audyn_error_t error = {""};
        assert_int_equal(audyn_sender_create(&rig->sender, rig->input, &config, &error),
                         AUDYN_NOT_SUPPORTED);
        assert_null(rig->sender);
        assert_non_null(strstr(error.text, advice[i]));
        tear_down(rig);
    }
}

static void
stopping_is_harmless_before_a_start_and_twice(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L24/48000/2", "1ms");
    open_source(rig, "tone:");
    create_sender(rig, 0);
    audyn_sender_stop(rig->sender);
    audyn_sender_stop(rig->sender);
    audyn_sender_report_t report;
    audyn_sender_get_report(rig->sender, &report);
    assert_int_equal(report.packets, 0);
    assert_false(has_finished(rig, 0));
    audyn_sender_destroy(NULL);
}

static void
a_source_that_stops_ends_the_sending(void **state)
{
    struct rig *rig = *state;
    init_rig(rig, "format=L24/48000/2", "1ms");
    open_source(rig, "tone:");
    create_sender(rig, 0);
    audyn_input_stop(rig->input);
    assert_int_equal(audyn_sender_start(rig->sender, NULL), AUDYN_OK);
    assert_true(has_finished(rig, 10000));
    assert_false(receive(rig));
}

static void
each_allocation_may_fail(void **state)
{
    struct rig *rig = *state;
    const size_t mapped = failing_allocations_mapped();
    int allowed = 0;
    for (audyn_status_t status = AUDYN_NO_MEMORY; status; ++allowed) {
        init_rig(rig, "format=L24/48000/2", "1ms");
        open_source(rig, "tone:");
        const audyn_sender_config_t config = {.destination = rig->destination};
        audyn_error_t error = {""};
        failing_allocations_after(allowed);
        status = audyn_sender_create(&rig->sender, rig->input, &config, &error);
        if (!status) {
            status = audyn_sender_start(rig->sender, &error);
        }
        const bool failed = failing_allocations_happened();
        failing_allocations_after(-1);
        assert_int_equal(status, failed ? AUDYN_NO_MEMORY : AUDYN_OK);
        assert_true(!failed || error.text[0]);
        tear_down(rig);
        assert_int_equal(failing_allocations_mapped(), mapped);
    }
    assert_in_range(allowed, 3, 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        on_rig(packets_are_the_file_bit_for_bit_and_leave_on_time),
        on_rig(every_packet_time_and_rate_keeps_its_step_and_its_size),
        on_rig(the_first_packet_lies_on_the_grid_soon_after_the_present),
        on_rig(timestamps_are_the_tai_sample_index_across_their_wrap),
        on_rig(minutes_later_each_packet_still_leaves_when_it_is_due),
        on_rig(a_duration_is_sent_to_the_sample),
        on_rig(who_falls_behind_sends_what_is_due_at_once_and_counts_it_late),
        on_rig(l16_from_a_deeper_source_is_dithered_by_position),
        on_rig(a_receiver_that_is_not_there_yet_misses_only_what_was_sent_before),
        on_rig(the_sending_thread_allocates_nothing),
        on_rig(a_source_that_does_not_match_is_refused_with_what_would),
        on_rig(stopping_is_harmless_before_a_start_and_twice),
        on_rig(a_source_that_stops_ends_the_sending),
        on_rig(each_allocation_may_fail),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
