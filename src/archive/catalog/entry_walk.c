// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/catalog/entry_walk.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

static int
by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static bool
is_entry(const FTSENT *at)
{
    static const char ending[] = ".json";
    const size_t length = at->fts_namelen;
    return (at->fts_info == FTS_F || at->fts_info == FTS_NSOK) &&
           length >= sizeof ending &&
           !strcmp(at->fts_name + length - (sizeof ending - 1), ending);
}

static audyn_status_t
failure_of(const FTSENT *at)
{
    const bool failed =
        at->fts_info == FTS_DNR || at->fts_info == FTS_ERR || at->fts_info == FTS_NS;
    return failed && at->fts_errno != ENOENT ? audyn_status_from_errno(at->fts_errno)
                                             : AUDYN_OK;
}

audyn_status_t
audyn_entry_walk(const char *archive, const char *folder, audyn_entry_visit_t *visit,
                 void *context)
{
    char directory[PATH_MAX];
    if (snprintf(directory, sizeof directory, "%s%s%s", archive, *folder ? "/" : "",
                 folder) >= PATH_MAX) {
        return AUDYN_TOO_LARGE;
    }
    char *const paths[] = {directory, NULL};
    const size_t root = strlen(archive) + 1;
    FTS *tree =
        fts_open(paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_NOSTAT, by_name);
    if (!tree) {
        return audyn_status_from_errno(errno);
    }
    audyn_status_t status = AUDYN_OK;
    audyn_status_t unread = AUDYN_OK;
    for (FTSENT *at; !status && (at = fts_read(tree));) {
        if (!*folder && at->fts_level == 1 && !strcmp(at->fts_name, ".audyn")) {
            fts_set(tree, at, FTS_SKIP);
        } else if (is_entry(at)) {
            status = visit(context, at->fts_path + root);
        } else {
            unread = unread ? unread : failure_of(at);
        }
    }
    fts_close(tree);
    return status ? status : unread;
}

audyn_status_t
audyn_entry_read_below(audyn_entry_t *entry, const char *archive, const char *path,
                       char sha256[AUDYN_SHA256_TEXT], audyn_error_t *error)
{
    char whole[2 * PATH_MAX]; // too long a name is not found
    snprintf(whole, sizeof whole, "%s/%s", archive, path);
    return audyn_entry_read(entry, whole, sha256, error);
}

bool
audyn_entry_may_be_read_later(audyn_status_t status)
{
    return status == AUDYN_NO_MEMORY || status == AUDYN_NO_RESOURCES;
}
