// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/catalog/catalog_private.h"
#include "archive/chain.h"
#include "archive_bench.h"
#include "archive_files.h"
#include "sample_entries.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

int __real_audyn_directory_sync_for(const char *path);
int __wrap_audyn_directory_sync_for(const char *path);

// Between an entry's file and its row in the catalog.
static bool dies_there;

int
__wrap_audyn_directory_sync_for(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (dies_there && slash && strchr(slash, '.')) {
        _exit(9);
    }
    return __real_audyn_directory_sync_for(path);
}

static audyn_chain_t *
open_chain(const char *key)
{
    audyn_chain_t *chain;
    audyn_error_t error = {""};
    if (audyn_chain_open(&chain, archive_folder, key, &error)) {
        fail_msg("%s", error.text);
    }
    return chain;
}

// A second after the one before.
static audyn_status_t
append(audyn_chain_t *chain, audyn_entry_kind_t kind, unsigned number)
{
    audyn_entry_t entry;
    make_entry(&entry, kind, 1);
    char path[64];
    snprintf(path, sizeof path, "studio/%03u.json", number);
    if (kind == AUDYN_ENTRY_SEGMENT) {
        move_segment(&entry, (uint64_t)number * 48000);
    }
    audyn_error_t error = {""};
    const audyn_status_t status = audyn_chain_append(
        chain, &entry, kind == AUDYN_ENTRY_SEGMENT ? path : NULL, &error);
    assert_int_equal(!status, !*error.text);
    audyn_entry_finish(&entry);
    return status;
}

struct walk {
    uint64_t count;
    char previous[AUDYN_SHA256_TEXT];
};

// That each entry is in its place, in catalog and file, and names the one before.
static bool
check_entry(void *context, const audyn_catalog_entry_t *row)
{
    struct walk *walk = context;
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", archive_folder, row->path);
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    assert_int_equal(audyn_entry_read(&entry, path, sha256, NULL), AUDYN_OK);
    assert_true(row->sequence == walk->count);
    assert_true(entry.sequence == walk->count);
    assert_true(entry.kind == row->kind);
    assert_string_equal(entry.previous, walk->previous);
    assert_string_equal(row->sha256, sha256);
    strcpy(walk->previous, sha256);
    ++walk->count;
    audyn_entry_finish(&entry);
    return true;
}

static void
assert_chain_of(uint64_t count)
{
    audyn_catalog_t *catalog;
    audyn_error_t error = {""};
    if (audyn_catalog_open(&catalog, archive_folder, &error)) {
        fail_msg("%s", error.text);
    }
    struct walk walk = {0};
    assert_int_equal(audyn_catalog_entries(catalog, "studio", 0, check_entry, &walk),
                     AUDYN_OK);
    assert_true(walk.count == count);
    audyn_catalog_close(catalog);
}

static void
each_entry_has_the_hash_of_the_one_before(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_OK);
    assert_int_equal(append(chain, AUDYN_ENTRY_HOLD, 1), AUDYN_OK);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 2), AUDYN_OK);
    audyn_chain_close(chain);
    chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_RELEASE, 3), AUDYN_OK);
    audyn_chain_close(chain);
    assert_chain_of(4);
    assert_true(is_in_archive(".audyn/chain/studio/00000001.json"));
    assert_true(is_in_archive(".audyn/chain/studio/00000003.json"));
    assert_false(is_in_archive("studio/000.json.sig"));
}

// Appends the entry, and is killed before the catalog knows.
static void
append_and_die(audyn_entry_kind_t kind, unsigned number)
{
    const pid_t child = fork();
    if (!child) {
        audyn_chain_t *chain = open_chain(NULL);
        dies_there = true;
        append(chain, kind, number);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(WEXITSTATUS(status), 9);
}

static void
a_hold_of_which_the_catalog_was_not_told_is_taken_up(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_OK);
    append_and_die(AUDYN_ENTRY_HOLD, 1);
    assert_chain_of(1);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 2), AUDYN_OK);
    audyn_chain_close(chain);
    assert_chain_of(3);
}

static void
a_segment_of_which_the_catalog_was_not_told_is_adopted(void **state)
{
    (void)state;
    append_and_die(AUDYN_ENTRY_SEGMENT, 0);
    audyn_chain_t *chain = open_chain(NULL); // the first found no catalog but its own
    audyn_error_t error = {""};
    assert_int_equal(audyn_chain_adopt(chain, "studio/000.json", &error), AUDYN_OK);
    assert_chain_of(1);
    assert_int_equal(audyn_chain_adopt(chain, "studio/000.json", &error), AUDYN_OK);
    assert_chain_of(1);
    assert_int_equal(audyn_chain_adopt(chain, "studio/001.json", &error),
                     AUDYN_NOT_FOUND);
    assert_non_null(strstr(error.text, "studio/001.json"));
    audyn_chain_close(chain);
}

static void
a_segment_of_which_the_catalog_was_not_told_keeps_its_place(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_OK);
    append_and_die(AUDYN_ENTRY_SEGMENT, 1);
    char before[PATH_MAX];
    char after[PATH_MAX];
    get_from_archive("studio/001.json", before, sizeof before);
    assert_int_equal(append(chain, AUDYN_ENTRY_HOLD, 2), AUDYN_OK);
    assert_int_equal(audyn_chain_adopt(chain, "studio/001.json", NULL), AUDYN_OK);
    assert_string_equal(get_from_archive("studio/001.json", after, sizeof after), before);
    audyn_chain_close(chain);
    assert_chain_of(3);
}

static void
what_was_appended_and_not_told_is_known_when_it_is_appended_again(void **state)
{
    (void)state;
    append_and_die(AUDYN_ENTRY_SEGMENT, 0);
    audyn_chain_t *chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_HOLD, 1), AUDYN_OK);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_OK);
    audyn_chain_close(chain);
    assert_chain_of(2);
}

static void
what_is_no_part_of_the_chain_is_not_overwritten(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_HOLD, 0), AUDYN_OK);
    put_in_archive(".audyn/chain/studio/00000001.json", "{}");
    assert_int_equal(append(chain, AUDYN_ENTRY_HOLD, 1), AUDYN_EXISTS);
    char text[8];
    assert_string_equal(
        get_from_archive(".audyn/chain/studio/00000001.json", text, sizeof text), "{}");
    audyn_chain_close(chain);
    assert_chain_of(1);
}

static void
what_the_catalog_knows_under_a_name_is_not_replaced(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_OK);
    char path[PATH_MAX];
    name_in_archive(path, "studio/000.json");
    assert_int_equal(unlink(path), 0);
    assert_true(audyn_chain_knows(chain, "studio/000.json"));
    assert_false(audyn_chain_knows(chain, "studio/001.json"));
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_EXISTS);
    assert_false(is_in_archive("studio/000.json"));
    audyn_entry_t entry;
    make_entry(&entry, AUDYN_ENTRY_SEGMENT, 1);
    char *text = audyn_entry_write(&entry);
    put_in_archive("studio/000.json", text);
    free(text);
    audyn_entry_finish(&entry);
    audyn_error_t error = {""};
    assert_int_equal(audyn_chain_adopt(chain, "studio/000.json", &error), AUDYN_EXISTS);
    assert_non_null(strstr(error.text, "studio/000.json"));
    audyn_chain_close(chain);
}

static void
an_entry_whose_place_is_further_on_is_left_as_it_is(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_OK);
    audyn_entry_t entry;
    make_entry(&entry, AUDYN_ENTRY_SEGMENT, 5);
    char *text = audyn_entry_write(&entry);
    put_in_archive("studio/005.json", text);
    free(text);
    audyn_entry_finish(&entry);
    audyn_error_t error = {""};
    assert_int_equal(audyn_chain_adopt(chain, "studio/005.json", &error), AUDYN_EXISTS);
    assert_non_null(strstr(error.text, "does not continue the chain"));
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 5), AUDYN_EXISTS);
    audyn_chain_close(chain);
    assert_chain_of(1);
}

static void
processes_that_append_at_once_make_one_chain(void **state)
{
    (void)state;
    const pid_t child = fork();
    audyn_chain_t *chain = open_chain(NULL);
    for (unsigned i = 0; i < 40; ++i) {
        const audyn_entry_kind_t kind = child ? AUDYN_ENTRY_SEGMENT : AUDYN_ENTRY_HOLD;
        assert_int_equal(append(chain, kind, i), AUDYN_OK);
    }
    audyn_chain_close(chain);
    if (!child) {
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    assert_chain_of(80);
}

static void
who_cannot_wait_is_told_that_another_appends(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    audyn_catalog_t *other;
    assert_int_equal(catalog_open_to_write(&other, archive_folder, NULL), AUDYN_OK);
    assert_int_equal(catalog_begin(other, 0), AUDYN_OK);
    audyn_entry_t entry;
    make_entry(&entry, AUDYN_ENTRY_HOLD, 1);
    audyn_error_t error = {""};
    assert_int_equal(audyn_chain_try_append(chain, &entry, NULL, &error), AUDYN_BUSY);
    assert_non_null(strstr(error.text, "locked"));
    catalog_roll_back(other);
    assert_int_equal(audyn_chain_try_append(chain, &entry, NULL, &error), AUDYN_OK);
    audyn_catalog_close(other);
    audyn_chain_close(chain);
    assert_chain_of(1);
}

static void
where_a_segment_begins_the_end_of_the_one_before_is_known(void **state)
{
    (void)state;
    audyn_chain_t *chain = open_chain(NULL);
    uint64_t end = 7;
    assert_int_equal(audyn_chain_end_before(chain, "studio", &entry_format,
                                            ENTRY_POSITION + 96000, &end),
                     AUDYN_OK);
    assert_true(end == 0);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 0), AUDYN_OK);
    assert_int_equal(append(chain, AUDYN_ENTRY_SEGMENT, 5), AUDYN_OK);
    assert_int_equal(audyn_chain_end_before(chain, "studio", &entry_format,
                                            ENTRY_POSITION + 96000, &end),
                     AUDYN_OK);
    assert_true(end == ENTRY_POSITION + 48000);
    assert_int_equal(
        audyn_chain_end_before(chain, "other", &entry_format, 2 * ENTRY_POSITION, &end),
        AUDYN_OK);
    assert_true(end == 0);
    audyn_input_format_t twice = entry_format;
    twice.sample_rate *= 2;
    assert_int_equal(audyn_chain_end_before(chain, "studio", &twice,
                                            2 * ENTRY_POSITION + 192000, &end),
                     AUDYN_OK);
    assert_true(end == 2 * (ENTRY_POSITION + 48000));
    audyn_chain_close(chain);
}

int
main(void)
{
#define IN_FOLDER(test)                                                                  \
    cmocka_unit_test_setup_teardown(test, NULL, archive_bench_clear_folder)
    const struct CMUnitTest tests[] = {
        IN_FOLDER(each_entry_has_the_hash_of_the_one_before),
        IN_FOLDER(a_hold_of_which_the_catalog_was_not_told_is_taken_up),
        IN_FOLDER(a_segment_of_which_the_catalog_was_not_told_is_adopted),
        IN_FOLDER(a_segment_of_which_the_catalog_was_not_told_keeps_its_place),
        IN_FOLDER(what_was_appended_and_not_told_is_known_when_it_is_appended_again),
        IN_FOLDER(what_is_no_part_of_the_chain_is_not_overwritten),
        IN_FOLDER(what_the_catalog_knows_under_a_name_is_not_replaced),
        IN_FOLDER(an_entry_whose_place_is_further_on_is_left_as_it_is),
        IN_FOLDER(processes_that_append_at_once_make_one_chain),
        IN_FOLDER(who_cannot_wait_is_told_that_another_appends),
        IN_FOLDER(where_a_segment_begins_the_end_of_the_one_before_is_known),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
