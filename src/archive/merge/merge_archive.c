// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/merge/merge_source.h"

#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static merge_segment_t *
add_segment(merge_archive_t *archive)
{
    if (archive->count == archive->room) {
        const size_t room = archive->room ? 2 * archive->room : 64;
        merge_segment_t *segments =
            reallocarray(archive->segments, room, sizeof *segments);
        if (!segments) {
            return NULL;
        }
        archive->segments = segments;
        archive->room = room;
    }
    merge_segment_t *segment = &archive->segments[archive->count++];
    *segment = (merge_segment_t){.path = NULL};
    return segment;
}

static bool
is_on_media_clock(const audyn_entry_t *entry)
{
    const char *clock =
        json_string_value(json_object_get(entry->segment.recorder, "clock"));
    return clock && !strcmp(clock, "media");
}

static audyn_status_t
take_entry(merge_archive_t *archive, const FTSENT *file, const audyn_entry_t *entry,
           const char *sha256)
{
    merge_segment_t *segment = add_segment(archive);
    if (!segment) {
        return AUDYN_NO_MEMORY;
    }
    const char *below = file->fts_path + strlen(archive->path);
    segment->path = strdup(below + (*below == '/'));
    segment->stream = strdup(entry->stream);
    strcpy(segment->sha256, sha256);
    segment->format = entry->format;
    segment->on_media_clock = is_on_media_clock(entry);
    segment->sequence = entry->sequence;
    segment->position = entry->segment.first.position;
    segment->end = segment->position + entry->segment.sample_frames;
    return segment->path && segment->stream ? AUDYN_OK : AUDYN_NO_MEMORY;
}

bool
merge_is_lossless(const audyn_entry_file_t *file)
{
    return !strcmp(file->format, "wav") || !strcmp(file->format, "flac");
}

// Of the segment whose sidecar this is.
static bool
has_audio(const FTSENT *sidecar, const audyn_entry_segment_t *segment)
{
    const int folder = (int)(sidecar->fts_pathlen - sidecar->fts_namelen);
    bool has = false;
    for (unsigned i = 0; !has && i < segment->file_count; ++i) {
        char path[PATH_MAX];
        snprintf(path, sizeof path, "%.*s%s", folder, sidecar->fts_path,
                 segment->files[i].path);
        has = merge_is_lossless(&segment->files[i]) && !access(path, F_OK);
    }
    return has;
}

static audyn_status_t
take_file(merge_archive_t *archive, const FTSENT *file, audyn_error_t *error)
{
    static const char ending[] = ".json";
    const size_t length = file->fts_namelen;
    if (file->fts_info != FTS_F || length < sizeof ending ||
        strcmp(file->fts_name + length - (sizeof ending - 1), ending) != 0) {
        return AUDYN_OK;
    }
    audyn_entry_t entry;
    char sha256[AUDYN_SHA256_TEXT];
    audyn_status_t status = audyn_entry_read(&entry, file->fts_path, sha256, error);
    if (status && status != AUDYN_NO_MEMORY) {
        ++archive->damaged;
        if (archive->tell) {
            archive->tell(archive->context, error->text);
        }
        return AUDYN_OK;
    }
    const bool is_segment = !status && entry.kind == AUDYN_ENTRY_SEGMENT;
    if (is_segment && !has_audio(file, &entry.segment)) {
        ++archive->without_audio;
    } else if (is_segment) {
        status = take_entry(archive, file, &entry, sha256);
        if (status) {
            audyn_error_set(error, status, "out of memory for the sidecars of %s",
                            archive->path);
        }
    }
    audyn_entry_finish(&entry);
    return status;
}

static int
in_order(const void *a, const void *b)
{
    const merge_segment_t *x = a;
    const merge_segment_t *y = b;
    const int by_stream = strcmp(x->stream, y->stream);
    return by_stream ? by_stream
                     : (x->position > y->position) - (x->position < y->position);
}

static void
note_reach(merge_segment_t *segments, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const bool follows = i && !strcmp(segments[i].stream, segments[i - 1].stream);
        const uint64_t before = follows ? segments[i - 1].reach : 0;
        segments[i].reach = segments[i].end > before ? segments[i].end : before;
    }
}

// Streams have their folders at the top; `.audyn` is none of them.
static audyn_status_t
walk(merge_archive_t *archive, FTS *tree, audyn_error_t *error)
{
    audyn_status_t status = AUDYN_OK;
    for (FTSENT *file; !status && (file = fts_read(tree));) {
        if (file->fts_level == 1 && !strcmp(file->fts_name, ".audyn")) {
            fts_set(tree, file, FTS_SKIP);
        } else if (file->fts_info == FTS_DNR || file->fts_info == FTS_ERR ||
                   file->fts_info == FTS_NS) {
            status = audyn_error_set(error, audyn_status_from_errno(file->fts_errno),
                                     "%s cannot be read: %s", file->fts_path,
                                     strerror(file->fts_errno));
        } else {
            status = take_file(archive, file, error);
        }
    }
    return status;
}

audyn_status_t
merge_archive_scan(merge_archive_t *archive, const char *path, audyn_error_t *error)
{
    archive->path = path;
    char root[PATH_MAX];
    snprintf(root, sizeof root, "%s", path);
    char *const roots[] = {root, NULL};
    FTS *tree = fts_open(roots, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, NULL);
    if (!tree) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "%s cannot be read: %s", path, strerror(errno));
    }
    audyn_status_t status = walk(archive, tree, error);
    fts_close(tree);
    if (!status && !archive->count) {
        status = audyn_error_set(error, AUDYN_INVALID,
                                 "%s has no finished segment with a lossless file; is "
                                 "it an archive?",
                                 path);
    }
    if (archive->count) {
        qsort(archive->segments, archive->count, sizeof *archive->segments, in_order);
        note_reach(archive->segments, archive->count);
    }
    return status;
}

void
merge_archive_finish(merge_archive_t *archive)
{
    for (size_t i = 0; i < archive->count; ++i) {
        free(archive->segments[i].path);
        free(archive->segments[i].stream);
    }
    free(archive->segments);
    *archive = (merge_archive_t){.path = NULL};
}
