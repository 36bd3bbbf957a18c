// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// One stream into an archive: cut on the exact sample, and each segment completed while
// the next ones are written.

#include "archive/output_private.h"
#include "archive/segment.h"
#include "archive/segment_place.h"
#include "archive/trouble.h"
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
    uint64_t end;             // of the last segment that is not pending any more
    audyn_segment_t *oldest, *newest;
    unsigned pending;
    audyn_segment_t *synced; // the last one that the sync under way is about
    audyn_trouble_t trouble;
    audyn_unwritten_t unwritten;
    audyn_status_t status; // the first failure of all that is not made up for
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
    self->end = start->position;
    return AUDYN_OK;
}

static bool
archive_has_room(const audyn_output_t *output)
{
    const archive_output_t *self = const_archive_of(output);
    return self->pending < MOST_PENDING ||
           audyn_archive_is_recovery_stopped(self->archive); // nothing more completes
}

// A segment takes what comes.
static bool
is_open(const archive_output_t *self)
{
    return self->newest && !self->newest->ended;
}

static void
end_segment(archive_output_t *self)
{
    self->newest->ended = true;
}

// These are in no file, for this reason.
static void
note_missing(archive_output_t *self, uint64_t sample_frames, audyn_status_t status)
{
    const bool full = status == AUDYN_NO_SPACE;
    *(full ? &self->unwritten.disk_full : &self->unwritten.io_error) += sample_frames;
    self->trouble.missing += sample_frames;
}

static void
tell(const archive_output_t *self, const audyn_archive_event_t *event)
{
    if (self->stream.tell) {
        self->stream.tell(self->stream.context, event);
    }
}

static void
append(archive_output_t *self, audyn_segment_t *segment)
{
    if (self->trouble.active) {
        audyn_segment_explain_hole(segment, audyn_trouble_class(self->trouble.status),
                                   self->first);
    }
    if (self->newest) {
        self->newest->next = segment;
    } else {
        self->oldest = segment;
    }
    self->newest = segment;
    ++self->pending;
}

static void
start_segment(archive_output_t *self)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(&self->stream.format);
    const audyn_layout_t *layout = &audyn_archive_settings(self->archive)->layout;
    const uint64_t end = audyn_segment_cut(layout, &rate, self->position);
    audyn_trouble_tried(&self->trouble, self->position);
    audyn_segment_t *segment;
    audyn_status_t status =
        audyn_segment_create(&segment, self->archive, &self->stream, self->position, end);
    if (!status && audyn_segment_has_failed(segment)) {
        status = audyn_segment_status(segment);
        audyn_segment_discard(segment);
    }
    if (status) {
        audyn_trouble_note_all(&self->trouble, status, self->position);
    } else {
        append(self, segment);
    }
}

static void
tell_failure(archive_output_t *self, audyn_segment_t *segment, unsigned i)
{
    audyn_segment_file_t *file = &segment->files[i];
    if (!file->growing.status || file->told) {
        return;
    }
    file->told = true;
    ++self->unwritten.files;
    char path[PATH_MAX];
    audyn_segment_path(segment->base, audyn_archive_settings(self->archive)->formats[i],
                       path);
    const bool open = segment == self->newest && !segment->ended;
    audyn_trouble_note(
        &self->trouble,
        &(audyn_file_failure_t){.format = i,
                                .path = path,
                                .status = file->growing.status,
                                .position = segment->position + segment->sample_frames,
                                .alone = open && audyn_segment_has_failed(segment),
                                .open = open});
}

static void
look_for_failures(archive_output_t *self)
{
    for (audyn_segment_t *segment = self->oldest; segment; segment = segment->next) {
        for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
            tell_failure(self, segment, i);
        }
    }
    if (is_open(self) && audyn_segment_has_failed(self->newest)) {
        end_segment(self);
    }
}

// Once it is time to try again what has failed.
static void
start_segment_if_due(archive_output_t *self)
{
    const bool due = audyn_trouble_is_due(&self->trouble, self->position);
    if (due && is_open(self)) {
        end_segment(self);
    }
    if (!is_open(self) && (due || !audyn_trouble_is_total(&self->trouble))) {
        start_segment(self);
    }
}

// Up to the next cut, or the next attempt.  Returns how many sample frames were taken.
static uint64_t
write_some(archive_output_t *self, const float *samples, uint64_t sample_frames)
{
    start_segment_if_due(self);
    const bool open = is_open(self);
    const uint64_t end = open ? self->newest->end : self->trouble.due;
    const uint64_t room = end > self->position ? end - self->position : 1;
    const uint64_t count = sample_frames < room ? sample_frames : room;
    self->position += count;
    if (!open) {
        note_missing(self, count, self->trouble.status);
        return count;
    }
    audyn_segment_write(self->newest, samples, count);
    look_for_failures(self);
    if (is_open(self) && count == room) {
        end_segment(self);
    }
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

// One that nothing was left of has none.
static uint64_t
end_of(const audyn_segment_t *segment, uint64_t before)
{
    return segment->sample_frames ? segment->position + segment->sample_frames : before;
}

static bool
archive_flush(audyn_output_t *output, bool ended)
{
    archive_output_t *self = archive_of(output);
    if (ended && is_open(self)) {
        end_segment(self);
    }
    bool needed = false;
    // Where the segment before ends.
    bool settled = audyn_archive_is_recovered(self->archive);
    uint64_t end = self->end;
    for (audyn_segment_t *segment = self->oldest; segment; segment = segment->next) {
        segment->hurries = ended || self->pending > MOST_PENDING / 2;
        segment->begins = end == self->first;
        segment->hole = segment->position - end;
        needed |= audyn_segment_flush(segment, settled);
        settled = settled && segment->recorded;
        end = end_of(segment, end);
    }
    look_for_failures(self);
    self->synced = self->newest;
    return needed;
}

// The worker may add segments behind the last one meanwhile.
static void
for_each_synced(const archive_output_t *self, void (*sync)(audyn_segment_t *segment))
{
    audyn_segment_t *segment = self->oldest;
    sync(segment);
    while (segment != self->synced) {
        segment = segment->next;
        sync(segment);
    }
}

static void
archive_sync(audyn_output_t *output)
{
    const archive_output_t *self = archive_of(output);
    // Journals first: a sync puts the names of all files in the folder on disk.
    for_each_synced(self, audyn_segment_sync_journal);
    for_each_synced(self, audyn_segment_sync);
}

// Its files are closed, and not one of them was written to the end: what none of them has
// belongs to the hole behind it.
static void
cut_short(archive_output_t *self, audyn_segment_t *segment)
{
    const uint64_t written = segment->sample_frames;
    audyn_segment_cut_short(segment);
    const uint64_t missing = written - segment->sample_frames;
    const audyn_status_t status = audyn_segment_status(segment);
    note_missing(self, missing, status);
    if (segment->next) {
        audyn_segment_explain_hole(segment->next, audyn_trouble_class(status),
                                   self->first);
    }
}

static void
tell_done(archive_output_t *self, const audyn_segment_t *segment)
{
    char path[PATH_MAX];
    audyn_segment_path(segment->base, "json", path);
    audyn_archive_event_t event = {.kind = AUDYN_ARCHIVE_SEGMENT,
                                   .path = path,
                                   .position = segment->position,
                                   .sample_frames = segment->sample_frames};
    if (segment->status) {
        note_failure(self, segment->status);
        event.kind = AUDYN_ARCHIVE_SIDECAR_FAILED;
        event.text = segment->error.text;
        event.status = segment->status;
    }
    if (segment->sample_frames) {
        tell(self, &event);
    }
}

// Of several the first stands for all.
static void
look_at_journals(archive_output_t *self)
{
    const audyn_segment_t *segment = self->oldest;
    while (segment && !segment->journal_status) {
        segment = segment->next;
    }
    if (segment) {
        audyn_trouble_note_journal(&self->trouble, segment->journal_status,
                                   segment->error.text, segment->position);
    } else {
        self->trouble.told_journal = false;
    }
}

static void
drop_oldest(archive_output_t *self)
{
    audyn_segment_t *segment = self->oldest;
    self->oldest = segment->next;
    self->end = end_of(segment, self->end);
    self->newest = self->oldest ? self->newest : NULL;
    --self->pending;
    audyn_segment_destroy(segment);
}

static void
drop_done(archive_output_t *self)
{
    while (self->oldest && self->oldest->stage == AUDYN_SEGMENT_DONE) {
        tell_done(self, self->oldest);
        drop_oldest(self);
    }
}

// What is on disk for certain may tell that all is well again.
static void
look_at_newest(archive_output_t *self)
{
    const audyn_segment_t *segment = self->newest;
    if (segment && segment->synced) {
        audyn_trouble_look(&self->trouble, segment->position + segment->synced,
                           segment->ended && segment->synced == segment->sample_frames);
    }
}

static void
look_at_catalog(archive_output_t *self)
{
    audyn_error_t trouble;
    if (audyn_chain_take_trouble(audyn_archive_chain(self->archive), &trouble)) {
        tell(self, &(audyn_archive_event_t){.kind = AUDYN_ARCHIVE_CATALOG_DAMAGED,
                                            .text = trouble.text,
                                            .status = AUDYN_BAD_DATA,
                                            .position = self->position});
    }
}

static void
archive_commit(audyn_output_t *output)
{
    archive_output_t *self = archive_of(output);
    audyn_segment_t *const last = self->synced;
    for (audyn_segment_t *segment = self->oldest; segment;
         segment = segment == last ? NULL : segment->next) {
        if (audyn_segment_commit(segment) && audyn_segment_has_failed(segment)) {
            cut_short(self, segment);
        }
    }
    look_for_failures(self);
    look_at_newest(self);
    look_at_journals(self);
    look_at_catalog(self);
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
    const archive_output_t *self = const_archive_of(output);
    const audyn_segment_t *segment = self->oldest;
    // The next recovery writes their sidecars.
    if (audyn_archive_is_recovery_stopped(self->archive)) {
        while (segment && segment->recorded &&
               segment->classified == segment->sample_frames) {
            segment = segment->next;
        }
    }
    return !segment;
}

static void
archive_get_unwritten(const audyn_output_t *output, audyn_unwritten_t *unwritten)
{
    *unwritten = const_archive_of(output)->unwritten;
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
    audyn_archive_wait_recovered(self->archive);
    for (unsigned i = 0; i < MOST_ROUNDS && archive_flush(output, true); ++i) {
        archive_sync(output);
        archive_commit(output);
    }
    while (self->oldest) {
        note_failure(self, audyn_segment_status(self->oldest));
        drop_oldest(self);
    }
    if (audyn_trouble_goes_on(&self->trouble)) {
        note_failure(self, self->trouble.status);
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
    .get_unwritten = archive_get_unwritten,
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
    self->trouble = (audyn_trouble_t){.archive = archive, .stream = &self->stream};
    *out = &self->output;
    return AUDYN_OK;
}
