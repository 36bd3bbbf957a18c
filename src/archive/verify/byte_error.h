// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Which single byte of a block was damaged, by nothing but two CRC-32 (ISO 3309, as
/// zlib's crc32()): the one that it had and the one that it has.  A CRC is linear: their
/// difference depends on what was flipped and on how many bytes follow, and is another
/// one for each bit of a block of up to 512 MiB.

#ifndef AUDYN_ARCHIVE_BYTE_ERROR_H
#define AUDYN_ARCHIVE_BYTE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint64_t byte;   ///< counted from the block's first
    uint8_t flipped; ///< its bits that are not as they were
} audyn_byte_error_t;

/// Of all bytes that alone explain the difference the one with the fewest bits.  False
/// where none does.  Where several bytes were damaged, the answer may be wrong: once in
/// 60 times for a block of 256 KiB, once in 2 000 where a single bit is told.
bool audyn_byte_error_find(uint32_t was, uint32_t is, uint64_t block_bytes,
                           audyn_byte_error_t *error);

#endif
