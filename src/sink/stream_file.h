// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What sinks share whose library makes the file out of whole pieces, such as frames or
/// pages: the file grows by several of them at once and never ends within one.

#ifndef AUDYN_SINK_STREAM_FILE_H
#define AUDYN_SINK_STREAM_FILE_H

#include "sink/sink.h"

/// Used by one thread.  Start with all zero but `fd`.
typedef struct {
    int fd; ///< borrowed
    /// Told of each piece; only where none is ever corrected.  NULL: nobody; borrowed.
    const audyn_sink_t *told;
    uint8_t *buffer;
    size_t buffered, room;     ///< bytes that are not in the file yet, and that fit
    bool corrects;             ///< those stand for others, which the file has
    uint64_t corrects_at;      ///< there
    uint64_t file_bytes;       ///< in the file before those
    uint64_t at;               ///< where the next bytes go
    uint64_t buffered_samples; ///< sample frames that those in the buffer stand for
    uint64_t file_samples;     ///< and those in the file
    audyn_status_t status;     ///< the first failure; nothing is written after it
} stream_file_t;

/// Gives back its memory.  The file stays open.
void stream_file_finish(stream_file_t *file);

/// Notes a failure, of which the first one counts; nothing where it is AUDYN_OK.  False.
bool stream_file_fail(stream_file_t *file, audyn_status_t status);

/// Adds a piece that completes so many sample frames, or corrects what stands where
/// stream_file_seek() said.  False after a failure, whose piece is not in the file.
bool stream_file_write(stream_file_t *file, const void *bytes, size_t size,
                       uint64_t sample_frames);

/// The next bytes go there.  False where that is beyond the end, or after a failure.
bool stream_file_seek(stream_file_t *file, uint64_t offset);

/// Hands all to the kernel.  False after a failure.
bool stream_file_flush(stream_file_t *file);

/// Makes the file empty again.  False after a failure.
bool stream_file_clear(stream_file_t *file);

#endif
