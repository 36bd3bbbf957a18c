// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The legs of a stream (SMPTE ST 2022-7): what comes and what is missing on each,
/// whether it lives, and whether it can be trusted to carry the same audio as those
/// before it.

#ifndef AUDYN_INPUT_RTP_LEGS_H
#define AUDYN_INPUT_RTP_LEGS_H

#include "core/counter.h"
#include "input/rtp_stream.h"
#include "input/stream_clock.h"

/// Packets by which one may come late on a leg and be known as one that was missing, or
/// early on a leg that is not trusted and be compared: 512 ms of the shortest ones.
#define AUDYN_LEG_ORDER 4096

/// A packet that came on a leg that is not trusted, before any other leg has brought it.
typedef struct {
    uint32_t timestamp;
    uint32_t digest; // of its payload; 0: none
} audyn_leg_early_t;

/// Start with all zero.
typedef struct {
    // The input thread's own.
    bool has_order;    // `highest` is set
    uint16_t highest;  // sequence number so far
    int64_t last_ns;   // when a packet of the stream came; before: since when not
    int64_t astray_ns; // since when its packets have timestamps of their own; 0
    uint64_t agreed;   // sample frames in a row, while it is not trusted
    bool missed;       // people were told that it is lost
    uint64_t seen[AUDYN_LEG_ORDER / 64]; // bit sequence % AUDYN_LEG_ORDER: it came
    audyn_leg_early_t *early;            // [AUDYN_LEG_ORDER], the same way; NULL: one leg
    audyn_stream_clock_t clock;

    // Written by the input thread, read by whoever reports.
    audyn_counter_t packets, lost, differing, refused_ssrc;
    _Atomic bool alive, differs;
    _Atomic uint32_t sender; // in_addr_t
} audyn_rtp_leg_t;

/// What a packet's sequence number says on its leg.
typedef enum {
    AUDYN_LEG_GOES_ON,
    AUDYN_LEG_OVERTAKEN, ///< by one that was sent later
    AUDYN_LEG_REPEATED,
} audyn_leg_order_t;

/// Input thread, as all below.  The stream begins, or begins anew.
void audyn_rtp_leg_begin(audyn_rtp_leg_t *leg, int64_t monotonic_ns) AUDYN_REALTIME;

/// A packet of the stream.  `advances`: it is the newest so far, whatever its number
/// says.
audyn_leg_order_t audyn_rtp_leg_note(audyn_rtp_leg_t *leg, uint16_t sequence,
                                     bool advances,
                                     const audyn_arrival_t *arrival) AUDYN_REALTIME;

/// A packet whose timestamp is not the stream's, which was heard last at `newest_ns`.
/// True where the leg thereby turns out to go astray beside the others.
bool audyn_rtp_leg_stray(audyn_rtp_leg_t *leg, int64_t monotonic_ns,
                         int64_t newest_ns) AUDYN_REALTIME;

/// Not to be recorded from now on.
void audyn_rtp_leg_distrust(audyn_rtp_leg_t *leg) AUDYN_REALTIME;

/// A packet of a leg that is not trusted was compared: `equal` of its sample frames were
/// what others had brought, `differing` were not.  True once it is trusted again: after
/// `needed` equal ones in a row.
bool audyn_rtp_leg_compare(audyn_rtp_leg_t *leg, uint32_t equal, uint32_t differing,
                           uint32_t needed) AUDYN_REALTIME;

/// A packet of a leg that is not trusted has come before the others brought it.
void audyn_rtp_leg_keep_early(audyn_rtp_leg_t *leg,
                              const audyn_rtp_packet_t *packet) AUDYN_REALTIME;

/// What another leg brings: whether this one had brought it early, in `*early`, and if so
/// whether it was the same.
bool audyn_rtp_leg_had_same(audyn_rtp_leg_t *leg, const audyn_rtp_packet_t *packet,
                            bool *early) AUDYN_REALTIME;

static inline bool
audyn_rtp_leg_is_trusted(const audyn_rtp_leg_t *leg) AUDYN_REALTIME
{
    return !atomic_load_explicit(&leg->differs, memory_order_relaxed);
}

/// The stream's packets on this leg come from there.
static inline bool
audyn_rtp_leg_is_from(const audyn_rtp_leg_t *leg, struct in_addr address) AUDYN_REALTIME
{
    return atomic_load_explicit(&leg->sender, memory_order_relaxed) == address.s_addr;
}

/// Any thread.
void audyn_rtp_leg_get_report(const audyn_rtp_leg_t *leg, audyn_leg_report_t *report);

#endif
