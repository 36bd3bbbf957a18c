// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A stream with its timeline, and a sender that is told what to do.

#ifndef AUDYN_TESTS_RTP_BENCH_H
#define AUDYN_TESTS_RTP_BENCH_H

#include "unit_test.h"

#include "input/rtp_stream.h"

#include <string.h>

#define RATE 48000
#define FRAME_BYTES 6
#define TAI_START (INT64_C(1790000000) * AUDYN_NS_PER_SECOND)
#define POSITION_START (UINT64_C(1790000000) * RATE)

#define MOST_GAPS 16

struct bench {
    audyn_timeline_t *timeline;
    audyn_rtp_stream_t *stream;
    audyn_rtp_packet_t next; // what the sender would send now
    int64_t now_ns;          // since the start
    unsigned leg;            // by which packets come
    struct in_addr source;   // from where
    bool numbered;           // samples are their timestamps, which are their positions
    uint8_t payload[64 * FRAME_BYTES];
    // What the worker has seen.
    uint64_t start, end;
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    uint64_t strange; // sample frames that are neither the sender's nor silence
    audyn_span_t gaps[MOST_GAPS]; // without signal: the first ones
    unsigned gap_count;
};

static inline void
set_up_window(struct bench *bench, const audyn_rtp_stream_config_t *config,
              uint32_t window_ms)
{
    *bench = (struct bench){
        .next = {.payload_type = 98,
                 .sequence = 100,
                 .timestamp = 5000,
                 .ssrc = 0xabcd,
                 .payload_bytes = 48 * FRAME_BYTES},
    };
    memset(bench->payload, 0x11, sizeof bench->payload);
    const audyn_timeline_config_t timeline = {RATE, 2, window_ms, 5000};
    assert_int_equal(audyn_timeline_create(&bench->timeline, &timeline), AUDYN_OK);
    assert_int_equal(audyn_rtp_stream_create(&bench->stream, config, bench->timeline),
                     AUDYN_OK);
}

static inline void
set_up_with(struct bench *bench, const audyn_rtp_stream_config_t *config)
{
    set_up_window(bench, config, 200);
}

static const audyn_rtp_stream_config_t plain_config = {.format = {24, RATE, 2},
                                                       .payload_type = -1};

static inline void
set_up(struct bench *bench)
{
    set_up_with(bench, &plain_config);
}

static inline void
note_gap(struct bench *bench, const audyn_span_t *span)
{
    audyn_span_t *last = bench->gap_count ? &bench->gaps[bench->gap_count - 1] : NULL;
    if (last && last->position + last->sample_frames == span->position) {
        last->sample_frames += span->sample_frames;
        return;
    }
    if (bench->gap_count < MOST_GAPS) {
        bench->gaps[bench->gap_count++] = *span;
    }
}

// What the sender sends: bytes of 0x11, or the 24 bits of a sample frame's timestamp.
static inline bool
is_strange(const struct bench *bench, uint64_t position, const float *samples)
{
    const uint32_t sent = bench->numbered ? (uint32_t)position << 8 : 0x11111100;
    const float expected = (float)((int32_t)sent >> 8);
    for (unsigned i = 0; i < 2; ++i) {
        const float sample = samples[i] * 8388608.0F;
        if ((int32_t)sample && (int32_t)sample != (int32_t)expected) {
            return true;
        }
    }
    return false;
}

static inline void
take(struct bench *bench)
{
    audyn_stretch_t stretch;
    while (audyn_timeline_next(bench->timeline, &stretch)) {
        bench->start = bench->end ? bench->start : stretch.position;
        bench->end = stretch.position + stretch.sample_frames;
        for (uint64_t i = 0; stretch.samples && i < stretch.sample_frames; ++i) {
            bench->strange +=
                is_strange(bench, stretch.position + i, stretch.samples + i * 2);
        }
        audyn_timeline_release(bench->timeline, &stretch);
    }
    audyn_span_t span;
    while (audyn_timeline_next_span(bench->timeline, UINT64_MAX, &span)) {
        bench->counts[span.class] += span.sample_frames;
        if (span.class == AUDYN_SAMPLE_NO_SIGNAL) {
            note_gap(bench, &span);
        }
    }
}

static inline void
tear_down(struct bench *bench)
{
    audyn_timeline_finish(bench->timeline);
    take(bench);
    audyn_rtp_stream_destroy(bench->stream);
    audyn_timeline_destroy(bench->timeline);
}

static inline void
receive(struct bench *bench, audyn_rtp_packet_t packet)
{
    for (uint32_t i = 0; bench->numbered && i < packet.payload_bytes; ++i) {
        const uint32_t sent = packet.timestamp + i / FRAME_BYTES;
        bench->payload[i] = (uint8_t)(sent >> (16 - i % 3 * 8));
    }
    packet.payload = bench->payload;
    const audyn_arrival_t arrival = {.tai_ns = TAI_START + bench->now_ns,
                                     .monotonic_ns = 777 + bench->now_ns,
                                     .leg = bench->leg,
                                     .source = bench->source};
    audyn_rtp_stream_receive(bench->stream, &packet, &arrival);
}

// The sender's next packet, without giving it to anyone.
static inline audyn_rtp_packet_t
make(struct bench *bench)
{
    const audyn_rtp_packet_t packet = bench->next;
    const uint32_t frames = (uint32_t)(packet.payload_bytes / FRAME_BYTES);
    bench->next.sequence = (uint16_t)(packet.sequence + 1);
    bench->next.timestamp = packet.timestamp + frames;
    bench->now_ns += frames * AUDYN_NS_PER_SECOND / RATE;
    return packet;
}

static inline void
send_packets(struct bench *bench, unsigned packets)
{
    for (unsigned i = 0; i < packets; ++i) {
        receive(bench, make(bench));
        if (i % 100 == 0) {
            take(bench);
        }
    }
}

// The world goes on without a packet.
static inline void
wait_ms(struct bench *bench, unsigned ms)
{
    for (unsigned i = 0; i < ms; i += 4) {
        bench->now_ns += 4 * AUDYN_NS_PER_MS;
        audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
        take(bench);
    }
}

// The next event, which is of this kind.
static inline audyn_event_t
expect_event(struct bench *bench, audyn_event_kind_t kind)
{
    audyn_event_t event;
    assert_true(audyn_rtp_stream_next_event(bench->stream, &event));
    assert_int_equal(event.kind, kind);
    return event;
}

static inline void
expect_no_event(struct bench *bench)
{
    audyn_event_t event;
    assert_false(audyn_rtp_stream_next_event(bench->stream, &event));
}

static inline audyn_input_report_t
report_of(const struct bench *bench)
{
    audyn_input_report_t report;
    audyn_rtp_stream_get_report(bench->stream, &report);
    return report;
}

#endif
