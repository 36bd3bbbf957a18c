// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/verify/byte_error.h"
#include "random.h"

#include <stdlib.h>
#include <zlib.h>

#define BLOCK (256U * 1024)

static uint64_t state = 4711;

static uint32_t
crc_of(const uint8_t *bytes, size_t size)
{
    return (uint32_t)crc32(0, bytes, (uInt)size);
}

static void
expect_found(uint8_t *bytes, size_t size, size_t at, uint8_t flipped)
{
    const uint32_t was = crc_of(bytes, size);
    bytes[at] ^= flipped;
    audyn_byte_error_t error;
    assert_true(audyn_byte_error_find(was, crc_of(bytes, size), size, &error));
    assert_int_equal(error.byte, at);
    assert_int_equal(error.flipped, flipped);
    bytes[at] ^= flipped;
}

static void
each_flipped_bit_is_found_wherever_it_is(void **unused)
{
    (void)unused;
    uint8_t *bytes = random_bytes(&state, BLOCK);
    for (int i = 0; i < 50; ++i) {
        const size_t size = 1 + random_below(&state, BLOCK);
        expect_found(bytes, size, random_below(&state, (uint32_t)size),
                     (uint8_t)(1U << random_below(&state, 8)));
    }
    expect_found(bytes, BLOCK, 0, 0x80);
    expect_found(bytes, BLOCK, BLOCK - 1, 1);
    expect_found(bytes, 1, 0, 1);
    free(bytes);
}

static void
a_damaged_byte_of_a_short_block_is_found_by_all_its_bits(void **unused)
{
    (void)unused;
    uint8_t *bytes = random_bytes(&state, 512);
    for (unsigned flipped = 1; flipped < 256; ++flipped) {
        expect_found(bytes, 512, random_below(&state, 512), (uint8_t)flipped);
    }
    free(bytes);
}

static void
equal_sums_and_what_no_byte_explains_are_no_error_of_a_byte(void **unused)
{
    (void)unused;
    audyn_byte_error_t error;
    assert_false(audyn_byte_error_find(17, 17, BLOCK, &error));
    assert_false(audyn_byte_error_find(17, 18, 0, &error));
    uint8_t *bytes = random_bytes(&state, 64);
    const uint32_t was = crc_of(bytes, 64);
    bytes[3] ^= 1;
    bytes[60] ^= 1;
    assert_false(audyn_byte_error_find(was, crc_of(bytes, 64), 64, &error));
    free(bytes);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_flipped_bit_is_found_wherever_it_is),
        cmocka_unit_test(a_damaged_byte_of_a_short_block_is_found_by_all_its_bits),
        cmocka_unit_test(equal_sums_and_what_no_byte_explains_are_no_error_of_a_byte),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
