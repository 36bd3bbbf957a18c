// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A stream that comes by several legs.

#ifndef AUDYN_TESTS_LEGS_BENCH_H
#define AUDYN_TESTS_LEGS_BENCH_H

#include "rtp_bench.h"

static const audyn_rtp_stream_config_t legs_config = {.format = {24, RATE, 2},
                                                      .payload_type = -1,
                                                      .anchor = AUDYN_ANCHOR_MEDIA_CLOCK,
                                                      .leg_count = 2};

static inline void
set_up_legs(struct bench *bench)
{
    set_up_window(bench, &legs_config, 500);
    bench->numbered = true;
    bench->next.timestamp = (uint32_t)POSITION_START;
}

// The same packet on some legs, one after another.
static inline void
send_on(struct bench *bench, unsigned legs, unsigned packets)
{
    for (unsigned i = 0; i < packets; ++i) {
        const audyn_rtp_packet_t packet = make(bench);
        for (bench->leg = 0; bench->leg < AUDYN_LEGS; ++bench->leg) {
            if (legs & 1U << bench->leg) {
                receive(bench, packet);
            }
        }
        if (i % 4 == 0) {
            audyn_rtp_stream_tick(bench->stream, 777 + bench->now_ns);
            take(bench);
        }
    }
}

#define A 1U
#define B 2U

#endif
