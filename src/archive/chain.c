// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/chain.h"

#include "archive/catalog/catalog_rebuild.h"
#include "archive/catalog/entry_walk.h"
#include "archive/chain_catch_up.h"
#include "archive/chain_private.h"
#include "core/directory.h"
#include "core/small_file.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE_MS 30000
#define PUBLIC_KEY_BYTES 1024

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
    return chain_open_catalog(chain, error);
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

static audyn_status_t
write_signature(const audyn_chain_t *chain, const char *path, const char *text,
                audyn_error_t *error)
{
    char signature_path[PATH_MAX + 8];
    snprintf(signature_path, sizeof signature_path, "%s.sig", path);
    if (!chain->key) {
        // Of an attempt that came no further than that.
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

static audyn_status_t
tell_known(const audyn_chain_t *chain, const char *path, audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_EXISTS,
                           "the catalog of %s knows another %s than this one: put that "
                           "back from a copy, and this one under another name",
                           chain->path, path);
}

// An attempt that failed at its very end has left the file, which was taken up since.
static audyn_status_t
recognise(const audyn_chain_t *chain, audyn_entry_t *entry, const char *path,
          const char *known, audyn_error_t *error)
{
    char sha256[AUDYN_SHA256_TEXT];
    audyn_entry_t there;
    if (audyn_entry_read_below(&there, chain->path, path, sha256, NULL)) {
        return tell_known(chain, path, error);
    }
    entry->sequence = there.sequence;
    strcpy(entry->previous, there.previous);
    audyn_entry_finish(&there);
    char *text = audyn_entry_write(entry);
    const bool done = text && audyn_checksum_of(text, strlen(text), sha256);
    free(text);
    if (!done) {
        return lack_memory(error);
    }
    return strcmp(sha256, known) != 0 ? tell_known(chain, path, error) : AUDYN_OK;
}

static bool
is_caught_up(const audyn_chain_t *chain, const char *stream)
{
    return chain->is_caught_up &&
           (!*chain->caught_up || (stream && !strcmp(chain->caught_up, stream)));
}

static audyn_status_t
look_around(audyn_chain_t *chain, chain_catch_up_t *work, const char *stream,
            audyn_error_t *error)
{
    work->catalog = chain->catalog;
    work->archive = chain->path;
    work->taken_up = 0;
    audyn_status_t status = chain_take_up_noted(work, chain->lock_fd);
    if (!status && !is_caught_up(chain, stream)) {
        status = chain_catch_up(work, stream);
        chain->is_caught_up = !status;
        snprintf(chain->caught_up, sizeof chain->caught_up, "%s", stream ? stream : "");
    }
    if (status == AUDYN_BAD_DATA) {
        return chain_explain(chain, status, error);
    }
    return status ? audyn_error_set(error, status,
                                    "the catalog of %s cannot be told what is there: %s",
                                    chain->path, audyn_strerror(status))
                  : AUDYN_OK;
}

static audyn_status_t
end(audyn_chain_t *chain, audyn_status_t status, audyn_error_t *error)
{
    if (!status) {
        status = catalog_commit(chain->catalog);
        status = status ? chain_explain(chain, status, error) : AUDYN_OK;
    }
    catalog_roll_back(chain->catalog);
    return status;
}

// A transaction in which the catalog knows what there is of the stream, NULL: of any.
// What had to be taken up is in it for good before anything follows.
static audyn_status_t
begin(audyn_chain_t *chain, chain_catch_up_t *work, const char *stream, int patience_ms,
      audyn_error_t *error)
{
    audyn_status_t status;
    do {
        status = chain_check_catalog(chain, error);
        if (status) {
            return status;
        }
        status = catalog_begin(chain->catalog, patience_ms);
        if (status) {
            return chain_explain(chain, status, error);
        }
        status = look_around(chain, work, stream, error);
        if (status || work->taken_up) {
            status = end(chain, status, error);
            chain->is_caught_up = chain->is_caught_up && !status;
        }
    } while (!status && work->taken_up);
    return status;
}

static bool
exists(const audyn_chain_t *chain, const char *path)
{
    char whole[2 * PATH_MAX];
    snprintf(whole, sizeof whole, "%s/%s", chain->path, path);
    return !access(whole, F_OK);
}

// Within a transaction.
static audyn_status_t
append_at_end(audyn_chain_t *chain, audyn_entry_t *entry, const char *path,
              audyn_error_t *error)
{
    char *text = audyn_entry_write(entry);
    char sha256[AUDYN_SHA256_TEXT];
    if (!text || !audyn_checksum_of(text, strlen(text), sha256)) {
        free(text);
        return lack_memory(error);
    }
    const int cause = chain_note(chain->lock_fd, path);
    audyn_status_t status =
        cause ? audyn_error_set(error, audyn_status_from_errno(cause),
                                "%s/.audyn/catalog.lock cannot be written: %s",
                                chain->path, strerror(cause))
              : write_files(chain, path, text, error);
    free(text);
    if (!status) {
        status = catalog_insert(chain->catalog, entry, path, sha256);
        status = status ? chain_explain(chain, status, error) : AUDYN_OK;
    }
    return status;
}

// Within a transaction.
static audyn_status_t
append_entry(audyn_chain_t *chain, audyn_entry_t *entry, const char *path,
             audyn_error_t *error)
{
    audyn_status_t status = audyn_catalog_chain_end(chain->catalog, entry->stream,
                                                    &entry->sequence, entry->previous);
    char own_path[PATH_MAX];
    chain_entry_path(own_path, entry->stream, entry->sequence);
    path = path ? path : own_path;
    char known[AUDYN_SHA256_TEXT];
    status = status ? status : chain_find_known(chain->catalog, path, known);
    if (status) {
        return chain_explain(chain, status, error);
    }
    if (*known) {
        return recognise(chain, entry, path, known, error);
    }
    if (exists(chain, path)) {
        return audyn_error_set(error, AUDYN_EXISTS,
                               "%s/%s is in the way: it is no part of the chain of %s; "
                               "audyn verify tells more",
                               chain->path, path, entry->stream);
    }
    return append_at_end(chain, entry, path, error);
}

static audyn_status_t
append_once(audyn_chain_t *chain, audyn_entry_t *entry, const char *path, int patience_ms,
            audyn_error_t *error)
{
    chain_catch_up_t work = {.tell = NULL};
    const audyn_status_t status = begin(chain, &work, entry->stream, patience_ms, error);
    return status ? status : end(chain, append_entry(chain, entry, path, error), error);
}

// Holding the mutex.
static audyn_status_t
append(audyn_chain_t *chain, audyn_entry_t *entry, const char *path, int patience_ms,
       audyn_error_t *error)
{
    audyn_error_t unheard;
    error = error ? error : &unheard;
    audyn_status_t status;
    do {
        status = append_once(chain, entry, path, patience_ms, error);
    } while (status && chain_mends(chain, patience_ms > 0, error));
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

audyn_status_t
audyn_chain_catch_up(audyn_chain_t *chain, const char *stream, audyn_chain_tell_t *tell,
                     void *context, audyn_error_t *error)
{
    audyn_error_t unheard;
    error = error ? error : &unheard;
    chain_catch_up_t work = {.tell = tell, .context = context};
    pthread_mutex_lock(&chain->mutex);
    audyn_status_t status;
    do {
        status = begin(chain, &work, stream, PATIENCE_MS, error);
        status = status ? status : end(chain, AUDYN_OK, error);
    } while (status && chain_mends(chain, true, error));
    pthread_mutex_unlock(&chain->mutex);
    return status;
}

// Within a transaction.
static audyn_status_t
adopt(audyn_chain_t *chain, chain_catch_up_t *work, const char *path, const char *sha256,
      audyn_error_t *error)
{
    char known[AUDYN_SHA256_TEXT];
    audyn_error_t left = {""};
    audyn_status_t status = chain_find_known(chain->catalog, path, known);
    if (!status && !*known) {
        status = chain_take_up(work, path, &left);
    } else if (!status && strcmp(known, sha256) != 0) {
        return tell_known(chain, path, error);
    }
    if (status) {
        return chain_explain(chain, status, error);
    }
    return *left.text ? audyn_error_set(error, AUDYN_EXISTS,
                                        "%s; audyn verify tells more", left.text)
                      : AUDYN_OK;
}

audyn_status_t
audyn_chain_adopt(audyn_chain_t *chain, const char *path, audyn_error_t *error)
{
    audyn_error_t unheard;
    error = error ? error : &unheard;
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    audyn_status_t status =
        audyn_entry_read_below(&entry, chain->path, path, sha256, error);
    if (status) {
        return status;
    }
    chain_catch_up_t work = {.tell = NULL};
    pthread_mutex_lock(&chain->mutex);
    status = begin(chain, &work, entry.stream, PATIENCE_MS, error);
    if (!status) {
        status = end(chain, adopt(chain, &work, path, sha256, error), error);
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
    bool has = false;
    if (chain->catalog && audyn_catalog_has_entry(chain->catalog, path, &has)) {
        has = false;
    }
    pthread_mutex_unlock(&chain->mutex);
    return has;
}

// Holding the mutex.
static audyn_status_t
find_end_before(audyn_chain_t *chain, const char *stream,
                const audyn_input_format_t *format, uint64_t position, uint64_t *end)
{
    audyn_status_t status = chain_check_catalog(chain, NULL);
    if (!status) {
        status = audyn_catalog_end_before(chain->catalog, stream, format, position, end);
        chain_explain(chain, status, NULL);
    }
    chain_mends(chain, false, NULL);
    return status;
}

audyn_status_t
audyn_chain_end_before(audyn_chain_t *chain, const char *stream,
                       const audyn_input_format_t *format, uint64_t position,
                       uint64_t *end)
{
    pthread_mutex_lock(&chain->mutex);
    const audyn_status_t status = find_end_before(chain, stream, format, position, end);
    pthread_mutex_unlock(&chain->mutex);
    return status;
}

audyn_status_t
audyn_chain_try_end_before(audyn_chain_t *chain, const char *stream,
                           const audyn_input_format_t *format, uint64_t position,
                           uint64_t *end)
{
    if (pthread_mutex_trylock(&chain->mutex)) {
        return AUDYN_BUSY;
    }
    const audyn_status_t status = find_end_before(chain, stream, format, position, end);
    pthread_mutex_unlock(&chain->mutex);
    return status;
}

void
audyn_chain_close(audyn_chain_t *chain)
{
    if (!chain) {
        return;
    }
    chain_end_mending(chain);
    audyn_catalog_close(chain->catalog);
    audyn_key_destroy(chain->key);
    if (chain->lock_fd >= 0) {
        close(chain->lock_fd);
    }
    pthread_mutex_destroy(&chain->mutex);
    free(chain->path);
    free(chain);
}
