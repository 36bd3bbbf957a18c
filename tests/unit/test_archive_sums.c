// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"
#include "counted_reads.h"

#include <stdio.h>
#include <sys/stat.h>

#define START (UINT64_C(1790000000) * 48000)

static const audyn_input_format_t mono = {
    .sample_rate = 48000, .channels = 1, .bits = 16};

// Of the second that begins so many seconds after the start.
static uint64_t
bytes_of(int second, const char *format)
{
    char path[256];
    struct stat about;
    snprintf(path, sizeof path, "%s/stream/2026-09-21/2026-09-21-14-12-%02d-00.%s",
             archive_folder, 43 + second, format);
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size > 0);
    return (uint64_t)about.st_size;
}

static void
only_flac_and_what_ends_before_its_cut_are_read_again_for_their_sums(void **state)
{
    (void)state;
    audyn_archive_settings_t settings =
        archive_bench_settings("accurate", 1, AUDYN_ARCHIVE_UTC);
    settings.formats[1] = "opus";
    settings.formats[2] = "flac";
    settings.format_count = 3;
    struct archive_bench bench;
    archive_bench_begin(&bench, &settings, &mono, START);
    bytes_read = 0;
    archive_bench_write(&bench, 48000);
    archive_bench_write(&bench, 1000);
    archive_bench_classify(&bench, START, bench.position);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    assert_true(bytes_of(0, "wav") && bytes_of(0, "opus"));
    const uint64_t again = bytes_of(0, "flac") + bytes_of(1, "flac") + bytes_of(1, "wav");
    // Journals tell which start of the system it is.
    assert_in_range(bytes_read, again, again + 200);
}

#define CASE(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(only_flac_and_what_ends_before_its_cut_are_read_again_for_their_sums),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
