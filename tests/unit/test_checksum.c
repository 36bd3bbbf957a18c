// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/checksum.h"
#include "failing_allocations.h"
#include "folder.h"
#include "random.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// FIPS 180-4's example, and the check value of the CRC's catalogue.
#define SHA256_OF_ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define CRC32_OF_DIGITS 0xCBF43926U

#define SIZE (2 * AUDYN_BLOCK_BYTES + 12345)

struct sums {
    char sha256[AUDYN_SHA256_TEXT];
    uint32_t *blocks;
    size_t count;
};

static struct sums
end(audyn_checksum_t *checksum)
{
    struct sums sums;
    assert_true(audyn_checksum_end(checksum, sums.sha256));
    sums.blocks = audyn_checksum_take_blocks(checksum, &sums.count);
    audyn_checksum_destroy(checksum);
    return sums;
}

static audyn_checksum_t *
begin(void)
{
    audyn_checksum_t *checksum;
    assert_int_equal(audyn_checksum_create(&checksum), AUDYN_OK);
    audyn_checksum_want_blocks(checksum);
    return checksum;
}

static struct sums
sums_of(const void *bytes, size_t size, size_t piece)
{
    audyn_checksum_t *checksum = begin();
    const uint8_t *at = bytes;
    for (size_t done = 0; done < size; done += piece) {
        const size_t some = size - done < piece ? size - done : piece;
        audyn_checksum_add(checksum, at ? at + done : NULL, some);
    }
    assert_true(audyn_checksum_bytes(checksum) == size);
    return end(checksum);
}

static void
assert_same(struct sums a, struct sums b)
{
    assert_string_equal(a.sha256, b.sha256);
    assert_int_equal(a.count, b.count);
    assert_memory_equal(a.blocks, b.blocks, a.count * sizeof *a.blocks);
    free(a.blocks);
    free(b.blocks);
}

static void
sums_are_those_of_the_standards(void **state)
{
    (void)state;
    struct sums sums = sums_of("abc", 3, 3);
    assert_string_equal(sums.sha256, SHA256_OF_ABC);
    free(sums.blocks);
    sums = sums_of("123456789", 9, 9);
    assert_int_equal(sums.count, 1);
    assert_int_equal(sums.blocks[0], CRC32_OF_DIGITS);
    free(sums.blocks);
}

static void
each_block_has_a_sum_of_its_own_however_the_bytes_come(void **state)
{
    (void)state;
    uint64_t seed = 1;
    uint8_t *bytes = random_bytes(&seed, SIZE);
    const struct sums whole = sums_of(bytes, SIZE, SIZE);
    assert_int_equal(whole.count, 3);
    for (size_t i = 0; i < whole.count; ++i) {
        const size_t at = i * AUDYN_BLOCK_BYTES;
        const size_t left = SIZE - at;
        const struct sums one = sums_of(
            bytes + at, left < AUDYN_BLOCK_BYTES ? left : AUDYN_BLOCK_BYTES, 1000);
        assert_int_equal(one.count, 1);
        assert_int_equal(one.blocks[0], whole.blocks[i]);
        free(one.blocks);
    }
    assert_same(whole, sums_of(bytes, SIZE, 777));
    free(bytes);
}

static void
a_file_that_ends_with_a_whole_block_has_no_empty_one(void **state)
{
    (void)state;
    uint8_t *bytes = calloc(2, AUDYN_BLOCK_BYTES);
    assert_non_null(bytes);
    const struct sums sums = sums_of(bytes, 2 * (size_t)AUDYN_BLOCK_BYTES, 4096);
    assert_int_equal(sums.count, 2);
    assert_same(sums, sums_of(NULL, 2 * (size_t)AUDYN_BLOCK_BYTES, 300000));
    free(bytes);
}

static void
a_file_is_read_on_piece_by_piece(void **state)
{
    (void)state;
    const char *path = in_folder("file");
    uint64_t seed = 1;
    uint8_t *bytes = random_bytes(&seed, SIZE);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, SIZE, file), SIZE);
    assert_int_equal(fclose(file), 0);
    audyn_checksum_t *checksum = begin();
    bool done = false;
    int rounds = 0;
    for (; !done; ++rounds) {
        assert_int_equal(audyn_checksum_read_file(checksum, path, 100000, &done),
                         AUDYN_OK);
    }
    assert_true(rounds > 3);
    assert_same(end(checksum), sums_of(bytes, SIZE, SIZE));
    free(bytes);
}

static void
a_sum_without_blocks_has_none(void **state)
{
    (void)state;
    audyn_checksum_t *checksum;
    assert_int_equal(audyn_checksum_create(&checksum), AUDYN_OK);
    audyn_checksum_add(checksum, "abc", 3);
    const struct sums sums = end(checksum);
    assert_string_equal(sums.sha256, SHA256_OF_ABC);
    assert_null(sums.blocks);
    assert_int_equal(sums.count, 0);
}

static void
a_sum_that_has_no_memory_is_none(void **state)
{
    (void)state;
    audyn_checksum_t *checksum;
    failing_allocations_after(0);
    assert_int_equal(audyn_checksum_create(&checksum), AUDYN_NO_MEMORY);
    assert_null(checksum);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_those_of_the_standards),
        cmocka_unit_test(each_block_has_a_sum_of_its_own_however_the_bytes_come),
        cmocka_unit_test(a_file_that_ends_with_a_whole_block_has_no_empty_one),
        cmocka_unit_test(a_file_is_read_on_piece_by_piece),
        cmocka_unit_test(a_sum_that_has_no_memory_is_none),
        cmocka_unit_test(a_sum_without_blocks_has_none),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
