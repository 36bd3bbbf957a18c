// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/catalog/catalog_private.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

typedef struct {
    audyn_catalog_t *catalog;
    const audyn_entry_t *entry;
    const char *path;
    int64_t end_ns; // of a segment
} insertion_t;

static int64_t
tai_ns(const audyn_entry_t *entry, uint64_t position)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(&entry->format);
    return audyn_media_tai_ns(position, &rate);
}

static audyn_status_t
insert_entry(const insertion_t *at, const char *sha256)
{
    return catalog_run(at->catalog, "INSERT INTO entries VALUES(?, ?, ?, ?, ?)", "sisss",
                       at->entry->stream, (int64_t)at->entry->sequence,
                       audyn_entry_kind_name(at->entry->kind), at->path, sha256);
}

static audyn_status_t
update_stream(const insertion_t *at)
{
    static const char sql[] =
        "INSERT INTO streams VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, 1, ?8, ?9, ?10, ?11)"
        " ON CONFLICT(name) DO UPDATE SET"
        " sample_rate = iif(newest > ?7, sample_rate, ?2),"
        " rate_numerator = iif(newest > ?7, rate_numerator, ?3),"
        " rate_denominator = iif(newest > ?7, rate_denominator, ?4),"
        " channels = iif(newest > ?7, channels, ?5), bits = iif(newest > ?7, bits, ?6),"
        " newest = max(newest, ?7), segments = segments + 1,"
        " first_ns = min(first_ns, ?8), end_ns = max(end_ns, ?9),"
        " longest_frames = max(longest_frames, ?10),"
        " longest_ns = max(longest_ns, ?11)";
    const audyn_input_format_t *format = &at->entry->format;
    const audyn_entry_segment_t *segment = &at->entry->segment;
    return catalog_run(at->catalog, sql, "siiiiiiiiii", at->entry->stream,
                       (int64_t)format->sample_rate, (int64_t)format->rate_numerator,
                       (int64_t)format->rate_denominator, (int64_t)format->channels,
                       (int64_t)format->bits, (int64_t)at->entry->sequence,
                       segment->first.tai_ns, at->end_ns, (int64_t)segment->sample_frames,
                       at->end_ns - segment->first.tai_ns);
}

static audyn_status_t
insert_segment_row(const insertion_t *at)
{
    const audyn_input_format_t *format = &at->entry->format;
    const audyn_entry_segment_t *segment = &at->entry->segment;
    const uint64_t *missing = segment->missing;
    return catalog_run(
        at->catalog,
        "INSERT INTO segments VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        "siiiiiiiiiiiiiiii", at->entry->stream, (int64_t)at->entry->sequence,
        (int64_t)segment->first.position, (int64_t)segment->sample_frames,
        segment->first.tai_ns, at->end_ns, (int64_t)format->sample_rate,
        (int64_t)format->rate_numerator, (int64_t)format->rate_denominator,
        (int64_t)format->channels, (int64_t)format->bits, (int64_t)segment->received,
        (int64_t)missing[AUDYN_SAMPLE_LOST], (int64_t)missing[AUDYN_SAMPLE_LATE],
        (int64_t)missing[AUDYN_SAMPLE_NO_FRAME], (int64_t)missing[AUDYN_SAMPLE_NO_SIGNAL],
        (int64_t)segment->unclassified);
}

static audyn_status_t
insert_file(const insertion_t *at, const audyn_entry_file_t *file)
{
    const char *slash = strrchr(at->path, '/');
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%.*s%s", slash ? (int)(slash + 1 - at->path) : 0,
             at->path, file->path);
    audyn_status_t status = catalog_run(
        at->catalog, "INSERT INTO files VALUES(?, ?, ?, ?, ?, ?, ?, NULL, ?, NULL)",
        "sisssisi", at->entry->stream, (int64_t)at->entry->sequence, path, file->format,
        file->encoding, (int64_t)file->bytes, file->sha256, at->end_ns);
    if (!status && file->partial) {
        status = catalog_run(at->catalog,
                             "UPDATE files SET sample_frames = ?"
                             " WHERE stream = ? AND sequence = ? AND path = ?",
                             "isis", (int64_t)file->sample_frames, at->entry->stream,
                             (int64_t)at->entry->sequence, path);
    }
    return status;
}

static audyn_status_t
insert_hole(const insertion_t *at, const audyn_entry_span_t *hole)
{
    return catalog_run(
        at->catalog, "INSERT INTO holes VALUES(?, ?, ?, ?, ?, ?, ?)", "siiiiis",
        at->entry->stream, (int64_t)at->entry->sequence, (int64_t)hole->position,
        (int64_t)hole->sample_frames, tai_ns(at->entry, hole->position),
        tai_ns(at->entry, hole->position + hole->sample_frames), hole->class);
}

// One statement for what may be thousands.
static audyn_status_t
insert_spans(const insertion_t *at)
{
    const audyn_entry_segment_t *segment = &at->entry->segment;
    sqlite3_stmt *statement;
    audyn_status_t status = catalog_prepare(
        at->catalog, &statement, "INSERT INTO spans VALUES(?, ?, ?, ?, ?)", "si",
        at->entry->stream, (int64_t)at->entry->sequence);
    for (size_t i = 0; !status && i < segment->span_count; ++i) {
        const audyn_entry_span_t *span = &segment->spans[i];
        sqlite3_bind_int64(statement, 3, (int64_t)span->position);
        sqlite3_bind_int64(statement, 4, (int64_t)span->sample_frames);
        sqlite3_bind_text(statement, 5, span->class, -1, SQLITE_STATIC);
        catalog_next(statement, &status);
        sqlite3_reset(statement);
    }
    sqlite3_finalize(statement);
    return status;
}

static audyn_status_t
insert_segment(insertion_t *at)
{
    const audyn_entry_segment_t *segment = &at->entry->segment;
    at->end_ns = tai_ns(at->entry, segment->first.position + segment->sample_frames);
    audyn_status_t status = insert_segment_row(at);
    status = status ? status : update_stream(at);
    for (unsigned i = 0; !status && i < segment->file_count; ++i) {
        status = insert_file(at, &segment->files[i]);
    }
    status = status ? status : insert_spans(at);
    status = status ? status : catalog_insert_events(at->catalog, at->entry);
    if (!status && segment->hole.sample_frames) {
        status = insert_hole(at, &segment->hole);
    }
    return status;
}

static audyn_status_t
insert_hold(const insertion_t *at)
{
    const audyn_entry_hold_t *hold = &at->entry->hold;
    return catalog_run(at->catalog,
                       "INSERT INTO holds VALUES(?, ?, ?, ?, ?, ?, ?, ?, NULL)",
                       "siiiiiss", at->entry->stream, (int64_t)at->entry->sequence,
                       (int64_t)hold->from.position, (int64_t)hold->to.position,
                       hold->from.tai_ns, hold->to.tai_ns, hold->why, hold->by);
}

static audyn_status_t
insert_release(const insertion_t *at)
{
    return catalog_run(
        at->catalog, "UPDATE holds SET released_by = ? WHERE stream = ? AND sequence = ?",
        "isi", (int64_t)at->entry->sequence, at->entry->stream,
        (int64_t)at->entry->release.hold);
}

static audyn_status_t
insert_tombstone(const insertion_t *at)
{
    const audyn_entry_tombstone_t *tombstone = &at->entry->tombstone;
    audyn_status_t status = AUDYN_OK;
    for (unsigned i = 0; !status && i < tombstone->file_count; ++i) {
        char name[AUDYN_ENTRY_NAME + 1];
        snprintf(name, sizeof name, "/%s", tombstone->files[i].path);
        status = catalog_run(at->catalog,
                             "UPDATE files SET deleted_by = ? WHERE stream = ?"
                             " AND sequence = ? AND substr(path, -length(?4)) = ?4",
                             "isis", (int64_t)at->entry->sequence, at->entry->stream,
                             (int64_t)tombstone->segment, name);
    }
    return status;
}

audyn_status_t
catalog_insert(audyn_catalog_t *catalog, const audyn_entry_t *entry, const char *path,
               const char *sha256)
{
    insertion_t at = {.catalog = catalog, .entry = entry, .path = path};
    const audyn_status_t status = insert_entry(&at, sha256);
    if (status) {
        return status;
    }
    switch (entry->kind) {
    case AUDYN_ENTRY_HOLD:
        return insert_hold(&at);
    case AUDYN_ENTRY_RELEASE:
        return insert_release(&at);
    case AUDYN_ENTRY_TOMBSTONE:
        return insert_tombstone(&at);
    case AUDYN_ENTRY_SEGMENT:
        break;
    }
    return insert_segment(&at);
}

audyn_status_t
catalog_remove(audyn_catalog_t *catalog, const char *stream, uint64_t sequence)
{
    static const char *const statements[] = {
        ("UPDATE streams SET segments = segments - 1 WHERE name = ?1 AND EXISTS"
         " (SELECT 1 FROM segments WHERE stream = ?1 AND sequence = ?2)"),
        "UPDATE files SET deleted_by = NULL WHERE stream = ?1 AND deleted_by = ?2",
        "UPDATE holds SET released_by = NULL WHERE stream = ?1 AND released_by = ?2",
        "DELETE FROM entries WHERE stream = ?1 AND sequence = ?2",
        "DELETE FROM segments WHERE stream = ?1 AND sequence = ?2",
        "DELETE FROM files WHERE stream = ?1 AND sequence = ?2",
        "DELETE FROM spans WHERE stream = ?1 AND sequence = ?2",
        "DELETE FROM holes WHERE stream = ?1 AND sequence = ?2",
        "DELETE FROM events WHERE stream = ?1 AND sequence = ?2",
        "DELETE FROM holds WHERE stream = ?1 AND sequence = ?2",
    };
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < sizeof statements / sizeof *statements; ++i) {
        status = catalog_run(catalog, statements[i], "si", stream, (int64_t)sequence);
    }
    return status;
}
