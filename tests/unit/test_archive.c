// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static void
a_clock_at_a_fraction_of_the_rate_is_cut_on_its_first_sample_of_the_second(void **state)
{
    (void)state;
    const audyn_input_format_t format = {.sample_rate = 48000,
                                         .channels = 1,
                                         .bits = 16,
                                         .rate_numerator = 1000,
                                         .rate_denominator = 1001};
    const audyn_media_rate_t rate = audyn_input_media_rate(&format);
    const audyn_archive_settings_t settings =
        archive_bench_settings("accurate", 1, AUDYN_ARCHIVE_UTC);
    struct archive_bench bench;
    archive_bench_begin(
        &bench, &settings, &format,
        audyn_media_position(INT64_C(1790000000) * AUDYN_NS_PER_SECOND + 12345, &rate));
    for (int i = 0; i < 50; ++i) {
        archive_bench_write(&bench, 7919);
    }
    archive_bench_classify(&bench, bench.start, bench.position);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    size_t count;
    const struct told_segment *told = archive_bench_assert_unbroken(&bench, &count);
    assert_int_equal(count, 9);
    for (size_t i = 1; i < count; ++i) {
        const int64_t second = told[i].first_ns / AUDYN_NS_PER_SECOND;
        assert_true(told[i - 1].last_ns < second * AUDYN_NS_PER_SECOND);
        assert_true(told[i].first_ns - second * AUDYN_NS_PER_SECOND < 20855);
    }
}

static const audyn_input_format_t mono = {
    .sample_rate = 48000, .channels = 1, .bits = 16};
#define START (UINT64_C(1790000000) * 48000)

static void
where_any_file_has_the_name_the_next_number_is_taken(void **state)
{
    (void)state;
    static const char *const others[] = {"2026-09-21-14.flac",
                                         "2026-09-21-14-2.json.sig"};
    const audyn_archive_settings_t settings =
        archive_bench_settings("flat", 3600, AUDYN_ARCHIVE_UTC);
    char path[256];
    snprintf(path, sizeof path, "%s/stream", archive_folder);
    assert_int_equal(mkdir(path, 0777), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i) {
        snprintf(path, sizeof path, "%s/stream/%s", archive_folder, others[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fclose(file);
    }
    for (int i = 0; i < 2; ++i) {
        struct archive_bench bench;
        archive_bench_begin(&bench, &settings, &mono, START);
        archive_bench_write(&bench, 1000);
        archive_bench_classify(&bench, START, START + 1000);
        assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    }
    assert_false(archive_bench_exists("2026-09-21-14.wav"));
    assert_false(archive_bench_exists("2026-09-21-14-2.wav"));
    assert_true(archive_bench_exists("2026-09-21-14-3.wav"));
    assert_true(archive_bench_exists("2026-09-21-14-3.json"));
    assert_true(archive_bench_exists("2026-09-21-14-4.wav"));
    assert_true(archive_bench_exists("2026-09-21-14-4.json"));
}

// Of the sidecar of the second that begins `second` seconds after the start.
static json_t *
load_sidecar(int second)
{
    char path[256];
    snprintf(path, sizeof path, "%s/stream/2026-09-21/2026-09-21-14-12-%02d-00.json",
             archive_folder, 43 + second);
    json_t *json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    return json;
}

static void
a_format_that_fails_harms_neither_the_other_one_nor_the_next_file(void **state)
{
    (void)state;
    audyn_archive_settings_t settings =
        archive_bench_settings("accurate", 1, AUDYN_ARCHIVE_UTC);
    settings.formats[1] = "opus";
    settings.format_count = 2;
    struct archive_bench bench;
    archive_bench_begin(&bench, &settings, &mono, START);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (int second = 0; second < 3; ++second) {
        const struct rlimit limit = {second == 1 ? 50000 : before.rlim_cur,
                                     before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        archive_bench_write(&bench, 48000);
        archive_bench_sync(&bench, second == 2);
    }
    archive_bench_classify(&bench, START, bench.position);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    audyn_unwritten_t unwritten;
    audyn_output_get_unwritten(bench.output, &unwritten);
    assert_int_equal(unwritten.files, 1);
    assert_int_equal(unwritten.io_error, 0);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    assert_int_equal(bench.told, 1);
    for (int second = 0; second < 3; ++second) {
        json_t *json = load_sidecar(second);
        json_t *files = json_object_get(json, "files");
        assert_int_equal(json_array_size(files), 2);
        json_t *wav = json_array_get(files, 0);
        assert_int_equal(json_object_get(wav, "error") != NULL, second == 1);
        assert_null(json_object_get(json_array_get(files, 1), "error"));
        assert_int_equal(json_integer_value(json_object_get(json, "sample_frames")),
                         48000);
        if (second == 1) {
            const json_int_t kept =
                json_integer_value(json_object_get(wav, "sample_frames"));
            assert_true(kept > 0 && kept < 48000);
        }
        json_decref(json);
    }
}

static void
a_sidecar_waits_until_every_class_is_known(void **state)
{
    (void)state;
    const audyn_archive_settings_t settings =
        archive_bench_settings("accurate", 1, AUDYN_ARCHIVE_UTC);
    struct archive_bench bench;
    archive_bench_begin(&bench, &settings, &mono, START);
    archive_bench_write(&bench, 50000);
    archive_bench_classify(&bench, START, START + 47999);
    for (int i = 0; i < 5; ++i) {
        archive_bench_sync(&bench, false);
    }
    assert_true(archive_bench_exists("2026-09-21/2026-09-21-14-12-43-00.wav"));
    assert_false(archive_bench_exists("2026-09-21/2026-09-21-14-12-43-00.json"));
    const audyn_span_t lost = {START + 47999, 3, AUDYN_SAMPLE_LOST};
    audyn_output_classify(bench.output, &lost);
    archive_bench_sync(&bench, false);
    json_t *json = load_sidecar(0);
    json_int_t position, count;
    assert_int_equal(json_unpack(json, "{s:[{s:I, s:I}]}", "spans", "position", &position,
                                 "sample_frames", &count),
                     0);
    assert_true((uint64_t)position == START + 47999);
    assert_int_equal(count, 1);
    json_decref(json);
    archive_bench_classify(&bench, START + 48002, START + 50000);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    json = load_sidecar(1);
    assert_int_equal(json_integer_value(json_object_get(json, "lost")), 2);
    json_decref(json);
}

// By a host's clock that is set back between, or a media clock that begins anew.
static void
segments_of_the_same_time_are_kept_side_by_side(void **state)
{
    (void)state;
    static const struct {
        uint64_t start;
        const char *names[3];
    } sessions[] = {
        {START, {"43-00", "44-00", "45-00"}},
        {START - 48000, {"42-00", "43-00-2", "44-00-2"}},
        {START, {"43-00-3", "44-00-3", "45-00-2"}},
    };
    const audyn_archive_settings_t settings =
        archive_bench_settings("accurate", 1, AUDYN_ARCHIVE_UTC);
    for (size_t s = 0; s < sizeof sessions / sizeof *sessions; ++s) {
        struct archive_bench bench;
        archive_bench_begin(&bench, &settings, &mono, sessions[s].start);
        for (int second = 0; second < 3; ++second) {
            archive_bench_write(&bench, 48000);
        }
        archive_bench_classify(&bench, bench.start, bench.position);
        assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    }
    for (size_t s = 0; s < sizeof sessions / sizeof *sessions; ++s) {
        for (unsigned i = 0; i < 3; ++i) {
            char base[256];
            snprintf(base, sizeof base, "%s/stream/2026-09-21/2026-09-21-14-12-%s.json",
                     archive_folder, sessions[s].names[i]);
            json_t *json = json_load_file(base, 0, NULL);
            assert_non_null(json);
            const uint64_t position =
                (uint64_t)json_integer_value(json_object_get(json, "position"));
            assert_true(position == sessions[s].start + UINT64_C(48000) * i);
            json_decref(json);
            archive_bench_assert_ramp(base, position, 48000);
        }
    }
}

static void
too_much_that_waits_for_the_disk_leaves_no_room(void **state)
{
    (void)state;
    const audyn_archive_settings_t settings =
        archive_bench_settings("accurate", 1, AUDYN_ARCHIVE_UTC);
    struct archive_bench bench;
    archive_bench_begin(&bench, &settings, &mono, START);
    while (audyn_output_has_room(bench.output)) {
        archive_bench_write(&bench, 48000);
        assert_true(bench.position < START + 100 * 48000);
    }
    archive_bench_classify(&bench, START, bench.position);
    for (int i = 0; i < 4; ++i) {
        archive_bench_sync(&bench, false);
    }
    assert_true(audyn_output_has_room(bench.output));
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
}

static void
a_second_recorder_of_an_archive_is_refused(void **state)
{
    (void)state;
    const audyn_archive_settings_t settings =
        archive_bench_settings("flat", 3600, AUDYN_ARCHIVE_UTC);
    audyn_archive_t *first;
    audyn_archive_t *second;
    audyn_error_t error;
    assert_int_equal(audyn_archive_open(&first, archive_folder, &settings, &error),
                     AUDYN_OK);
    assert_int_equal(audyn_archive_open(&second, archive_folder, &settings, &error),
                     AUDYN_BUSY);
    assert_null(second);
    assert_non_null(strstr(error.text, "another process"));
    audyn_archive_close(first);
    assert_int_equal(audyn_archive_open(&second, archive_folder, &settings, &error),
                     AUDYN_OK);
    audyn_archive_close(second);
}

static void
a_stream_that_fits_no_file_is_refused_at_once(void **state)
{
    (void)state;
    audyn_archive_settings_t settings =
        archive_bench_settings("flat", 3600, AUDYN_ARCHIVE_UTC);
    settings.formats[0] = "flac";
    audyn_archive_t *archive;
    assert_int_equal(audyn_archive_open(&archive, archive_folder, &settings, NULL),
                     AUDYN_OK);
    const audyn_archive_stream_t stream = {
        .name = "wide", .format = {.sample_rate = 48000, .channels = 9, .bits = 24}};
    audyn_output_t *output;
    audyn_error_t error;
    assert_int_equal(audyn_archive_output_create(&output, archive, &stream, &error),
                     AUDYN_INVALID);
    assert_null(output);
    assert_non_null(strstr(error.text, "9 channels"));
    audyn_archive_close(archive);
}

#define CASE(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        CASE(a_clock_at_a_fraction_of_the_rate_is_cut_on_its_first_sample_of_the_second),
        CASE(where_any_file_has_the_name_the_next_number_is_taken),
        CASE(a_format_that_fails_harms_neither_the_other_one_nor_the_next_file),
        CASE(a_sidecar_waits_until_every_class_is_known),
        CASE(segments_of_the_same_time_are_kept_side_by_side),
        CASE(too_much_that_waits_for_the_disk_leaves_no_room),
        CASE(a_second_recorder_of_an_archive_is_refused),
        CASE(a_stream_that_fits_no_file_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
