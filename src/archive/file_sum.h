// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The checksum of a file that a sink writes, made while it does where that can be, or
/// else by reading it back (doc/decisions/0010-archive-of-segments.md).

#ifndef AUDYN_ARCHIVE_FILE_SUM_H
#define AUDYN_ARCHIVE_FILE_SUM_H

#include "archive/checksum.h"
#include "sink/sink.h"

/// Start with all zero.  Used by one thread at a time.
typedef struct {
    audyn_checksum_t *checksum; ///< of what was told or read; NULL: of nothing yet
    bool must_read;             ///< what was told is not what the file has
    bool reads;                 ///< what the checksum has was read
} audyn_file_sum_t;

/// Observes a sink that has not begun, for the life of the sink.
void audyn_file_sum_observe(audyn_file_sum_t *sum, audyn_sink_t *sink);

/// Once the file is complete, until `*done`; reads at most so many bytes of it each time,
/// none where it was summed up as it was written.  `trusted`: nothing has failed; else it
/// is read.  After a failure there is no sum.
audyn_status_t audyn_file_sum_complete(audyn_file_sum_t *sum, const char *path,
                                       bool trusted, uint64_t most_bytes, bool *done);

/// Harmless where all is zero.
void audyn_file_sum_finish(audyn_file_sum_t *sum);

#endif
