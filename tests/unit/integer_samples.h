// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Integer samples the way their format says, apart from the code under test.

#ifndef AUDYN_TESTS_INTEGER_SAMPLES_H
#define AUDYN_TESTS_INTEGER_SAMPLES_H

#include <stdbool.h>
#include <stdint.h>

/// `bits` is 16 or 24.
static inline void
put_integer(unsigned char *bytes, int32_t value, unsigned bits, bool big_endian)
{
    const unsigned count = bits / 8;
    for (unsigned i = 0; i < count; ++i) {
        const unsigned shift = 8 * (big_endian ? count - 1 - i : i);
        bytes[i] = (unsigned char)((uint32_t)value >> shift);
    }
}

/// Little-endian.
static inline int32_t
get_integer(const unsigned char *bytes, unsigned bits)
{
    const uint32_t value = (uint32_t)bytes[0] | (uint32_t)bytes[1] << 8 |
                           (bits == 24 ? (uint32_t)bytes[2] << 16 : 0);
    return (int32_t)(value << (32 - bits)) >> (32 - bits);
}

#endif
