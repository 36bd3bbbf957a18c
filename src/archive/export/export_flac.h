// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// FLAC out of FLAC: frames that lie wholly within the range are copied, not encoded
/// again.  For export.c alone.
///
/// The file has blocks of several sizes, since the first and the last of each segment are
/// shorter: its frames are numbered by samples (RFC 9639, section 9.1).  All of it is
/// decoded on the way, so that what is damaged is found, and for the MD5.

#ifndef AUDYN_ARCHIVE_EXPORT_FLAC_H
#define AUDYN_ARCHIVE_EXPORT_FLAC_H

#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct export_flac export_flac_t;

/// Continues a file that has everything but frames.  On failure `*out` is NULL.
audyn_status_t export_flac_open(export_flac_t **out, const char *path);

/// What comes next: samples of a file of the same format.  Fails where they cannot be
/// copied, for whatever reason; the file is then to be made in another way.
audyn_status_t export_flac_enter(export_flac_t *flac, const char *path, uint64_t first,
                                 uint64_t sample_frames);

/// Copies a part of what was entered; `*done` sample frames, 0 at its end.
audyn_status_t export_flac_step(export_flac_t *flac, uint64_t *done);

/// Completes the file and puts it on disk.
audyn_status_t export_flac_finish(export_flac_t *flac);

/// The file stays.  Accepts NULL.
void export_flac_close(export_flac_t *flac);

#endif
