// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The report beside the audio: FILE.json for FILE.wav.  Its name is taken before
/// anything is recorded, so that nothing is in its way at the end.

#ifndef AUDYN_CLI_SIDECAR_H
#define AUDYN_CLI_SIDECAR_H

#include "core/error.h"

#include <limits.h>
#include <stdbool.h>

typedef struct {
    char path[PATH_MAX];
    int fd; ///< holds the name; -1: not taken
} audyn_sidecar_t;

/// From the name of the audio.  Touches no file.
audyn_status_t audyn_sidecar_name(audyn_sidecar_t *sidecar, const char *audio_path,
                                  audyn_error_t *error);

/// Creates it, empty and locked.  One that exists already is refused, or with `force`
/// locked and left as it is.
audyn_status_t audyn_sidecar_take(audyn_sidecar_t *sidecar, bool force,
                                  audyn_error_t *error);

/// Removes it where nothing was put into it.  Accepts one that was never taken.
void audyn_sidecar_release(audyn_sidecar_t *sidecar);

#endif
