// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What has happened to a stream, kept until its segment's sidecar tells it: whoever
/// reads the input's events, of whom there is one, adds them.

#ifndef AUDYN_ARCHIVE_EVENT_LOG_H
#define AUDYN_ARCHIVE_EVENT_LOG_H

#include "input/event.h"

#include <audyn/status.h>

#include <jansson.h>

/// Any thread.
typedef struct audyn_event_log audyn_event_log_t;

/// On failure `*out` is NULL.
audyn_status_t audyn_event_log_create(audyn_event_log_t **out);

/// In the order in which they happened.  Those for which there is no room, as nobody has
/// taken any for long, are counted.  `log` may be NULL.
void audyn_event_log_add(audyn_event_log_t *log, const audyn_event_t *event);

/// Takes out those before `position`, as a JSON array; NULL: out of memory, or `log` is
/// NULL.
json_t *audyn_event_log_take(audyn_event_log_t *log, uint64_t position);

/// Accepts NULL.
void audyn_event_log_destroy(audyn_event_log_t *log);

#endif
