// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/merge/merge.h"
#include "archive/merge/merge_plan.h"
#include "archive_bench.h"
#include "failing_allocations.h"

#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_SEGMENTS 4
#define HOUR 3600

/// Segments by where they begin and end; all zero behind the last one.
typedef struct {
    uint64_t position, end;
} stretch_t;

static void
make_source(merge_source_t *source, merge_segment_t segments[MOST_SEGMENTS],
            const stretch_t *stretches, char side)
{
    static char paths[2][MOST_SEGMENTS][32];
    *source = (merge_source_t){.segments = segments, .open = MERGE_NO_SEGMENT};
    for (size_t i = 0; i < MOST_SEGMENTS && stretches[i].end; ++i) {
        char *path = paths[side == 'b'][i];
        snprintf(path, sizeof paths[0][0], "st/%c%zu.json", side, i);
        segments[i] = (merge_segment_t){
            .path = path,
            .sequence = i,
            .position = stretches[i].position,
            .end = stretches[i].end,
            .reach = stretches[i].end,
        };
        if (i && segments[i].reach < segments[i - 1].reach) {
            segments[i].reach = segments[i - 1].reach;
        }
        ++source->count;
    }
}

static void
assert_plan(const stretch_t *a, const stretch_t *b, const char *expected)
{
    merge_segment_t segments[2][MOST_SEGMENTS];
    merge_source_t sources[2];
    make_source(&sources[0], segments[0], a, 'a');
    make_source(&sources[1], segments[1], b, 'b');
    merge_plan_t plan;
    assert_int_equal(merge_plan_make(&plan, sources), AUDYN_OK);
    char text[256] = "";
    for (size_t i = 0; i < plan.count; ++i) {
        const size_t length = strlen(text);
        snprintf(text + length, sizeof text - length, "%s%s %d-%d", i ? ", " : "",
                 plan.parts[i].name, (int)plan.parts[i].position, (int)plan.parts[i].end);
    }
    assert_string_equal(text, expected);
    merge_plan_finish(&plan);
}

#define SEGMENTS(...) ((const stretch_t[MOST_SEGMENTS]){__VA_ARGS__})

static void
cuts_that_both_have_are_kept(void **state)
{
    (void)state;
    assert_plan(SEGMENTS({0, 10}, {10, 20}), SEGMENTS({0, 10}, {10, 20}),
                "a0 0-10, a1 10-20");
    assert_plan(SEGMENTS({3, 10}, {10, 15}), SEGMENTS({0, 10}, {10, 20}),
                "b0 0-10, a1 10-20");
}

static void
a_restart_of_one_is_no_cut_where_the_other_one_went_on(void **state)
{
    (void)state;
    assert_plan(SEGMENTS({0, 4}, {6, 10}, {10, 20}), SEGMENTS({0, 10}, {10, 20}),
                "a0 0-10, a2 10-20");
    assert_plan(SEGMENTS({0, 10}, {10, 20}), SEGMENTS({0, 4}, {6, 10}, {10, 20}),
                "a0 0-10, a1 10-20");
    assert_plan(SEGMENTS({0, 4}, {6, 10}), SEGMENTS({2, 8}), "a0 0-10");
}

static void
what_only_one_has_is_cut_as_it_is_there(void **state)
{
    (void)state;
    assert_plan(SEGMENTS({0, 10}), SEGMENTS({10, 20}, {20, 30}),
                "a0 0-10, b0 10-20, b1 20-30");
    assert_plan(SEGMENTS({20, 30}), SEGMENTS({0, 10}, {10, 20}),
                "b0 0-10, b1 10-20, a0 20-30");
    assert_plan(SEGMENTS({0, 10}), SEGMENTS({15, 20}), "a0 0-10, b0 15-20");
}

static void
where_periods_differ_those_of_the_first_decide(void **state)
{
    (void)state;
    assert_plan(SEGMENTS({0, 10}, {10, 20}), SEGMENTS({0, 20}), "a0 0-10, a1 10-20");
    assert_plan(SEGMENTS({0, 20}), SEGMENTS({0, 10}, {10, 20}), "a0 0-20");
}

static void
segments_that_overlap_are_cut_where_none_goes_on(void **state)
{
    (void)state;
    assert_plan(SEGMENTS({0, 10}, {8, 20}), SEGMENTS({0, 10}), "a0 0-20");
    assert_plan(SEGMENTS({0, 10}, {10, 15}, {12, 20}, {20, 30}), SEGMENTS({0, 10}),
                "a0 0-10, a1 10-20, a3 20-30");
    assert_plan(SEGMENTS({0, 20}, {5, 8}, {6, 7}), SEGMENTS({30, 40}, {32, 34}),
                "a0 0-20, b0 30-40");
}

static void
of_segments_that_overlap_the_first_that_was_recorded_rules(void **state)
{
    (void)state;
    merge_segment_t segments[MOST_SEGMENTS];
    merge_source_t source;
    make_source(&source, segments, SEGMENTS({0, 20}, {5, 8}), 'a');
    uint64_t until;
    for (uint64_t position = 0; position < 20; ++position) {
        assert_int_equal(merge_source_find(&source, position, &until), 0);
    }
    segments[0].sequence = 2;
    assert_int_equal(merge_source_find(&source, 4, &until), 0);
    assert_int_equal(merge_source_find(&source, 5, &until), 1);
    assert_int_equal(until, 8);
    assert_int_equal(merge_source_find(&source, 8, &until), 0);
    assert_int_equal(until, 20);
    assert_true(merge_source_find(&source, 20, &until) == MERGE_NO_SEGMENT);
}

static int
remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    (void)at;
    return remove(path);
}

static char archives[3][96];

// The second one begins half an hour later.
static int
make_archives(void **state)
{
    if (archive_bench_make_folder(state)) {
        return -1;
    }
    for (int side = 0; side < 3; ++side) {
        snprintf(archives[side], sizeof archives[side], "%s-%d", archive_folder, side);
    }
    for (uint64_t side = 0; side < 2; ++side) {
        const audyn_archive_settings_t settings =
            archive_bench_settings("flat", HOUR, AUDYN_ARCHIVE_UTC);
        struct archive_bench bench;
        archive_bench_record(&bench, &settings, UINT64_C(1790000000) + side * HOUR / 2,
                             2 * HOUR);
        if (rename(archive_folder, archives[side]) || mkdir(archive_folder, 0777)) {
            return -1;
        }
    }
    return 0;
}

static int
remove_archives(void **state)
{
    for (int side = 0; side < 3; ++side) {
        nftw(archives[side], remove_one, 16, FTW_DEPTH | FTW_PHYS);
    }
    return archive_bench_remove_folder(state);
}

static audyn_status_t
merge(audyn_merge_report_t *report)
{
    nftw(archives[2], remove_one, 16, FTW_DEPTH | FTW_PHYS);
    const audyn_merge_config_t config = {
        .archives = {archives[0], archives[1]},
        .out = archives[2],
        .has_offset = true,
    };
    audyn_error_t error = {""};
    const audyn_status_t status = audyn_merge(&config, report, &error);
    assert_true(!status || *error.text);
    return status;
}

static void
two_archives_become_one(void **state)
{
    (void)state;
    audyn_merge_report_t report;
    assert_int_equal(merge(&report), AUDYN_OK);
    assert_int_equal(report.stream_count, 1);
    const audyn_merge_stream_t *stream = &report.streams[0];
    assert_string_equal(stream->name, "stream");
    assert_true(stream->sample_frames == 2 * HOUR + HOUR / 2);
    assert_true(stream->from[0] == 2 * HOUR);
    assert_true(stream->from[1] == HOUR / 2);
    assert_true(stream->missing + stream->differing == 0);
    audyn_merge_report_finish(&report);
}

static void
memory_that_runs_out_is_told_and_nothing_leaks(void **state)
{
    (void)state;
    bool failed = true;
    for (int allowed = 0; failed; ++allowed) {
        audyn_merge_report_t report;
        failing_allocations_after(allowed);
        const audyn_status_t status = merge(&report);
        failed = failing_allocations_happened();
        failing_allocations_after(-1);
        const audyn_merge_stream_t *stream = report.streams;
        assert_true(status || (stream->sample_frames == 2 * HOUR + HOUR / 2 &&
                               stream->missing == 0));
        audyn_merge_report_finish(&report);
    }
}

int
main(void)
{
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cuts_that_both_have_are_kept),
        cmocka_unit_test(a_restart_of_one_is_no_cut_where_the_other_one_went_on),
        cmocka_unit_test(what_only_one_has_is_cut_as_it_is_there),
        cmocka_unit_test(where_periods_differ_those_of_the_first_decide),
        cmocka_unit_test(segments_that_overlap_are_cut_where_none_goes_on),
        cmocka_unit_test(of_segments_that_overlap_the_first_that_was_recorded_rules),
        cmocka_unit_test(two_archives_become_one),
        cmocka_unit_test(memory_that_runs_out_is_told_and_nothing_leaks),
    };
    return cmocka_run_group_tests(tests, make_archives, remove_archives);
}
