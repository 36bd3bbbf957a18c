// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/recover/recover.h"
#include "archive_bench.h"
#include "archive_files.h"
#include "failing_allocations.h"

#include <dirent.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define START (UINT64_C(1790000000) * 48000)
#define SECOND 48000

static const audyn_input_format_t mono = {
    .sample_rate = 48000, .channels = 1, .bits = 16};

static unsigned told[AUDYN_NOT_RECOVERED + 1];

static void
tell(void *context, const audyn_recovered_t *what)
{
    (void)context;
    assert_non_null(strstr(what->text, "stream"));
    ++told[what->kind];
}

// A recorder that ends without a word, in its third second.
static void
crash(void)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        audyn_archive_settings_t settings =
            archive_bench_settings("accurate", 1, AUDYN_ARCHIVE_UTC);
        settings.formats[1] = "flac";
        settings.format_count = 2;
        struct archive_bench bench;
        archive_bench_begin(&bench, &settings, &mono, START);
        for (int i = 0; i < 5; ++i) {
            archive_bench_write(&bench, SECOND / 2);
            archive_bench_sync(&bench, false);
        }
        archive_bench_sync(&bench, false);
        archive_bench_classify(&bench, START, START + SECOND / 2);
        archive_bench_sync(&bench, false);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
}

static unsigned
count_journals(void)
{
    char path[PATH_MAX];
    name_in_archive(path, ".audyn/open");
    DIR *files = opendir(path);
    unsigned count = 0;
    for (const struct dirent *file; files && (file = readdir(files));) {
        count += *file->d_name != '.';
    }
    closedir(files);
    return count;
}

// Returns whether an allocation has failed.
static bool
recover(audyn_chain_t *chain, int allowed)
{
    const audyn_recovery_t recovery = {.chain = chain, .tell = tell};
    audyn_background_recovery_t *background;
    audyn_error_t error = {""};
    failing_allocations_after(allowed);
    const audyn_status_t status =
        audyn_recover_in_background(&background, &recovery, &error);
    assert_true(!status == !*error.text);
    assert_true(!status == (background != NULL));
    audyn_background_recovery_wait(background);
    assert_true(audyn_background_recovery_is_done(background));
    audyn_background_recovery_end(background);
    const bool happened = failing_allocations_happened();
    failing_allocations_after(-1);
    assert_true(happened || !status);
    return happened;
}

static void
what_a_crash_has_left_is_recovered_once_there_is_memory(void **state)
{
    (void)state;
    crash();
    assert_int_equal(count_journals(), 3);
    audyn_chain_t *chain;
    assert_int_equal(audyn_chain_open(&chain, archive_folder, NULL, NULL), AUDYN_OK);
    int allowed = 0;
    while (recover(chain, allowed)) {
        ++allowed;
    }
    assert_true(allowed > 4); // each time all but one segment are recovered
    assert_int_equal(told[AUDYN_RECOVERED_SEGMENT], 3);
    assert_int_equal(count_journals(), 0);
    uint64_t end;
    assert_int_equal(
        audyn_chain_end_before(chain, "stream", &mono, START + 9 * SECOND, &end),
        AUDYN_OK);
    assert_int_equal(end, START + 5 * SECOND / 2);
    memset(told, 0, sizeof told);
    assert_false(recover(chain, 1000));
    for (int i = 0; i <= AUDYN_NOT_RECOVERED; ++i) {
        assert_int_equal(told[i], 0);
    }
    audyn_chain_close(chain);
}

static void
no_recovery_is_done_already(void **state)
{
    (void)state;
    assert_true(audyn_background_recovery_is_done(NULL));
    audyn_background_recovery_wait(NULL);
    audyn_background_recovery_end(NULL);
}

#define CASE(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(what_a_crash_has_left_is_recovered_once_there_is_memory),
        CASE(no_recovery_is_done_already),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
