// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What others ask about a stream, on any thread.

#include "input/rtp_stream_private.h"

#include <stdio.h>

// AES67, section 7.3: what a receiver has to hold is at most 20 ms.  A sender whose
// packets come later than that by their own timestamps, even at best, is late itself.
#define LATE_NS (20 * AUDYN_NS_PER_MS)

static void
report_clock(const audyn_rtp_stream_t *stream, audyn_input_report_t *report)
{
    unsigned most = 0;
    for (unsigned i = 0; i < report->leg_count; ++i) {
        audyn_rtp_leg_get_report(&stream->legs[i], &report->legs[i]);
        if (report->legs[i].packets > report->legs[most].packets) {
            most = i;
        }
    }
    report->drift_known =
        audyn_stream_clock_get_drift(&stream->legs[most].clock, &report->drift_ppm);
    const audyn_delay_t *delay = &report->legs[most].delay;
    const int64_t packet_ns =
        audyn_media_tai_ns(seen(&stream->most_frames), &stream->rate);
    report->leaves_late =
        report->on_media_clock && delay->known && delay->least_ns - packet_ns > LATE_NS;
}

void
audyn_rtp_stream_get_report(const audyn_rtp_stream_t *stream,
                            audyn_input_report_t *report)
{
    const audyn_status_t status =
        atomic_load_explicit(&stream->status, memory_order_relaxed);
    *report = (audyn_input_report_t){
        .memory_bytes = stream->memory.size,
        .packets = audyn_counter_get(&stream->packets),
        .duplicates = audyn_counter_get(&stream->duplicates),
        .reordered = audyn_counter_get(&stream->reordered),
        .restarts = audyn_counter_get(&stream->restarts),
        .rejected.malformed = audyn_counter_get(&stream->malformed),
        .rejected.rtcp = audyn_counter_get(&stream->rtcp),
        .rejected.payload_type = audyn_counter_get(&stream->wrong_payload_type),
        .rejected.size = audyn_counter_get(&stream->wrong_size),
        .rejected.ssrc = audyn_counter_get(&stream->wrong_ssrc),
        .rejected.timestamp = audyn_counter_get(&stream->wrong_timestamp),
        .ssrc = seen(&stream->current_ssrc),
        .on_media_clock = atomic_load_explicit(&stream->anchored, memory_order_relaxed),
        .leg_count = stream->config.leg_count,
        .finished = status != AUDYN_OK,
        .status = status,
    };
    report_clock(stream, report);
}

bool
audyn_rtp_stream_next_event(audyn_rtp_stream_t *stream, audyn_event_t *event)
{
    return audyn_event_pop(&stream->events, event);
}

// What to correct: an option of the URI, or a description that is not the sender's.
static const char *
advice(const audyn_rtp_stream_t *stream, const char *option)
{
    return stream->config.described ? "is the description that of another stream, or old?"
                                    : option;
}

static void
explain_format(const audyn_rtp_stream_t *stream, audyn_error_t *explanation)
{
    const audyn_rtp_format_t *format = &stream->config.format;
    const uint32_t bytes = seen(&stream->seen_step_bytes);
    const uint32_t step = seen(&stream->seen_step);
    const bool whole = step && bytes % step == 0;
    const uint32_t frame_bytes = whole ? bytes / step : 0;
    char guess[96] = "a format that is neither L16 nor L24";
    if (frame_bytes && frame_bytes % 6 == 0) {
        snprintf(guess, sizeof guess, "L24 with %u or L16 with %u channels",
                 frame_bytes / 3, frame_bytes / 2);
    } else if (frame_bytes && frame_bytes % 3 == 0) {
        snprintf(guess, sizeof guess, "L24 with %u channel%s", frame_bytes / 3,
                 frame_bytes == 3 ? "" : "s");
    } else if (frame_bytes && frame_bytes % 2 == 0) {
        snprintf(guess, sizeof guess, "L16 with %u channel%s", frame_bytes / 2,
                 frame_bytes == 2 ? "" : "s");
    }
    audyn_error_set(explanation, AUDYN_BAD_DATA,
                    "the stream is not L%u with %u channels: its packets hold %u bytes "
                    "for %u sample frames, which is %s; %s",
                    format->bits, format->channels, bytes, step, guess,
                    advice(stream, "correct format="));
}

static void
explain_payload_type(const audyn_rtp_stream_t *stream, audyn_error_t *explanation)
{
    audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                    "packets with payload type %u arrive, not %d; %s",
                    seen(&stream->seen_payload_type), stream->config.payload_type,
                    advice(stream, "correct pt="));
}

static void
explain_size(const audyn_rtp_stream_t *stream, audyn_error_t *explanation)
{
    audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                    "packets with %u bytes of audio arrive, which is no whole number of "
                    "sample frames of L%u with %u channels (%u bytes each); %s",
                    seen(&stream->seen_bytes), stream->config.format.bits,
                    stream->config.format.channels, stream->frame_bytes,
                    advice(stream, "correct format="));
}

static void
explain_ssrc(const audyn_rtp_stream_t *stream, audyn_error_t *explanation)
{
    if (stream->config.has_ssrc) {
        audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                        "packets with SSRC 0x%08x arrive, not 0x%08x; %s",
                        seen(&stream->seen_ssrc), stream->config.ssrc,
                        advice(stream, "correct ssrc="));
        return;
    }
    const uint64_t sources = audyn_counter_get(&stream->probation.sources);
    audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                    "packets of %llu source%s arrive, but never %d in order by sequence "
                    "number and timestamp; is that a stream of audio, and of one sender?",
                    (unsigned long long)sources, sources == 1 ? "" : "s",
                    AUDYN_PROBATION_RUN);
}

static void
explain_other_packets(const audyn_rejected_t *rejected, audyn_error_t *explanation)
{
    audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                    "packets arrive, but %llu are not RTP version 2 and %llu are RTCP; "
                    "is it the right port?",
                    (unsigned long long)rejected->malformed,
                    (unsigned long long)rejected->rtcp);
}

bool
audyn_rtp_stream_explain(const audyn_rtp_stream_t *stream, audyn_error_t *explanation)
{
    audyn_input_report_t report;
    audyn_rtp_stream_get_report(stream, &report);
    const audyn_rejected_t *rejected = &report.rejected;
    if (report.status || seen(&stream->seen_step)) {
        explain_format(stream, explanation);
    } else if (rejected->payload_type && stream->config.payload_type >= 0) {
        explain_payload_type(stream, explanation);
    } else if (rejected->size) {
        explain_size(stream, explanation);
    } else if (rejected->ssrc) {
        explain_ssrc(stream, explanation);
    } else if (rejected->malformed || rejected->rtcp) {
        explain_other_packets(rejected, explanation);
    } else {
        return false;
    }
    return true;
}
