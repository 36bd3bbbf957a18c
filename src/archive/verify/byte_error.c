// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/verify/byte_error.h"

#include <zlib.h>

#define VALUES 256

// By the top byte of a table's value its index: of a table of CRC-32 all differ.
static void
invert(uint8_t indexes[VALUES], const z_crc_t *table)
{
    for (unsigned i = 0; i < VALUES; ++i) {
        indexes[table[i] >> 24] = (uint8_t)i;
    }
}

bool
audyn_byte_error_find(uint32_t was, uint32_t is, uint64_t block_bytes,
                      audyn_byte_error_t *error)
{
    const z_crc_t *table = get_crc_table();
    uint8_t indexes[VALUES];
    invert(indexes, table);
    int fewest = 9;
    uint32_t difference = was ^ is;
    // A byte moves the register by (register >> 8) ^ table[low byte].  Taken back byte by
    // byte from the end, the difference is a value of the table where it came in.
    for (uint64_t left = block_bytes; left && difference; --left) {
        const uint8_t index = indexes[difference >> 24];
        const uint32_t rest = difference ^ (uint32_t)table[index];
        const int bits = __builtin_popcount(index);
        if (!rest && bits < fewest) {
            fewest = bits;
            *error = (audyn_byte_error_t){.byte = left - 1, .flipped = index};
        }
        difference = rest << 8 | index;
    }
    return fewest <= 8;
}
