// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/recover/recover_scan.h"

#include "archive/journal.h"
#include "archive/recover/recover_segment.h"
#include "archive/recover/recover_stray.h"

#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    char *path; // below the archive's directory; of audio without its ending
    char stream[AUDYN_ENTRY_NAME]; // of an entry
    uint64_t sequence;
} found_t;

typedef struct {
    found_t *items;
    size_t count, room;
} list_t;

typedef struct {
    const audyn_recovery_t *recovery;
    audyn_catalog_t *catalog;
    list_t entries, audio; // that are not known
    audyn_error_t *error;
} scan_t;

static void
finish_list(list_t *list)
{
    for (size_t i = 0; i < list->count; ++i) {
        free(list->items[i].path);
    }
    free(list->items);
}

static audyn_status_t
add(scan_t *scan, list_t *list, const char *path, size_t length)
{
    if (list->count == list->room) {
        const size_t room = list->room ? 2 * list->room : 64;
        found_t *items = realloc(list->items, room * sizeof *items);
        if (!items) {
            return audyn_error_set(scan->error, AUDYN_NO_MEMORY, "no memory to search");
        }
        list->items = items;
        list->room = room;
    }
    found_t *found = &list->items[list->count];
    *found = (found_t){.path = strndup(path, length)};
    if (!found->path) {
        return audyn_error_set(scan->error, AUDYN_NO_MEMORY, "no memory to search");
    }
    ++list->count;
    return AUDYN_OK;
}

static bool
ends_with(const char *path, const char *ending)
{
    const size_t length = strlen(path);
    const size_t size = strlen(ending);
    return length > size && !strcmp(path + length - size, ending);
}

static audyn_status_t
look_at_entry(scan_t *scan, const char *path)
{
    bool known;
    const audyn_status_t status = audyn_catalog_has_entry(scan->catalog, path, &known);
    if (status) {
        return audyn_error_set(scan->error, status, "the catalog cannot be read: %s",
                               audyn_strerror(status));
    }
    return known ? AUDYN_OK : add(scan, &scan->entries, path, strlen(path));
}

// Where it has a sidecar, that one counts.
static audyn_status_t
look_at_audio(scan_t *scan, const char *path, size_t base_length)
{
    char sidecar[PATH_MAX];
    char full[PATH_MAX];
    snprintf(sidecar, sizeof sidecar, "%.*s.json", (int)base_length, path);
    recover_path(scan->recovery, sidecar, full);
    return access(full, F_OK) ? add(scan, &scan->audio, path, base_length) : AUDYN_OK;
}

static audyn_status_t
look_at(scan_t *scan, const FTSENT *file)
{
    const char *path =
        file->fts_path + strlen(audyn_chain_path(scan->recovery->chain)) + 1;
    if (recover_part(scan->recovery, path)) {
        return AUDYN_OK;
    }
    if (ends_with(path, ".json")) {
        return look_at_entry(scan, path);
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

static void
cannot(const scan_t *scan, const char *path, const char *why)
{
    recover_tell(scan->recovery,
                 (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED, .path = path}, "%s",
                 why);
}

static int
by_chain(const void *a, const void *b)
{
    const found_t *x = a;
    const found_t *y = b;
    const int order = strcmp(x->stream, y->stream);
    return order ? order : (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(((const found_t *)a)->path, ((const found_t *)b)->path);
}

// Where it belongs; what is no entry comes first, and is told when it is adopted.
static void
place(const scan_t *scan, found_t *found)
{
    char full[PATH_MAX];
    char sha256[AUDYN_SHA256_TEXT];
    audyn_entry_t entry;
    recover_path(scan->recovery, found->path, full);
    if (!audyn_entry_read(&entry, full, sha256, NULL)) {
        strcpy(found->stream, entry.stream);
        found->sequence = entry.sequence;
        audyn_entry_finish(&entry);
    }
}

static void
adopt_entries(scan_t *scan)
{
    list_t *list = &scan->entries;
    for (size_t i = 0; i < list->count; ++i) {
        place(scan, &list->items[i]);
    }
    if (list->count) {
        qsort(list->items, list->count, sizeof *list->items, by_chain);
    }
    for (size_t i = 0; i < list->count; ++i) {
        const char *path = list->items[i].path;
        audyn_error_t error = {""};
        if (audyn_chain_adopt(scan->recovery->chain, path, &error)) {
            cannot(scan, path, error.text);
        } else {
            recover_tell(scan->recovery,
                         (audyn_recovered_t){.kind = AUDYN_RECOVERED_ENTRY, .path = path},
                         "%s: the catalog knows it now", path);
        }
    }
}

// A sidecar that the catalog knows has been removed by somebody: that is damage, which is
// not to be covered by a new one.
static void
recover_audio(scan_t *scan)
{
    list_t *list = &scan->audio;
    if (list->count) {
        qsort(list->items, list->count, sizeof *list->items, by_path);
    }
    for (size_t i = 0; i < list->count; ++i) {
        const char *base = list->items[i].path;
        char sidecar[PATH_MAX];
        bool known = false;
        snprintf(sidecar, sizeof sidecar, "%s.json", base);
        const audyn_status_t status =
            audyn_catalog_has_entry(scan->catalog, sidecar, &known);
        if (i && !strcmp(base, list->items[i - 1].path)) {
            continue; // another format of the same segment
        }
        if (status || known) {
            audyn_error_t error;
            audyn_error_set(&error, status,
                            "%s is in the catalog, and has gone: put it back from a "
                            "copy; audyn verify shows what else is damaged",
                            sidecar);
            cannot(scan, sidecar, error.text);
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
        adopt_entries(&scan);
        recover_audio(&scan);
    }
    audyn_catalog_close(scan.catalog);
    finish_list(&scan.entries);
    finish_list(&scan.audio);
    return status;
}
