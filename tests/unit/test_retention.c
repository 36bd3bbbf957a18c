// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/retention/retention.h"
#include "archived_hours.h"
#include "simulated_clock.h"

#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>

#define TAI_MINUS_UTC_NS (37 * AUDYN_NS_PER_SECOND)

// What the disk says is free.
static uint64_t free_bytes = UINT64_MAX;

uint64_t __wrap_audyn_directory_room(const char *path);

uint64_t
__wrap_audyn_directory_room(const char *path)
{
    assert_string_equal(path, archive_folder);
    return free_bytes;
}

int __real_unlink(const char *path);
int __wrap_unlink(const char *path);

static const char *wanted_before_unlink; // below the archive's directory; NULL: nothing
static bool unlink_fails;

int
__wrap_unlink(const char *path)
{
    if (wanted_before_unlink && strstr(path, ".wav")) {
        assert_true(is_in_archive(wanted_before_unlink));
    }
    if (unlink_fails && strstr(path, ".wav")) {
        errno = EIO;
        return -1;
    }
    return __real_unlink(path);
}

struct told {
    audyn_chain_t *dying; // of who is killed behind a tombstone, after the first deletion
    audyn_chain_t *holding; // of who is killed behind a hold of hour 1, then
    audyn_chain_t *losing;  // of who holds hour 1 then, and finds no catalog
    unsigned deleted, left;
    uint64_t bytes;
    char last[PATH_MAX], why[AUDYN_RETENTION_TEXT];
};

// Only the tombstone of that hour of the stream "a".
static void
bury(audyn_chain_t *chain, int hour)
{
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_TOMBSTONE, "a", &hours_format);
    entry.tombstone =
        (audyn_entry_tombstone_t){.segment = (uint64_t)hour, .file_count = 1};
    audyn_entry_file_t *file = &entry.tombstone.files[0];
    snprintf(file->path, sizeof file->path, "%04d.wav", hour);
    strcpy(file->format, "wav");
    append_entry(chain, &entry, NULL);
}

static uint64_t
hold(audyn_chain_t *chain, int64_t from_ns, int64_t to_ns)
{
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_HOLD, "a", &hours_format);
    entry.hold = (audyn_entry_hold_t){.from = hour_moment(HOURS_BEGIN_NS + from_ns),
                                      .to = hour_moment(HOURS_BEGIN_NS + to_ns),
                                      .why = "a complaint",
                                      .by = "me"};
    assert_int_equal(audyn_chain_append(chain, &entry, NULL, NULL), AUDYN_OK);
    return entry.sequence;
}

// The hold is written, and the catalog does not know it.
static void
hold_hour_one_and_die(audyn_chain_t *chain)
{
    hold(chain, HOUR_NS, 2 * HOUR_NS);
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/" AUDYN_CATALOG_FILE, archive_folder);
    sqlite3 *catalog;
    assert_int_equal(sqlite3_open(path, &catalog), SQLITE_OK);
    static const char forget[] =
        "DELETE FROM entries WHERE kind = 'hold'; DELETE FROM holds";
    assert_int_equal(sqlite3_exec(catalog, forget, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(catalog);
}

static void
lose_catalog(void)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/" AUDYN_CATALOG_FILE, archive_folder);
    assert_int_equal(unlink(path), 0);
}

static void
on_deleted(void *context, const audyn_retention_deletion_t *deletion)
{
    struct told *told = context;
    ++told->deleted;
    told->bytes += deletion->bytes;
    if (told->dying && told->deleted == 1) {
        bury(told->dying, 3);
    }
    if (told->holding && told->deleted == 1) {
        hold_hour_one_and_die(told->holding);
    }
    if (told->losing && told->deleted == 1) {
        lose_catalog();
        hold(told->losing, HOUR_NS, 2 * HOUR_NS);
    }
    snprintf(told->last, sizeof told->last, "%s", deletion->path);
    snprintf(told->why, sizeof told->why, "%s", deletion->why);
}

static void
on_left(void *context, const char *what)
{
    struct told *told = context;
    ++told->left;
    snprintf(told->last, sizeof told->last, "%s", what);
}

static audyn_retention_policy_t
policy_of(const char *text)
{
    audyn_retention_policy_t policy = {0};
    assert_int_equal(audyn_retention_parse(&policy, text, NULL), AUDYN_OK);
    return policy;
}

// So long after HOURS_BEGIN_NS.
static audyn_status_t
apply(audyn_chain_t *chain, const audyn_retention_policy_t *policy, int64_t after_ns,
      struct told *told, audyn_error_t *error)
{
    struct simulated_clock clock;
    simulated_clock_init(&clock, HOURS_BEGIN_NS - TAI_MINUS_UTC_NS + after_ns);
    *told = (struct told){
        .dying = told->dying, .holding = told->holding, .losing = told->losing};
    *error = (audyn_error_t){""};
    const audyn_retention_t retention = {
        .archive = archive_folder,
        .chain = chain,
        .policy = policy,
        .clock = &clock.clock,
        .deleted = on_deleted,
        .left = on_left,
        .context = told,
    };
    return audyn_retention_apply(&retention, error);
}

static void
assert_applies(audyn_chain_t *chain, const char *policy, int64_t after_ns,
               unsigned deleted)
{
    const audyn_retention_policy_t parsed = policy_of(policy);
    struct told told = {0};
    audyn_error_t error;
    const audyn_status_t status = apply(chain, &parsed, after_ns, &told, &error);
    if (status || told.deleted != deleted) {
        fail_msg("%s: %u deleted, not %u; %s", policy, told.deleted, deleted, error.text);
    }
}

static bool
has_hour(const char *stream, int hour, const char *format)
{
    char name[64];
    snprintf(name, sizeof name, "%s/%04d.%s", stream, hour, format);
    return is_in_archive(name);
}

static unsigned
count_hours(const char *stream, int hours, const char *format)
{
    unsigned count = 0;
    for (int hour = 0; hour < hours; ++hour) {
        count += has_hour(stream, hour, format);
    }
    return count;
}

static void
rules_are_read_as_people_write_them(void **state)
{
    (void)state;
    audyn_retention_policy_t policy = policy_of("42d");
    assert_int_equal(policy.count, 3);
    assert_string_equal(policy.rules[2].format, "opus");
    assert_true(policy.rules[2].keep_ns == 42 * DAY_NS);
    policy = policy_of("flac=90d,wav=36h");
    assert_int_equal(policy.count, 2);
    assert_string_equal(policy.rules[0].format, "flac");
    assert_string_equal(policy.rules[0].why, "retention 90d");
    assert_true(policy.rules[1].keep_ns == 36 * HOUR_NS);
}

static void
rules_that_could_mean_something_else_are_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {"",
                                        "42",
                                        "6m",
                                        "90min",
                                        "0d",
                                        "-1d",
                                        "d",
                                        "wav",
                                        "wav=",
                                        "wav=7",
                                        "wav=7d,",
                                        "mp3=7d",
                                        "7d,8d",
                                        "500ms",
                                        "wav=7d,wav=8d",
                                        "42d,flac=7d",
                                        "wav=1w",
                                        " 42d",
                                        "42d "};
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        audyn_retention_policy_t policy = {0};
        audyn_error_t error = {""};
        if (audyn_retention_parse(&policy, texts[i], &error) != AUDYN_INVALID) {
            fail_msg("'%s' is taken", texts[i]);
        }
        assert_non_null(strstr(error.text, "--retain"));
        assert_int_equal(policy.count, 0);
    }
    audyn_retention_policy_t policy = {0};
    assert_int_equal(audyn_retention_parse_free(&policy, "20X", NULL), AUDYN_INVALID);
    assert_int_equal(audyn_retention_parse_free(&policy, "0", NULL), AUDYN_INVALID);
    assert_int_equal(audyn_retention_check(&policy, NULL), AUDYN_INVALID);
}

static void
each_format_goes_when_its_time_has_come(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 5, "wav flac opus");
    archive_hours(chain, "b", 0, 5, "wav opus");
    // Hour 0 ended an hour after the beginning.
    assert_applies(chain, "wav=3h,flac=4h", 4 * HOUR_NS, 0);
    assert_applies(chain, "wav=3h,flac=4h", 4 * HOUR_NS + 1000, 2);
    assert_false(has_hour("a", 0, "wav") || has_hour("b", 0, "wav"));
    assert_applies(chain, "wav=3h,flac=4h", 6 * HOUR_NS + 1000, 6);
    assert_int_equal(count_hours("a", 5, "wav"), 2);
    assert_int_equal(count_hours("b", 5, "wav"), 2);
    assert_int_equal(count_hours("a", 5, "flac"), 3);
    assert_int_equal(count_hours("a", 5, "opus") + count_hours("b", 5, "opus"), 10);
    assert_int_equal(count_hours("a", 5, "json") + count_hours("b", 5, "json"), 10);
    assert_applies(chain, "wav=3h,flac=4h", 6 * HOUR_NS + 1000, 0);
    audyn_chain_close(chain);
}

static void
a_tombstone_stands_in_the_chain_before_a_file_goes(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 2, "wav flac");
    wanted_before_unlink = ".audyn/chain/a/00000002.json";
    assert_applies(chain, "1h", 2 * HOUR_NS + 1000, 2);
    wanted_before_unlink = NULL;
    char path[PATH_MAX];
    name_in_archive(path, ".audyn/chain/a/00000002.json");
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    assert_int_equal(audyn_entry_read(&entry, path, sha256, NULL), AUDYN_OK);
    assert_int_equal(entry.kind, AUDYN_ENTRY_TOMBSTONE);
    assert_true(entry.tombstone.segment == 0);
    assert_int_equal(entry.tombstone.file_count, 2);
    assert_string_equal(entry.tombstone.files[0].path, "0000.flac");
    assert_true(entry.tombstone.files[1].bytes == HOUR_BYTES);
    assert_string_equal(entry.tombstone.why, "retention 1h");
    assert_string_equal(entry.tombstone.deleted_utc, "2026-11-22T01:59:23.000001000Z");
    audyn_entry_finish(&entry);
    audyn_chain_close(chain);
}

static void
without_a_tombstone_nothing_goes(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 2, "wav");
    put_in_archive(".audyn/chain", "in the way of the folder");
    const audyn_retention_policy_t policy = policy_of("1h");
    struct told told = {0};
    audyn_error_t error;
    assert_int_not_equal(apply(chain, &policy, 2 * HOUR_NS + 1000, &told, &error),
                         AUDYN_OK);
    assert_int_equal(told.deleted, 0);
    assert_int_equal(count_hours("a", 2, "wav"), 2);
    audyn_chain_close(chain);
}

static void
a_deletion_that_was_interrupted_is_finished(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 2, "wav");
    const audyn_retention_policy_t policy = policy_of("1h");
    struct told told = {0};
    audyn_error_t error;
    unlink_fails = true;
    assert_int_equal(apply(chain, &policy, 2 * HOUR_NS + 1000, &told, &error), AUDYN_IO);
    assert_non_null(strstr(error.text, "a/0000.wav"));
    assert_int_equal(apply(chain, &policy, 2 * HOUR_NS + 1000, &told, &error), AUDYN_IO);
    unlink_fails = false;
    assert_true(has_hour("a", 0, "wav"));
    assert_applies(chain, "1h", 2 * HOUR_NS + 1000, 0);
    assert_false(has_hour("a", 0, "wav"));
    assert_false(is_in_archive(".audyn/chain/a/00000003.json"));
    audyn_chain_close(chain);
}

static void
a_deletion_of_somebody_else_who_was_killed_meanwhile_is_finished(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 5, "wav");
    const audyn_retention_policy_t policy = policy_of("3h");
    struct told told = {.dying = chain};
    audyn_error_t error;
    assert_int_equal(apply(chain, &policy, 5 * HOUR_NS + 1000, &told, &error), AUDYN_OK);
    assert_int_equal(told.deleted, 2);
    assert_false(has_hour("a", 3, "wav"));
    assert_int_equal(count_hours("a", 5, "wav"), 2);
    audyn_chain_close(chain);
}

static void
what_a_hold_touches_stays_until_it_is_released(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 5, "wav");
    archive_hours(chain, "b", 0, 5, "wav");
    // A second of hour 1, and one of hour 3; it ends where hour 4 begins.
    const uint64_t held =
        hold(chain, 2 * HOUR_NS - AUDYN_NS_PER_SECOND, 2 * HOUR_NS + AUDYN_NS_PER_SECOND);
    hold(chain, 4 * HOUR_NS - AUDYN_NS_PER_SECOND, 4 * HOUR_NS);
    assert_applies(chain, "1h", 6 * HOUR_NS + 1000, 7);
    assert_int_equal(count_hours("a", 5, "wav"), 3);
    assert_true(has_hour("a", 1, "wav") && has_hour("a", 2, "wav") &&
                has_hour("a", 3, "wav"));
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_RELEASE, "a", &hours_format);
    entry.release = (audyn_entry_release_t){.hold = held, .why = "", .by = "me"};
    append_entry(chain, &entry, NULL);
    assert_applies(chain, "1h", 6 * HOUR_NS + 1000, 2);
    assert_true(has_hour("a", 3, "wav"));
    audyn_chain_close(chain);
}

static void
a_hold_whose_writer_was_killed_meanwhile_counts(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 5, "wav");
    const audyn_retention_policy_t policy = policy_of("3h");
    struct told told = {.holding = chain};
    audyn_error_t error;
    assert_int_equal(apply(chain, &policy, 5 * HOUR_NS + 1000, &told, &error), AUDYN_OK);
    assert_int_equal(told.deleted, 1);
    assert_true(has_hour("a", 1, "wav"));
    audyn_chain_close(chain);
}

static void
a_hold_that_only_a_new_catalog_knows_counts(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 5, "wav");
    const audyn_retention_policy_t policy = policy_of("3h");
    struct told told = {.losing = chain};
    audyn_error_t error;
    assert_int_equal(apply(chain, &policy, 5 * HOUR_NS + 1000, &told, &error),
                     AUDYN_BUSY);
    assert_non_null(strstr(error.text, "made anew"));
    assert_int_equal(told.deleted, 1);
    assert_true(has_hour("a", 1, "wav"));
    assert_applies(chain, "3h", 5 * HOUR_NS + 1000, 0);
    audyn_chain_close(chain);
}

static void
what_the_catalog_does_not_know_stays(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 3, "wav");
    put_in_archive("a/other.wav", "not recorded here");
    put_in_archive("a/0001.wav", "another size");
    const audyn_retention_policy_t policy = policy_of("1h");
    struct told told = {0};
    audyn_error_t error;
    assert_int_equal(apply(chain, &policy, 4 * HOUR_NS + 1000, &told, &error), AUDYN_OK);
    assert_int_equal(told.deleted, 2);
    assert_int_equal(told.left, 1);
    assert_true(is_in_archive("a/other.wav"));
    assert_true(has_hour("a", 1, "wav"));
    audyn_chain_close(chain);
}

static void
a_clock_that_is_far_off_deletes_nothing(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 3, "wav");
    audyn_retention_policy_t policy = policy_of("1h");
    policy.least_free = UINT64_MAX;
    struct told told = {0};
    audyn_error_t error;
    static const int64_t off_ns[] = {3000 * DAY_NS, 3 * DAY_NS, -3 * DAY_NS, -HOUR_NS};
    for (size_t i = 0; i < sizeof off_ns / sizeof *off_ns; ++i) {
        assert_int_equal(apply(chain, &policy, off_ns[i], &told, &error), AUDYN_DENIED);
        assert_non_null(strstr(error.text, "--trust-clock"));
        assert_non_null(strstr(error.text, "2026-11-22"));
    }
    assert_int_equal(count_hours("a", 3, "wav"), 3);
    policy.trust_clock = true;
    assert_int_equal(apply(chain, &policy, 3000 * DAY_NS, &told, &error), AUDYN_OK);
    assert_int_equal(told.deleted, 3);
    audyn_chain_close(chain);
}

static void
days_without_a_recording_make_nothing_older(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 3, "wav");
    // A year later, or by a clock that is wrong.
    const int later = 365 * 24;
    archive_hours(chain, "b", later, later + 3, "wav");
    const int64_t now_ns = (later + 3) * HOUR_NS + 1000;
    // Hours 0 to 2 ended 5, 4 and 3 hours ago, not counting the pause.
    assert_applies(chain, "6h", now_ns, 0);
    assert_applies(chain, "4h", now_ns, 1);
    assert_int_equal(count_hours("a", 3, "wav"), 2);
    audyn_retention_policy_t policy = policy_of("6h");
    policy.trust_clock = true;
    struct told told = {0};
    audyn_error_t error;
    assert_int_equal(apply(chain, &policy, now_ns, &told, &error), AUDYN_OK);
    assert_int_equal(told.deleted, 2);
    audyn_chain_close(chain);
}

static void
short_pauses_count_as_time(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 1, "wav");
    archive_hours(chain, "a", 40, 41, "wav");
    archive_hours(chain, "a", 80, 81, "wav");
    assert_applies(chain, "60h", 81 * HOUR_NS, 1);
    assert_false(has_hour("a", 0, "wav"));
    audyn_chain_close(chain);
}

static void
where_space_is_short_the_oldest_of_the_named_formats_go(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 4, "wav flac opus");
    archive_hours(chain, "b", 1, 4, "wav");
    audyn_retention_policy_t policy = policy_of("wav=90d,flac=90d");
    policy.least_free = 1000;
    free_bytes = 1000 - 4 * HOUR_BYTES + 1;
    struct told told = {0};
    audyn_error_t error;
    assert_int_equal(apply(chain, &policy, 4 * HOUR_NS, &told, &error), AUDYN_OK);
    // Both files of hour 0, then both of hour 1: a's come first by name.
    assert_int_equal(told.deleted, 4);
    assert_string_equal(told.why, "least free space 1000 B");
    assert_int_equal(count_hours("a", 4, "wav"), 2);
    assert_int_equal(count_hours("a", 4, "flac"), 2);
    assert_int_equal(count_hours("a", 4, "opus"), 4);
    assert_int_equal(count_hours("b", 4, "wav"), 3);
    free_bytes = 1000;
    assert_int_equal(apply(chain, &policy, 4 * HOUR_NS, &told, &error), AUDYN_OK);
    assert_int_equal(told.deleted, 0);
    free_bytes = UINT64_MAX;
    audyn_chain_close(chain);
}

static void
a_dry_run_tells_the_same_and_deletes_nothing(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_hours();
    archive_hours(chain, "a", 0, 4, "wav");
    audyn_retention_policy_t policy = policy_of("3h");
    policy.least_free = 1000;
    free_bytes = 1000 - 2 * HOUR_BYTES;
    struct told told = {0};
    audyn_error_t error;
    assert_int_equal(apply(NULL, &policy, 4 * HOUR_NS + 1000, &told, &error), AUDYN_OK);
    // One for its age, and of two that are wanted one more for space.
    assert_int_equal(told.deleted, 2);
    assert_string_equal(told.last, "a/0001.wav");
    free_bytes = UINT64_MAX;
    assert_int_equal(count_hours("a", 4, "wav"), 4);
    assert_false(is_in_archive(".audyn/chain/a/00000004.json"));
    audyn_chain_close(chain);
}

#define RETENTION_TEST(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rules_are_read_as_people_write_them),
        cmocka_unit_test(rules_that_could_mean_something_else_are_refused),
        RETENTION_TEST(each_format_goes_when_its_time_has_come),
        RETENTION_TEST(a_tombstone_stands_in_the_chain_before_a_file_goes),
        RETENTION_TEST(without_a_tombstone_nothing_goes),
        RETENTION_TEST(a_deletion_that_was_interrupted_is_finished),
        RETENTION_TEST(a_deletion_of_somebody_else_who_was_killed_meanwhile_is_finished),
        RETENTION_TEST(what_a_hold_touches_stays_until_it_is_released),
        RETENTION_TEST(a_hold_whose_writer_was_killed_meanwhile_counts),
        RETENTION_TEST(a_hold_that_only_a_new_catalog_knows_counts),
        RETENTION_TEST(what_the_catalog_does_not_know_stays),
        RETENTION_TEST(a_clock_that_is_far_off_deletes_nothing),
        RETENTION_TEST(days_without_a_recording_make_nothing_older),
        RETENTION_TEST(short_pauses_count_as_time),
        RETENTION_TEST(where_space_is_short_the_oldest_of_the_named_formats_go),
        RETENTION_TEST(a_dry_run_tells_the_same_and_deletes_nothing),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
