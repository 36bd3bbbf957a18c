// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/bag/bag_package.h"
#include "archive_files.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

// Of "abc" (FIPS 180-4).
#define ABC_SHA256 "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

static audyn_bag_package_t *
create(const char *name)
{
    char path[PATH_MAX];
    name_in_archive(path, name);
    audyn_bag_package_t *package;
    audyn_error_t error = {""};
    if (audyn_bag_package_create(&package, path, &error)) {
        fail_msg("%s", error.text);
    }
    return package;
}

static audyn_status_t
add(audyn_bag_package_t *package, const char *from, const char *name, const char *sha256)
{
    char path[PATH_MAX];
    name_in_archive(path, from);
    return audyn_bag_package_add(package, path, name, sha256, NULL, NULL, NULL);
}

static void
names_that_would_break_the_manifest_are_encoded(void **state)
{
    (void)state;
    put_in_archive("abc", "abc");
    audyn_bag_package_t *package = create("bag");
    assert_int_equal(add(package, "abc", "100% a\nb", ABC_SHA256), AUDYN_OK);
    const audyn_bag_info_t info = {.external_description = "two\nlines"};
    assert_int_equal(audyn_bag_package_finish(package, &info, NULL), AUDYN_OK);
    assert_int_equal(audyn_bag_package_bytes(package), 3);
    assert_int_equal(audyn_bag_package_files(package), 1);
    audyn_bag_package_destroy(package);
    char line[256];
    assert_string_equal(get_from_archive("bag/manifest-sha256.txt", line, sizeof line),
                        ABC_SHA256 " data/100%25 a%0Ab\n");
    assert_string_equal(get_from_archive("bag/bag-info.txt", line, sizeof line),
                        "External-Description: two lines\n");
    assert_true(is_in_archive("bag/data/100% a\nb"));
}

static void
a_file_with_another_sum_is_refused(void **state)
{
    (void)state;
    put_in_archive("abd", "abd");
    audyn_bag_package_t *package = create("bag");
    assert_int_equal(add(package, "abd", "abd", ABC_SHA256), AUDYN_BAD_DATA);
    audyn_bag_package_destroy(package);
    assert_false(is_in_archive("bag"));
}

static void
what_is_not_finished_leaves_nothing(void **state)
{
    (void)state;
    put_in_archive("abc", "abc");
    audyn_bag_package_t *package = create("bag");
    assert_int_equal(add(package, "abc", "folder/abc", NULL), AUDYN_OK);
    char part[64];
    snprintf(part, sizeof part, "bag.audyn-%d.part", (int)getpid());
    assert_true(is_in_archive(part));
    audyn_bag_package_destroy(package);
    assert_false(is_in_archive(part));
    assert_false(is_in_archive("bag"));
}

static void
what_is_there_is_left_alone(void **state)
{
    (void)state;
    put_in_archive("bag", "mine");
    char path[PATH_MAX];
    name_in_archive(path, "bag");
    audyn_bag_package_t *package;
    assert_int_equal(audyn_bag_package_create(&package, path, NULL), AUDYN_EXISTS);
    assert_null(package);
}

#define BAG_TEST(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        BAG_TEST(names_that_would_break_the_manifest_are_encoded),
        BAG_TEST(a_file_with_another_sum_is_refused),
        BAG_TEST(what_is_not_finished_leaves_nothing),
        BAG_TEST(what_is_there_is_left_alone),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
