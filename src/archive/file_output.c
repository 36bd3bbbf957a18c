// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A recording into one file.

#include "archive/growing_file.h"
#include "archive/output_private.h"

#include <stdlib.h>

typedef struct {
    audyn_output_t output;
    audyn_growing_file_t file;
    bool begun;
} file_output_t;

static file_output_t *
file_of(audyn_output_t *output)
{
    return (file_output_t *)(void *)output;
}

static const file_output_t *
const_file_of(const audyn_output_t *output)
{
    return (const file_output_t *)(const void *)output;
}

static audyn_status_t
file_begin(audyn_output_t *output, const audyn_sink_start_t *start)
{
    file_output_t *self = file_of(output);
    self->begun = true;
    audyn_growing_file_fail(&self->file, audyn_sink_begin(self->file.sink, start));
    return self->file.status;
}

static bool
file_has_room(const audyn_output_t *output)
{
    (void)output;
    return true;
}

static audyn_status_t
file_write(audyn_output_t *output, const float *samples, uint64_t sample_frames)
{
    audyn_growing_file_t *file = &file_of(output)->file;
    audyn_growing_file_fail(
        file, samples ? audyn_sink_write(file->sink, samples, (size_t)sample_frames)
                      : audyn_sink_write_silence(file->sink, sample_frames));
    return file->status;
}

static void
file_classify(audyn_output_t *output, const audyn_span_t *span)
{
    (void)output;
    (void)span;
}

static bool
file_flush(audyn_output_t *output, bool ended)
{
    file_output_t *self = file_of(output);
    return audyn_growing_file_flush(&self->file, self->begun, ended);
}

static void
file_sync(audyn_output_t *output)
{
    audyn_growing_file_sync(&file_of(output)->file);
}

static void
file_commit(audyn_output_t *output)
{
    audyn_growing_file_commit(&file_of(output)->file);
}

static audyn_status_t
file_status(const audyn_output_t *output)
{
    return const_file_of(output)->file.status;
}

static bool
file_is_complete(const audyn_output_t *output)
{
    const file_output_t *self = const_file_of(output);
    return !self->begun || self->file.completion == AUDYN_FILE_COMPLETE;
}

static uint64_t
file_sample_frames(const audyn_output_t *output)
{
    return audyn_sink_sample_frames(const_file_of(output)->file.sink);
}

static audyn_status_t
file_close(audyn_output_t *output)
{
    file_output_t *self = file_of(output);
    const audyn_status_t status = audyn_sink_close(self->file.sink);
    audyn_growing_file_fail(&self->file, status);
    const audyn_status_t first = self->file.status;
    free(self);
    return first;
}

static void
file_discard(audyn_output_t *output)
{
    file_output_t *self = file_of(output);
    audyn_sink_discard(self->file.sink);
    free(self);
}

static const audyn_output_type_t file_output = {
    .begin = file_begin,
    .has_room = file_has_room,
    .write = file_write,
    .classify = file_classify,
    .flush = file_flush,
    .sync = file_sync,
    .commit = file_commit,
    .status = file_status,
    .is_complete = file_is_complete,
    .sample_frames = file_sample_frames,
    .close = file_close,
    .discard = file_discard,
};

audyn_status_t
audyn_file_output_create(audyn_output_t **out, audyn_sink_t *sink)
{
    *out = NULL;
    file_output_t *self = calloc(1, sizeof *self);
    if (!self) {
        return AUDYN_NO_MEMORY;
    }
    self->output.type = &file_output;
    self->file.sink = sink;
    *out = &self->output;
    return AUDYN_OK;
}
