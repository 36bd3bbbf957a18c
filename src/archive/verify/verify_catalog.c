// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Whether the catalog says what the entries say.  It is a witness of what was there: of
// an entry that is gone without a successor nothing else tells.

#include "archive/catalog/catalog_compare.h"
#include "archive/verify/verify_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define DAMAGED "it is damaged; audyn catalog rebuild makes it anew from the entries"

typedef struct {
    verify_t *verify;
    size_t stream;
    bool lacks_memory;
} reading_t;

static bool
take_known(void *context, const audyn_catalog_entry_t *entry)
{
    reading_t *reading = context;
    verify_stream_t *stream = verify_stream_at(reading->verify, reading->stream);
    verify_known_t *known = verify_list_add(&reading->verify->known, sizeof *known);
    if (!known || !(known->path = strdup(entry->path))) {
        reading->lacks_memory = true;
        return false;
    }
    known->sequence = entry->sequence;
    snprintf(known->sha256, sizeof known->sha256, "%s", entry->sha256);
    ++stream->known_entries;
    stream->known_count = entry->sequence + 1;
    return true;
}

static bool
take_stream(void *context, const audyn_catalog_stream_t *stream)
{
    reading_t *reading = context;
    reading->lacks_memory =
        !verify_stream_of(reading->verify, stream->name, &reading->stream);
    return !reading->lacks_memory;
}

static audyn_status_t
read_all(verify_t *verify)
{
    reading_t reading = {.verify = verify};
    audyn_status_t status = audyn_catalog_streams(verify->catalog, take_stream, &reading);
    const size_t streams = verify->streams.count;
    for (size_t i = 0; !status && !reading.lacks_memory && i < streams; ++i) {
        reading.stream = i;
        verify_stream_at(verify, i)->known_first = verify->known.count;
        status = audyn_catalog_entries(verify->catalog, verify_stream_at(verify, i)->name,
                                       0, take_known, &reading);
    }
    return reading.lacks_memory ? AUDYN_NO_MEMORY : status;
}

static void
tell(verify_t *verify, bool damage, const char *text)
{
    audyn_verify_finding_t finding = {
        .damage = damage, .kind = "catalog", .path = AUDYN_CATALOG_FILE};
    verify_tell(verify, &finding, "%s", text);
}

audyn_status_t
verify_read_catalog(verify_t *verify)
{
    audyn_error_t error = {""};
    audyn_status_t status =
        audyn_catalog_open(&verify->catalog, verify->config->archive, &error);
    if (status == AUDYN_NOT_FOUND && verify->excerpt.count) {
        return AUDYN_OK;
    }
    if (status == AUDYN_NOT_FOUND) {
        tell(verify, false,
             "there is none: that the last entries of a stream are here cannot be seen; "
             "audyn catalog rebuild makes a new one");
        return AUDYN_OK;
    }
    if (!status) {
        status = read_all(verify);
    }
    if (!status) {
        return audyn_catalog_create_mirror(&verify->mirror, verify->error);
    }
    if (status != AUDYN_NO_MEMORY) {
        tell(verify, true, *error.text ? error.text : DAMAGED);
        audyn_catalog_close(verify->catalog);
        verify->catalog = NULL;
        status = AUDYN_OK;
    }
    return status;
}

audyn_status_t
verify_mirror_entry(verify_t *verify, const audyn_entry_t *entry, size_t stream,
                    const char *sha256)
{
    const verify_known_t *known = verify_known_of(verify, stream, entry->sequence);
    return known && verify->catalog && !strcmp(known->sha256, sha256)
               ? audyn_catalog_mirror(verify->mirror, entry, known->path, sha256)
               : AUDYN_OK;
}

const verify_known_t *
verify_known_of(const verify_t *verify, size_t stream, uint64_t sequence)
{
    const verify_stream_t *of = verify_stream_at(verify, stream);
    const verify_known_t *known = verify->known.items;
    size_t from = of->known_first;
    size_t to = from + of->known_entries;
    while (from < to) {
        const size_t middle = from + (to - from) / 2;
        if (known[middle].sequence == sequence) {
            return &known[middle];
        }
        from = known[middle].sequence < sequence ? middle + 1 : from;
        to = known[middle].sequence > sequence ? middle : to;
    }
    return NULL;
}

static bool
take_first(void *context, const audyn_catalog_entry_t *entry)
{
    *(uint64_t *)context = entry->sequence;
    return false;
}

bool
verify_is_new(const verify_t *verify, size_t number, uint64_t sequence)
{
    const verify_stream_t *stream = verify_stream_at(verify, number);
    uint64_t first = UINT64_MAX;
    return verify->catalog && sequence >= stream->known_count &&
           !audyn_catalog_entries(verify->catalog, stream->name, sequence, take_first,
                                  &first) &&
           first == sequence;
}

typedef struct {
    const char *path;
    uint64_t known_count;
    bool deleted;
} deletion_t;

static bool
look_for_deletion(void *context, const audyn_catalog_file_t *row)
{
    deletion_t *deletion = context;
    deletion->deleted |= row->deleted && row->deleted_by >= deletion->known_count &&
                         !strcmp(row->path, deletion->path);
    return true;
}

bool
verify_is_newly_deleted(verify_t *verify, const verify_file_t *file)
{
    const verify_entry_t *entry = verify_entry_at(verify, file->entry);
    const verify_stream_t *stream = verify_stream_at(verify, entry->stream);
    deletion_t deletion = {.path = file->path, .known_count = stream->known_count};
    pthread_mutex_lock(&verify->mutex);
    if (verify->catalog) {
        audyn_catalog_files(verify->catalog, stream->name, entry->sequence,
                            look_for_deletion, &deletion);
    }
    pthread_mutex_unlock(&verify->mutex);
    return deletion.deleted;
}

static void
tell_of_entry(verify_t *verify, bool damage, const verify_entry_t *entry, const char *has,
              const char *what)
{
    audyn_verify_finding_t finding = {
        .damage = damage,
        .kind = "catalog",
        .path = entry->path,
        .stream = verify_stream_at(verify, entry->stream)->name,
    };
    verify_tell(verify, &finding, "the catalog %s%s; audyn catalog rebuild makes it anew",
                has, what);
}

typedef struct {
    verify_t *verify;
    size_t stream;
} comparison_t;

// What is missing or damaged has been told.
static void
tell_difference(void *context, uint64_t sequence, const char *what)
{
    const comparison_t *comparison = context;
    verify_t *verify = comparison->verify;
    const size_t stream = comparison->stream;
    const verify_entry_t *entry = verify_entry_of(verify, stream, sequence);
    if (entry && entry->known && !entry->damaged) {
        tell_of_entry(verify, true, entry, "has ", what);
    } else if (!entry && !verify_known_of(verify, stream, sequence)) {
        audyn_verify_finding_t finding = {.damage = true,
                                          .kind = "catalog",
                                          .path = AUDYN_CATALOG_FILE,
                                          .stream =
                                              verify_stream_at(verify, stream)->name};
        verify_tell(verify, &finding,
                    "it tells of entry %" PRIu64
                    ", which it does not have; audyn catalog rebuild makes it anew",
                    sequence);
    }
}

static audyn_status_t
compare_stream(verify_t *verify, size_t number)
{
    const verify_stream_t *stream = verify_stream_at(verify, number);
    comparison_t comparison = {.verify = verify, .stream = number};
    return audyn_catalog_compare(verify->catalog, verify->mirror, stream->name,
                                 stream->known_count, tell_difference, &comparison);
}

void
verify_compare_catalog(verify_t *verify)
{
    for (size_t i = 0; verify->catalog && i < verify->entries.count; ++i) {
        const verify_entry_t *entry = verify_entry_at(verify, i);
        const uint64_t known_count = verify_stream_at(verify, entry->stream)->known_count;
        if (!entry->known && entry->sequence < known_count) {
            tell_of_entry(verify, true, entry, "does not know it", "");
        } else if (!entry->known) {
            tell_of_entry(verify, false, entry, "does not know it yet", "");
        } else if (entry->signature == VERIFY_SIGNED &&
                   strcmp(entry->known->sha256, entry->sha256) != 0) {
            tell_of_entry(verify, true, entry, "has another SHA-256 of it", "");
        }
    }
    audyn_status_t status =
        verify->catalog ? audyn_catalog_check(verify->catalog) : AUDYN_OK;
    for (size_t i = 0; !status && verify->catalog && i < verify->streams.count; ++i) {
        status = compare_stream(verify, i);
    }
    if (status) {
        tell(verify, true, DAMAGED);
    }
}
