// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What the archive's directory holds, and what its entries say.

#include "archive/verify/verify_private.h"
#include "core/small_file.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_ENTRY_BYTES (UINT64_C(1) << 30)
#define CHAIN_FOLDER ".audyn/chain/"

// `.audyn` comes last: a tombstone is there before its files go.
static int
in_order(const FTSENT **a, const FTSENT **b)
{
    const bool a_last = !strcmp((*a)->fts_name, ".audyn");
    const bool b_last = !strcmp((*b)->fts_name, ".audyn");
    return a_last != b_last ? (a_last ? 1 : -1) : strcmp((*a)->fts_name, (*b)->fts_name);
}

static int
by_path(const void *a, const void *b)
{
    return strcmp(((const verify_found_t *)a)->path, ((const verify_found_t *)b)->path);
}

static int
by_sequence(const void *a, const void *b)
{
    const verify_entry_t *left = a;
    const verify_entry_t *right = b;
    if (left->stream != right->stream) {
        return left->stream < right->stream ? -1 : 1;
    }
    if (left->sequence != right->sequence) {
        return left->sequence < right->sequence ? -1 : 1;
    }
    return strcmp(left->path, right->path);
}

static void
tell_link(verify_t *verify, const char *path)
{
    audyn_verify_finding_t finding = {.kind = "link", .path = path};
    verify_tell(verify, &finding,
                "it is a symbolic link, and not followed: what it leads to is not "
                "verified");
}

static audyn_status_t
take_found(verify_t *verify, const FTSENT *file)
{
    const size_t root = strlen(verify->config->archive) + 1;
    if (file->fts_info == FTS_SL && file->fts_level > FTS_ROOTLEVEL) {
        tell_link(verify, file->fts_path + root);
    }
    if (file->fts_errno == ENOENT && file->fts_level > FTS_ROOTLEVEL &&
        (file->fts_info == FTS_NS || file->fts_info == FTS_DNR)) {
        return AUDYN_OK; // gone since its folder was read, as journals go
    }
    if (file->fts_info == FTS_DNR || file->fts_info == FTS_ERR ||
        file->fts_info == FTS_NS) {
        return audyn_error_set(verify->error, audyn_status_from_errno(file->fts_errno),
                               "%s cannot be read: %s", file->fts_path,
                               strerror(file->fts_errno));
    }
    if (file->fts_info != FTS_F) {
        return AUDYN_OK;
    }
    verify_found_t *found = verify_list_add(&verify->found, sizeof *found);
    if (!found || !(found->path = strdup(file->fts_path + root))) {
        return AUDYN_NO_MEMORY;
    }
    found->bytes = (uint64_t)file->fts_statp->st_size;
    return AUDYN_OK;
}

static audyn_status_t
walk(verify_t *verify)
{
    char *roots[] = {strdup(verify->config->archive), NULL};
    FTS *tree =
        roots[0] ? fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, in_order)
                 : NULL;
    audyn_status_t status = tree ? AUDYN_OK : AUDYN_NO_MEMORY;
    for (FTSENT *file; !status && (file = fts_read(tree));) {
        status = take_found(verify, file);
    }
    if (tree) {
        fts_close(tree);
    }
    free(roots[0]);
    if (verify->found.count) {
        qsort(verify->found.items, verify->found.count, sizeof(verify_found_t), by_path);
    }
    return status;
}

static bool
is_entry(const char *path, bool sidecar)
{
    const char *folder = sidecar ? ".audyn/" : CHAIN_FOLDER;
    return verify_ends_in(path, ".json") &&
           sidecar == (strncmp(path, folder, strlen(folder)) != 0);
}

// The stream in whose folder a path lies.
static void
folder_of(const char *path, char name[AUDYN_ENTRY_NAME])
{
    const bool chain = !strncmp(path, CHAIN_FOLDER, strlen(CHAIN_FOLDER));
    const char *start = path + (chain ? strlen(CHAIN_FOLDER) : 0);
    snprintf(name, AUDYN_ENTRY_NAME, "%.*s", (int)strcspn(start, "/"), start);
}

static bool
take_file(verify_t *verify, const char *sidecar, const audyn_entry_file_t *said,
          size_t entry)
{
    char path[PATH_MAX];
    const char *slash = strrchr(sidecar, '/');
    snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash - sidecar) + 1 : 0, sidecar,
             said->path);
    verify_file_t *file = verify_list_add(&verify->files, sizeof *file);
    if (!file || !(file->path = strdup(path))) {
        return false;
    }
    file->entry = entry;
    file->bytes = said->bytes;
    memcpy(file->sha256, said->sha256, sizeof file->sha256);
    return true;
}

static bool
take_deletion(verify_t *verify, const audyn_entry_tombstone_t *tombstone,
              const audyn_entry_file_t *said, size_t entry)
{
    verify_deletion_t *deletion = verify_list_add(&verify->deletions, sizeof *deletion);
    if (!deletion || !(deletion->path = strdup(said->path))) {
        return false;
    }
    deletion->entry = entry;
    deletion->segment = tombstone->segment;
    memcpy(deletion->sha256, said->sha256, sizeof deletion->sha256);
    return true;
}

static bool
take_segment(verify_t *verify, verify_entry_t *known, const audyn_entry_t *entry,
             size_t number)
{
    const audyn_entry_segment_t *segment = &entry->segment;
    known->position = segment->first.position;
    known->sample_frames = segment->sample_frames;
    known->rate = audyn_input_media_rate(&entry->format);
    known->first_ns = segment->first.tai_ns;
    known->last_ns = segment->last.tai_ns;
    known->hole = segment->hole;
    known->missing_frames = segment->unclassified;
    for (int i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        known->missing_frames += segment->missing[i];
    }
    known->first_file = verify->files.count;
    known->file_count = segment->file_count;
    bool taken = true;
    for (unsigned i = 0; taken && i < segment->file_count; ++i) {
        taken = take_file(verify, known->path, &segment->files[i], number);
    }
    return taken;
}

static bool
take_tombstone(verify_t *verify, verify_entry_t *known,
               const audyn_entry_tombstone_t *tombstone, size_t number)
{
    bool taken = true;
    known->about = tombstone->segment;
    for (unsigned i = 0; taken && i < tombstone->file_count; ++i) {
        taken = take_deletion(verify, tombstone, &tombstone->files[i], number);
    }
    return taken;
}

static bool
take_content(verify_t *verify, verify_entry_t *known, const audyn_entry_t *entry,
             size_t number)
{
    switch (entry->kind) {
    case AUDYN_ENTRY_HOLD:
        known->first_ns = entry->hold.from.tai_ns;
        known->last_ns = entry->hold.to.tai_ns;
        return true;
    case AUDYN_ENTRY_RELEASE:
        known->about = entry->release.hold;
        return true;
    case AUDYN_ENTRY_TOMBSTONE:
        return take_tombstone(verify, known, &entry->tombstone, number);
    case AUDYN_ENTRY_SEGMENT:
        break;
    }
    return take_segment(verify, known, entry, number);
}

static audyn_status_t
take_entry(verify_t *verify, const char *path, const audyn_entry_t *entry,
           const char *sha256, verify_signature_t signature)
{
    const size_t number = verify->entries.count;
    verify_entry_t *known = verify_list_add(&verify->entries, sizeof *known);
    if (!known || !verify_stream_of(verify, entry->stream, &known->stream)) {
        return AUDYN_NO_MEMORY;
    }
    known->path = path;
    known->number = number;
    known->kind = entry->kind;
    known->sequence = entry->sequence;
    known->signature = signature;
    memcpy(known->sha256, sha256, sizeof known->sha256);
    memcpy(known->previous, entry->previous, sizeof known->previous);
    return take_content(verify, known, entry, number)
               ? verify_mirror_entry(verify, entry, known->stream, sha256)
               : AUDYN_NO_MEMORY;
}

static audyn_status_t
take_broken(verify_t *verify, const char *path, const char *sha256,
            const audyn_error_t *why)
{
    char folder[AUDYN_ENTRY_NAME];
    folder_of(path, folder);
    verify_broken_t *broken = verify_list_add(&verify->broken, sizeof *broken);
    if (!broken || !verify_stream_of(verify, folder, &broken->stream)) {
        return AUDYN_NO_MEMORY;
    }
    broken->path = path;
    memcpy(broken->sha256, sha256, sizeof broken->sha256);
    snprintf(broken->why, sizeof broken->why, "%s", why->text);
    return AUDYN_OK;
}

static void
claim(const verify_t *verify, const char *path)
{
    verify_found_t *found = verify_find(verify, path);
    if (found) {
        found->claimed = true;
    }
}

static audyn_status_t
read_entry(verify_t *verify, verify_found_t *found)
{
    char path[PATH_MAX];
    char *text = NULL;
    size_t size = 0;
    audyn_error_t error = {""};
    audyn_entry_t entry = {0};
    char sha256[AUDYN_SHA256_TEXT] = "";
    audyn_status_t status = AUDYN_TOO_LARGE;
    verify_signature_t signature = VERIFY_UNSIGNED;
    if (verify_path(verify, found->path, path, sizeof path)) {
        status = audyn_small_file_load(path, &text, &size, MOST_ENTRY_BYTES, &error);
    }
    if (!status) {
        audyn_checksum_of(text, size, sha256);
        status = audyn_entry_parse(&entry, path, text, size, &error);
        signature = verify_signature(verify, path, text, size);
        free(text);
    }
    found->claimed = true;
    snprintf(path, sizeof path, "%s.sig", found->path);
    claim(verify, path);
    if (status == AUDYN_NO_MEMORY) {
        return status;
    }
    status = status ? take_broken(verify, found->path, sha256, &error)
                    : take_entry(verify, found->path, &entry, sha256, signature);
    audyn_entry_finish(&entry);
    return status;
}

// Entries are moved; files and deletions refer to them by the number they had.
static audyn_status_t
put_in_order(verify_t *verify)
{
    const size_t count = verify->entries.count;
    size_t *places = calloc(count + 1, sizeof *places);
    if (!places) {
        return AUDYN_NO_MEMORY;
    }
    if (count) {
        qsort(verify->entries.items, count, sizeof(verify_entry_t), by_sequence);
    }
    for (size_t i = 0; i < count; ++i) {
        verify_entry_t *entry = verify_entry_at(verify, i);
        places[entry->number] = i;
        verify_stream_t *stream = verify_stream_at(verify, entry->stream);
        stream->first = stream->count++ ? stream->first : i;
        entry->known = verify_known_of(verify, entry->stream, entry->sequence);
    }
    for (size_t i = 0; i < verify->files.count; ++i) {
        verify_file_t *file = verify_file_at(verify, i);
        file->entry = places[file->entry];
    }
    for (size_t i = 0; i < verify->deletions.count; ++i) {
        verify_deletion_t *deletion = verify_deletion_at(verify, i);
        deletion->entry = places[deletion->entry];
    }
    free(places);
    return AUDYN_OK;
}

static audyn_status_t
read_entries(verify_t *verify, bool sidecars)
{
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < verify->found.count; ++i) {
        verify_found_t *found = verify_found_at(verify, i);
        if (is_entry(found->path, sidecars)) {
            status = read_entry(verify, found);
        }
    }
    return status;
}

// Tombstones come after what they are of.
audyn_status_t
verify_scan(verify_t *verify)
{
    audyn_status_t status = walk(verify);
    status = status ? status : read_entries(verify, true);
    status = status ? status : read_entries(verify, false);
    return status ? status : put_in_order(verify);
}
