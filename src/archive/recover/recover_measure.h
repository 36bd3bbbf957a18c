// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a recorder measures of a segment while it records, measured afterwards.

#ifndef AUDYN_ARCHIVE_RECOVER_MEASURE_H
#define AUDYN_ARCHIVE_RECOVER_MEASURE_H

#include "archive/entry.h"

#include <stdatomic.h>

/// Of the files in `folder`, which ends in a slash: their lengths and sums; and from the
/// samples of one that has them all, exactly, the audio's sum and levels, or none where
/// there is no such file.  Fails with AUDYN_BUSY once `*stop`; NULL: never.
audyn_status_t recover_measure(audyn_entry_t *entry, const char *folder,
                               const atomic_bool *stop, audyn_error_t *error);

#endif
