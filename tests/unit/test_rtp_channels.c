// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Streams of which only some channels are recorded.

#include "wav_files.h"

#include "input/rtp_stream.h"
#include "sink/wav_header.h"

#include <time.h>

enum { RATE = 48000, PACKET_FRAMES = 6, CHANNELS = 64, PACKETS = 4000 };
enum { PACKET_BYTES = PACKET_FRAMES * CHANNELS * 3 };

#define FRAMES ((uint64_t)PACKETS * PACKET_FRAMES)

static uint8_t payload[PACKET_BYTES];

// Each sample of a packet is its channel and its place.
static void
write_payload(void)
{
    for (unsigned i = 0; i < PACKET_FRAMES * CHANNELS; ++i) {
        payload[3 * i] = (uint8_t)(i % CHANNELS);
        payload[3 * i + 1] = (uint8_t)(i / CHANNELS);
        payload[3 * i + 2] = 1;
    }
}

struct recording {
    audyn_timeline_t *timeline;
    audyn_rtp_stream_t *stream;
    audyn_sink_t *sink;
};

static void
open_recording(struct recording *recording, const uint8_t *wanted, uint32_t count)
{
    audyn_rtp_stream_config_t config = {.format = {24, RATE, CHANNELS},
                                        .payload_type = -1,
                                        .anchor = AUDYN_ANCHOR_MEDIA_CLOCK,
                                        .selection = {.stride = CHANNELS}};
    for (uint32_t i = 0; i < count; ++i) {
        assert_true(audyn_selection_add(&config.selection, wanted[i]));
    }
    const uint32_t channels = count ? count : CHANNELS;
    const audyn_timeline_config_t timeline = {RATE, channels, 100, 1000};
    assert_int_equal(audyn_timeline_create(&recording->timeline, &timeline), AUDYN_OK);
    assert_int_equal(
        audyn_rtp_stream_create(&recording->stream, &config, recording->timeline),
        AUDYN_OK);
    const audyn_sink_config_t sink = a_config(AUDYN_PCM24, channels);
    recording->sink = begin_file(in_folder("channels.wav"), &sink);
}

// The worker's part.
static void
take(struct recording *recording)
{
    audyn_stretch_t stretch;
    while (audyn_timeline_next(recording->timeline, &stretch)) {
        assert_non_null(stretch.samples);
        assert_int_equal(
            audyn_sink_write(recording->sink, stretch.samples, stretch.sample_frames),
            AUDYN_OK);
        audyn_timeline_release(recording->timeline, &stretch);
    }
}

static void
receive_packets(struct recording *recording)
{
    for (uint32_t i = 0; i < PACKETS; ++i) {
        const audyn_rtp_packet_t packet = {.payload_type = 98,
                                           .sequence = (uint16_t)i,
                                           .timestamp = i * PACKET_FRAMES,
                                           .ssrc = 1,
                                           .payload = payload,
                                           .payload_bytes = PACKET_BYTES};
        const audyn_arrival_t arrival = {.tai_ns = i * INT64_C(125000),
                                         .monotonic_ns = i * INT64_C(125000)};
        audyn_rtp_stream_receive(recording->stream, &packet, &arrival);
        if (i % 100 == 0) {
            take(recording);
        }
    }
    audyn_timeline_finish(recording->timeline);
    take(recording);
}

static int64_t
processor_time_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return now.tv_sec * AUDYN_NS_PER_SECOND + now.tv_nsec;
}

/// Records these channels of the stream to a file, or all of them.  Returns what it cost.
static int64_t
record(const uint8_t *wanted, uint32_t count)
{
    struct recording recording;
    open_recording(&recording, wanted, count);
    const int64_t begin_ns = processor_time_ns();
    receive_packets(&recording);
    const int64_t cost_ns = processor_time_ns() - begin_ns;
    uint64_t counts[AUDYN_SAMPLE_CLASSES] = {0};
    audyn_timeline_count(recording.timeline, UINT64_MAX, counts);
    assert_true(counts[AUDYN_SAMPLE_RECEIVED] == FRAMES);
    assert_int_equal(audyn_sink_close(recording.sink), AUDYN_OK);
    audyn_rtp_stream_destroy(recording.stream);
    audyn_timeline_destroy(recording.timeline);
    return cost_ns;
}

static void
check_recording(const uint8_t *wanted, uint32_t count)
{
    record(wanted, count);
    uint8_t *bytes =
        read_bytes(in_folder("channels.wav"), AUDYN_WAV_DATA_OFFSET, FRAMES * count * 3);
    for (uint64_t i = 0; i < FRAMES * count; ++i) {
        assert_int_equal(bytes[3 * i + 2], wanted[i % count]);
        assert_int_equal(bytes[3 * i + 1], i / count % PACKET_FRAMES);
        assert_int_equal(bytes[3 * i], 1);
    }
    free(bytes);
}

static void
the_channels_selected_are_recorded_in_the_order_given(void **state)
{
    (void)state;
    write_payload();
    check_recording((const uint8_t[]){4, 5}, 2);
    check_recording((const uint8_t[]){63}, 1);
    check_recording((const uint8_t[]){9, 2, 3, 4, 0}, 5);
    uint8_t backwards[CHANNELS];
    for (uint8_t i = 0; i < CHANNELS; ++i) {
        backwards[i] = (uint8_t)(CHANNELS - 1 - i);
    }
    check_recording(backwards, CHANNELS);
}

static void
two_of_64_channels_cost_less_than_a_third_of_all(void **state)
{
    (void)state;
    int64_t all_ns = INT64_MAX;
    int64_t two_ns = INT64_MAX;
    for (int i = 0; i < 9; ++i) {
        const int64_t all = record(NULL, 0);
        const int64_t two = record((const uint8_t[]){4, 5}, 2);
        all_ns = all < all_ns ? all : all_ns;
        two_ns = two < two_ns ? two : two_ns;
    }
    print_message("# all: %lld ns a packet, two: %lld ns\n", (long long)all_ns / PACKETS,
                  (long long)two_ns / PACKETS);
    assert_true(3 * two_ns < all_ns);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_channels_selected_are_recorded_in_the_order_given),
        cmocka_unit_test(two_of_64_channels_cost_less_than_a_third_of_all),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
