// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What happens to streams while they are recorded, as lines of JSON for another program:
/// see doc/events.md.

#ifndef AUDYN_CLI_RECORD_EVENTS_H
#define AUDYN_CLI_RECORD_EVENTS_H

#include "archive/archive.h"
#include "archive/retention/retention.h"
#include "cli/record_notes.h"
#include "cli/record_report.h"

typedef struct audyn_record_events audyn_record_events_t;

/// What is known of one stream's events.  Start with all zero.
typedef struct {
    bool started;                            ///< that it has was told
    int64_t told_ns;                         ///< when sums were told last
    uint64_t counts[AUDYN_SAMPLE_NO_SIGNAL]; ///< of the classes before: told so far
    bool missing;                            ///< `missing_from` is waiting to be told
    uint64_t missing_from;
    uint64_t foreign; ///< packets refused of other sources, not told yet
    audyn_event_t last_foreign;
} audyn_record_watch_t;

/// Lines go to `fd`, which stays open.  On failure `*out` is NULL.
audyn_status_t audyn_record_events_start(audyn_record_events_t **out, int fd);

/// Tells what has happened to a stream since the last call, and adds what its input saw
/// to `log`, unless that is NULL.  `events` may be NULL here and below: then nobody is
/// told.
void audyn_record_events_look(audyn_record_events_t *events, audyn_record_watch_t *watch,
                              const char *name, audyn_input_t *input,
                              audyn_event_log_t *log,
                              const audyn_record_report_t *report);

/// Any thread: the lines for what happens in the archive at `archive`, for notes.  NULL:
/// out of memory.
json_t *audyn_record_events_file(const char *stream, const audyn_archive_event_t *event);
json_t *audyn_record_events_deleted(const char *archive,
                                    const audyn_retention_deletion_t *deletion);
json_t *audyn_record_events_recovered(const char *archive, const audyn_recovered_t *what);

/// Tells what was noted of a stream, or, where `name` is NULL, of the whole archive;
/// `notes` may be NULL.
void audyn_record_events_tell_notes(audyn_record_events_t *events, const char *name,
                                    audyn_record_notes_t *notes);

/// Tells that it has finished or, where the report has an error, failed.
void audyn_record_events_end(audyn_record_events_t *events, audyn_record_watch_t *watch,
                             const char *name, const audyn_record_report_t *report);

/// Events that nobody took in time.
uint64_t audyn_record_events_dropped(const audyn_record_events_t *events);

/// Writes what is left, and `report` as the last event unless it is NULL.  Returns why
/// that cannot be.
audyn_status_t audyn_record_events_finish(audyn_record_events_t *events,
                                          const json_t *report);

#endif
