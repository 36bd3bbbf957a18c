// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/retention/retention_delete.h"

#include "archive/catalog/catalog_private.h"
#include "archive/retention/holds.h"
#include "core/directory.h"
#include "core/file_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int
audyn_retention_lock(const char *archive)
{
    char path[PATH_MAX];
    const int length = snprintf(path, sizeof path, "%s/.audyn/retention.lock", archive);
    if (length >= (int)sizeof path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0666);
    const int cause = fd < 0 ? errno : audyn_file_lock_wait(fd);
    if (fd >= 0 && cause) {
        close(fd);
    }
    errno = cause;
    return cause ? -1 : fd;
}

// The files of one segment.
struct work {
    const audyn_retention_t *retention;
    const audyn_retention_target_t *target; // NULL: what a tombstone names
    audyn_holds_t holds;
    audyn_entry_tombstone_t tombstone;
    char paths[AUDYN_ENTRY_FILES][PATH_MAX]; // below the archive's directory
};

static bool
join(char path[PATH_MAX], const audyn_retention_t *retention, const char *below)
{
    return snprintf(path, PATH_MAX, "%s/%s", retention->archive, below) < PATH_MAX;
}

bool
audyn_retention_is_known(const audyn_retention_t *retention,
                         const audyn_catalog_file_t *file)
{
    char path[PATH_MAX];
    struct stat about;
    if (!join(path, retention, file->path) || lstat(path, &about)) {
        return false;
    }
    const bool known = S_ISREG(about.st_mode) && (uint64_t)about.st_size == file->bytes;
    if (!known) {
        char what[PATH_MAX + 128];
        snprintf(what, sizeof what,
                 "%s is not what was recorded, and is left alone; look at it with "
                 "audyn verify",
                 file->path);
        retention->left(retention->context, what);
    }
    return known;
}

static bool
is_meant(const struct work *work, const audyn_catalog_file_t *file)
{
    const audyn_retention_target_t *target = work->target;
    bool meant = !target;
    for (unsigned i = 0; target && i < target->format_count; ++i) {
        meant |= !strcmp(file->format, target->formats[i]);
    }
    return meant && (!target || !file->deleted);
}

// Visits the files of a segment.
static bool
take_file(void *context, const audyn_catalog_file_t *file)
{
    struct work *work = (struct work *)context;
    audyn_entry_tombstone_t *tombstone = &work->tombstone;
    if (!is_meant(work, file) || tombstone->file_count == AUDYN_ENTRY_FILES ||
        audyn_holds_cover(&work->holds, file) ||
        !audyn_retention_is_known(work->retention, file)) {
        return true;
    }
    const char *slash = strrchr(file->path, '/');
    audyn_entry_file_t *taken = &tombstone->files[tombstone->file_count];
    *taken = (audyn_entry_file_t){.bytes = file->bytes};
    snprintf(taken->path, sizeof taken->path, "%s", slash ? slash + 1 : file->path);
    snprintf(taken->format, sizeof taken->format, "%s", file->format);
    snprintf(taken->sha256, sizeof taken->sha256, "%s", file->sha256);
    snprintf(work->paths[tombstone->file_count++], PATH_MAX, "%s", file->path);
    return true;
}

static audyn_status_t
bury(const struct work *work, audyn_error_t *error)
{
    const audyn_retention_target_t *target = work->target;
    const audyn_clock_t *clock = work->retention->clock;
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_TOMBSTONE, target->stream, target->format);
    entry.tombstone = work->tombstone;
    entry.tombstone.segment = target->sequence;
    snprintf(entry.tombstone.why, sizeof entry.tombstone.why, "%s", target->why);
    audyn_entry_utc_text(entry.tombstone.deleted_utc, clock->utc_ns(clock));
    const audyn_status_t status =
        audyn_chain_append(work->retention->chain, &entry, NULL, error);
    audyn_entry_finish(&entry);
    return status;
}

// All lie in the directory of their sidecar.
static audyn_status_t
remove_files(const struct work *work, audyn_error_t *error)
{
    char path[PATH_MAX];
    int cause = 0;
    for (unsigned i = 0; i < work->tombstone.file_count && !cause; ++i) {
        join(path, work->retention, work->paths[i]);
        cause = unlink(path) && errno != ENOENT ? errno : 0;
    }
    if (!cause && work->tombstone.file_count) {
        cause = audyn_directory_sync_for(path);
    }
    return cause ? audyn_error_set(error, audyn_status_from_errno(cause),
                                   "%s cannot be deleted: %s", path, strerror(cause))
                 : AUDYN_OK;
}

static void
tell(const struct work *work, uint64_t *bytes)
{
    const audyn_retention_t *retention = work->retention;
    for (unsigned i = 0; i < work->tombstone.file_count; ++i) {
        const audyn_retention_deletion_t deletion = {
            .path = work->paths[i],
            .why = work->target->why,
            .bytes = work->tombstone.files[i].bytes,
        };
        *bytes += deletion.bytes;
        retention->deleted(retention->context, &deletion);
    }
}

// With the lock.
static audyn_status_t
finish_last(const audyn_retention_t *retention, audyn_catalog_t *catalog,
            const char *stream, audyn_error_t *error)
{
    struct work work = {.retention = retention};
    const audyn_status_t status =
        audyn_catalog_last_deleted(catalog, stream, take_file, &work);
    return status ? audyn_error_set(error, status, "the catalog cannot be read: %s",
                                    audyn_strerror(status))
                  : remove_files(&work, error);
}

// With the lock, but where nothing is really deleted.
static audyn_status_t
delete_files(struct work *work, audyn_catalog_t *catalog, audyn_error_t *error)
{
    const audyn_retention_target_t *target = work->target;
    audyn_status_t status = audyn_holds_load(&work->holds, catalog);
    if (!status) {
        status = audyn_catalog_files(catalog, target->stream, target->sequence, take_file,
                                     work);
    }
    audyn_holds_finish(&work->holds);
    if (status) {
        return audyn_error_set(error, status, "the catalog cannot be read: %s",
                               audyn_strerror(status));
    }
    if (!work->tombstone.file_count || !work->retention->chain) {
        return AUDYN_OK;
    }
    status = bury(work, error);
    return status ? status : remove_files(work, error);
}

static audyn_status_t
lock(int *fd, const audyn_retention_t *retention, audyn_error_t *error)
{
    *fd = audyn_retention_lock(retention->archive);
    return *fd < 0 ? audyn_error_set(error, audyn_status_from_errno(errno),
                                     "%s/.audyn/retention.lock cannot be had: %s",
                                     retention->archive, strerror(errno))
                   : AUDYN_OK;
}

// Whoever held or deleted last may not have come to its end.
static audyn_status_t
begin(int *fd, const audyn_retention_t *retention, audyn_catalog_t *catalog,
      const char *stream, audyn_error_t *error)
{
    audyn_status_t status = lock(fd, retention, error);
    if (!status) {
        status = audyn_chain_catch_up(retention->chain, stream, NULL, NULL, error);
    }
    if (!status && catalog_has_moved(catalog)) {
        return audyn_error_set(error, AUDYN_BUSY,
                               "the catalog of %s was made anew meanwhile, and may tell "
                               "of other holds: nothing more is deleted in this pass",
                               retention->archive);
    }
    return status ? status : finish_last(retention, catalog, stream, error);
}

static void
end(int fd)
{
    if (fd >= 0) {
        close(fd);
    }
}

audyn_status_t
audyn_retention_finish(const audyn_retention_t *retention, audyn_catalog_t *catalog,
                       const char *stream, audyn_error_t *error)
{
    int fd;
    const audyn_status_t status = begin(&fd, retention, catalog, stream, error);
    end(fd);
    return status;
}

audyn_status_t
audyn_retention_delete(const audyn_retention_t *retention, audyn_catalog_t *catalog,
                       const audyn_retention_target_t *target, uint64_t *bytes,
                       audyn_error_t *error)
{
    *bytes = 0;
    struct work work = {.retention = retention, .target = target};
    int fd = -1;
    audyn_status_t status = AUDYN_OK;
    if (retention->chain) {
        status = begin(&fd, retention, catalog, target->stream, error);
    }
    if (!status) {
        status = delete_files(&work, catalog, error);
    }
    if (!status) {
        tell(&work, bytes);
    }
    end(fd);
    return status;
}
