// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_events.h"

#include "archive/input_json.h"
#include "cli/line_writer.h"
#include "core/json_text.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define ROOM_BYTES (1U << 20)
#define PATIENCE_NS (2 * AUDYN_NS_PER_SECOND)

// What may come by the thousand is told in sums, once in this time for each stream.
#define SUM_NS AUDYN_NS_PER_SECOND

#define TIME_BYTES 40

struct audyn_record_events {
    audyn_line_writer_t *writer;
    uint64_t dropped; // lines
    uint64_t untold;  // of those
};

// By the kind of an archive's event.
static const char *const file_kinds[] = {
    [AUDYN_ARCHIVE_FILE_FAILED] = "file_failed",
    [AUDYN_ARCHIVE_NO_FILE] = "no_file",
    [AUDYN_ARCHIVE_RESUMED] = "resumed",
    [AUDYN_ARCHIVE_SEGMENT] = "segment",
    [AUDYN_ARCHIVE_SIDECAR_FAILED] = "sidecar_failed",
    [AUDYN_ARCHIVE_JOURNAL_FAILED] = "journal_failed",
    [AUDYN_ARCHIVE_CATALOG_DAMAGED] = "catalog_damaged",
};

// By the kind of what was recovered.
static const char *const recovered_kinds[] = {
    [AUDYN_RECOVERED_FILE] = "file_recovered",
    [AUDYN_RECOVERED_SEGMENT] = "segment_recovered",
    [AUDYN_RECOVERED_ENTRY] = "entry_recovered",
    [AUDYN_RECOVERED_NOTHING] = "removed",
    [AUDYN_NOT_RECOVERED] = "not_recovered",
};

audyn_status_t
audyn_record_events_start(audyn_record_events_t **out, int fd)
{
    audyn_record_events_t *events = calloc(1, sizeof *events);
    *out = events;
    if (!events) {
        return AUDYN_NO_MEMORY;
    }
    const audyn_status_t status =
        audyn_line_writer_start(&events->writer, fd, ROOM_BYTES);
    if (status) {
        free(events);
        *out = NULL;
    }
    return status;
}

static int64_t
utc_now_ns(void)
{
    const audyn_clock_t *clock = audyn_clock_system();
    return clock->utc_ns(clock);
}

// RFC 3339, to the millisecond.
static void
format_time(char text[TIME_BYTES], int64_t utc_ns)
{
    const time_t seconds = utc_ns / AUDYN_NS_PER_SECOND;
    struct tm parts;
    gmtime_r(&seconds, &parts);
    const size_t length = strftime(text, TIME_BYTES, "%Y-%m-%dT%H:%M:%S", &parts);
    snprintf(text + length, TIME_BYTES - length, ".%03dZ",
             (int)(utc_ns % AUDYN_NS_PER_SECOND / AUDYN_NS_PER_MS));
}

static json_t *
create_event(const char *event, const char *stream, int64_t utc_ns)
{
    char time_text[TIME_BYTES];
    format_time(time_text, utc_ns);
    json_t *line = json_pack("{s:s}", "time", time_text);
    if (stream) {
        json_object_set_new(line, "stream", audyn_json_text(stream));
    }
    json_object_set_new(line, "event", json_string(event));
    return line;
}

static void
set_count(json_t *line, const char *key, uint64_t count)
{
    json_object_set_new(line, key, json_integer((json_int_t)count));
}

// Takes over the reference.
static bool
write_event(audyn_record_events_t *events, json_t *line)
{
    char *text = json_dumps(line, JSON_COMPACT);
    const bool written = text && audyn_line_writer_put(events->writer, text);
    free(text);
    json_decref(line);
    return written;
}

// As write_event(); in their order, with a line in the place of those that were dropped.
static void
tell(audyn_record_events_t *events, json_t *line)
{
    if (events->untold) {
        json_t *gap = create_event("dropped", NULL, utc_now_ns());
        set_count(gap, "count", events->untold);
        events->untold = write_event(events, gap) ? 0 : events->untold;
    }
    if (events->untold) {
        json_decref(line);
    } else if (write_event(events, line)) {
        return;
    }
    ++events->untold;
    ++events->dropped;
}

static json_t *
input_event(const char *name, const audyn_event_t *event)
{
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t utc_ns =
        event->tai_ns ? event->tai_ns - clock->tai_offset_s(clock) * AUDYN_NS_PER_SECOND
                      : utc_now_ns();
    json_t *line = create_event(audyn_input_event_name(event->kind), name, utc_ns);
    audyn_input_event_add(line, event);
    return line;
}

static void
take_event(audyn_record_events_t *events, audyn_record_watch_t *watch, const char *name,
           const audyn_event_t *event)
{
    if (event->kind == AUDYN_EVENT_FOREIGN_SSRC) {
        watch->foreign += event->count;
        watch->last_foreign = *event;
        return;
    }
    watch->started = watch->started || event->kind == AUDYN_EVENT_STARTED;
    tell(events, input_event(name, event));
}

static void
tell_start(audyn_record_events_t *events, audyn_record_watch_t *watch, const char *name,
           const audyn_record_report_t *report)
{
    if (!watch->started && report->progress.started) {
        watch->started = true;
        json_t *line = create_event("started", name, utc_now_ns());
        set_count(line, "position", report->progress.position);
        tell(events, line);
    }
}

static void
tell_foreign(audyn_record_events_t *events, audyn_record_watch_t *watch, const char *name)
{
    if (watch->foreign) {
        json_t *line = input_event(name, &watch->last_foreign);
        set_count(line, "count", watch->foreign);
        watch->foreign = 0;
        tell(events, line);
    }
}

static void
tell_missing(audyn_record_events_t *events, audyn_record_watch_t *watch, const char *name,
             const audyn_recorder_progress_t *progress)
{
    if (!watch->missing) {
        return;
    }
    watch->missing = false;
    json_t *line = create_event("missing", name, utc_now_ns());
    set_count(line, "position", watch->missing_from);
    for (int class = 0; class < AUDYN_SAMPLE_NO_SIGNAL; ++class) {
        set_count(line, audyn_sample_class_name((audyn_sample_class_t) class),
                  progress->counts[class] - watch->counts[class]);
        watch->counts[class] = progress->counts[class];
    }
    tell(events, line);
}

static void
tell_sums(audyn_record_events_t *events, audyn_record_watch_t *watch, const char *name,
          const audyn_recorder_progress_t *progress)
{
    tell_foreign(events, watch, name);
    tell_missing(events, watch, name, progress);
}

json_t *
audyn_record_events_file(const char *stream, const audyn_archive_event_t *event)
{
    json_t *line = create_event(file_kinds[event->kind], stream, utc_now_ns());
    set_count(line, "position", event->position);
    if (event->path) {
        json_object_set_new(line, "path", audyn_json_text(event->path));
    }
    if (event->class) {
        json_object_set_new(line, "class", json_string(event->class));
    }
    if (event->kind == AUDYN_ARCHIVE_FILE_FAILED ||
        event->kind == AUDYN_ARCHIVE_NO_FILE) {
        json_object_set_new(line, "recording", json_boolean(event->recording));
    }
    if (event->kind == AUDYN_ARCHIVE_SEGMENT) {
        set_count(line, "sample_frames", event->sample_frames);
    }
    if (event->kind == AUDYN_ARCHIVE_RESUMED) {
        set_count(line, "missing", event->sample_frames);
    }
    if (event->status) {
        audyn_record_report_json_error(line, audyn_strerror(event->status));
    }
    return line;
}

// `path` is below the archive, in the stream's folder but for what is the archive's own.
static json_t *
archive_event(const char *event, const char *archive, const char *path)
{
    char stream[AUDYN_ENTRY_NAME];
    char full[2 * PATH_MAX];
    snprintf(stream, sizeof stream, "%.*s", (int)strcspn(path, "/"), path);
    snprintf(full, sizeof full, "%s/%s", archive, path);
    json_t *line = create_event(event, *path == '.' ? NULL : stream, utc_now_ns());
    json_object_set_new(line, "path", audyn_json_text(full));
    return line;
}

json_t *
audyn_record_events_deleted(const char *archive,
                            const audyn_retention_deletion_t *deletion)
{
    json_t *line = archive_event("deleted", archive, deletion->path);
    set_count(line, "bytes", deletion->bytes);
    json_object_set_new(line, "why", json_string(deletion->why));
    return line;
}

json_t *
audyn_record_events_recovered(const char *archive, const audyn_recovered_t *what)
{
    json_t *line = archive_event(recovered_kinds[what->kind], archive, what->path);
    if (what->kind == AUDYN_RECOVERED_SEGMENT) {
        set_count(line, "position", what->position);
    }
    if (what->sample_frames) {
        set_count(line, "sample_frames", what->sample_frames);
    }
    if (what->kind == AUDYN_RECOVERED_FILE) {
        set_count(line, "cut_bytes", what->cut_bytes);
    }
    if (what->kind == AUDYN_NOT_RECOVERED) {
        json_object_set_new(line, "error", audyn_json_text(what->text));
    }
    return line;
}

void
audyn_record_events_tell_notes(audyn_record_events_t *events, const char *name,
                               audyn_record_notes_t *notes)
{
    if (!events || !notes) {
        return;
    }
    for (json_t *line; (line = audyn_record_notes_take(notes));) {
        tell(events, line);
    }
    const uint64_t dropped = audyn_record_notes_dropped(notes);
    if (dropped) {
        json_t *line = create_event("dropped", name, utc_now_ns());
        set_count(line, "count", dropped);
        tell(events, line);
    }
}

void
audyn_record_events_look(audyn_record_events_t *events, audyn_record_watch_t *watch,
                         const char *name, audyn_input_t *input, audyn_event_log_t *log,
                         const audyn_record_report_t *report)
{
    for (audyn_event_t event; audyn_input_next_event(input, &event);) {
        audyn_event_log_add(log, &event);
        if (events) {
            take_event(events, watch, name, &event);
        }
    }
    if (!events) {
        return;
    }
    tell_start(events, watch, name, report);
    if (report->progress.missing && !watch->missing) {
        watch->missing = true;
        watch->missing_from = report->progress.missing_from;
    }
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t now_ns = clock->monotonic_ns(clock);
    if (now_ns - watch->told_ns >= SUM_NS && (watch->missing || watch->foreign)) {
        watch->told_ns = now_ns;
        tell_sums(events, watch, name, &report->progress);
    }
}

void
audyn_record_events_end(audyn_record_events_t *events, audyn_record_watch_t *watch,
                        const char *name, const audyn_record_report_t *report)
{
    if (!events) {
        return;
    }
    tell_sums(events, watch, name, &report->progress);
    json_t *line =
        create_event(report->error ? "failed" : "finished", name, utc_now_ns());
    if (report->progress.started) {
        set_count(line, "position", report->progress.position);
    }
    set_count(line, "sample_frames", report->progress.sample_frames);
    set_count(line, "missing", audyn_record_report_missing(report));
    if (report->error) {
        audyn_record_report_json_error(line, report->error);
    }
    tell(events, line);
}

uint64_t
audyn_record_events_dropped(const audyn_record_events_t *events)
{
    return events ? events->dropped : 0;
}

audyn_status_t
audyn_record_events_finish(audyn_record_events_t *events, const json_t *report)
{
    if (!events) {
        return AUDYN_OK;
    }
    char *text = NULL;
    if (report) {
        json_t *line = create_event("report", NULL, utc_now_ns());
        json_object_update(line, (json_t *)(uintptr_t)report);
        text = json_dumps(line, JSON_COMPACT);
        json_decref(line);
    }
    audyn_status_t status = audyn_line_writer_finish(events->writer, text, PATIENCE_NS);
    if (!status && report && !text) {
        status = AUDYN_NO_MEMORY;
    }
    free(text);
    free(events);
    return status;
}
