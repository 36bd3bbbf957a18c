// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a network does to the packets of a stream, planned by a seed: time is cut into
/// slots, and in each one fault happens, with room on both sides, so that no two meet.
/// The first slot and the last are without faults.

#ifndef AUDYN_TESTS_SEND_MANY_FAULTS_H
#define AUDYN_TESTS_SEND_MANY_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

typedef enum {
    FAULT_LOST,      ///< one packet
    FAULT_BURST,     ///< several in a row
    FAULT_ALTERNATE, ///< every other one
    FAULT_HELD,      ///< one that others overtake
    FAULT_REPEATED,  ///< some are sent twice
    FAULT_OUTAGE,    ///< the sender stops: its sequence numbers do not go on
    FAULT_KINDS,
    FAULT_NONE = FAULT_KINDS,
} fault_kind_t;

#define FAULT_KINDS_ALL ((1U << FAULT_KINDS) - 1)

/// Lengths and distances are counted in packets.
typedef struct {
    uint32_t seed;     ///< 0: no faults
    uint32_t kinds;    ///< a bit for each
    uint32_t burst;    ///< at most
    uint32_t distance; ///< of FAULT_HELD, at most
    uint64_t slot, outage;
} fault_options_t;

typedef struct {
    fault_kind_t kind;
    uint64_t first, count; ///< packets that it concerns; FAULT_HELD: until it is sent
} fault_t;

/// What becomes of one packet.
typedef enum {
    FATE_SENT,
    FATE_SENT_TWICE,
    FATE_LOST,
    FATE_HELD,
    FATE_SENT_WITH_HELD, ///< and the one that was held after it
    FATE_NOT_THERE,      ///< during an outage
} fate_t;

/// "lost", "burst", … and "none".
const char *fault_kind_name(fault_kind_t kind);

/// Reads names with commas between them.
bool fault_kinds_parse(const char *text, uint32_t *kinds);

/// Whether each kind finds room in a slot.
bool faults_fit(const fault_options_t *options);

/// The fault of a slot of a stream of `packets` packets.
fault_t fault_plan(const fault_options_t *options, uint32_t stream, uint64_t slot,
                   uint64_t packets);

fate_t fault_fate(const fault_t *fault, uint64_t packet);

#endif
