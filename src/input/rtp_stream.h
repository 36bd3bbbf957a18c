// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One RTP stream: which packets belong to it, and where their samples lie in time.

#ifndef AUDYN_INPUT_RTP_STREAM_H
#define AUDYN_INPUT_RTP_STREAM_H

#include "input/input.h"
#include "net/rtp.h"

typedef struct audyn_rtp_stream audyn_rtp_stream_t;

/// What a stream's positions rest on.
typedef enum {
    AUDYN_ANCHOR_ARRIVAL,     ///< when the first packet arrived, by this host's clock
    AUDYN_ANCHOR_PLAUSIBLE,   ///< as below if that agrees with the arrival, else the
                              ///< arrival
    AUDYN_ANCHOR_MEDIA_CLOCK, ///< timestamps are TAI sample indices (`mediaclk:direct`)
} audyn_anchor_t;

/// Copied by audyn_rtp_stream_create().
typedef struct {
    audyn_rtp_format_t format;
    int payload_type; ///< 0 to 127; −1: that of the first packet
    bool has_ssrc;    ///< `ssrc` is given; else that of the first packet
    uint32_t ssrc;
    bool described; ///< by the sender, not by who records: what to say when it is wrong
    audyn_anchor_t anchor;
    uint32_t clock_offset; ///< the timestamp of TAI sample index 0
    /// The media clock runs at this fraction of the sample rate; 0/0: 1/1.
    uint32_t rate_numerator, rate_denominator;
    uint32_t stall_ms;  ///< without a packet for so long there is no signal; 0: 100
    unsigned leg_count; ///< 0 stands for 1
    audyn_selection_t selection; ///< of its channels, those of the timeline; none: all
} audyn_rtp_stream_config_t;

/// When a packet arrived, by both clocks, and from where.
typedef struct {
    int64_t tai_ns;        ///< kernel receive timestamp, as TAI
    int64_t monotonic_ns;  ///< the same moment on the monotonic clock
    unsigned leg;          ///< 0 to `leg_count` − 1
    struct in_addr source; ///< the sender's address
} audyn_arrival_t;

/// Borrows `timeline`, whose input thread is the one that calls the functions below.
/// On failure `*out` is NULL.
audyn_status_t audyn_rtp_stream_create(audyn_rtp_stream_t **out,
                                       const audyn_rtp_stream_config_t *config,
                                       audyn_timeline_t *timeline);
void audyn_rtp_stream_destroy(audyn_rtp_stream_t *stream);

/// Input thread.  A packet that came to the stream's address.
void audyn_rtp_stream_receive(audyn_rtp_stream_t *stream,
                              const audyn_rtp_packet_t *packet,
                              const audyn_arrival_t *arrival) AUDYN_REALTIME;

/// Input thread.  A packet that is no RTP audio.
void audyn_rtp_stream_reject(audyn_rtp_stream_t *stream,
                             audyn_rtp_kind_t kind) AUDYN_REALTIME;

/// Input thread.  Every few milliseconds, after all that had arrived was handed over:
/// while no packet comes, the timeline goes on without signal.
void audyn_rtp_stream_tick(audyn_rtp_stream_t *stream,
                           int64_t monotonic_ns) AUDYN_REALTIME;

/// Any thread.  `socket_overflow` is not the stream's to know.
void audyn_rtp_stream_get_report(const audyn_rtp_stream_t *stream,
                                 audyn_input_report_t *report);

/// One reader at a time: audyn_input_next_event().
bool audyn_rtp_stream_next_event(audyn_rtp_stream_t *stream, audyn_event_t *event);

/// Any thread.  What arrived instead of what was asked for; false where nothing did.
bool audyn_rtp_stream_explain(const audyn_rtp_stream_t *stream,
                              audyn_error_t *explanation);

#endif
