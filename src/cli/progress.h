// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One line that a person watches while much is read or written: how far it is, how fast
/// it goes, how long it still takes.  On a terminal only.

#ifndef AUDYN_CLI_PROGRESS_H
#define AUDYN_CLI_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Used by one thread.
typedef struct {
    bool visible;   ///< standard error is a terminal, and somebody watches
    bool pending;   ///< the line stands there, without a newline
    uint64_t total; ///< bytes
    int64_t started_ns, drawn_ns;
} audyn_progress_t;

/// `total` bytes are to be done from now on; `quiet`: nothing is ever drawn.
void audyn_progress_begin(audyn_progress_t *progress, uint64_t total, bool quiet);

/// Draws the line anew, ten times a second at most.
void audyn_progress_draw(audyn_progress_t *progress, uint64_t done);

/// Takes the line away, so that something else can be printed; the next draw shows it
/// again at once.
void audyn_progress_clear(audyn_progress_t *progress);

/// "[####----]  42 %  1.3 of 3.1 GB  512.0 MB/s  0:03 left", at most `width` columns
/// wide. How long is left is told once `elapsed_ns` is a second or more.
void audyn_progress_format(char *line, size_t size, unsigned width, uint64_t done,
                           uint64_t total, int64_t elapsed_ns);

#endif
