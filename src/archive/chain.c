// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/chain.h"

#include "archive/catalog/catalog_rebuild.h"
#include "archive/signing.h"
#include "core/directory.h"
#include "core/file_lock.h"
#include "core/small_file.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define PUBLIC_KEY_BYTES 1024

struct audyn_chain {
    char *path;
    audyn_key_t *key; // NULL: entries are not signed
    int lock_fd;
    pthread_mutex_t mutex; // guards the catalog
    audyn_catalog_t *catalog;
};

// The stream's next place.
typedef struct {
    uint64_t sequence;
    char previous[AUDYN_SHA256_TEXT];
} end_t;

static audyn_status_t
lack_memory(audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for the archive");
}

static void
cut_slashes(char *path)
{
    for (size_t length = strlen(path); length > 1 && path[length - 1] == '/';) {
        path[--length] = '\0';
    }
}

// Of the last key; those before it stay, for what they have signed.
static audyn_status_t
keep_public_key(const audyn_chain_t *chain, audyn_error_t *error)
{
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s/.audyn/archive.pub", chain->path);
    char *text = audyn_key_public_text(chain->key);
    if (!text) {
        return lack_memory(error);
    }
    char before[PUBLIC_KEY_BYTES] = "";
    size_t size = 0;
    const audyn_status_t read =
        audyn_small_file_read(path, before, sizeof before, &size, NULL);
    const bool is_same = !read && size == strlen(text) && !memcmp(before, text, size);
    char other[PATH_MAX + 16];
    for (unsigned n = 1; !read && !is_same; ++n) {
        snprintf(other, sizeof other, "%s.%u", path, n);
        if (!link(path, other) || errno != EEXIST) {
            break;
        }
    }
    const audyn_status_t status =
        is_same ? AUDYN_OK : audyn_small_file_write(path, text, error);
    free(text);
    return status;
}

static audyn_status_t
open_catalog(audyn_chain_t *chain, audyn_error_t *error)
{
    chain->lock_fd = catalog_open_lock(chain->path);
    if (chain->lock_fd < 0) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "the archive %s cannot be used: %s", chain->path,
                               strerror(errno));
    }
    const bool alone = !audyn_file_lock(chain->lock_fd);
    if (!alone) {
        audyn_file_lock_shared(chain->lock_fd);
    }
    audyn_status_t status = catalog_open_to_write(&chain->catalog, chain->path, error);
    if (alone && (status == AUDYN_NOT_FOUND || status == AUDYN_BAD_DATA)) {
        status = catalog_rebuild_alone(chain->path, NULL, NULL, error);
        status =
            status ? status : catalog_open_to_write(&chain->catalog, chain->path, error);
    }
    if (alone) {
        audyn_file_lock_shared(chain->lock_fd);
    }
    return status;
}

audyn_status_t
audyn_chain_open(audyn_chain_t **out, const char *archive, const char *key_path,
                 audyn_error_t *error)
{
    *out = NULL;
    audyn_chain_t *chain = calloc(1, sizeof *chain);
    if (!chain) {
        return lack_memory(error);
    }
    chain->lock_fd = -1;
    pthread_mutex_init(&chain->mutex, NULL);
    chain->path = strdup(archive);
    audyn_status_t status = chain->path ? AUDYN_OK : lack_memory(error);
    if (!status) {
        cut_slashes(chain->path);
        status = open_catalog(chain, error);
    }
    if (!status && key_path) {
        status = audyn_key_read_private(&chain->key, key_path, error);
        status = status ? status : keep_public_key(chain, error);
    }
    if (status) {
        audyn_chain_close(chain);
        return status;
    }
    *out = chain;
    return AUDYN_OK;
}

const char *
audyn_chain_path(const audyn_chain_t *chain)
{
    return chain->path;
}

static void
chain_entry_path(char path[PATH_MAX], const char *stream, uint64_t sequence)
{
    snprintf(path, PATH_MAX, ".audyn/chain/%s/%08" PRIu64 ".json", stream, sequence);
}

// False: it does not continue the chain.
static bool
continues(const audyn_entry_t *entry, const char *stream, const end_t *end)
{
    return !strcmp(entry->stream, stream) && entry->sequence == end->sequence &&
           !strcmp(entry->previous, end->previous);
}

// Tells the catalog of an entry whose file is there already.
static audyn_status_t
take_up(audyn_chain_t *chain, const audyn_entry_t *entry, const char *path,
        const char *sha256, end_t *end)
{
    const audyn_status_t status = catalog_insert(chain->catalog, entry, path, sha256);
    if (!status) {
        ++end->sequence;
        strcpy(end->previous, sha256);
    }
    return status;
}

// Those of `.audyn/chain` whose writers were killed before they told the catalog.
static audyn_status_t
take_up_orphans(audyn_chain_t *chain, const char *stream, end_t *end,
                audyn_error_t *error)
{
    audyn_status_t status = AUDYN_OK;
    for (bool more = true; !status && more;) {
        char path[PATH_MAX];
        char whole[PATH_MAX];
        chain_entry_path(path, stream, end->sequence);
        if (snprintf(whole, sizeof whole, "%s/%s", chain->path, path) >= PATH_MAX ||
            access(whole, F_OK)) {
            return AUDYN_OK;
        }
        audyn_entry_t entry;
        char sha256[AUDYN_SHA256_TEXT];
        more = !audyn_entry_read(&entry, whole, sha256, NULL) &&
               continues(&entry, stream, end);
        status = more ? take_up(chain, &entry, path, sha256, end)
                      : audyn_error_set(error, AUDYN_EXISTS,
                                        "%s is in the way: it is no part of the chain of "
                                        "%s; audyn verify tells more",
                                        whole, stream);
        audyn_entry_finish(&entry);
    }
    return status;
}

static audyn_status_t
find_end(audyn_chain_t *chain, const char *stream, end_t *end, audyn_error_t *error)
{
    *error = (audyn_error_t){""};
    audyn_status_t status =
        audyn_catalog_chain_end(chain->catalog, stream, &end->sequence, end->previous);
    if (!status) {
        status = take_up_orphans(chain, stream, end, error);
    }
    if (status && !*error->text) {
        catalog_explain(chain->catalog, status, error);
    }
    return status;
}

static audyn_status_t
write_signature(const audyn_chain_t *chain, const char *path, const char *text,
                audyn_error_t *error)
{
    char signature_path[PATH_MAX + 8];
    snprintf(signature_path, sizeof signature_path, "%s.sig", path);
    if (!chain->key) {
        // Of an attempt with another text.
        return !unlink(signature_path) || errno == ENOENT
                   ? AUDYN_OK
                   : audyn_error_set(error, audyn_status_from_errno(errno),
                                     "%s cannot be removed: %s", signature_path,
                                     strerror(errno));
    }
    uint8_t signature[AUDYN_SIGNATURE_BYTES];
    const audyn_status_t status =
        audyn_key_sign(chain->key, text, strlen(text), signature);
    return status ? lack_memory(error)
                  : audyn_small_file_write_bytes(signature_path, signature,
                                                 sizeof signature, error);
}

// Where it is missing, in whole or in part, nothing says that the entry is there.
static audyn_status_t
write_files(const audyn_chain_t *chain, const char *path, const char *text,
            audyn_error_t *error)
{
    char whole[PATH_MAX];
    if (snprintf(whole, sizeof whole, "%s/%s", chain->path, path) >= PATH_MAX - 8) {
        return audyn_error_set(error, AUDYN_TOO_LARGE, "%s/%s: the name is too long",
                               chain->path, path);
    }
    int cause = audyn_directory_make_for(whole);
    audyn_status_t status = AUDYN_OK;
    if (!cause) {
        status = write_signature(chain, whole, text, error);
        status = status ? status : audyn_small_file_write(whole, text, error);
    }
    if (!cause && !status) {
        cause = audyn_directory_sync_for(whole);
    }
    if (!cause && !status && !strncmp(path, ".audyn/", 7)) {
        cause = audyn_directory_sync_below(whole, strlen(chain->path));
    }
    return cause ? audyn_error_set(error, audyn_status_from_errno(cause),
                                   "%s cannot be put on disk: %s", whole, strerror(cause))
                 : status;
}

// `sha256` is empty where the catalog does not know the path.
static audyn_status_t
find_known(audyn_chain_t *chain, const char *path, char sha256[AUDYN_SHA256_TEXT])
{
    *sha256 = '\0';
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(
        chain->catalog, &row, "SELECT sha256 FROM entries WHERE path = ?", "s", path);
    if (catalog_next(row, &status)) {
        snprintf(sha256, AUDYN_SHA256_TEXT, "%s",
                 (const char *)sqlite3_column_text(row, 0));
    }
    sqlite3_finalize(row);
    return status;
}

static audyn_status_t
tell_known(const audyn_chain_t *chain, const char *path, audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_EXISTS,
                           "the catalog of %s knows another %s than this one: put that "
                           "back from a copy, and this one under another name",
                           chain->path, path);
}

static audyn_status_t
append_at(audyn_chain_t *chain, audyn_entry_t *entry, const char *path, const end_t *end,
          audyn_error_t *error)
{
    char own_path[PATH_MAX];
    chain_entry_path(own_path, entry->stream, end->sequence);
    path = path ? path : own_path;
    entry->sequence = end->sequence;
    strcpy(entry->previous, end->previous);
    char sha256[AUDYN_SHA256_TEXT];
    audyn_status_t status = find_known(chain, path, sha256);
    if (status || *sha256) {
        return status ? catalog_explain(chain->catalog, status, error)
                      : tell_known(chain, path, error);
    }
    char *text = audyn_entry_write(entry);
    if (!text || !audyn_checksum_of(text, strlen(text), sha256)) {
        free(text);
        return lack_memory(error);
    }
    status = write_files(chain, path, text, error);
    free(text);
    if (!status) {
        status = catalog_insert(chain->catalog, entry, path, sha256);
        status = status ? catalog_explain(chain->catalog, status, error) : AUDYN_OK;
    }
    return status;
}

static audyn_status_t
begin(audyn_chain_t *chain, int patience_ms, audyn_error_t *error)
{
    const audyn_status_t status = catalog_begin(chain->catalog, patience_ms);
    return status ? catalog_explain(chain->catalog, status, error) : AUDYN_OK;
}

static audyn_status_t
end(audyn_chain_t *chain, audyn_status_t status, audyn_error_t *error)
{
    if (!status) {
        status = catalog_commit(chain->catalog);
        status = status ? catalog_explain(chain->catalog, status, error) : AUDYN_OK;
    }
    catalog_roll_back(chain->catalog);
    return status;
}

// Holding the mutex.
static audyn_status_t
append(audyn_chain_t *chain, audyn_entry_t *entry, const char *path, int patience_ms,
       audyn_error_t *error)
{
    audyn_error_t unheard;
    error = error ? error : &unheard;
    audyn_status_t status = begin(chain, patience_ms, error);
    if (!status) {
        end_t at;
        status = find_end(chain, entry->stream, &at, error);
        status = status ? status : append_at(chain, entry, path, &at, error);
        status = end(chain, status, error);
    }
    return status;
}

audyn_status_t
audyn_chain_append(audyn_chain_t *chain, audyn_entry_t *entry, const char *path,
                   audyn_error_t *error)
{
    pthread_mutex_lock(&chain->mutex);
    const audyn_status_t status = append(chain, entry, path, PATIENCE_MS, error);
    pthread_mutex_unlock(&chain->mutex);
    return status;
}

audyn_status_t
audyn_chain_try_append(audyn_chain_t *chain, audyn_entry_t *entry, const char *path,
                       audyn_error_t *error)
{
    if (pthread_mutex_trylock(&chain->mutex)) {
        return audyn_error_set(error, AUDYN_BUSY, "the catalog of %s is in use",
                               chain->path);
    }
    const audyn_status_t status = append(chain, entry, path, 0, error);
    pthread_mutex_unlock(&chain->mutex);
    return status;
}

// Holding the mutex, within a transaction.
static audyn_status_t
adopt(audyn_chain_t *chain, audyn_entry_t *entry, const char *path, const char *sha256,
      audyn_error_t *error)
{
    char known[AUDYN_SHA256_TEXT];
    end_t at;
    audyn_status_t status = find_known(chain, path, known);
    if (status) {
        return catalog_explain(chain->catalog, status, error);
    }
    if (*known) {
        return strcmp(known, sha256) != 0 ? tell_known(chain, path, error) : AUDYN_OK;
    }
    status = find_end(chain, entry->stream, &at, error);
    if (status) {
        return status;
    }
    if (entry->sequence > at.sequence) {
        return audyn_error_set(error, AUDYN_EXISTS,
                               "%s/%s is left as it is: its place is behind entries that "
                               "the catalog does not know; audyn catalog rebuild finds "
                               "them",
                               chain->path, path);
    }
    if (!continues(entry, entry->stream, &at)) {
        return append_at(chain, entry, path, &at, error);
    }
    status = take_up(chain, entry, path, sha256, &at);
    return status ? catalog_explain(chain->catalog, status, error) : AUDYN_OK;
}

audyn_status_t
audyn_chain_adopt(audyn_chain_t *chain, const char *path, audyn_error_t *error)
{
    audyn_error_t unheard;
    error = error ? error : &unheard;
    char whole[PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", chain->path, path);
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    audyn_status_t status = audyn_entry_read(&entry, whole, sha256, error);
    if (status) {
        return status;
    }
    pthread_mutex_lock(&chain->mutex);
    status = begin(chain, PATIENCE_MS, error);
    if (!status) {
        status = adopt(chain, &entry, path, sha256, error);
        status = end(chain, status, error);
    }
    pthread_mutex_unlock(&chain->mutex);
    audyn_entry_finish(&entry);
    return status;
}

bool
audyn_chain_knows(audyn_chain_t *chain, const char *path)
{
    if (pthread_mutex_trylock(&chain->mutex)) {
        return false;
    }
    bool has;
    const audyn_status_t status = audyn_catalog_has_entry(chain->catalog, path, &has);
    pthread_mutex_unlock(&chain->mutex);
    return !status && has;
}

audyn_status_t
audyn_chain_end_before(audyn_chain_t *chain, const char *stream,
                       const audyn_input_format_t *format, uint64_t position,
                       uint64_t *end)
{
    pthread_mutex_lock(&chain->mutex);
    const audyn_status_t status =
        audyn_catalog_end_before(chain->catalog, stream, format, position, end);
    pthread_mutex_unlock(&chain->mutex);
    return status;
}

void
audyn_chain_close(audyn_chain_t *chain)
{
    if (!chain) {
        return;
    }
    audyn_catalog_close(chain->catalog);
    audyn_key_destroy(chain->key);
    if (chain->lock_fd >= 0) {
        close(chain->lock_fd);
    }
    pthread_mutex_destroy(&chain->mutex);
    free(chain->path);
    free(chain);
}
