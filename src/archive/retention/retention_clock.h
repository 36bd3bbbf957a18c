// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How old files are, so that a clock that stands wrong deletes nothing.

#ifndef AUDYN_ARCHIVE_RETENTION_CLOCK_H
#define AUDYN_ARCHIVE_RETENTION_CLOCK_H

#include "archive/catalog/catalog.h"

/// Fails with AUDYN_DENIED where the newest segment that ended before `now_ns` (TAI)
/// did so days ago, or all end after it: the clock is wrong, or nothing was recorded for
/// long, and only a person knows which.
audyn_status_t audyn_retention_check_clock(audyn_catalog_t *catalog, int64_t now_ns,
                                           audyn_error_t *error);

/// When a segment has to have ended to be `keep_ns` old at `now_ns`.  Days on end in
/// which no stream was recorded do not make it older: they may be a step of the clock.
audyn_status_t audyn_retention_cutoff(audyn_catalog_t *catalog, int64_t now_ns,
                                      int64_t keep_ns, int64_t *cutoff_ns);

#endif
