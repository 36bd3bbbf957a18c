// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Lines for another program that may be slow, stuck or gone: whoever writes them never
/// waits.  A thread of its own does; what finds no room is refused.

#ifndef AUDYN_CLI_LINE_WRITER_H
#define AUDYN_CLI_LINE_WRITER_H

#include <audyn/status.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct audyn_line_writer audyn_line_writer_t;

/// Writes to `fd`, which it leaves open, and keeps up to `room` bytes that were not taken
/// yet.  SIGPIPE is ignored.  On failure `*out` is NULL.
audyn_status_t audyn_line_writer_start(audyn_line_writer_t **out, int fd, size_t room);

/// Adds a newline.  False where there is no room, no memory, or nobody who reads.
bool audyn_line_writer_put(audyn_line_writer_t *writer, const char *line);

/// Writes what is left, and behind it `last`, of any length, unless NULL.  Gives up with
/// AUDYN_BUSY where nothing was taken for `patience_ns`: then the thread is left to wait
/// on `fd`, which is to stay open, and writes no more.  Returns whether all of it was
/// written, or the cause.  Accepts NULL.
audyn_status_t audyn_line_writer_finish(audyn_line_writer_t *writer, const char *last,
                                        int64_t patience_ns);

#endif
