// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What an input tells, as JSON: the same in reports, events and sidecars.

#ifndef AUDYN_ARCHIVE_INPUT_JSON_H
#define AUDYN_ARCHIVE_INPUT_JSON_H

#include "input/input.h"

#include <jansson.h>

/// "started", "leg_lost": as doc/events.md has them.
const char *audyn_input_event_name(audyn_event_kind_t kind);

/// Adds what there is beside time and name: `position`; `ssrc` and `source`; `leg`; of
/// those that were dropped only their `count`.
void audyn_input_event_add(json_t *object, const audyn_event_t *event);

/// "media", "arrival" or, for inputs without packets, "host": what positions rest on
/// (RFC 7273).
const char *audyn_input_clock_name(const audyn_input_report_t *report);

/// One of `report->legs`: `leg`, `sender`, its packets by what became of them,
/// `delay_ns`.  NULL: out of memory.
json_t *audyn_input_leg_json(const audyn_input_report_t *report, unsigned index);

#endif
