// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/export/flac_frame.h"

#include <pthread.h>
#include <string.h>

#define FIXED_BYTES 4 // before the number
#define NUMBER_BYTES 7
#define MOST_SAMPLE ((UINT64_C(1) << 36) - 1)
#define SLICES 8

static uint8_t table8[256];
static uint16_t table16[SLICES][256];
static pthread_once_t tables_made = PTHREAD_ONCE_INIT;

// x⁸ + x² + x + 1, and x¹⁶ + x¹⁵ + x² + 1 (RFC 9639, sections 9.1.8 and 9.3); of the
// latter also as a byte is moved on by others behind it.
static void
make_tables(void)
{
    for (unsigned i = 0; i < 256; ++i) {
        unsigned crc8 = i;
        unsigned crc16 = i << 8;
        for (int bit = 0; bit < 8; ++bit) {
            crc8 = crc8 << 1 ^ (crc8 & 0x80 ? 0x107U : 0);
            crc16 = crc16 << 1 ^ (crc16 & 0x8000 ? 0x18005U : 0);
        }
        table8[i] = (uint8_t)crc8;
        table16[0][i] = (uint16_t)crc16;
    }
    for (unsigned i = 0; i < 256; ++i) {
        for (unsigned s = 1; s < SLICES; ++s) {
            const uint16_t before = table16[s - 1][i];
            table16[s][i] = (uint16_t)(before << 8 ^ table16[0][before >> 8]);
        }
    }
}

static uint8_t
crc8_of(const uint8_t *bytes, size_t size)
{
    uint8_t crc = 0;
    while (size--) {
        crc = table8[crc ^ *bytes++];
    }
    return crc;
}

static uint16_t
crc16_of(const uint8_t *bytes, size_t size)
{
    uint16_t crc = 0;
    for (; size >= SLICES; size -= SLICES, bytes += SLICES) {
        crc = (uint16_t)(table16[7][bytes[0] ^ crc >> 8] ^
                         table16[6][bytes[1] ^ (crc & 0xFF)] ^ table16[5][bytes[2]] ^
                         table16[4][bytes[3]] ^ table16[3][bytes[4]] ^
                         table16[2][bytes[5]] ^ table16[1][bytes[6]] ^
                         table16[0][bytes[7]]);
    }
    while (size--) {
        crc = (uint16_t)(crc << 8 ^ table16[0][crc >> 8 ^ *bytes++]);
    }
    return crc;
}

// How long the number is whose first byte this is; 0: there is none.
static size_t
number_bytes(uint8_t first)
{
    size_t ones = 0;
    while (ones < 8 && first & 0x80 >> ones) {
        ++ones;
    }
    return !ones ? 1 : ones == 1 || ones == 8 ? 0 : ones;
}

// As UTF-8 is coded, of up to 36 bits.
static size_t
put_number(uint8_t bytes[NUMBER_BYTES], uint64_t number)
{
    if (number < 0x80) {
        bytes[0] = (uint8_t)number;
        return 1;
    }
    size_t size = 2;
    while (size < NUMBER_BYTES && number >> (5 * size + 1)) {
        ++size;
    }
    for (size_t i = size - 1; i; --i) {
        bytes[i] = (uint8_t)(0x80 | (number & 0x3F));
        number >>= 6;
    }
    bytes[0] = (uint8_t)(0xFF00 >> size | number);
    return size;
}

// Of what stands between the number and the sum: sizes that have no code of their own.
static size_t
uncommon_bytes(uint8_t codes)
{
    const unsigned block = codes >> 4;
    const unsigned rate = codes & 15;
    return (block == 6   ? 1U
            : block == 7 ? 2U
                         : 0U) +
           (rate == 12                 ? 1U
            : rate == 13 || rate == 14 ? 2U
                                       : 0U);
}

bool
flac_frame_renumber(uint8_t *bytes, size_t *size, uint64_t sample)
{
    pthread_once(&tables_made, make_tables);
    if (*size < FIXED_BYTES + NUMBER_BYTES + 2 || bytes[0] != 0xFF ||
        (bytes[1] & 0xFE) != 0xF8 || sample > MOST_SAMPLE) {
        return false;
    }
    uint8_t number[NUMBER_BYTES];
    const size_t before = number_bytes(bytes[FIXED_BYTES]);
    const size_t after = put_number(number, sample);
    const size_t header = FIXED_BYTES + after + uncommon_bytes(bytes[2]);
    if (!before || header + before + 3 > *size + after) {
        return false;
    }
    memmove(bytes + FIXED_BYTES + after, bytes + FIXED_BYTES + before,
            *size - FIXED_BYTES - before);
    memcpy(bytes + FIXED_BYTES, number, after);
    *size = *size - before + after;
    bytes[1] |= 1;
    bytes[header] = crc8_of(bytes, header);
    const uint16_t crc = crc16_of(bytes, *size - 2);
    bytes[*size - 2] = (uint8_t)(crc >> 8);
    bytes[*size - 1] = (uint8_t)crc;
    return true;
}
