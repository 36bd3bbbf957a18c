// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Repeatable pseudo-random numbers: the same steps on every machine.

#ifndef AUDYN_TESTS_RANDOM_H
#define AUDYN_TESTS_RANDOM_H

#include <stdint.h>
#include <stdlib.h>

/// Start `*state` with anything but 0.
static inline uint64_t
random_next(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/// 0 to `limit` − 1.
static inline uint32_t
random_below(uint64_t *state, uint32_t limit)
{
    return (uint32_t)((random_next(state) >> 32) * limit >> 32);
}

/// The caller frees them.
static inline uint8_t *
random_bytes(uint64_t *state, size_t size)
{
    uint8_t *bytes = malloc(size);
    for (size_t i = 0; bytes && i < size; ++i) {
        bytes[i] = (uint8_t)(random_next(state) >> 32);
    }
    return bytes;
}

#endif
