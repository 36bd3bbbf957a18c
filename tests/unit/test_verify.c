// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"

#include "archive/verify/verify.h"
#include "failing_allocations.h"

#include <string.h>

#define HOUR 3600U

struct heard {
    unsigned damages, streams;
};

static void
tell(void *context, const audyn_verify_finding_t *finding)
{
    struct heard *heard = context;
    heard->damages += finding->damage;
    assert_true(strlen(finding->text) > 10);
}

static void
progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    (void)context;
    assert_true(done_bytes <= total_bytes);
}

static void
summary(void *context, const audyn_verify_stream_t *stream)
{
    struct heard *heard = context;
    ++heard->streams;
    assert_int_equal(stream->segments, 3);
}

static audyn_status_t
verify(struct heard *heard, audyn_error_t *error)
{
    const audyn_verify_config_t config = {
        .archive = archive_folder,
        .decode = true,
        .threads = 1,
        .tell = tell,
        .progress = progress,
        .summary = summary,
        .context = heard,
    };
    audyn_verify_report_t report;
    *heard = (struct heard){0};
    const audyn_status_t status = audyn_verify(&config, &report, error);
    assert_int_equal(report.damages, heard->damages);
    return status;
}

static void
an_allocation_that_fails_is_told_and_is_no_damage(void **state)
{
    (void)state;
    const audyn_archive_settings_t settings =
        archive_bench_settings("flat", HOUR, AUDYN_ARCHIVE_UTC);
    struct archive_bench bench;
    archive_bench_record(&bench, &settings, UINT64_C(1790000000) / HOUR * HOUR, 2 * HOUR);
    bool happened = true;
    int allowed = 0;
    for (; happened; ++allowed) {
        struct heard heard;
        audyn_error_t error = {""};
        failing_allocations_after(allowed);
        const audyn_status_t status = verify(&heard, &error);
        happened = failing_allocations_happened();
        failing_allocations_after(-1);
        assert_int_equal(heard.damages, 0);
        assert_true(status == AUDYN_OK || (happened && status == AUDYN_NO_MEMORY));
        assert_int_equal(heard.streams, status == AUDYN_OK);
        assert_int_equal(status != AUDYN_OK, strlen(error.text) > 0);
    }
    assert_true(allowed > 20);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(an_allocation_that_fails_is_told_and_is_no_damage,
                                  archive_bench_clear_folder),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
