// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Files of the archive in archive_folder, by their names below it.

#ifndef AUDYN_TESTS_ARCHIVE_FILES_H
#define AUDYN_TESTS_ARCHIVE_FILES_H

#include "archive_bench.h"

#include <limits.h>
#include <stdio.h>
#include <unistd.h>

static inline void
name_in_archive(char path[PATH_MAX], const char *name)
{
    snprintf(path, PATH_MAX, "%s/%s", archive_folder, name);
}

static inline bool
is_in_archive(const char *name)
{
    char path[PATH_MAX];
    name_in_archive(path, name);
    return !access(path, F_OK);
}

static inline void
put_in_archive(const char *name, const char *text)
{
    char path[PATH_MAX];
    name_in_archive(path, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

/// Returns its first line.
static inline const char *
get_from_archive(const char *name, char *text, int room)
{
    char path[PATH_MAX];
    name_in_archive(path, name);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(text, room, file));
    fclose(file);
    return text;
}

#endif
