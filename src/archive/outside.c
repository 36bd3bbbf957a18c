// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/outside.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// The directory that `path` lies in, without links; false where there is none.
static bool
resolve_directory(const char *path, char resolved[PATH_MAX])
{
    char directory[PATH_MAX];
    size_t length = strlen(path);
    while (length > 1 && path[length - 1] == '/') {
        --length;
    }
    while (length && path[length - 1] != '/') {
        --length;
    }
    snprintf(directory, sizeof directory, "%.*s", length ? (int)length : 1,
             length ? path : ".");
    return realpath(directory, resolved);
}

audyn_status_t
audyn_archive_check_outside(const char *archive, const char *path, audyn_error_t *error)
{
    char resolved[PATH_MAX];
    char directory[PATH_MAX];
    if (!realpath(archive, resolved) || !resolve_directory(path, directory)) {
        return AUDYN_OK;
    }
    const size_t length = strlen(resolved);
    const bool within = !strncmp(directory, resolved, length) &&
                        (directory[length] == '/' || !directory[length]);
    return within ? audyn_error_set(error, AUDYN_INVALID,
                                    "%s would lie within the archive; choose another "
                                    "place",
                                    path)
                  : AUDYN_OK;
}
