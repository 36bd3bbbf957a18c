// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"

#include "archive/chain.h"
#include "archive/verify/verify.h"
#include "failing_allocations.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define HOUR 3600U
#define START (UINT64_C(1790000000) / HOUR * HOUR)
#define SEGMENTS 2U

struct heard {
    unsigned damages, streams;
    const char *kind;        ///< at the first finding of this kind
    void (*meanwhile)(void); ///< this is done; NULL: it has been
};

static void
tell(void *context, const audyn_verify_finding_t *finding)
{
    struct heard *heard = context;
    heard->damages += finding->damage;
    assert_true(strlen(finding->text) > 10);
    if (heard->meanwhile && !strcmp(finding->kind, heard->kind)) {
        heard->meanwhile();
        heard->meanwhile = NULL;
    }
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
    assert_int_equal(stream->segments, SEGMENTS);
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
    heard->damages = heard->streams = 0;
    const audyn_status_t status = audyn_verify(&config, &report, error);
    assert_int_equal(report.damages, heard->damages);
    return status;
}

// One segment an hour, named after it, from 14.wav on.
static void
record(uint64_t start)
{
    const audyn_archive_settings_t settings =
        archive_bench_settings("custom=%H", HOUR, AUDYN_ARCHIVE_TAI);
    struct archive_bench bench;
    archive_bench_record(&bench, &settings, start, SEGMENTS * HOUR);
}

static const char *
path_of(const char *name)
{
    static char path[512];
    snprintf(path, sizeof path, "%s/%s", archive_folder, name);
    return path;
}

// As retention does it.
static void
delete_audio(const char *sidecar)
{
    audyn_entry_t segment;
    audyn_entry_t tombstone;
    char sha256[AUDYN_SHA256_TEXT];
    assert_int_equal(audyn_entry_read(&segment, path_of(sidecar), sha256, NULL),
                     AUDYN_OK);
    audyn_entry_init(&tombstone, AUDYN_ENTRY_TOMBSTONE, segment.stream, &segment.format);
    const audyn_entry_file_t *file = &segment.segment.files[0];
    audyn_entry_file_t *gone = &tombstone.tombstone.files[0];
    *gone = (audyn_entry_file_t){.bytes = file->bytes};
    strcpy(gone->path, file->path);
    strcpy(gone->format, file->format);
    strcpy(gone->sha256, file->sha256);
    tombstone.tombstone.file_count = 1;
    tombstone.tombstone.segment = segment.sequence;
    strcpy(tombstone.tombstone.why, "a test");
    strcpy(tombstone.tombstone.deleted_utc, "2026-11-22T00:00:00.000000000Z");
    audyn_chain_t *chain;
    assert_int_equal(audyn_chain_open(&chain, archive_folder, NULL, NULL), AUDYN_OK);
    assert_int_equal(audyn_chain_append(chain, &tombstone, NULL, NULL), AUDYN_OK);
    audyn_chain_close(chain);
    char path[256];
    snprintf(path, sizeof path, "%.*s.wav", (int)strlen(sidecar) - 5, sidecar);
    assert_int_equal(unlink(path_of(path)), 0);
    audyn_entry_finish(&tombstone);
    audyn_entry_finish(&segment);
}

static void
delete_first(void)
{
    delete_audio("stream/14.json");
}

static void
a_file_that_is_deleted_before_it_is_read_is_no_damage(void **state)
{
    (void)state;
    record(START);
    FILE *note = fopen(path_of("note"), "w");
    assert_int_equal(fclose(note), 0);
    struct heard heard = {.kind = "stray", .meanwhile = delete_first};
    audyn_error_t error;
    assert_int_equal(verify(&heard, &error), AUDYN_OK);
    assert_null(heard.meanwhile);
    assert_int_equal(heard.damages, 0);
}

static void
go_on_and_delete(void)
{
    record(START + SEGMENTS * HOUR);
    delete_audio("stream/17.json");
    assert_int_equal(rmdir(path_of("y")), 0);
}

// The link is come to behind the stream's folder, and before the tombstones.
static void
what_changes_behind_the_walk_is_no_damage(void **state)
{
    (void)state;
    record(START);
    char link[512];
    strcpy(link, path_of("x"));
    assert_int_equal(symlink(path_of("stream"), link), 0);
    assert_int_equal(mkdir(path_of("y"), 0777), 0);
    struct heard heard = {.kind = "link", .meanwhile = go_on_and_delete};
    audyn_error_t error;
    assert_int_equal(verify(&heard, &error), AUDYN_OK);
    assert_null(heard.meanwhile);
    assert_int_equal(heard.damages, 0);
}

static void
an_allocation_that_fails_is_told_and_is_no_damage(void **state)
{
    (void)state;
    record(START);
    bool happened = true;
    int allowed = 0;
    for (; happened; ++allowed) {
        struct heard heard = {0};
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

static void
a_folder_without_anything_is_no_archive(void **state)
{
    (void)state;
    struct heard heard = {0};
    audyn_error_t error = {""};
    assert_int_equal(verify(&heard, &error), AUDYN_NOT_FOUND);
    assert_true(strlen(error.text) > 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(a_folder_without_anything_is_no_archive,
                                  archive_bench_clear_folder),
        cmocka_unit_test_teardown(a_file_that_is_deleted_before_it_is_read_is_no_damage,
                                  archive_bench_clear_folder),
        cmocka_unit_test_teardown(what_changes_behind_the_walk_is_no_damage,
                                  archive_bench_clear_folder),
        cmocka_unit_test_teardown(an_allocation_that_fails_is_told_and_is_no_damage,
                                  archive_bench_clear_folder),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
