// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"

#include "archive/verify/verify.h"
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

// A whole second, and a part of one.
static void
record_three_formats(void)
{
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
}

static void
only_flac_and_what_ends_before_its_cut_are_read_again_for_their_sums(void **state)
{
    (void)state;
    record_three_formats();
    assert_true(bytes_of(0, "wav") && bytes_of(0, "opus"));
    const uint64_t again = bytes_of(0, "flac") + bytes_of(1, "flac") + bytes_of(1, "wav");
    // Journals tell which start of the system it is.
    assert_in_range(bytes_read, again, again + 200);
}

static void
assert_no_damage(void *context, const audyn_verify_finding_t *finding)
{
    (void)context;
    assert_false(finding->damage);
}

static void
ignore_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    (void)context;
    (void)done_bytes;
    (void)total_bytes;
}

static void
ignore_summary(void *context, const audyn_verify_stream_t *stream)
{
    (void)context;
    (void)stream;
}

// Returns how much it read, of files and of all else.
static uint64_t
verify(bool files, audyn_verify_report_t *report)
{
    const audyn_verify_config_t config = {
        .archive = archive_folder,
        .has_to = !files,
        .to = {.is_position = true, .position = START},
        .decode = true,
        .threads = 1,
        .tell = assert_no_damage,
        .progress = ignore_progress,
        .summary = ignore_summary,
    };
    audyn_error_t error;
    bytes_read = 0;
    assert_int_equal(audyn_verify(&config, report, &error), AUDYN_OK);
    return bytes_read;
}

static void
each_file_is_read_once_to_verify_its_sums_and_samples(void **state)
{
    (void)state;
    record_three_formats();
    audyn_verify_report_t report;
    uint64_t once = verify(false, &report);
    assert_int_equal(report.files, 0);
    for (int second = 0; second < 2; ++second) {
        once +=
            bytes_of(second, "wav") + bytes_of(second, "opus") + bytes_of(second, "flac");
    }
    const uint64_t read = verify(true, &report);
    assert_int_equal(report.files, 6);
    // Before their samples: the sidecars and the headers of the WAV files.
    assert_in_range(read, once, once + 5000);
    assert_true(bytes_of(0, "flac") > 5000 && bytes_of(0, "opus") > 5000);
}

#define CASE(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(only_flac_and_what_ends_before_its_cut_are_read_again_for_their_sums),
        CASE(each_file_is_read_once_to_verify_its_sums_and_samples),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
