// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Which stretch of which stream of an archive a command is about: --stream, --from, --to
/// and --tz.

#ifndef AUDYN_CLI_ARCHIVE_RANGE_H
#define AUDYN_CLI_ARCHIVE_RANGE_H

#include "archive/catalog/catalog.h"
#include "cli/cli.h"
#include "core/time_text.h"

#include <stdbool.h>

enum {
    AUDYN_OPTION_STREAM = 512,
    AUDYN_OPTION_FROM,
    AUDYN_OPTION_TO,
    AUDYN_OPTION_TZ,
};

/// For a table of `struct option`.
#define AUDYN_ARCHIVE_RANGE_WORDS                                                        \
    {"stream", required_argument, NULL, AUDYN_OPTION_STREAM},                            \
        {"from", required_argument, NULL, AUDYN_OPTION_FROM},                            \
        {"to", required_argument, NULL, AUDYN_OPTION_TO},                                \
    {                                                                                    \
        "tz", required_argument, NULL, AUDYN_OPTION_TZ                                   \
    }

/// As they were given; NULL: not.  Start with all NULL.
typedef struct {
    const char *stream, *from, *to, *zone;
} audyn_archive_range_t;

/// False where the option is another one.
bool audyn_archive_range_read(audyn_archive_range_t *range, int option);

/// All but the zone are there.  Fails with AUDYN_INVALID.
audyn_status_t audyn_archive_range_require(const audyn_archive_range_t *range,
                                           audyn_error_t *error);

/// Of `text`, --from or --to; NULL: all zero.
audyn_status_t audyn_archive_range_moment(const audyn_archive_range_t *range,
                                          const char *text, audyn_moment_text_t *moment,
                                          audyn_error_t *error);

/// Of --from and --to.  Fails with AUDYN_INVALID, too, where `to` is not after `from`;
/// of a time and a position that is not known.
audyn_status_t audyn_archive_range_moments(const audyn_archive_range_t *range,
                                           audyn_moment_text_t *from,
                                           audyn_moment_text_t *to, audyn_error_t *error);

/// A stream of the archive, and a stretch of it.
typedef struct {
    char name[AUDYN_ENTRY_NAME];
    audyn_input_format_t format;
    int64_t first_ns, end_ns; ///< TAI, of all its segments
    audyn_moment_t from, to;  ///< the stretch, or all there is
} audyn_archive_stretch_t;

/// What is meant.  Fails with AUDYN_NOT_FOUND where there is no such stream, and
/// AUDYN_INVALID where `to` is not after `from`.
audyn_status_t audyn_archive_range_find(audyn_archive_stretch_t *stretch,
                                        audyn_catalog_t *catalog,
                                        const audyn_archive_range_t *range,
                                        audyn_error_t *error);

#endif
