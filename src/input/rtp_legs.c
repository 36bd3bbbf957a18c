// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/rtp_legs.h"

#include <string.h>

// A leg whose packets have timestamps of their own for so long, while others bring the
// stream, carries something else.
#define ASTRAY_NS (500 * AUDYN_NS_PER_MS)

static inline uint64_t *
word_of(audyn_rtp_leg_t *leg, uint16_t sequence)
{
    return &leg->seen[sequence % AUDYN_LEG_ORDER / 64];
}

static inline uint64_t
bit_of(uint16_t sequence)
{
    return UINT64_C(1) << sequence % 64;
}

void
audyn_rtp_leg_begin(audyn_rtp_leg_t *leg, int64_t monotonic_ns) AUDYN_REALTIME
{
    leg->has_order = false;
    leg->astray_ns = 0;
    if (!leg->last_ns) {
        leg->last_ns = monotonic_ns;
    }
}

// The packets before this one are none of the stream's: they are not missing.
static void
begin_order(audyn_rtp_leg_t *leg, uint16_t sequence)
{
    memset(leg->seen, 0xFF, sizeof leg->seen);
    leg->highest = sequence;
    leg->has_order = true;
}

// The packets up to this one, which has come, are missing.
static void
go_on(audyn_rtp_leg_t *leg, uint16_t sequence, uint16_t ahead)
{
    audyn_counter_add(&leg->lost, ahead - 1U);
    if (ahead >= AUDYN_LEG_ORDER) {
        memset(leg->seen, 0, sizeof leg->seen);
    } else {
        for (uint16_t missing = (uint16_t)(leg->highest + 1); missing != sequence;
             ++missing) {
            *word_of(leg, missing) &= ~bit_of(missing);
        }
    }
    *word_of(leg, sequence) |= bit_of(sequence);
    leg->highest = sequence;
}

// RFC 3550 A.3, but exact: a packet that comes twice does not stand for a missing one.
static audyn_leg_order_t
put_in_order(audyn_rtp_leg_t *leg, uint16_t sequence, bool advances)
{
    const uint16_t ahead = (uint16_t)(sequence - leg->highest);
    if (!leg->has_order) {
        begin_order(leg, sequence);
    } else if (ahead && ahead <= INT16_MAX) {
        go_on(leg, sequence, ahead);
    } else if ((uint16_t)-ahead >= AUDYN_LEG_ORDER) {
        if (advances) {
            begin_order(leg, sequence);
        }
    } else if (!(*word_of(leg, sequence) & bit_of(sequence))) {
        *word_of(leg, sequence) |= bit_of(sequence);
        audyn_counter_add(&leg->lost, UINT64_MAX); // one less
        return AUDYN_LEG_OVERTAKEN;
    } else {
        return AUDYN_LEG_REPEATED;
    }
    return AUDYN_LEG_GOES_ON;
}

audyn_leg_order_t
audyn_rtp_leg_note(audyn_rtp_leg_t *leg, uint16_t sequence, bool advances,
                   const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    audyn_counter_add(&leg->packets, 1);
    leg->last_ns = arrival->monotonic_ns;
    leg->astray_ns = 0;
    atomic_store_explicit(&leg->sender, arrival->source.s_addr, memory_order_relaxed);
    atomic_store_explicit(&leg->alive, true, memory_order_relaxed);
    return put_in_order(leg, sequence, advances);
}

bool
audyn_rtp_leg_stray(audyn_rtp_leg_t *leg, int64_t monotonic_ns,
                    int64_t newest_ns) AUDYN_REALTIME
{
    if (!leg->astray_ns) {
        leg->astray_ns = monotonic_ns;
    }
    return audyn_rtp_leg_is_trusted(leg) && newest_ns - leg->astray_ns > ASTRAY_NS;
}

void
audyn_rtp_leg_distrust(audyn_rtp_leg_t *leg) AUDYN_REALTIME
{
    leg->agreed = 0;
    atomic_store_explicit(&leg->differs, true, memory_order_relaxed);
}

bool
audyn_rtp_leg_compare(audyn_rtp_leg_t *leg, uint32_t equal, uint32_t differing,
                      uint32_t needed) AUDYN_REALTIME
{
    leg->agreed = differing ? 0 : leg->agreed + equal;
    if (leg->agreed < needed) {
        return false;
    }
    atomic_store_explicit(&leg->differs, false, memory_order_relaxed);
    return true;
}

// FNV-1a by words: what differs by chance, not by design, has another digest.
static uint32_t
digest_of(const audyn_rtp_packet_t *packet)
{
    uint64_t digest = UINT64_C(14695981039346656037) ^ packet->payload_bytes;
    for (size_t at = 0; at < packet->payload_bytes;) {
        uint64_t word = 0;
        const size_t rest = packet->payload_bytes - at;
        const size_t count = rest < sizeof word ? rest : sizeof word;
        memcpy(&word, packet->payload + at, count);
        digest = (digest ^ word) * UINT64_C(1099511628211);
        digest ^= digest >> 32;
        at += count;
    }
    return (uint32_t)digest | 1;
}

void
audyn_rtp_leg_keep_early(audyn_rtp_leg_t *leg,
                         const audyn_rtp_packet_t *packet) AUDYN_REALTIME
{
    leg->early[packet->sequence % AUDYN_LEG_ORDER] =
        (audyn_leg_early_t){packet->timestamp, digest_of(packet)};
}

bool
audyn_rtp_leg_had_same(audyn_rtp_leg_t *leg, const audyn_rtp_packet_t *packet,
                       bool *early) AUDYN_REALTIME
{
    audyn_leg_early_t *kept = &leg->early[packet->sequence % AUDYN_LEG_ORDER];
    *early = kept->digest && kept->timestamp == packet->timestamp;
    if (!*early) {
        return false;
    }
    const bool same = kept->digest == digest_of(packet);
    kept->digest = 0;
    return same;
}

void
audyn_rtp_leg_get_report(const audyn_rtp_leg_t *leg, audyn_leg_report_t *report)
{
    *report = (audyn_leg_report_t){
        .packets = audyn_counter_get(&leg->packets),
        .lost = audyn_counter_get(&leg->lost),
        .differing = audyn_counter_get(&leg->differing),
        .refused_ssrc = audyn_counter_get(&leg->refused_ssrc),
        .alive = atomic_load_explicit(&leg->alive, memory_order_relaxed),
        .differs = !audyn_rtp_leg_is_trusted(leg),
        .sender.s_addr = atomic_load_explicit(&leg->sender, memory_order_relaxed),
    };
    audyn_stream_clock_get_delay(&leg->clock, &report->delay);
}
