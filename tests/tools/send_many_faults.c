// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "send_many_faults.h"

#include <stddef.h>
#include <string.h>

#define MARGIN 16 // packets at each end of a slot

static const char *const kind_names[] = {
    [FAULT_LOST] = "lost", [FAULT_BURST] = "burst",       [FAULT_ALTERNATE] = "alternate",
    [FAULT_HELD] = "held", [FAULT_REPEATED] = "repeated", [FAULT_OUTAGE] = "outage",
    [FAULT_NONE] = "none",
};

const char *
fault_kind_name(fault_kind_t kind)
{
    return kind_names[kind];
}

bool
fault_kinds_parse(const char *text, uint32_t *kinds)
{
    *kinds = 0;
    while (true) {
        const size_t length = strcspn(text, ",");
        fault_kind_t kind = FAULT_LOST;
        while (kind < FAULT_KINDS && (strlen(kind_names[kind]) != length ||
                                      strncmp(kind_names[kind], text, length) != 0)) {
            ++kind;
        }
        if (kind == FAULT_KINDS) {
            return false;
        }
        *kinds |= 1U << kind;
        if (!text[length]) {
            return true;
        }
        text += length + 1;
    }
}

static uint64_t
longest(const fault_options_t *options)
{
    uint64_t most = 2 * (uint64_t)options->burst; // of FAULT_ALTERNATE
    most = most > options->outage ? most : options->outage;
    return most > options->distance + 1 ? most : options->distance + 1;
}

bool
faults_fit(const fault_options_t *options)
{
    return options->outage > 0 && options->slot > longest(options) + 2 * MARGIN;
}

// A number for each use, slot, stream and seed: the finaliser of MurmurHash3.
static uint64_t
hash(const fault_options_t *options, uint32_t stream, uint64_t slot, uint64_t use)
{
    uint64_t x =
        (((uint64_t)options->seed << 32) + stream) * UINT64_C(0x9e3779b97f4a7c15);
    x += slot * 8 + use;
    for (int i = 0; i < 2; ++i) {
        x = (x ^ x >> 33) * UINT64_C(0xff51afd7ed558ccd);
        x = (x ^ x >> 33) * UINT64_C(0xc4ceb9fe1a85ec53);
    }
    return x ^ x >> 33;
}

static fault_kind_t
choose_kind(const fault_options_t *options, uint64_t chance)
{
    uint64_t skip = chance % (uint64_t)__builtin_popcount(options->kinds);
    fault_kind_t kind = FAULT_LOST;
    while (!(options->kinds >> kind & 1) || skip--) {
        ++kind;
    }
    return kind;
}

static uint64_t
choose_count(const fault_options_t *options, fault_kind_t kind, uint64_t chance)
{
    switch (kind) {
    case FAULT_BURST:
        return 2 + chance % (options->burst - 1);
    case FAULT_ALTERNATE:
        return 2 * (2 + chance % (options->burst - 1)) - 1;
    case FAULT_HELD:
        return 2 + chance % options->distance;
    case FAULT_REPEATED:
        return 1 + chance % 3;
    case FAULT_OUTAGE:
        return options->outage;
    default:
        return 1;
    }
}

fault_t
fault_plan(const fault_options_t *options, uint32_t stream, uint64_t slot,
           uint64_t packets)
{
    if (!options->seed || !slot || (slot + 2) * options->slot > packets) {
        return (fault_t){.kind = FAULT_NONE};
    }
    const fault_kind_t kind = choose_kind(options, hash(options, stream, slot, 0));
    const uint64_t count = choose_count(options, kind, hash(options, stream, slot, 1));
    const uint64_t room = options->slot - count - 2 * MARGIN;
    return (fault_t){
        .kind = kind,
        .first =
            slot * options->slot + MARGIN + hash(options, stream, slot, 2) % (room + 1),
        .count = count,
    };
}

fate_t
fault_fate(const fault_t *fault, uint64_t packet)
{
    const uint64_t index = packet - fault->first;
    if (fault->kind == FAULT_NONE || packet < fault->first || index >= fault->count) {
        return FATE_SENT;
    }
    switch (fault->kind) {
    case FAULT_ALTERNATE:
        return index % 2 ? FATE_SENT : FATE_LOST;
    case FAULT_HELD:
        if (index && index + 1 < fault->count) {
            return FATE_SENT;
        }
        return index ? FATE_SENT_WITH_HELD : FATE_HELD;
    case FAULT_REPEATED:
        return FATE_SENT_TWICE;
    case FAULT_OUTAGE:
        return FATE_NOT_THERE;
    default:
        return FATE_LOST;
    }
}
