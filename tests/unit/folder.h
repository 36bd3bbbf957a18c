// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A folder for the files of one test program.

#ifndef AUDYN_TESTS_FOLDER_H
#define AUDYN_TESTS_FOLDER_H

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[] = "/tmp/audyn-test-XXXXXX";

/// For cmocka_run_group_tests().
static inline int
make_folder(void **state)
{
    (void)state;
    return mkdtemp(folder) ? 0 : -1;
}

/// With all that is in it.
static inline int
remove_folder(void **state)
{
    (void)state;
    DIR *files = opendir(folder);
    for (const struct dirent *file; files && (file = readdir(files));) {
        unlinkat(dirfd(files), file->d_name, 0);
    }
    if (files) {
        closedir(files);
    }
    return rmdir(folder);
}

/// Valid until the next call.
static inline const char *
in_folder(const char *name)
{
    static char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

#endif
