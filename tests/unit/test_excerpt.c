// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/bag/excerpt.h"
#include "archive_files.h"

#include <string.h>
#include <sys/stat.h>

// What `text` says, in the place of an archive's excerpt; NULL: there is none.
static audyn_status_t
read_text(audyn_excerpt_t *excerpt, const char *text, audyn_error_t *error)
{
    char path[PATH_MAX];
    name_in_archive(path, ".audyn");
    mkdir(path, 0777);
    if (text) {
        put_in_archive(AUDYN_EXCERPT_FILE, text);
    }
    return audyn_excerpt_read(excerpt, archive_folder, error);
}

static void
an_archive_without_one_is_whole(void **state)
{
    (void)state;
    audyn_excerpt_t excerpt;
    assert_int_equal(read_text(&excerpt, NULL, NULL), AUDYN_OK);
    assert_true(excerpt.count == 0);
    assert_false(audyn_excerpt_has(&excerpt, 0));
    audyn_excerpt_finish(&excerpt);
}

static void
it_says_which_entries_are_there(void **state)
{
    (void)state;
    audyn_excerpt_t excerpt;
    assert_int_equal(
        read_text(&excerpt,
                  "{\"audyn_excerpt\": 1, \"stream\": \"a\", \"entries\": [0, 2, 9]}",
                  NULL),
        AUDYN_OK);
    assert_string_equal(excerpt.stream, "a");
    assert_true(excerpt.count == 3);
    static const bool there[] = {true,  false, true,  false, false,
                                 false, false, false, false, true};
    for (uint64_t i = 0; i < sizeof there / sizeof *there; ++i) {
        assert_true(audyn_excerpt_has(&excerpt, i) == there[i]);
    }
    audyn_excerpt_finish(&excerpt);
}

static void
what_says_no_such_thing_is_refused(void **state)
{
    (void)state;
    static const char *const texts[] = {
        "",
        "[]",
        "{}",
        "{\"audyn_excerpt\": 2, \"stream\": \"a\", \"entries\": [0]}",
        "{\"audyn_excerpt\": 1, \"entries\": [0]}",
        "{\"audyn_excerpt\": 1, \"stream\": \"a\"}",
        "{\"audyn_excerpt\": 1, \"stream\": \"a\", \"entries\": [\"0\"]}",
        "{\"audyn_excerpt\": 1, \"stream\": \"a\", \"entries\": [-1]}",
        "{\"audyn_excerpt\": 1, \"stream\": \"a\", \"entries\": [1, 1]}",
        "{\"audyn_excerpt\": 1, \"stream\": \"a\", \"entries\": [2, 1]}",
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; ++i) {
        audyn_excerpt_t excerpt;
        audyn_error_t error = {""};
        if (read_text(&excerpt, texts[i], &error) != AUDYN_BAD_DATA) {
            fail_msg("'%s' is taken", texts[i]);
        }
        assert_non_null(strstr(error.text, AUDYN_EXCERPT_FILE));
        audyn_excerpt_finish(&excerpt);
    }
}

#define EXCERPT_TEST(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        EXCERPT_TEST(an_archive_without_one_is_whole),
        EXCERPT_TEST(it_says_which_entries_are_there),
        EXCERPT_TEST(what_says_no_such_thing_is_refused),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
