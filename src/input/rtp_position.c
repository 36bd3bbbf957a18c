// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// From timestamps and arrival times to positions.  Input thread: no locks, allocation,
// logging or system calls.

#include "input/rtp_stream_private.h"

// A timestamp that is no further than this from where the clock expects it is the
// stream's, whatever else the packet says (AES67: jitter is at most 17 ms).
#define NEAR_NS (20 * AUDYN_NS_PER_MS)

// One that is further than this is not, and between the two the sequence number decides:
// of packets that go on, and of late ones, which may come as long as a window can be and
// a class can still turn late.
#define FAR_NS STREAM_IDLE_DISTANCE_NS
#define LATE_NS (3 * AUDYN_NS_PER_SECOND)

// Two clocks that nothing couples: 200 ppm.
#define DRIFT_PARTS 5000

// A clock whose epoch nobody vouches for is TAI if it agrees with ours to this; and one
// that was, is no more once it has moved ahead by this.
#define PLAUSIBLE_NS (10 * AUDYN_NS_PER_SECOND)

// A sender that begins anew with so much more latency than before has kept its clock.
#define LATENCY_NS (100 * AUDYN_NS_PER_MS)

static uint64_t
sample_frames_of(const audyn_rtp_stream_t *stream, int64_t ns)
{
    return audyn_media_position(ns, &stream->rate);
}

uint64_t
stream_expected_position(const audyn_rtp_stream_t *stream,
                         int64_t monotonic_ns) AUDYN_REALTIME
{
    const int64_t elapsed = monotonic_ns - stream->newest.monotonic_ns;
    const uint64_t position = stream->newest.position;
    return elapsed > 0 ? position + sample_frames_of(stream, elapsed) : position;
}

int64_t
stream_drift_ns(int64_t elapsed_ns) AUDYN_REALTIME
{
    return elapsed_ns > 0 ? elapsed_ns / DRIFT_PARTS : 0;
}

// Whether so many packets can hold so many sample frames, given that the number of
// packets is known modulo 2¹⁶.
static bool
sizes_agree(const audyn_rtp_stream_t *stream, uint16_t packets, uint32_t step,
            uint32_t sample_frames)
{
    const uint32_t least =
        sample_frames < stream->least_frames ? sample_frames : stream->least_frames;
    const uint32_t most = sample_frames > seen(&stream->most_frames)
                              ? sample_frames
                              : seen(&stream->most_frames);
    const uint32_t fewest = (step + most - 1) / most;
    const uint32_t greatest = step / least;
    return fewest <= greatest && (uint16_t)(packets - fewest) <= greatest - fewest;
}

bool
stream_believes(const audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                uint32_t sample_frames, int64_t monotonic_ns) AUDYN_REALTIME
{
    const struct newest_packet *newest = &stream->newest;
    const int32_t step = (int32_t)(packet->timestamp - newest->timestamp);
    const int64_t off = (int64_t)newest->position + step -
                        (int64_t)stream_expected_position(stream, monotonic_ns);
    const uint64_t distance = (uint64_t)(off < 0 ? -off : off);
    const int64_t drift_ns = stream_drift_ns(monotonic_ns - newest->monotonic_ns);
    if (distance <= sample_frames_of(stream, NEAR_NS + drift_ns)) {
        return true;
    }
    if (distance > sample_frames_of(stream, step < 0 ? LATE_NS : FAR_NS)) {
        return false;
    }
    const uint16_t packets = (uint16_t)(packet->sequence - newest->sequence);
    return step >= 0
               ? sizes_agree(stream, packets, (uint32_t)step, sample_frames)
               : sizes_agree(stream, (uint16_t)-packets, (uint32_t)-step, sample_frames);
}

// The TAI sample index that a timestamp stands for, in the cycle of 2³² that lies nearest
// to an index known roughly: within 12.4 hours at 48 kHz.
static uint64_t
absolute_position(const audyn_rtp_stream_t *stream, uint32_t timestamp, uint64_t near)
{
    const uint32_t index = timestamp - stream->config.clock_offset;
    return near + (uint64_t)(int64_t)(int32_t)(index - (uint32_t)near);
}

uint64_t
stream_first_position(const audyn_rtp_stream_t *stream, const audyn_rtp_packet_t *packet,
                      int64_t tai_ns, bool *absolute) AUDYN_REALTIME
{
    const uint64_t arrived = sample_frames_of(stream, tai_ns);
    const uint64_t said = absolute_position(stream, packet->timestamp, arrived);
    const uint64_t apart = said > arrived ? said - arrived : arrived - said;
    const audyn_anchor_t anchor = stream->config.anchor;
    *absolute = anchor == AUDYN_ANCHOR_MEDIA_CLOCK ||
                (anchor == AUDYN_ANCHOR_PLAUSIBLE &&
                 apart <= sample_frames_of(stream, PLAUSIBLE_NS));
    return *absolute ? said : arrived;
}

// By its clock if that is still the one we know, else where the local clock says, never
// before what is there already.
uint64_t
stream_restart_position(const audyn_rtp_stream_t *stream,
                        const audyn_rtp_packet_t *packet, int64_t monotonic_ns,
                        bool *absolute) AUDYN_REALTIME
{
    const uint64_t end = audyn_timeline_end(stream->timeline);
    const uint64_t expected = stream_expected_position(stream, monotonic_ns);
    const uint64_t said = absolute_position(stream, packet->timestamp, expected);
    const int64_t drift_ns = stream_drift_ns(monotonic_ns - stream->newest.monotonic_ns);
    const uint64_t least = expected - sample_frames_of(stream, LATENCY_NS + drift_ns);
    const uint64_t most = expected + sample_frames_of(stream, PLAUSIBLE_NS + drift_ns);
    *absolute = stream->absolute && said >= least && said <= most;
    return *absolute ? said : expected > end ? expected : end;
}
