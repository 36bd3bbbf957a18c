// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// One stream into an archive: cut on the exact sample, and each segment completed while
// the next ones are written.

#include "archive/output_private.h"
#include "archive/segment.h"
#include "archive/segment_place.h"
#include "core/directory.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// With files open, while the disk is slow or an input as fast as it can.
#define MOST_PENDING 16

// A round is a flush, a sync and a commit; each segment takes three of them, and one more
// for each part of its files that is read back.
#define MOST_ROUNDS 1000000

typedef struct {
    audyn_output_t output;
    const audyn_archive_t *archive;
    audyn_archive_stream_t stream;
    uint64_t first, position; // of the stream, and of the next sample
    audyn_segment_t *oldest, *newest;
    unsigned pending;
    uint64_t skipped_until;  // what comes before has no segment
    audyn_segment_t *synced; // the last one that the sync under way is about
    audyn_status_t status;   // the first failure of all
} archive_output_t;

static archive_output_t *
archive_of(audyn_output_t *output)
{
    return (archive_output_t *)(void *)output;
}

static const archive_output_t *
const_archive_of(const audyn_output_t *output)
{
    return (const archive_output_t *)(const void *)output;
}

static void
note_failure(archive_output_t *self, audyn_status_t status)
{
    if (!self->status) {
        self->status = status;
    }
}

static audyn_status_t
archive_begin(audyn_output_t *output, const audyn_sink_start_t *start)
{
    archive_output_t *self = archive_of(output);
    self->first = start->position;
    self->position = start->position;
    return AUDYN_OK;
}

static bool
archive_has_room(const audyn_output_t *output)
{
    return const_archive_of(output)->pending < MOST_PENDING;
}

static void
tell_no_segment(archive_output_t *self, audyn_status_t status)
{
    note_failure(self, status);
    if (self->stream.tell) {
        audyn_error_t error;
        audyn_error_set(&error, status,
                        "no file can be begun in %s/%s: %s; the next one is tried when "
                        "it is due",
                        audyn_archive_path(self->archive), self->stream.name,
                        audyn_strerror(status));
        self->stream.tell(self->stream.context, error.text);
    }
}

static void
start_segment(archive_output_t *self)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(&self->stream.format);
    const audyn_layout_t *layout = &audyn_archive_settings(self->archive)->layout;
    const uint64_t end = audyn_segment_cut(layout, &rate, self->position);
    audyn_segment_t *segment;
    const audyn_status_t status =
        audyn_segment_create(&segment, self->archive, &self->stream, self->position, end);
    if (status) {
        self->skipped_until = end;
        tell_no_segment(self, status);
        return;
    }
    if (self->newest) {
        self->newest->next = segment;
    } else {
        self->oldest = segment;
    }
    self->newest = segment;
    ++self->pending;
}

// Up to the next cut.  Returns how many sample frames were taken.
static uint64_t
write_some(archive_output_t *self, const float *samples, uint64_t sample_frames)
{
    if (self->position >= self->skipped_until && (!self->newest || self->newest->ended)) {
        start_segment(self);
    }
    const bool skips = self->position < self->skipped_until;
    audyn_segment_t *segment = self->newest;
    const uint64_t end = skips ? self->skipped_until : segment->end;
    const uint64_t room = end - self->position;
    const uint64_t count = sample_frames < room ? sample_frames : room;
    if (!skips) {
        audyn_segment_write(segment, samples, count);
        segment->ended = count == room;
    }
    self->position += count;
    return count;
}

static audyn_status_t
archive_write(audyn_output_t *output, const float *samples, uint64_t sample_frames)
{
    archive_output_t *self = archive_of(output);
    while (sample_frames) {
        const uint64_t count = write_some(self, samples, sample_frames);
        samples += samples ? count * self->stream.format.channels : 0;
        sample_frames -= count;
    }
    return AUDYN_OK;
}

static void
archive_classify(audyn_output_t *output, const audyn_span_t *span)
{
    const uint64_t span_end = span->position + span->sample_frames;
    for (audyn_segment_t *segment = archive_of(output)->oldest; segment;
         segment = segment->next) {
        const uint64_t from =
            span->position > segment->position ? span->position : segment->position;
        const uint64_t segment_end = segment->position + segment->sample_frames;
        const uint64_t end = span_end < segment_end ? span_end : segment_end;
        if (from < end) {
            audyn_segment_classify(segment,
                                   &(audyn_span_t){from, end - from, span->class});
        }
    }
}

static bool
archive_flush(audyn_output_t *output, bool ended)
{
    archive_output_t *self = archive_of(output);
    if (ended && self->newest) {
        self->newest->ended = true;
    }
    bool needed = false;
    for (audyn_segment_t *segment = self->oldest; segment; segment = segment->next) {
        needed |= audyn_segment_flush(segment);
    }
    self->synced = self->newest;
    return needed;
}

// The worker may add segments behind the last one meanwhile.
static void
archive_sync(audyn_output_t *output)
{
    const archive_output_t *self = archive_of(output);
    audyn_segment_t *segment = self->oldest;
    audyn_segment_sync(segment);
    while (segment != self->synced) {
        segment = segment->next;
        audyn_segment_sync(segment);
    }
}

static void
drop_done(archive_output_t *self)
{
    while (self->oldest && self->oldest->stage == AUDYN_SEGMENT_DONE) {
        audyn_segment_t *segment = self->oldest;
        note_failure(self, audyn_segment_status(segment));
        self->oldest = segment->next;
        self->newest = self->oldest ? self->newest : NULL;
        --self->pending;
        audyn_segment_destroy(segment);
    }
}

static void
archive_commit(audyn_output_t *output)
{
    archive_output_t *self = archive_of(output);
    audyn_segment_t *const last = self->synced;
    for (audyn_segment_t *segment = self->oldest; segment;
         segment = segment == last ? NULL : segment->next) {
        audyn_segment_commit(segment);
    }
    drop_done(self);
}

static audyn_status_t
archive_status(const audyn_output_t *output)
{
    (void)output;
    return AUDYN_OK; // a failure ends a file, not the stream
}

static bool
archive_is_complete(const audyn_output_t *output)
{
    return !const_archive_of(output)->oldest;
}

static uint64_t
archive_sample_frames(const audyn_output_t *output)
{
    const archive_output_t *self = const_archive_of(output);
    return self->position - self->first;
}

// What became of the last samples may be unknown where the stream did not end by itself:
// those segments have no sidecar.
static audyn_status_t
archive_close(audyn_output_t *output)
{
    archive_output_t *self = archive_of(output);
    for (unsigned i = 0; i < MOST_ROUNDS && archive_flush(output, true); ++i) {
        archive_sync(output);
        archive_commit(output);
    }
    while (self->oldest) {
        audyn_segment_t *segment = self->oldest;
        note_failure(self, audyn_segment_status(segment));
        self->oldest = segment->next;
        audyn_segment_destroy(segment);
    }
    const audyn_status_t status = self->status;
    free(self);
    return status;
}

static void
archive_discard(audyn_output_t *output)
{
    archive_close(output);
}

static const audyn_output_type_t archive_output = {
    .begin = archive_begin,
    .has_room = archive_has_room,
    .write = archive_write,
    .classify = archive_classify,
    .flush = archive_flush,
    .sync = archive_sync,
    .commit = archive_commit,
    .status = archive_status,
    .is_complete = archive_is_complete,
    .sample_frames = archive_sample_frames,
    .close = archive_close,
    .discard = archive_discard,
};

static audyn_status_t
check_formats(const audyn_archive_t *archive, const audyn_archive_stream_t *stream,
              audyn_error_t *error)
{
    const audyn_archive_settings_t *settings = audyn_archive_settings(archive);
    audyn_status_t status = AUDYN_OK;
    for (unsigned i = 0; !status && i < settings->format_count; ++i) {
        char name[16];
        snprintf(name, sizeof name, "x.%s", settings->formats[i]);
        const audyn_sink_config_t config =
            audyn_segment_sink_config(archive, stream, name);
        status = audyn_sink_check(name, &config, error);
    }
    return status;
}

// So that what is wrong with it is found before the first sample.
static audyn_status_t
make_folder(const audyn_archive_t *archive, const char *name, audyn_error_t *error)
{
    char path[PATH_MAX];
    const int length =
        snprintf(path, sizeof path, "%s/%s/", audyn_archive_path(archive), name);
    const int cause = length < PATH_MAX ? audyn_directory_make_for(path) : ENAMETOOLONG;
    return cause ? audyn_error_set(error, audyn_status_from_errno(cause),
                                   "the folder %s cannot be created: %s", path,
                                   strerror(cause))
                 : AUDYN_OK;
}

audyn_status_t
audyn_archive_output_create(audyn_output_t **out, const audyn_archive_t *archive,
                            const audyn_archive_stream_t *stream, audyn_error_t *error)
{
    *out = NULL;
    audyn_status_t status = check_formats(archive, stream, error);
    if (!status) {
        status = make_folder(archive, stream->name, error);
    }
    if (status) {
        return status;
    }
    archive_output_t *self = calloc(1, sizeof *self);
    if (!self) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for an archive");
    }
    self->output.type = &archive_output;
    self->archive = archive;
    self->stream = *stream;
    *out = &self->output;
    return AUDYN_OK;
}
