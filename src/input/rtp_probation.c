// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Input thread: no locks, allocation, logging or system calls.  Work per packet is
// bounded by the number of packets kept.

#include "input/rtp_probation.h"

#include <string.h>

// So many packets may be missing between two that are in order.
#define MOST_STEPS 16

// Packets that arrive further apart are no neighbours, whatever they say.
#define MOST_APART_NS AUDYN_NS_PER_SECOND

// Fewer packets must do once the first of them is this close to being lost.
#define PRESSING_PACKETS (AUDYN_PROBATION_PACKETS / 2)
#define PRESSING_BYTES (AUDYN_PROBATION_BYTES / 2)

// No packet holds as many sample frames.
#define MOST_ODD_STEP 65536

static bool
has_payload(const audyn_rtp_probation_t *probation, const audyn_probation_packet_t *kept)
{
    return probation->stored - kept->stored <= AUDYN_PROBATION_BYTES;
}

static void
store(audyn_rtp_probation_t *probation, audyn_probation_packet_t *kept,
      const audyn_rtp_packet_t *packet)
{
    const uint64_t room =
        AUDYN_PROBATION_BYTES - probation->stored % AUDYN_PROBATION_BYTES;
    // In one piece.
    kept->stored = probation->stored + (packet->payload_bytes > room ? room : 0);
    uint8_t *bytes = &probation->bytes[kept->stored % AUDYN_PROBATION_BYTES];
    memcpy(bytes, packet->payload, packet->payload_bytes);
    probation->stored = kept->stored + packet->payload_bytes;
    kept->packet = *packet;
    kept->packet.payload = bytes;
}

// A packet 1 to MOST_STEPS after the other by sequence has a timestamp that is as many
// times its sample frames later: exact where sizes are equal or the packets successive.
static bool
are_in_order(const audyn_probation_packet_t *earlier,
             const audyn_probation_packet_t *later)
{
    const uint16_t steps = (uint16_t)(later->packet.sequence - earlier->packet.sequence);
    return steps >= 1 && steps <= MOST_STEPS &&
           later->packet.timestamp - earlier->packet.timestamp ==
               steps * earlier->sample_frames;
}

static bool
are_twins(const audyn_probation_packet_t *a, const audyn_probation_packet_t *b)
{
    return a->packet.sequence == b->packet.sequence &&
           a->packet.timestamp == b->packet.timestamp;
}

static bool
may_be_related(const audyn_probation_packet_t *other,
               const audyn_probation_packet_t *last, int64_t since_ns)
{
    const int64_t apart_ns = last->arrival.monotonic_ns - other->arrival.monotonic_ns;
    return other->packet.payload_type == last->packet.payload_type &&
           apart_ns <= MOST_APART_NS && apart_ns >= -MOST_APART_NS &&
           other->arrival.monotonic_ns > since_ns;
}

// Successive packets whose timestamps do not tell of the size that the first one has.
static void
note_disagreement(const audyn_probation_packet_t *before, audyn_probation_packet_t *last)
{
    const uint32_t step = last->packet.timestamp - before->packet.timestamp;
    const uint32_t bytes = (uint32_t)before->packet.payload_bytes;
    if ((uint16_t)(last->packet.sequence - before->packet.sequence) != 1 || !step ||
        step > MOST_ODD_STEP) {
        return;
    }
    const bool again = before->odd_run && (uint64_t)bytes * before->odd_step ==
                                              (uint64_t)before->odd_bytes * step;
    last->odd_bytes = bytes;
    last->odd_step = step;
    last->odd_run = again && before->odd_run < UINT8_MAX
                        ? (uint8_t)(before->odd_run + 1)
                        : (uint8_t)(again ? UINT8_MAX : 1);
}

// False once no other packet can tell more.
static bool
relate(audyn_probation_packet_t *last, const audyn_probation_packet_t *other)
{
    if (are_twins(last, other)) {
        last->run = other->run;
        last->head = other->head;
        last->odd_run = 0;
        return false;
    }
    if (!are_in_order(other, last) && !are_in_order(last, other)) {
        note_disagreement(other, last);
    } else if (other->run >= last->run) {
        last->run = other->run < UINT8_MAX ? (uint8_t)(other->run + 1) : UINT8_MAX;
        last->head = other->head;
    }
    return true;
}

static void
relate_to_others(audyn_rtp_probation_t *probation, audyn_probation_packet_t *last,
                 int64_t since_ns)
{
    bool known = false;
    bool goes_on = true;
    for (size_t i = 0; goes_on && i < AUDYN_PROBATION_PACKETS; ++i) {
        const audyn_probation_packet_t *other = &probation->packets[i];
        if (probation->ssrc[i] != last->packet.ssrc || !probation->present[i]) {
            continue;
        }
        known = true;
        goes_on = !may_be_related(other, last, since_ns) || relate(last, other);
    }
    if (last->run > 1) {
        last->odd_run = 0;
    }
    audyn_counter_add(&probation->sources, !known);
}

audyn_probation_packet_t *
audyn_rtp_probation_keep(audyn_rtp_probation_t *probation,
                         const audyn_rtp_packet_t *packet, uint32_t sample_frames,
                         const audyn_arrival_t *arrival, int64_t since_ns) AUDYN_REALTIME
{
    const size_t index = probation->count % AUDYN_PROBATION_PACKETS;
    audyn_probation_packet_t *last = &probation->packets[index];
    *last = (audyn_probation_packet_t){
        .arrival = *arrival,
        .head = probation->count,
        .sample_frames = sample_frames,
        .run = 1,
    };
    store(probation, last, packet);
    probation->present[index] = false;
    relate_to_others(probation, last, since_ns);
    probation->ssrc[index] = packet->ssrc;
    probation->present[index] = true;
    ++probation->count;
    return last;
}

bool
audyn_rtp_probation_is_proven(const audyn_rtp_probation_t *probation,
                              const audyn_probation_packet_t *last) AUDYN_REALTIME
{
    if (last->run < 2 || last->run >= AUDYN_PROBATION_RUN) {
        return last->run >= 2;
    }
    const audyn_probation_packet_t *head =
        &probation->packets[last->head % AUDYN_PROBATION_PACKETS];
    return probation->count - last->head > PRESSING_PACKETS ||
           probation->stored - head->stored > PRESSING_BYTES;
}

bool
audyn_rtp_probation_is_uncontested(const audyn_rtp_probation_t *probation,
                                   uint32_t ssrc) AUDYN_REALTIME
{
    for (size_t i = 0; i < AUDYN_PROBATION_PACKETS; ++i) {
        if (probation->present[i] && probation->ssrc[i] != ssrc) {
            return false;
        }
    }
    return true;
}

static uint64_t
oldest(const audyn_rtp_probation_t *probation)
{
    return probation->count > AUDYN_PROBATION_PACKETS
               ? probation->count - AUDYN_PROBATION_PACKETS
               : 0;
}

const audyn_probation_packet_t *
audyn_rtp_probation_first(const audyn_rtp_probation_t *probation,
                          const audyn_probation_packet_t *last) AUDYN_REALTIME
{
    for (uint64_t number = oldest(probation); number < probation->count; ++number) {
        const size_t index = number % AUDYN_PROBATION_PACKETS;
        const audyn_probation_packet_t *kept = &probation->packets[index];
        if (probation->present[index] && probation->ssrc[index] == last->packet.ssrc &&
            kept->head == last->head && has_payload(probation, kept)) {
            return kept;
        }
    }
    return last;
}

bool
audyn_rtp_probation_take(audyn_rtp_probation_t *probation, uint64_t *number,
                         uint32_t ssrc, uint8_t payload_type,
                         audyn_probation_packet_t *taken) AUDYN_REALTIME
{
    if (*number < oldest(probation)) {
        *number = oldest(probation);
    }
    while (*number < probation->count) {
        const size_t index = (*number)++ % AUDYN_PROBATION_PACKETS;
        const audyn_probation_packet_t *kept = &probation->packets[index];
        if (probation->present[index] && probation->ssrc[index] == ssrc &&
            kept->packet.payload_type == payload_type) {
            probation->present[index] = false;
            if (has_payload(probation, kept)) {
                *taken = *kept;
                return true;
            }
        }
    }
    return false;
}
