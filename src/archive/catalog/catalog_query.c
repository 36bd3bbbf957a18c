// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/catalog/catalog_private.h"
#include "archive/catalog/catalog_sql.h"

#include <stdio.h>
#include <string.h>

static uint64_t
count_at(sqlite3_stmt *row, int column)
{
    return (uint64_t)sqlite3_column_int64(row, column);
}

// Never NULL, but where the column is.
static const char *
text_at(sqlite3_stmt *row, int column)
{
    return (const char *)sqlite3_column_text(row, column);
}

// From five columns.
static audyn_input_format_t
format_at(sqlite3_stmt *row, int column)
{
    return (audyn_input_format_t){
        .sample_rate = (uint32_t)count_at(row, column),
        .rate_numerator = (uint32_t)count_at(row, column + 1),
        .rate_denominator = (uint32_t)count_at(row, column + 2),
        .channels = (uint32_t)count_at(row, column + 3),
        .bits = (uint32_t)count_at(row, column + 4),
    };
}

static bool
has_value(sqlite3_stmt *row, int column)
{
    return sqlite3_column_type(row, column) != SQLITE_NULL;
}

static audyn_status_t
prepare_range(audyn_catalog_t *catalog, sqlite3_stmt **rows, const char *by_position,
              const char *by_time, const char *stream, const audyn_catalog_range_t *range)
{
    return catalog_prepare(catalog, rows, range->by_tai ? by_time : by_position, "sii",
                           stream, range->from, range->to ? range->to : INT64_MAX);
}

audyn_status_t
audyn_catalog_streams(audyn_catalog_t *catalog, audyn_catalog_visit_stream_t *visit,
                      void *context)
{
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, CATALOG_STREAMS, "");
    for (bool more = true; more && catalog_next(row, &status);) {
        const audyn_catalog_stream_t stream = {
            .name = text_at(row, 0),
            .segments = count_at(row, 1),
            .first_ns = sqlite3_column_int64(row, 2),
            .end_ns = sqlite3_column_int64(row, 3),
            .format = format_at(row, 4),
        };
        more = visit(context, &stream);
    }
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_segments(audyn_catalog_t *catalog, const char *stream,
                       const audyn_catalog_range_t *range,
                       audyn_catalog_visit_segment_t *visit, void *context)
{
    sqlite3_stmt *row;
    audyn_status_t status = prepare_range(catalog, &row, CATALOG_SEGMENTS_BY_POSITION,
                                          CATALOG_SEGMENTS_BY_TIME, stream, range);
    for (bool more = true; more && catalog_next(row, &status);) {
        const audyn_catalog_segment_t segment = {
            .stream = stream,
            .sequence = count_at(row, 0),
            .path = text_at(row, 1),
            .position = count_at(row, 2),
            .sample_frames = count_at(row, 3),
            .first_ns = sqlite3_column_int64(row, 4),
            .end_ns = sqlite3_column_int64(row, 5),
            .format = format_at(row, 6),
            .received = count_at(row, 11),
            .missing = {[AUDYN_SAMPLE_LOST] = count_at(row, 12),
                        [AUDYN_SAMPLE_LATE] = count_at(row, 13),
                        [AUDYN_SAMPLE_NO_FRAME] = count_at(row, 14),
                        [AUDYN_SAMPLE_NO_SIGNAL] = count_at(row, 15)},
            .unclassified = count_at(row, 16),
        };
        more = visit(context, &segment);
    }
    sqlite3_finalize(row);
    return status;
}

// Takes over the statement.
static audyn_status_t
visit_files(sqlite3_stmt *row, audyn_status_t status, audyn_catalog_visit_file_t *visit,
            void *context)
{
    for (bool more = true; more && catalog_next(row, &status);) {
        const bool partial = has_value(row, 7);
        const audyn_catalog_file_t file = {
            .stream = text_at(row, 0),
            .sequence = count_at(row, 1),
            .path = text_at(row, 2),
            .format = text_at(row, 3),
            .encoding = text_at(row, 4),
            .bytes = count_at(row, 5),
            .sha256 = text_at(row, 6),
            .partial = partial,
            .deleted = has_value(row, 8),
            .deleted_by = count_at(row, 8),
            .position = count_at(row, 9),
            .sample_frames = count_at(row, partial ? 7 : 10),
            .first_ns = sqlite3_column_int64(row, 11),
            .end_ns = sqlite3_column_int64(row, 12),
        };
        more = visit(context, &file);
    }
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_files(audyn_catalog_t *catalog, const char *stream, uint64_t sequence,
                    audyn_catalog_visit_file_t *visit, void *context)
{
    sqlite3_stmt *row;
    const audyn_status_t status =
        catalog_prepare(catalog, &row, CATALOG_FILES, "si", stream, (int64_t)sequence);
    return visit_files(row, status, visit, context);
}

audyn_status_t
audyn_catalog_last_deleted(audyn_catalog_t *catalog, const char *stream,
                           audyn_catalog_visit_file_t *visit, void *context)
{
    sqlite3_stmt *row;
    const audyn_status_t status =
        catalog_prepare(catalog, &row, CATALOG_LAST_DELETED, "s", stream);
    return visit_files(row, status, visit, context);
}

audyn_status_t
audyn_catalog_oldest_files(audyn_catalog_t *catalog, const char *format,
                           int64_t before_ns, audyn_catalog_visit_file_t *visit,
                           void *context)
{
    sqlite3_stmt *row;
    const audyn_status_t status =
        format ? catalog_prepare(catalog, &row, CATALOG_OLDEST_FILES_OF_FORMAT, "is",
                                 before_ns, format)
               : catalog_prepare(catalog, &row, CATALOG_OLDEST_FILES, "i", before_ns);
    return visit_files(row, status, visit, context);
}

// Takes over the statement.
static audyn_status_t
visit_spans(sqlite3_stmt *row, audyn_status_t status, audyn_catalog_visit_span_t *visit,
            void *context)
{
    for (bool more = true; more && catalog_next(row, &status);) {
        const audyn_catalog_span_t span = {
            .sequence = count_at(row, 0),
            .position = count_at(row, 1),
            .sample_frames = count_at(row, 2),
            .class = text_at(row, 3),
        };
        more = visit(context, &span);
    }
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_spans(audyn_catalog_t *catalog, const char *stream,
                    const audyn_catalog_range_t *range, audyn_catalog_visit_span_t *visit,
                    void *context)
{
    sqlite3_stmt *row;
    const audyn_status_t status = prepare_range(catalog, &row, CATALOG_SPANS_BY_POSITION,
                                                CATALOG_SPANS_BY_TIME, stream, range);
    return visit_spans(row, status, visit, context);
}

audyn_status_t
audyn_catalog_holes(audyn_catalog_t *catalog, const char *stream,
                    const audyn_catalog_range_t *range, audyn_catalog_visit_span_t *visit,
                    void *context)
{
    sqlite3_stmt *row;
    const audyn_status_t status = prepare_range(catalog, &row, CATALOG_HOLES_BY_POSITION,
                                                CATALOG_HOLES_BY_TIME, stream, range);
    return visit_spans(row, status, visit, context);
}

audyn_status_t
audyn_catalog_holds(audyn_catalog_t *catalog, const char *stream,
                    audyn_catalog_visit_hold_t *visit, void *context)
{
    sqlite3_stmt *row;
    audyn_status_t status =
        stream ? catalog_prepare(catalog, &row, CATALOG_HOLDS_OF_STREAM, "s", stream)
               : catalog_prepare(catalog, &row, CATALOG_HOLDS, "");
    for (bool more = true; more && catalog_next(row, &status);) {
        const audyn_catalog_hold_t hold = {
            .stream = text_at(row, 0),
            .sequence = count_at(row, 1),
            .from = count_at(row, 2),
            .to = count_at(row, 3),
            .from_ns = sqlite3_column_int64(row, 4),
            .to_ns = sqlite3_column_int64(row, 5),
            .why = text_at(row, 6),
            .by = text_at(row, 7),
            .released = has_value(row, 8),
            .released_by = count_at(row, 8),
        };
        more = visit(context, &hold);
    }
    sqlite3_finalize(row);
    return status;
}

static audyn_entry_kind_t
kind_of(const char *name)
{
    int kind = AUDYN_ENTRY_TOMBSTONE;
    while (kind > 0 &&
           strcmp(name, audyn_entry_kind_name((audyn_entry_kind_t)kind)) != 0) {
        --kind;
    }
    return (audyn_entry_kind_t)kind;
}

audyn_status_t
audyn_catalog_entries(audyn_catalog_t *catalog, const char *stream,
                      uint64_t from_sequence, audyn_catalog_visit_entry_t *visit,
                      void *context)
{
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, CATALOG_ENTRIES, "si", stream,
                                            (int64_t)from_sequence);
    for (bool more = true; more && catalog_next(row, &status);) {
        const audyn_catalog_entry_t entry = {
            .stream = stream,
            .sequence = count_at(row, 0),
            .kind = kind_of(text_at(row, 1)),
            .path = text_at(row, 2),
            .sha256 = text_at(row, 3),
        };
        more = visit(context, &entry);
    }
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_chain_end(audyn_catalog_t *catalog, const char *stream, uint64_t *count,
                        char sha256[AUDYN_SHA256_TEXT])
{
    *count = 0;
    *sha256 = '\0';
    sqlite3_stmt *row;
    audyn_status_t status =
        catalog_prepare(catalog, &row, CATALOG_CHAIN_END, "s", stream);
    if (catalog_next(row, &status)) {
        *count = count_at(row, 0) + 1;
        snprintf(sha256, AUDYN_SHA256_TEXT, "%s", text_at(row, 1));
    }
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_has_entry(audyn_catalog_t *catalog, const char *path, bool *has)
{
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, CATALOG_HAS_ENTRY, "s", path);
    *has = catalog_next(row, &status);
    sqlite3_finalize(row);
    return status;
}

audyn_status_t
audyn_catalog_end_before(audyn_catalog_t *catalog, const char *stream,
                         const audyn_input_format_t *format, uint64_t position,
                         uint64_t *end)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(format);
    *end = 0;
    sqlite3_stmt *row;
    audyn_status_t status = catalog_prepare(catalog, &row, CATALOG_END_BEFORE, "si",
                                            stream, audyn_media_tai_ns(position, &rate));
    if (catalog_next(row, &status)) {
        *end = audyn_media_position(sqlite3_column_int64(row, 0), &rate);
    }
    sqlite3_finalize(row);
    return status;
}
