// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/event.h"

void
audyn_event_push(audyn_event_ring_t *ring, const audyn_event_t *event) AUDYN_REALTIME
{
    const uint64_t written = atomic_load_explicit(&ring->written, memory_order_relaxed);
    const uint64_t read = atomic_load_explicit(&ring->read, memory_order_acquire);
    if (written - read == AUDYN_EVENT_ROOM) {
        const uint64_t dropped =
            atomic_load_explicit(&ring->dropped, memory_order_relaxed);
        atomic_store_explicit(&ring->dropped, dropped + 1, memory_order_relaxed);
        return;
    }
    ring->events[written % AUDYN_EVENT_ROOM] = *event;
    atomic_store_explicit(&ring->written, written + 1, memory_order_release);
}

bool
audyn_event_pop(audyn_event_ring_t *ring, audyn_event_t *event)
{
    const uint64_t read = atomic_load_explicit(&ring->read, memory_order_relaxed);
    if (read != atomic_load_explicit(&ring->written, memory_order_acquire)) {
        *event = ring->events[read % AUDYN_EVENT_ROOM];
        atomic_store_explicit(&ring->read, read + 1, memory_order_release);
        return true;
    }
    const uint64_t dropped = atomic_load_explicit(&ring->dropped, memory_order_relaxed);
    if (dropped == ring->reported) {
        return false;
    }
    *event =
        (audyn_event_t){.kind = AUDYN_EVENT_DROPPED, .count = dropped - ring->reported};
    ring->reported = dropped;
    return true;
}
