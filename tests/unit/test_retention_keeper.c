// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/retention/retention_keeper.h"
#include "archived_hours.h"

#include <semaphore.h>
#include <stdatomic.h>

// Stands still, and tells each look at it.
struct watched_clock {
    audyn_clock_t clock;
    _Atomic int64_t tai_ns; // written by the test
    sem_t looks;
};

static int64_t
utc_ns(const audyn_clock_t *clock)
{
    struct watched_clock *watched = (struct watched_clock *)(uintptr_t)clock;
    sem_post(&watched->looks);
    return watched->tai_ns;
}

static int64_t
no_offset(const audyn_clock_t *clock)
{
    (void)clock;
    return 0;
}

struct bench {
    struct watched_clock clock;
    audyn_chain_t *chain;
    audyn_retention_keeper_t *keeper;
    sem_t deleted;
    _Atomic unsigned problems; // told, on the keeper's thread
    _Atomic unsigned files;    // deleted
    char last[128];            // read after `deleted` or the keeper's end
};

static void
tell(void *context, bool is_problem, const char *what)
{
    struct bench *bench = context;
    if (is_problem) {
        ++bench->problems;
    } else {
        snprintf(bench->last, sizeof bench->last, "%s", what);
        sem_post(&bench->deleted);
    }
}

static void
count_deleted(void *context, const audyn_retention_deletion_t *deletion)
{
    struct bench *bench = context;
    assert_int_equal(deletion->bytes, 100);
    ++bench->files;
}

// Two hours of a stream; files are kept for a second.
static void
begin(struct bench *bench, int64_t after_ns)
{
    *bench = (struct bench){.clock.clock = {.utc_ns = utc_ns, .tai_offset_s = no_offset}};
    bench->clock.tai_ns = HOURS_BEGIN_NS + after_ns;
    sem_init(&bench->clock.looks, 0, 0);
    sem_init(&bench->deleted, 0, 0);
    bench->chain = open_hours();
    archive_hours(bench->chain, "a", 0, 2, "wav");
    audyn_retention_keeper_config_t config = {
        .archive = archive_folder,
        .clock = &bench->clock.clock,
        .chain = bench->chain,
        .deleted = count_deleted,
        .tell = tell,
        .context = bench,
    };
    assert_int_equal(audyn_retention_parse(&config.policy, "1s", NULL), AUDYN_OK);
    assert_int_equal(audyn_retention_keeper_start(&bench->keeper, &config), AUDYN_OK);
}

static void
end(struct bench *bench)
{
    audyn_retention_keeper_stop(bench->keeper);
    audyn_chain_close(bench->chain);
    sem_destroy(&bench->clock.looks);
    sem_destroy(&bench->deleted);
}

static void
files_go_at_once_and_as_time_goes_by(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, HOUR_NS + 2 * AUDYN_NS_PER_SECOND);
    sem_wait(&bench.deleted);
    assert_string_equal(bench.last, "retention: 1 file deleted, 100 B");
    assert_false(is_in_archive("a/0000.wav"));
    assert_true(is_in_archive("a/0001.wav"));
    bench.clock.tai_ns = HOURS_BEGIN_NS + 3 * HOUR_NS;
    sem_wait(&bench.deleted);
    assert_false(is_in_archive("a/0001.wav"));
    end(&bench);
    assert_int_equal(bench.problems, 0);
    assert_int_equal(bench.files, 2);
}

static void
a_problem_that_stays_is_told_once(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, 1000 * DAY_NS);
    for (int look = 0; look < 3; ++look) {
        sem_wait(&bench.clock.looks);
    }
    end(&bench);
    assert_int_equal(bench.problems, 1);
    assert_true(is_in_archive("a/0000.wav"));
}

static void
it_ends_at_once_though_the_next_look_is_far(void **state)
{
    (void)state;
    struct bench bench;
    begin(&bench, 0);
    end(&bench);
    assert_true(is_in_archive("a/0000.wav"));
    audyn_retention_keeper_stop(NULL);
}

#define KEEPER_TEST(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        KEEPER_TEST(files_go_at_once_and_as_time_goes_by),
        KEEPER_TEST(a_problem_that_stays_is_told_once),
        KEEPER_TEST(it_ends_at_once_though_the_next_look_is_far),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
