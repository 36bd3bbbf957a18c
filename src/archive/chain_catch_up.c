// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/chain_catch_up.h"

#include "archive/catalog/catalog_sql.h"
#include "archive/catalog/entry_walk.h"
#include "core/directory.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHAINS ".audyn/chain"

// A file of which the catalog does not know.
typedef struct {
    char *path;                    // below the archive's directory
    char stream[AUDYN_ENTRY_NAME]; // empty: it is no entry
    uint64_t sequence;
} unknown_t;

typedef struct {
    const chain_catch_up_t *work;
    sqlite3_stmt *known; // whether a path is
    unknown_t *items;
    size_t count, room;
} search_t;

static audyn_status_t
add(search_t *search, const char *path)
{
    if (search->count == search->room) {
        const size_t room = search->room ? 2 * search->room : 64;
        unknown_t *items = reallocarray(search->items, room, sizeof *items);
        if (!items) {
            return AUDYN_NO_MEMORY;
        }
        search->items = items;
        search->room = room;
    }
    unknown_t *item = &search->items[search->count];
    *item = (unknown_t){.path = strdup(path)};
    if (!item->path) {
        return AUDYN_NO_MEMORY;
    }
    ++search->count;
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    if (!audyn_entry_read_below(&entry, search->work->archive, path, sha256, NULL)) {
        strcpy(item->stream, entry.stream);
        item->sequence = entry.sequence;
        audyn_entry_finish(&entry);
    }
    return AUDYN_OK;
}

static audyn_status_t
look_up(void *context, const char *path)
{
    search_t *search = context;
    sqlite3_bind_text(search->known, 1, path, -1, SQLITE_STATIC);
    audyn_status_t status = AUDYN_OK;
    const bool known = catalog_next(search->known, &status);
    sqlite3_reset(search->known);
    return status || known ? status : add(search, path);
}

static audyn_status_t
look_below(search_t *search, const char *folder)
{
    return audyn_entry_walk(search->work->archive, folder, look_up, search);
}

static audyn_status_t
look_everywhere(search_t *search)
{
    const audyn_status_t status = look_below(search, "");
    // As `lost+found`.
    return status && status != AUDYN_DENIED ? status : look_below(search, CHAINS);
}

static audyn_status_t
find_unknown(search_t *search, const char *stream)
{
    audyn_status_t status =
        catalog_prepare(search->work->catalog, &search->known, CATALOG_HAS_ENTRY, "");
    if (!status && !stream) {
        status = look_everywhere(search);
    } else if (!status && *stream != '.' && !strchr(stream, '/')) {
        char chain[PATH_MAX];
        snprintf(chain, sizeof chain, CHAINS "/%s", stream);
        status = look_below(search, stream);
        status = status ? status : look_below(search, chain);
    }
    sqlite3_finalize(search->known);
    return status;
}

static audyn_status_t
sync_names(const chain_catch_up_t *work, const char *path)
{
    char whole[PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", work->archive, path);
    return audyn_status_from_errno(audyn_directory_sync_for(whole));
}

audyn_status_t
chain_take_up(chain_catch_up_t *work, const char *path, audyn_error_t *left)
{
    *left = (audyn_error_t){""};
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    audyn_status_t status =
        audyn_entry_read_below(&entry, work->archive, path, sha256, left);
    if (status) {
        return audyn_entry_may_be_read_later(status) ? status : AUDYN_OK;
    }
    uint64_t sequence;
    char previous[AUDYN_SHA256_TEXT];
    status = audyn_catalog_chain_end(work->catalog, entry.stream, &sequence, previous);
    const bool continues =
        entry.sequence == sequence && !strcmp(entry.previous, previous);
    if (!status && continues) {
        status = sync_names(work, path);
        status = status ? status : catalog_insert(work->catalog, &entry, path, sha256);
        work->taken_up += !status;
    } else if (!status) {
        audyn_error_set(left, AUDYN_EXISTS,
                        "%s/%s is left as it is: it does not continue the chain of %s",
                        work->archive, path, entry.stream);
    }
    audyn_entry_finish(&entry);
    return status;
}

audyn_status_t
chain_find_known(audyn_catalog_t *catalog, const char *path,
                 char sha256[AUDYN_SHA256_TEXT])
{
    *sha256 = '\0';
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(
        catalog, &row, "SELECT sha256 FROM entries WHERE path = ?", "s", path);
    if (catalog_next(row, &status)) {
        snprintf(sha256, AUDYN_SHA256_TEXT, "%s",
                 (const char *)sqlite3_column_text(row, 0));
    }
    sqlite3_finalize(row);
    return status;
}

// Nothing is synced: after a power cut all processes are new, and look at the files.
int
chain_note(int lock_fd, const char *path)
{
    const size_t size = strlen(path) + 1;
    const ssize_t written = pwrite(lock_fd, path, size, 0);
    return written < 0 ? errno : written == (ssize_t)size ? 0 : ENOSPC;
}

audyn_status_t
chain_take_up_noted(chain_catch_up_t *work, int lock_fd)
{
    char path[PATH_MAX];
    const ssize_t size = pread(lock_fd, path, sizeof path - 1, 0);
    path[size > 0 ? size : 0] = '\0';
    if (!*path) {
        return AUDYN_OK;
    }
    char known[AUDYN_SHA256_TEXT];
    const audyn_status_t status = chain_find_known(work->catalog, path, known);
    audyn_error_t left;
    return status || *known ? status : chain_take_up(work, path, &left);
}

static int
by_chain(const void *a, const void *b)
{
    const unknown_t *x = a;
    const unknown_t *y = b;
    const int order = strcmp(x->stream, y->stream);
    return order ? order : (x->sequence > y->sequence) - (x->sequence < y->sequence);
}

static void
tell_known(const chain_catch_up_t *work, const char *path)
{
    audyn_error_t text;
    audyn_error_set(&text, AUDYN_OK, "%s: the catalog knows it now", path);
    if (work->tell) {
        work->tell(work->context, path, true, text.text);
    }
}

// The first of a stream, for all of it.
static void
tell_left(const chain_catch_up_t *work, const char *path, const audyn_error_t *why,
          size_t count)
{
    char more[64] = "";
    if (count > 1) {
        snprintf(more, sizeof more, ", like %zu more of its stream", count - 1);
    }
    audyn_error_t text;
    audyn_error_set(&text, AUDYN_OK, "%s%s; audyn verify tells more", why->text, more);
    if (work->tell) {
        work->tell(work->context, path, false, text.text);
    }
}

static audyn_status_t
take_all(chain_catch_up_t *work, const search_t *search)
{
    audyn_status_t status = AUDYN_OK;
    audyn_error_t first_left;
    size_t first = 0;
    size_t left = 0;
    for (size_t i = 0; !status && i < search->count; ++i) {
        const unknown_t *item = &search->items[i];
        audyn_error_t why;
        status = chain_take_up(work, item->path, &why);
        if (!status && !*why.text) {
            tell_known(work, item->path);
        } else if (!left++) {
            first = i;
            first_left = why;
        }
        const bool last = i + 1 == search->count || strcmp(item->stream, item[1].stream);
        if (last && left) {
            tell_left(work, search->items[first].path, &first_left, left);
            left = 0;
        }
    }
    return status;
}

audyn_status_t
chain_catch_up(chain_catch_up_t *work, const char *stream)
{
    search_t search = {.work = work};
    audyn_status_t status = find_unknown(&search, stream);
    if (!status && search.count) {
        qsort(search.items, search.count, sizeof *search.items, by_chain);
        status = take_all(work, &search);
    }
    for (size_t i = 0; i < search.count; ++i) {
        free(search.items[i].path);
    }
    free(search.items);
    return status;
}
