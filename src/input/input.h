// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where sound comes from: a URI is opened, started, stopped and closed, and its
/// timeline is read in between.

#ifndef AUDYN_INPUT_INPUT_H
#define AUDYN_INPUT_INPUT_H

#include "core/clock.h"
#include "core/error.h"
#include "input/event.h"
#include "input/timeline.h"
#include "net/sdp_parse.h"

#include <netinet/in.h>

typedef struct audyn_input audyn_input_t;

/// The receivers that RTP inputs share: see rtp_receiver.h.
typedef struct audyn_rtp_receivers audyn_rtp_receivers_t;

/// What `sap:` inputs share, so that what one has heard serves the others.
typedef struct audyn_announcements audyn_announcements_t;

audyn_status_t audyn_announcements_create(audyn_announcements_t **out);

/// Accepts NULL.
void audyn_announcements_destroy(audyn_announcements_t *announcements);

/// Borrowed for the life of the input.
typedef struct {
    uint32_t window_ms; ///< 0: 200
    uint32_t buffer_ms; ///< 0: 10 000
    uint32_t stall_ms;  ///< without a packet for so long there is no signal; 0: 100
    const audyn_clock_t *clock;           ///< NULL: the system's
    audyn_rtp_receivers_t *receivers;     ///< needed by `rtp:` only
    audyn_announcements_t *announcements; ///< needed by `sap:` only
    bool free_running;                    ///< `pace=free` unless the URI says otherwise
    bool loop;                            ///< `file:` starts over at its end
} audyn_input_config_t;

/// Known once the input is open.
typedef struct {
    uint32_t sample_rate; ///< Hz
    uint32_t channels;    ///< interleaved
    uint32_t bits;        ///< 16 or 24: integers of that size; 32: float
    /// The clock that positions count runs at this fraction of `sample_rate`; 0/0: 1/1.
    uint32_t rate_numerator, rate_denominator;
} audyn_input_format_t;

static inline audyn_media_rate_t
audyn_input_media_rate(const audyn_input_format_t *format)
{
    return (audyn_media_rate_t){format->sample_rate, format->rate_numerator,
                                format->rate_denominator};
}

/// Packets refused, by cause.  Each was counted once.
typedef struct {
    uint64_t malformed;    ///< not RTP version 2, or shorter than it says
    uint64_t rtcp;         ///< RTCP on the RTP port
    uint64_t payload_type; ///< not the one asked for
    uint64_t size;         ///< not a whole number of sample frames, or too many
    uint64_t ssrc;         ///< another source on the same address
    uint64_t timestamp;    ///< too far from the stream's clock to be believed
} audyn_rejected_t;

/// Arrival time minus the time that the RTP timestamp stands for.  Absolute on a media
/// clock, else relative to the first packet.
typedef struct {
    bool known; ///< packets have come
    int64_t least_ns, typical_ns, worst_ns;
} audyn_delay_t;

/// One of the ways by which a stream comes in.
typedef struct {
    uint64_t packets;         ///< accepted, duplicates and late ones included
    uint64_t lost;            ///< missing in the order of sequence numbers on this leg
    uint64_t differing;       ///< held other audio than those of another leg
    uint64_t refused_ssrc;    ///< of another source
    uint64_t socket_overflow; ///< packets the kernel dropped: its socket buffer was full
    bool alive;               ///< packets come
    bool differs;             ///< carries other audio, and is not recorded
    struct in_addr sender;    ///< whom the last accepted packet came from
    audyn_delay_t delay;
} audyn_leg_report_t;

/// What PipeWire's graph did; all zero for other inputs.
typedef struct {
    uint32_t sample_rate;     ///< Hz; 0: nothing came yet; not the input's: it converts
    uint32_t quantum;         ///< sample frames of its last cycle
    uint64_t xruns;           ///< how often cycles were missing, by its clock
    uint64_t discontinuities; ///< how often its clock became another, or jumped
    uint64_t unreadable;      ///< buffers that were refused
    uint64_t reconnections;   ///< how often the daemon came back
} audyn_graph_report_t;

/// A snapshot; all zero for inputs without packets.
typedef struct {
    uint64_t packets;         ///< accepted, duplicates and late ones included
    uint64_t duplicates;      ///< brought nothing that was not there
    uint64_t reordered;       ///< came after one that was sent later
    uint64_t restarts;        ///< the sender began anew: another SSRC or timestamp offset
    uint64_t socket_overflow; ///< packets the kernel dropped: its socket buffer was full
    audyn_rejected_t rejected;
    uint32_t ssrc;       ///< of the stream, once packets were accepted
    bool on_media_clock; ///< positions are the sender's TAI sample indices
    bool drift_known;    ///< it takes seconds to measure
    double drift_ppm;    ///< positive: the stream runs faster than this host's clock
    bool leaves_late;    ///< on a media clock: even its fastest packets are late
    unsigned leg_count;  ///< 1 where there is no redundancy; 0: no packets
    audyn_leg_report_t legs[AUDYN_LEGS];
    bool lacks_priority; ///< its thread wanted real-time priority, and has none
    audyn_graph_report_t graph;
    size_t memory_bytes;   ///< held for it alone: its timeline, what it keeps, its thread
    bool finished;         ///< the source is at its end, or failed
    audyn_status_t status; ///< why it failed; AUDYN_INVALID: the samples were misread
                           ///< in a format that is not theirs; else AUDYN_OK
} audyn_input_report_t;

/// What can be said about `uri` without touching files or sockets: AUDYN_INVALID, and
/// `error` says what would be right, or AUDYN_OK.
audyn_status_t audyn_input_check(const char *uri, audyn_error_t *error);

/// Any thread.  Parses `uri` and takes what it needs (files, sockets); nothing flows yet.
/// On failure `*out` is NULL and `error` says what to do.  With AUDYN_OK it is NULL where
/// the input is not there yet, but may come: `sap:` before its announcement.  `error`
/// says so, and it is to be tried again.
audyn_status_t audyn_input_open(audyn_input_t **out, const char *uri,
                                const audyn_input_config_t *config, audyn_error_t *error);

const audyn_input_format_t *audyn_input_format(const audyn_input_t *input);

/// The section of a description that the input was opened with, of several legs the first
/// one's; NULL: none.  Owned by the input.
const audyn_sdp_media_t *audyn_input_description(const audyn_input_t *input);

/// Owned by the input.
audyn_timeline_t *audyn_input_timeline(audyn_input_t *input);

/// Once.  From here on the input's own thread fills the timeline.
audyn_status_t audyn_input_start(audyn_input_t *input, audyn_error_t *error);

/// Once started.  The flow is to end as soon as may be, which this does not wait for:
/// who stops many inputs asks each of them first.
void audyn_input_ask_to_stop(audyn_input_t *input);

/// Ends the flow and finishes the timeline; returns when the input's thread has let go
/// of it.  Harmless when repeated or before a start.
void audyn_input_stop(audyn_input_t *input);

/// Any thread.
void audyn_input_get_report(const audyn_input_t *input, audyn_input_report_t *report);

/// One reader at a time.  The next thing that happened, in order; false when there is no
/// more.  To be called now and then: what finds no room is dropped, which is an event.
bool audyn_input_next_event(audyn_input_t *input, audyn_event_t *event);

/// What the input has seen, for a person who wonders why nothing is recorded: what did
/// arrive, and what to look at.
void audyn_input_explain(const audyn_input_t *input, audyn_error_t *explanation);

/// Stops it if need be.  Accepts NULL.
void audyn_input_close(audyn_input_t *input);

#endif
