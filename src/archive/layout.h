// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where in time the files of an archive are cut, and what they are called.

#ifndef AUDYN_ARCHIVE_LAYOUT_H
#define AUDYN_ARCHIVE_LAYOUT_H

#include "core/error.h"
#include "core/leap_seconds.h"

#include <stddef.h>
#include <stdint.h>

typedef enum {
    AUDYN_ARCHIVE_UTC,
    AUDYN_ARCHIVE_LOCAL, ///< the zone of this process (TZ), with its daylight saving time
    AUDYN_ARCHIVE_TAI,
} audyn_archive_clock_t;

#define AUDYN_LAYOUT_PATTERN 256
#define AUDYN_LAYOUT_PATH 2048 ///< bytes of a path below a stream's folder

/// Used by one thread at a time.
typedef struct {
    char pattern[AUDYN_LAYOUT_PATTERN]; ///< for strftime
    bool centiseconds;                  ///< and these behind it
    uint32_t period_s;                  ///< 1 to 86 400
    audyn_archive_clock_t clock;
    audyn_leap_seconds_t leap_seconds;
} audyn_layout_t;

/// `name`: flat, hierarchy, combo, dailydir, accurate (as Rotter names files) or
/// custom=STRFTIME.  Periods are counted from midnight of the archive's clock.  Fails
/// with AUDYN_INVALID.
audyn_status_t audyn_layout_init(audyn_layout_t *layout, const char *name,
                                 uint32_t period_s, audyn_archive_clock_t clock,
                                 audyn_error_t *error);

/// The first TAI second after `tai_s` at which a new file begins: where a period ends and
/// at midnight.  Periods up to an hour also end where the zone's offset from UTC changes,
/// so that an hour that comes twice has two files; longer ones become shorter or longer,
/// so that a day has 23 or 25 hours.
int64_t audyn_layout_next_cut(const audyn_layout_t *layout, int64_t tai_s);

/// The path of the file whose first sample was taken at `tai_ns`, relative to the
/// stream's folder and without an ending.  Fails with AUDYN_TOO_LARGE where it does not
/// fit, with AUDYN_INVALID where the pattern leads out of the folder or to no name.
audyn_status_t audyn_layout_path(const audyn_layout_t *layout, int64_t tai_ns, char *path,
                                 size_t size);

#endif
