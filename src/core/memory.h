// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Memory for real-time threads: mapped, touched, locked, and kept from forked
/// children, so that no access to it faults a page.

#ifndef AUDYN_CORE_MEMORY_H
#define AUDYN_CORE_MEMORY_H

#include <audyn/frame_pool.h>

#include <stdbool.h>
#include <stddef.h>

/// Two neighbouring cache lines' worth would also stop the adjacent-line prefetcher
/// from sharing; one is what the frame layout promises.
#define AUDYN_CACHE_LINE 64

typedef struct {
    void *address; ///< page-aligned, zeroed
    size_t size;   ///< bytes
    bool locked;   ///< in RAM for good
} audyn_memory_t;

/// Fails with AUDYN_INVALID (size 0), AUDYN_NO_MEMORY or, with AUDYN_LOCK_REQUIRED,
/// AUDYN_NOT_LOCKED; `*memory` is then all zero.
audyn_status_t audyn_memory_map(audyn_memory_t *memory, size_t size, audyn_lock_t lock,
                                bool huge_pages);

/// Accepts an all-zero `*memory`, and leaves it so.
void audyn_memory_unmap(audyn_memory_t *memory);

/// Plans consecutive arrays in one mapping.  Start with all zero.
typedef struct {
    size_t size;   ///< bytes planned so far
    bool overflow; ///< a size could not be represented; stays set
} audyn_memory_plan_t;

/// Reserves `count × element_size` bytes aligned to `alignment` (a power of two, at
/// most a page) and returns their offset.
size_t audyn_memory_plan_add(audyn_memory_plan_t *plan, size_t count, size_t element_size,
                             size_t alignment);

#endif
