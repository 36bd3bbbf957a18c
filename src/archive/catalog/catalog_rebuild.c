// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/catalog/catalog_rebuild.h"

#include "archive/catalog/entry_walk.h"
#include "core/directory.h"
#include "core/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

typedef struct {
    const char *archive;
    audyn_catalog_t *catalog;
    void (*tell)(void *context, const char *what);
    void *context;
    char **rivals; // entries whose place another one has, below the archive
    size_t rival_count;
} rebuild_t;

static void
leave_out(const rebuild_t *self, const char *what)
{
    if (self->tell) {
        self->tell(self->context, what);
    }
}

static audyn_status_t
note_rival(rebuild_t *self, const char *path)
{
    char **rivals =
        reallocarray(self->rivals, self->rival_count + 1, sizeof *self->rivals);
    if (!rivals) {
        return AUDYN_NO_MEMORY;
    }
    self->rivals = rivals;
    rivals[self->rival_count] = strdup(path);
    return rivals[self->rival_count] ? (++self->rival_count, AUDYN_OK) : AUDYN_NO_MEMORY;
}

static audyn_status_t
take(void *context, const char *path)
{
    rebuild_t *self = context;
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    audyn_error_t error;
    audyn_status_t status =
        audyn_entry_read_below(&entry, self->archive, path, sha256, &error);
    if (audyn_entry_may_be_read_later(status)) {
        return status;
    }
    if (status) {
        leave_out(self, error.text);
        return AUDYN_OK;
    }
    status = catalog_insert(self->catalog, &entry, path, sha256);
    audyn_entry_finish(&entry);
    return status == AUDYN_EXISTS ? note_rival(self, path) : status;
}

// Of the entry that has the place; empty where nothing has.
static audyn_status_t
read_row(const rebuild_t *self, const audyn_entry_t *entry, uint64_t sequence,
         char path[PATH_MAX], char sha256[AUDYN_SHA256_TEXT])
{
    *path = '\0';
    *sha256 = '\0';
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(
        self->catalog, &row,
        "SELECT path, sha256 FROM entries WHERE stream = ? AND sequence = ?", "si",
        entry->stream, (int64_t)sequence);
    if (catalog_next(row, &status)) {
        snprintf(path, PATH_MAX, "%s", (const char *)sqlite3_column_text(row, 0));
        snprintf(sha256, AUDYN_SHA256_TEXT, "%s",
                 (const char *)sqlite3_column_text(row, 1));
    }
    sqlite3_finalize(row);
    return status;
}

// Two entries claim one place: whoever appended the second knew nothing of the first, as
// where two copies of an archive went on apart.  The one that the next entry names has
// it; of two last ones, that which is no segment.
static audyn_status_t
is_rightful(const rebuild_t *self, const audyn_entry_t *rival, const char *sha256,
            bool *rightful)
{
    char path[PATH_MAX];
    char next_sha256[AUDYN_SHA256_TEXT];
    const audyn_status_t status =
        read_row(self, rival, rival->sequence + 1, path, next_sha256);
    *rightful = rival->kind != AUDYN_ENTRY_SEGMENT;
    audyn_entry_t next;
    if (!status && *path &&
        !audyn_entry_read_below(&next, self->archive, path, next_sha256, NULL)) {
        *rightful = !strcmp(next.previous, sha256);
        audyn_entry_finish(&next);
    }
    return status;
}

static audyn_status_t
settle(rebuild_t *self, const char *path)
{
    audyn_entry_t rival;
    char sha256[AUDYN_SHA256_TEXT];
    audyn_error_t error;
    if (audyn_entry_read_below(&rival, self->archive, path, sha256, &error)) {
        return AUDYN_OK;
    }
    bool rightful;
    char loser[PATH_MAX];
    char loser_sha256[AUDYN_SHA256_TEXT];
    audyn_status_t status = is_rightful(self, &rival, sha256, &rightful);
    status =
        status ? status : read_row(self, &rival, rival.sequence, loser, loser_sha256);
    if (!status && rightful) {
        status = catalog_remove(self->catalog, rival.stream, rival.sequence);
        status = status ? status : catalog_insert(self->catalog, &rival, path, sha256);
    }
    audyn_error_set(
        &error, AUDYN_EXISTS, "%s/%s is left out: %s has its place in the chain of %s",
        self->archive, rightful ? loser : path, rightful ? path : loser, rival.stream);
    leave_out(self, error.text);
    audyn_entry_finish(&rival);
    return status;
}

static audyn_status_t
fill(rebuild_t *self)
{
    audyn_status_t status = catalog_begin(self->catalog, 0);
    status = status ? status : audyn_entry_walk(self->archive, "", take, self);
    status =
        status ? status : audyn_entry_walk(self->archive, ".audyn/chain", take, self);
    for (size_t i = 0; !status && i < self->rival_count; ++i) {
        status = settle(self, self->rivals[i]);
    }
    status = status ? status : catalog_commit(self->catalog);
    for (size_t i = 0; i < self->rival_count; ++i) {
        free(self->rivals[i]);
    }
    free(self->rivals);
    return status;
}

// 0 where it cannot be read.
static int64_t
count_entries(audyn_catalog_t *catalog)
{
    sqlite3_stmt *row;
    audyn_status_t status =
        catalog_prepare(catalog, &row, "SELECT count(*) FROM entries", "");
    const int64_t count = catalog_next(row, &status) ? sqlite3_column_int64(row, 0) : 0;
    sqlite3_finalize(row);
    return count;
}

// An archive that is not mounted, or was moved, is no reason to forget it.
static audyn_status_t
refuse_to_forget(const rebuild_t *self, audyn_error_t *error)
{
    audyn_catalog_t *old;
    if (count_entries(self->catalog) || audyn_catalog_open(&old, self->archive, NULL)) {
        return AUDYN_OK;
    }
    const int64_t known = count_entries(old);
    audyn_catalog_close(old);
    return known ? audyn_error_set(error, AUDYN_NOT_FOUND,
                                   "%s has no entry, but its catalog knows %" PRId64
                                   ": put its folders back; where they are to be "
                                   "forgotten, remove %s/" AUDYN_CATALOG_FILE " first",
                                   self->archive, known, self->archive)
                 : AUDYN_OK;
}

// What the log of the old one holds must not be taken for the new one's, and goes into
// the old one first, which is whole then until the new one has its place.
static audyn_status_t
put_in_place(const char *archive, const char *part)
{
    char path[PATH_MAX];
    audyn_catalog_t *old;
    if (!catalog_open_to_write(&old, archive, NULL)) {
        catalog_run(old, "PRAGMA wal_checkpoint(TRUNCATE)", "");
        audyn_catalog_close(old);
    }
    static const char *const logs[] = {"-wal", "-shm"};
    for (size_t i = 0; i < sizeof logs / sizeof *logs; ++i) {
        snprintf(path, sizeof path, "%s/" AUDYN_CATALOG_FILE "%s", archive, logs[i]);
        unlink(path);
    }
    snprintf(path, sizeof path, "%s/" AUDYN_CATALOG_FILE, archive);
    const int cause = rename(part, path) ? errno : audyn_directory_sync_for(path);
    return audyn_status_from_errno(cause);
}

audyn_status_t
catalog_rebuild_alone(const char *archive, void (*tell)(void *context, const char *what),
                      void *context, audyn_error_t *error)
{
    char part[PATH_MAX];
    snprintf(part, sizeof part, "%s/" AUDYN_CATALOG_FILE ".part", archive);
    unlink(part);
    rebuild_t self = {.archive = archive, .tell = tell, .context = context};
    audyn_status_t status = catalog_create(&self.catalog, part, error);
    if (status) {
        return status;
    }
    status = fill(&self);
    const audyn_status_t refused = status ? AUDYN_OK : refuse_to_forget(&self, error);
    audyn_catalog_close(self.catalog);
    if (!status && !refused) {
        status = put_in_place(archive, part);
    }
    if (status || refused) {
        unlink(part);
    }
    if (status) {
        audyn_error_set(error, status, "the catalog of %s cannot be made anew: %s",
                        archive, audyn_strerror(status));
    }
    return status ? status : refused;
}

int
catalog_open_lock(const char *archive)
{
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/.audyn/catalog.lock", archive) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int cause = audyn_directory_make_for(path);
    if (cause) {
        errno = cause;
        return -1;
    }
    return open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
}

audyn_status_t
audyn_catalog_rebuild(const char *archive, void (*tell)(void *context, const char *what),
                      void *context, audyn_error_t *error)
{
    const int fd = access(archive, F_OK) ? -1 : catalog_open_lock(archive);
    if (fd < 0) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "the archive %s cannot be used: %s", archive,
                               strerror(errno));
    }
    audyn_status_t status;
    if (audyn_file_lock(fd)) {
        status = audyn_error_set(error, AUDYN_BUSY,
                                 "the archive %s is being written to by another "
                                 "process; end that first",
                                 archive);
    } else {
        status = catalog_rebuild_alone(archive, tell, context, error);
    }
    close(fd);
    return status;
}
