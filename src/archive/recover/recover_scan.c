// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/recover/recover_scan.h"

#include "archive/journal.h"
#include "archive/recover/recover_segment.h"
#include "archive/recover/recover_stray.h"

#include <errno.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const audyn_recovery_t *recovery;
    audyn_catalog_t *catalog;
    char **audio; // without sidecar: below the archive's directory, without ending
    size_t count, room;
    audyn_error_t *error;
} scan_t;

static audyn_status_t
add(scan_t *scan, const char *path, size_t length)
{
    if (scan->count == scan->room) {
        const size_t room = scan->room ? 2 * scan->room : 64;
        char **audio = reallocarray(scan->audio, room, sizeof *audio);
        if (!audio) {
            return audyn_error_set(scan->error, AUDYN_NO_MEMORY, "no memory to search");
        }
        scan->audio = audio;
        scan->room = room;
    }
    char *base = strndup(path, length);
    if (!base) {
        return audyn_error_set(scan->error, AUDYN_NO_MEMORY, "no memory to search");
    }
    scan->audio[scan->count++] = base;
    return AUDYN_OK;
}

static bool
ends_with(const char *path, const char *ending)
{
    const size_t length = strlen(path);
    const size_t size = strlen(ending);
    return length > size && !strcmp(path + length - size, ending);
}

// Where it has a sidecar, that one counts.
static audyn_status_t
look_at_audio(scan_t *scan, const char *path, size_t base_length)
{
    char sidecar[PATH_MAX];
    char full[PATH_MAX];
    snprintf(sidecar, sizeof sidecar, "%.*s.json", (int)base_length, path);
    recover_path(scan->recovery, sidecar, full);
    return access(full, F_OK) ? add(scan, path, base_length) : AUDYN_OK;
}

static audyn_status_t
look_at(scan_t *scan, const FTSENT *file)
{
    const char *path =
        file->fts_path + strlen(audyn_chain_path(scan->recovery->chain)) + 1;
    if (recover_part(scan->recovery, path)) {
        return AUDYN_OK;
    }
    static const char *const endings[] = {".wav", ".flac", ".opus"};
    for (size_t i = 0; i < sizeof endings / sizeof *endings; ++i) {
        if (strchr(path, '/') && ends_with(path, endings[i])) {
            return look_at_audio(scan, path, strlen(path) - strlen(endings[i]));
        }
    }
    return AUDYN_OK;
}

static audyn_status_t
walk(scan_t *scan)
{
    char *const roots[] = {(char *)audyn_chain_path(scan->recovery->chain), NULL};
    FTS *files =
        fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR | FTS_NOSTAT, NULL);
    if (!files) {
        return audyn_error_set(scan->error, audyn_status_from_errno(errno),
                               "%s cannot be searched: %s", roots[0], strerror(errno));
    }
    audyn_status_t status = AUDYN_OK;
    for (const FTSENT *file; !status && (file = fts_read(files));) {
        if (file->fts_info == FTS_DNR || file->fts_info == FTS_ERR) {
            status = audyn_error_set(
                scan->error, audyn_status_from_errno(file->fts_errno),
                "%s cannot be searched: %s", file->fts_path, strerror(file->fts_errno));
        } else if (file->fts_info == FTS_F || file->fts_info == FTS_NSOK) {
            status = look_at(scan, file);
        }
    }
    fts_close(files);
    return status;
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

// A sidecar that the catalog knows has been removed by somebody: that is damage, which is
// not to be covered by a new one.
static void
recover_audio(scan_t *scan)
{
    if (scan->count) {
        qsort(scan->audio, scan->count, sizeof *scan->audio, by_path);
    }
    for (size_t i = 0; i < scan->count; ++i) {
        const char *base = scan->audio[i];
        char sidecar[PATH_MAX];
        bool known = false;
        snprintf(sidecar, sizeof sidecar, "%s.json", base);
        const audyn_status_t status =
            audyn_catalog_has_entry(scan->catalog, sidecar, &known);
        if (i && !strcmp(base, scan->audio[i - 1])) {
            continue; // another format of the same segment
        }
        if (status || known) {
            recover_tell(
                scan->recovery,
                (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED, .path = sidecar},
                "%s is in the catalog, and has gone: put it back from a copy; audyn "
                "verify shows what else is damaged",
                sidecar);
        } else {
            recover_stray(scan->recovery, base);
        }
    }
}

audyn_status_t
recover_scan(const audyn_recovery_t *recovery, audyn_error_t *error)
{
    scan_t scan = {.recovery = recovery, .error = error};
    audyn_status_t status =
        audyn_catalog_open(&scan.catalog, audyn_chain_path(recovery->chain), error);
    if (!status) {
        status = walk(&scan);
    }
    if (!status) {
        recover_audio(&scan);
    }
    audyn_catalog_close(scan.catalog);
    for (size_t i = 0; i < scan.count; ++i) {
        free(scan.audio[i]);
    }
    free(scan.audio);
    return status;
}
