// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "core/byte_size.h"

static void
sizes_are_read_as_people_write_them(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t bytes;
    } sizes[] = {
        {"0", 0},
        {"1000", 1000},
        {"17B", 17},
        {"1K", 1024},
        {"20G", UINT64_C(20) << 30},
        {"20GiB", UINT64_C(20) << 30},
        {"20GB", UINT64_C(20000000000)},
        {"1.5T", UINT64_C(3) << 39},
        {"7E", UINT64_C(7) << 60},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        uint64_t bytes = 1;
        assert_true(audyn_byte_size_parse(sizes[i].text, &bytes));
        assert_true(bytes == sizes[i].bytes);
    }
}

static void
anything_else_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",    "G",    "-1G",  " 1G", "1 G", "1X",
                                        "1Gb", "1GBB", "1KiX", "1iB", "9E",  "nan",
                                        "inf", "1e9",  "0x10", "1K1"};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        uint64_t bytes = 1;
        assert_false(audyn_byte_size_parse(texts[i], &bytes));
        assert_true(bytes == 1);
    }
}

static void
sizes_are_told_in_the_unit_that_fits(void **state)
{
    (void)state;
    static const struct {
        uint64_t bytes;
        const char *text;
    } sizes[] = {
        {0, "0 B"},
        {1023, "1023 B"},
        {1024, "1.0 KiB"},
        {1024 * 1024 - 1, "1.0 MiB"},
        {UINT64_C(3) << 29, "1.5 GiB"},
        {UINT64_MAX, "16.0 EiB"},
    };
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; ++i) {
        char text[AUDYN_BYTE_SIZE_TEXT];
        audyn_byte_size_text(text, sizes[i].bytes);
        assert_string_equal(text, sizes[i].text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sizes_are_read_as_people_write_them),
        cmocka_unit_test(anything_else_is_refused),
        cmocka_unit_test(sizes_are_told_in_the_unit_that_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
