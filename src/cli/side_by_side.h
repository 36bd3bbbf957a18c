// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Work on many things of which each waits, mostly for the disk: several at a time.

#ifndef AUDYN_CLI_SIDE_BY_SIDE_H
#define AUDYN_CLI_SIDE_BY_SIDE_H

#include <stddef.h>

typedef void audyn_work_t(void *item);

/// Calls `work` once for each of the items, on this and on a few other threads, as many
/// as can be had.  Returns when all are done.
void audyn_side_by_side(audyn_work_t *work, void *const *items, size_t count);

#endif
