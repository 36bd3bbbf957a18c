// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Files that somebody has named, to be read: not directories, devices or pipes.

#ifndef AUDYN_CORE_ORDINARY_FILE_H
#define AUDYN_CORE_ORDINARY_FILE_H

#include "core/error.h"

/// Opens it to be read; `what` the message asks for ("a file of audio").  On success the
/// caller owns `*fd`; on failure it is -1.  Fails with AUDYN_NOT_SUPPORTED where it is no
/// ordinary file, and with what the system says.  Does not wait, whatever it is.
audyn_status_t audyn_ordinary_file_open(int *fd, const char *path, const char *what,
                                        audyn_error_t *error);

#endif
