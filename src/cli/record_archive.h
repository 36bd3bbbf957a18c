// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn record --archive` is told about the archive.

#ifndef AUDYN_CLI_RECORD_ARCHIVE_H
#define AUDYN_CLI_RECORD_ARCHIVE_H

#include "archive/archive.h"
#include "cli/record_notes.h"
#include "cli/record_options.h"

/// For the threads that tell what happens in an archive as a whole.
typedef struct {
    const audyn_record_options_t *options;
    audyn_record_notes_t *notes; ///< NULL: no events were asked for
} audyn_record_teller_t;

/// Of an option's argument: utc, local or tai.  Fails with AUDYN_INVALID.
audyn_status_t audyn_record_archive_read_clock(audyn_record_archive_t *archive,
                                               const char *text, audyn_error_t *error);

/// Of an option's argument: from 1s to 24h.  Fails with AUDYN_INVALID.
audyn_status_t audyn_record_archive_read_period(audyn_record_archive_t *archive,
                                                const char *text, audyn_error_t *error);

/// Of an option's argument: full, peak or none.  Fails with AUDYN_INVALID.
audyn_status_t audyn_record_archive_read_levels(audyn_record_archive_t *archive,
                                                const char *text, audyn_error_t *error);

/// What is wrong with the options of an archive, or without one: AUDYN_INVALID.
audyn_status_t audyn_record_archive_check(const audyn_record_options_t *options,
                                          audyn_error_t *error);

/// Opens it, with options that were checked; the caller closes it.  `teller` is borrowed
/// until then.
audyn_status_t audyn_record_archive_open(audyn_archive_t **out,
                                         audyn_record_teller_t *teller,
                                         audyn_error_t *error);

#endif
