// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_CORE_AUDIO_QUEUE_PRIVATE_H
#define AUDYN_CORE_AUDIO_QUEUE_PRIVATE_H

#include "core/memory.h"

#include <audyn/audio_queue.h>

#include <stdalign.h>
#include <stdatomic.h>

// Indices count blocks for ever, mod 2³²; their difference is the length.
struct audyn_audio_queue {
    // Read-only after creation.
    alignas(AUDYN_CACHE_LINE) audyn_audio_block_t *ring;
    uint32_t capacity; // a power of two
    audyn_memory_t memory;

    // Written by the pusher: publishes the blocks before it.
    alignas(AUDYN_CACHE_LINE) _Atomic uint32_t pushed;
    uint32_t known_popped; // the pusher's own: `popped` as last seen

    // Written by the popper: gives back the slots before it.
    alignas(AUDYN_CACHE_LINE) _Atomic uint32_t popped;
    uint32_t known_pushed; // the popper's own: `pushed` as last seen
};

#endif
