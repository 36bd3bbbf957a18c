// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/verify_report.h"

#include "core/byte_size.h"
#include "core/json_text.h"
#include "core/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
finding_json(const audyn_verify_finding_t *finding)
{
    json_t *object = json_pack("{s:b, s:s, s:s}", "damage", finding->damage, "kind",
                               finding->kind, "text", finding->text);
    if (finding->path) {
        json_object_set_new(object, "path", audyn_json_text(finding->path));
    }
    if (finding->stream) {
        json_object_set_new(object, "stream", audyn_json_text(finding->stream));
    }
    if (finding->has_bytes) {
        json_object_set_new(object, "byte", integer(finding->byte));
        json_object_set_new(object, "end_byte", integer(finding->end_byte));
    }
    if (finding->flipped) {
        json_object_set_new(object, "flipped", integer(finding->flipped));
    }
    if (finding->has_position) {
        json_object_set_new(object, "position", integer(finding->position));
        json_object_set_new(object, "sample_frames", integer(finding->sample_frames));
    }
    return object;
}

static void
add(json_t **array, json_t *object)
{
    *array = *array ? *array : json_array();
    json_array_append_new(*array, object);
}

void
audyn_verify_reporter_tell(void *context, const audyn_verify_finding_t *finding)
{
    audyn_verify_reporter_t *reporter = (audyn_verify_reporter_t *)context;
    if (reporter->json) {
        add(&reporter->findings, finding_json(finding));
    } else if (finding->damage || !reporter->quiet) {
        audyn_progress_clear(&reporter->progress);
        printf("%s  %s%s%s\n", finding->damage ? "DAMAGE" : "known ",
               finding->path     ? finding->path
               : finding->stream ? finding->stream
                                 : reporter->archive,
               ": ", finding->text);
        fflush(stdout);
    }
}

void
audyn_verify_reporter_progress(void *context, uint64_t done_bytes, uint64_t total_bytes)
{
    audyn_verify_reporter_t *reporter = (audyn_verify_reporter_t *)context;
    if (!reporter->begun) {
        audyn_progress_begin(&reporter->progress, total_bytes, reporter->quiet);
        reporter->begun = true;
    }
    audyn_progress_draw(&reporter->progress, done_bytes);
}

void
audyn_verify_reporter_summary(void *context, const audyn_verify_stream_t *stream)
{
    audyn_verify_reporter_t *reporter = (audyn_verify_reporter_t *)context;
    if (reporter->json) {
        add(&reporter->streams,
            json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:s}", "name",
                      audyn_json_text(stream->name), "entries", integer(stream->entries),
                      "signed_entries", integer(stream->signed_entries), "segments",
                      integer(stream->segments), "files", integer(stream->files),
                      "deleted_files", integer(stream->deleted_files), "missing_frames",
                      integer(stream->missing_frames), "end_sequence",
                      integer(stream->end_sequence), "end_sha256", stream->end_sha256));
        return;
    }
    if (reporter->quiet) {
        return;
    }
    audyn_progress_clear(&reporter->progress);
    printf("%s: %" PRIu64 " segment%s, %" PRIu64 " file%s, %" PRIu64 " deleted, %" PRIu64
           " of %" PRIu64 " %s signed\n  the last is entry %" PRIu64 ", SHA-256 %s\n",
           stream->name, stream->segments, audyn_plural(stream->segments), stream->files,
           audyn_plural(stream->files), stream->deleted_files, stream->signed_entries,
           stream->entries, stream->entries == 1 ? "entry" : "entries",
           stream->end_sequence, stream->end_sha256);
}

static bool
print_json(audyn_verify_reporter_t *reporter, const audyn_verify_report_t *report)
{
    json_t *findings = reporter->findings ? reporter->findings : json_array();
    json_t *streams = reporter->streams ? reporter->streams : json_array();
    reporter->findings = reporter->streams = NULL;
    json_t *object =
        json_pack("{s:o, s:b, s:o, s:o, s:o, s:b, s:o, s:o, s:o}", "archive",
                  audyn_json_text(reporter->archive), "intact", !report->damages,
                  "damages", integer(report->damages), "files", integer(report->files),
                  "bytes", integer(report->bytes), "key", report->has_key, "keys",
                  integer(report->keys), "streams", streams, "findings", findings);
    char *text = audyn_json_lines(object);
    json_decref(object);
    const bool printed = text && fputs(text, stdout) != EOF;
    free(text);
    return printed && !fflush(stdout);
}

bool
audyn_verify_reporter_end(audyn_verify_reporter_t *reporter,
                          const audyn_verify_report_t *report)
{
    audyn_progress_clear(&reporter->progress);
    if (reporter->json) {
        return print_json(reporter, report);
    }
    char size[AUDYN_BYTE_SIZE_TEXT];
    audyn_byte_size_text(size, report->bytes);
    if (!reporter->quiet && report->keys) {
        printf("signed by %u key%s\n", report->keys, audyn_plural(report->keys));
    }
    if (!reporter->quiet) {
        printf("%" PRIu64 " file%s, %s: ", report->files, audyn_plural(report->files),
               size);
        if (report->damages) {
            printf("%" PRIu64 " damage%s\n", report->damages,
                   audyn_plural(report->damages));
        } else {
            puts("all is as the sidecars say");
        }
    }
    return !fflush(stdout);
}

void
audyn_verify_reporter_finish(audyn_verify_reporter_t *reporter)
{
    json_decref(reporter->findings);
    json_decref(reporter->streams);
}
