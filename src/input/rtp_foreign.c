// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/rtp_foreign.h"

#define BETWEEN_ANNOUNCEMENTS_NS (250 * AUDYN_NS_PER_MS)

static audyn_foreign_source_t *
find(audyn_rtp_foreign_t *foreign, uint32_t ssrc, struct in_addr address)
{
    for (unsigned i = 0; i < AUDYN_FOREIGN_SOURCES; ++i) {
        audyn_foreign_source_t *source = &foreign->sources[i];
        if (source->heard && source->ssrc == ssrc &&
            source->first.source.s_addr == address.s_addr) {
            return source;
        }
    }
    return NULL;
}

// Those that nobody has been told of wait for it; one that has proven to be a sender
// outlives them all.
static unsigned
worth(const audyn_foreign_source_t *source)
{
    return !source->heard ? 0 : source->proven ? 3 : source->announced ? 1 : 2;
}

static bool
is_worth_less(const audyn_foreign_source_t *a, const audyn_foreign_source_t *b)
{
    if (worth(a) != worth(b)) {
        return worth(a) < worth(b);
    }
    return worth(a) == 2 ? a->last_ns > b->last_ns : a->last_ns < b->last_ns;
}

// A flood of sources that prove nothing does not displace one that has.
static audyn_foreign_source_t *
displace(audyn_rtp_foreign_t *foreign)
{
    audyn_foreign_source_t *least = &foreign->sources[0];
    for (unsigned i = 1; i < AUDYN_FOREIGN_SOURCES; ++i) {
        if (is_worth_less(&foreign->sources[i], least)) {
            least = &foreign->sources[i];
        }
    }
    return least;
}

audyn_foreign_source_t *
audyn_rtp_foreign_hear(audyn_rtp_foreign_t *foreign, uint32_t ssrc,
                       const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    audyn_foreign_source_t *source = find(foreign, ssrc, arrival->source);
    if (!source) {
        source = displace(foreign);
        *source =
            (audyn_foreign_source_t){.ssrc = ssrc, .first = *arrival, .heard = true};
    }
    source->last_ns = arrival->monotonic_ns;
    ++foreign->packets;
    return source;
}

void
audyn_rtp_foreign_forget(audyn_rtp_foreign_t *foreign, uint32_t ssrc,
                         struct in_addr address) AUDYN_REALTIME
{
    audyn_foreign_source_t *source = find(foreign, ssrc, address);
    if (source) {
        *source = (audyn_foreign_source_t){0};
    }
}

const audyn_foreign_source_t *
audyn_rtp_foreign_announce(audyn_rtp_foreign_t *foreign, int64_t before_ns,
                           int64_t now_ns, uint64_t *packets) AUDYN_REALTIME
{
    if (!foreign->packets || (foreign->announced_ns && now_ns - foreign->announced_ns <
                                                           BETWEEN_ANNOUNCEMENTS_NS)) {
        return NULL;
    }
    for (unsigned i = 0; i < AUDYN_FOREIGN_SOURCES; ++i) {
        audyn_foreign_source_t *source = &foreign->sources[i];
        if (source->heard && !source->announced &&
            source->first.monotonic_ns < before_ns) {
            source->announced = true;
            foreign->announced_ns = now_ns;
            *packets = foreign->packets;
            foreign->packets = 0;
            return source;
        }
    }
    return NULL;
}
