// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Files that should be there and are not, and the other way round.

#include "archive/journal.h"
#include "archive/verify/verify_private.h"
#include "sink/sink.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SIGNATURE_ENDING ".json.sig"

static bool
is_open(const verify_t *verify, const char *base)
{
    char *const *bases = verify->open_bases.items;
    size_t i = 0;
    while (i < verify->open_bases.count && strcmp(bases[i], base) != 0) {
        ++i;
    }
    return i < verify->open_bases.count;
}

static audyn_status_t
take_journal(verify_t *verify, const char *name)
{
    char path[PATH_MAX];
    char full[PATH_MAX];
    audyn_journal_content_t content;
    audyn_error_t error = {""};
    snprintf(path, sizeof path, AUDYN_JOURNAL_FOLDER "/%s", name);
    audyn_verify_finding_t finding = {.kind = "open", .path = path};
    // One that is gone again has a sidecar now; one that is no journal tells of nothing.
    if (!verify_path(verify, path, full, sizeof full) ||
        audyn_journal_read(full, &content, &error)) {
        return AUDYN_OK;
    }
    const bool known = is_open(verify, content.base);
    char **base = known ? NULL : verify_list_add(&verify->open_bases, sizeof *base);
    const bool taken = known || (base && (*base = strdup(content.base)));
    finding.stream = content.outline.stream;
    if (!known && taken) {
        verify_tell(verify, &finding,
                    "%s is being recorded, or was when its recorder ended: audyn recover "
                    "completes it",
                    content.base);
    }
    audyn_entry_finish(&content.outline);
    return taken ? AUDYN_OK : AUDYN_NO_MEMORY;
}

audyn_status_t
verify_journals(verify_t *verify)
{
    char path[PATH_MAX];
    DIR *folder = verify_path(verify, AUDYN_JOURNAL_FOLDER, path, sizeof path)
                      ? opendir(path)
                      : NULL;
    audyn_status_t status = AUDYN_OK;
    const struct dirent *file;
    while (folder && !status && (file = readdir(folder))) {
        if (verify_ends_in(file->d_name, AUDYN_JOURNAL_ENDING)) {
            status = take_journal(verify, file->d_name);
        }
    }
    if (folder) {
        closedir(folder);
    }
    return status;
}

static verify_file_t *
file_of(const verify_t *verify, const verify_entry_t *entry, const char *name)
{
    for (size_t i = 0; entry && i < entry->file_count; ++i) {
        verify_file_t *file = verify_file_at(verify, entry->first_file + i);
        const char *slash = strrchr(file->path, '/');
        if (!strcmp(slash ? slash + 1 : file->path, name)) {
            return file;
        }
    }
    return NULL;
}

void
verify_deletions(verify_t *verify)
{
    for (size_t i = 0; i < verify->deletions.count; ++i) {
        const verify_deletion_t *deletion = verify_deletion_at(verify, i);
        const verify_entry_t *tombstone = verify_entry_at(verify, deletion->entry);
        verify_file_t *file =
            file_of(verify, verify_entry_of(verify, tombstone->stream, deletion->segment),
                    deletion->path);
        if (file && !strcmp(file->sha256, deletion->sha256)) {
            file->deleted = true;
            file->deleted_by = tombstone->sequence;
            continue;
        }
        if (!file && (!verify_expects(verify, tombstone->stream, deletion->segment) ||
                      verify_is_new(verify, tombstone->stream, deletion->segment))) {
            continue;
        }
        audyn_verify_finding_t finding = {
            .damage = true,
            .kind = "tombstone",
            .path = tombstone->path,
            .stream = verify_stream_at(verify, tombstone->stream)->name,
        };
        verify_tell(verify, &finding, "it tells of %s, which entry %" PRIu64 " %s",
                    deletion->path, deletion->segment,
                    file ? "has with another SHA-256" : "does not have");
    }
}

// A file of these bytes that nothing tells of.
static verify_found_t *
find_content(verify_t *verify, const verify_file_t *file)
{
    for (size_t i = 0; *file->sha256 && i < verify->found.count; ++i) {
        verify_found_t *found = verify_found_at(verify, i);
        char path[PATH_MAX];
        audyn_file_pass_t *pass = NULL;
        audyn_file_sums_t sums = {.crc32 = NULL};
        const audyn_file_pass_config_t config = {.path = path};
        if (found->claimed || found->bytes != file->bytes ||
            !verify_path(verify, found->path, path, sizeof path) ||
            audyn_file_pass_open(&pass, &config)) {
            continue;
        }
        const bool same =
            !audyn_file_pass_end(pass, &sums) && !strcmp(sums.sha256, file->sha256);
        audyn_file_pass_close(pass);
        if (same) {
            return found;
        }
    }
    return NULL;
}

static void
check_presence(verify_t *verify, const verify_file_t *file)
{
    const verify_entry_t *entry = verify_entry_at(verify, file->entry);
    const bool there = verify_find(verify, file->path);
    audyn_verify_finding_t finding = {
        .damage = !file->deleted,
        .kind = "missing",
        .path = file->path,
        .stream = verify_stream_at(verify, entry->stream)->name,
    };
    if (file->deleted && there) {
        finding.kind = "undeleted";
        verify_tell(verify, &finding,
                    "it is still there, though its deletion is on record");
    }
    if (file->deleted || there || !verify_wants(verify, entry)) {
        return;
    }
    verify_found_t *found = find_content(verify, file);
    if (found) {
        found->claimed = true;
        finding.kind = "renamed";
        verify_tell(verify, &finding, "it is missing; %s has its content", found->path);
    } else {
        verify_tell(verify, &finding, "it is missing, all %" PRIu64 " bytes of it",
                    file->bytes);
    }
}

// Its segment may have been completed after this began.
static bool
is_new(const verify_t *verify, const char *path, size_t ending_bytes)
{
    char base[PATH_MAX - 8];
    char sidecar[PATH_MAX];
    char full[PATH_MAX];
    snprintf(base, sizeof base, "%.*s", (int)(strlen(path) - ending_bytes), path);
    snprintf(sidecar, sizeof sidecar, "%s.json", base);
    return is_open(verify, base) ||
           (!verify_find(verify, sidecar) &&
            verify_path(verify, sidecar, full, sizeof full) && !access(full, F_OK));
}

static void
check_stray(verify_t *verify, const verify_found_t *found)
{
    const size_t audio = audyn_sink_ending_bytes(found->path);
    const bool signature = verify_ends_in(found->path, SIGNATURE_ENDING);
    const size_t ending = signature ? strlen(SIGNATURE_ENDING) : audio;
    if (found->claimed || !strncmp(found->path, ".audyn/", 7) ||
        (ending && is_new(verify, found->path, ending))) {
        return;
    }
    audyn_verify_finding_t finding = {
        .damage = ending > 0, .kind = "stray", .path = found->path};
    verify_tell(verify, &finding,
                audio ? "no sidecar tells of it: one is missing, or it does not belong "
                        "here; audyn recover takes it up"
                : signature ? "what it signs is not there"
                            : "it is no part of the archive");
}

void
verify_strays(verify_t *verify)
{
    for (size_t i = 0; i < verify->files.count; ++i) {
        verify_found_t *found = verify_find(verify, verify_file_at(verify, i)->path);
        if (found) {
            found->claimed = true;
        }
    }
    for (size_t i = 0; i < verify->files.count; ++i) {
        check_presence(verify, verify_file_at(verify, i));
    }
    for (size_t i = 0; i < verify->found.count; ++i) {
        check_stray(verify, verify_found_at(verify, i));
    }
}
