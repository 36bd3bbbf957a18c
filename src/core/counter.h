// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Counters with one writer, readable from any thread, without read-modify-write.

#ifndef AUDYN_CORE_COUNTER_H
#define AUDYN_CORE_COUNTER_H

#include <audyn/attributes.h>

#include <stdatomic.h>
#include <stdint.h>

/// Written by one thread; publishes nothing but itself.
typedef _Atomic uint64_t audyn_counter_t;

/// The writing thread only.
static inline void
audyn_counter_add(audyn_counter_t *counter, uint64_t amount) AUDYN_REALTIME
{
    atomic_store_explicit(counter,
                          atomic_load_explicit(counter, memory_order_relaxed) + amount,
                          memory_order_relaxed);
}

/// Any thread.
static inline uint64_t
audyn_counter_get(const audyn_counter_t *counter) AUDYN_REALTIME
{
    return atomic_load_explicit(counter, memory_order_relaxed);
}

#endif
