// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/outside.h"

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// `path` without links; where it is not there yet, the directory that it would lie in,
// and a slash.  False where there is none.
static bool
resolve(const char *path, char resolved[PATH_MAX + 1])
{
    if (realpath(path, resolved)) {
        return true;
    }
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
    return realpath(directory, resolved) && strcat(resolved, "/");
}

audyn_status_t
audyn_archive_check_outside(const char *archive, const char *path, audyn_error_t *error)
{
    char resolved[PATH_MAX];
    char place[PATH_MAX + 1];
    if (!realpath(archive, resolved) || !resolve(path, place)) {
        return AUDYN_OK;
    }
    const size_t length = strlen(resolved);
    const bool within = !strncmp(place, resolved, length) && place[length] == '/';
    return within ? audyn_error_set(error, AUDYN_INVALID,
                                    "%s would lie within the archive; choose another "
                                    "place",
                                    path)
                  : AUDYN_OK;
}
