// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where a recording goes: into one file, or into the files of an archive.  Used by one
/// thread, normally the worker, but for audyn_output_sync().

#ifndef AUDYN_ARCHIVE_OUTPUT_H
#define AUDYN_ARCHIVE_OUTPUT_H

#include "archive/loss_map.h"
#include "sink/sink.h"

typedef struct audyn_output audyn_output_t;

/// Takes over an open sink.  On failure `*out` is NULL, and the sink is still the
/// caller's.
audyn_status_t audyn_file_output_create(audyn_output_t **out, audyn_sink_t *sink);

/// Once, before the first sample.
audyn_status_t audyn_output_begin(audyn_output_t *output,
                                  const audyn_sink_start_t *start);

/// False where nothing may be written until a sync or two are done: too much of what was
/// written waits for the disk.
bool audyn_output_has_room(const audyn_output_t *output);

/// Appends interleaved samples, borrowed for the call, or zeros where `samples` is NULL.
/// A failure is for good: nothing more is added.
audyn_status_t audyn_output_write(audyn_output_t *output, const float *samples,
                                  uint64_t sample_frames);

/// What became of the next samples of those that were written; in order, without a hole.
void audyn_output_classify(audyn_output_t *output, const audyn_span_t *span);

/// Hands all that was written to the kernel.  `ended`: nothing more will be written.
/// Returns whether there is something to sync: then audyn_output_sync() follows, and
/// audyn_output_commit() once that is done.  Samples may be written meanwhile.
bool audyn_output_flush(audyn_output_t *output, bool ended);

/// Any thread, beside the one that writes.  May block for as long as the disk takes.
void audyn_output_sync(audyn_output_t *output);

/// Takes up the outcome of a sync.
void audyn_output_commit(audyn_output_t *output);

/// Why nothing more can be written; AUDYN_OK while it can.
audyn_status_t audyn_output_status(const audyn_output_t *output);

/// All is on disk and complete, once it has ended.
bool audyn_output_is_complete(const audyn_output_t *output);

/// What the disk has not taken although it came.
typedef struct {
    uint64_t disk_full, io_error; ///< sample frames that are in no file, by the reason
    uint64_t files;               ///< that have not all that they were to have
} audyn_unwritten_t;

void audyn_output_get_unwritten(const audyn_output_t *output,
                                audyn_unwritten_t *unwritten);

/// Sample frames written so far, as far as they can be read back.
uint64_t audyn_output_sample_frames(const audyn_output_t *output);

/// Completes what is not complete yet and frees the output whatever the outcome, which
/// tells the first failure of all.  Accepts NULL.
audyn_status_t audyn_output_close(audyn_output_t *output);

/// Frees the output and removes the file that it has created: nothing worth keeping was
/// recorded.  What is in an archive stays.  Accepts NULL.
void audyn_output_discard(audyn_output_t *output);

#endif
