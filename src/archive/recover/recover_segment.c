// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/recover/recover_segment.h"

#include "archive/loss_map.h"
#include "archive/recover/recover_measure.h"
#include "core/clock.h"

#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

// More than the headers of a file without samples, and the first frame, cut off within.
#define EMPTY_BYTES (UINT64_C(256) << 10)

// A lossy file counts at another rate, and may be so much off.
#define LOSSY_FRAMES 2

void
recover_path(const audyn_recovery_t *recovery, const char *path, char out[PATH_MAX])
{
    const int half = PATH_MAX / 2 - 1;
    snprintf(out, PATH_MAX, "%.*s/%.*s", half, audyn_chain_path(recovery->chain), half,
             path);
}

void
recover_tell(const audyn_recovery_t *recovery, audyn_recovered_t what, const char *format,
             ...)
{
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    what.text = text;
    recovery->tell(recovery->context, &what);
}

// Beside the sidecar, below the archive's directory.
static void
make_path(const recover_segment_t *segment, const char *name, char out[PATH_MAX])
{
    const char *slash = strrchr(segment->base, '/');
    const int folder = slash ? (int)(slash + 1 - segment->base) : 0;
    snprintf(out, PATH_MAX, "%.*s%s", folder, segment->base, name);
}

bool
recover_part(const audyn_recovery_t *recovery, const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    if (fnmatch(".audyn-*.part", name, 0)) {
        return false;
    }
    char full[PATH_MAX];
    recover_path(recovery, path, full);
    if (!unlink(full)) {
        recover_tell(recovery,
                     (audyn_recovered_t){.kind = AUDYN_RECOVERED_NOTHING, .path = path},
                     "%s: removed; it was left half written", path);
    }
    return true;
}

// Of the sidecar, which nobody else writes.
static void
remove_parts(const recover_segment_t *segment)
{
    char folder[PATH_MAX];
    char full[PATH_MAX];
    make_path(segment, "", folder);
    recover_path(segment->recovery, folder, full);
    DIR *files = opendir(full);
    for (const struct dirent *file; files && (file = readdir(files));) {
        char path[PATH_MAX];
        make_path(segment, file->d_name, path);
        recover_part(segment->recovery, path);
    }
    if (files) {
        closedir(files);
    }
}

static audyn_status_t
remove_empty(const audyn_recovery_t *recovery, const char *path, const char *full,
             audyn_error_t *error)
{
    if (unlink(full)) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "%s, which has no sample, cannot be removed: %s", full,
                               strerror(errno));
    }
    recover_tell(recovery,
                 (audyn_recovered_t){.kind = AUDYN_RECOVERED_NOTHING, .path = path},
                 "%s: removed; not one sample was recorded in it", path);
    return AUDYN_OK;
}

// A file that is left out of the segment has 0 sample frames.
static audyn_status_t
make_whole(recover_segment_t *segment, audyn_entry_file_t *file, audyn_error_t *error)
{
    const audyn_recovery_t *recovery = segment->recovery;
    char path[PATH_MAX];
    char full[PATH_MAX];
    make_path(segment, file->path, path);
    recover_path(recovery, path, full);
    audyn_recovered_file_t found;
    const audyn_status_t status =
        audyn_recover_file(full, &segment->limits, &found, error);
    file->sample_frames = status ? 0 : found.sample_frames;
    file->bytes = found.bytes;
    if (status == AUDYN_NOT_FOUND) {
        return AUDYN_OK;
    }
    if (status && status != AUDYN_BAD_DATA) {
        return status;
    }
    if (!found.sample_frames && found.bytes <= EMPTY_BYTES) {
        return remove_empty(recovery, path, full, error);
    }
    if (!file->sample_frames) {
        recover_tell(recovery,
                     (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED, .path = path}, "%s",
                     status ? error->text : "not one whole frame is in it");
    } else if (found.changed) {
        recover_tell(recovery,
                     (audyn_recovered_t){.kind = AUDYN_RECOVERED_FILE,
                                         .path = path,
                                         .sample_frames = found.sample_frames,
                                         .cut_bytes = found.cut_bytes},
                     "%s: made whole, with %" PRIu64 " sample frames", path,
                     found.sample_frames);
    }
    return AUDYN_OK;
}

static bool
is_lossy(const audyn_entry_file_t *file)
{
    return !strcmp(file->format, "opus");
}

// Leaves those out that are not there, and notes what the others have.
static audyn_status_t
make_files_whole(recover_segment_t *segment, audyn_error_t *error)
{
    audyn_entry_segment_t *entry = &segment->entry->segment;
    audyn_status_t status = AUDYN_OK;
    unsigned kept = 0;
    uint64_t most = 0;
    for (unsigned i = 0; !status && i < entry->file_count; ++i) {
        audyn_entry_file_t *file = &entry->files[i];
        status = make_whole(segment, file, error);
        const uint64_t reached = most + (is_lossy(file) && most ? LOSSY_FRAMES : 0);
        most = file->sample_frames > reached ? file->sample_frames : most;
        if (file->sample_frames) {
            entry->files[kept++] = *file;
        }
    }
    entry->file_count = kept;
    entry->sample_frames = most;
    return status;
}

static void
note_partial_files(audyn_entry_segment_t *entry)
{
    for (unsigned i = 0; i < entry->file_count; ++i) {
        audyn_entry_file_t *file = &entry->files[i];
        const uint64_t reached =
            file->sample_frames + (is_lossy(file) ? LOSSY_FRAMES : 0);
        file->partial = reached < entry->sample_frames;
        if (file->partial) {
            strcpy(file->error, "the recorder was interrupted");
        }
    }
}

static uint64_t *
counter_of(audyn_entry_segment_t *entry, const char *class)
{
    for (int i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        if (!strcmp(class, audyn_sample_class_name((audyn_sample_class_t)i))) {
            return &entry->missing[i];
        }
    }
    return &entry->received;
}

// The spans of the journal, as far as the segment goes; behind those nobody knows.
static audyn_status_t
settle_losses(recover_segment_t *segment)
{
    audyn_entry_t *entry = segment->entry;
    audyn_entry_segment_t *out = &entry->segment;
    const uint64_t first = out->first.position;
    const uint64_t end = first + out->sample_frames;
    audyn_entry_span_t *spans = out->spans;
    const size_t count = out->span_count;
    audyn_status_t status = AUDYN_OK;
    uint64_t told = 0;
    out->spans = NULL;
    out->span_count = out->span_room = 0;
    for (size_t i = 0; !status && i < count && spans[i].position < end; ++i) {
        const uint64_t room = end - spans[i].position;
        const uint64_t frames =
            spans[i].sample_frames < room ? spans[i].sample_frames : room;
        *counter_of(out, spans[i].class) += frames;
        told += frames;
        status = audyn_entry_add_span(entry, spans[i].position, frames, spans[i].class);
    }
    free(spans);
    if (!status && segment->classified < end) {
        out->unclassified = end - segment->classified;
        status = audyn_entry_add_span(entry, segment->classified, out->unclassified,
                                      "unclassified");
    }
    out->received += out->sample_frames - told - out->unclassified;
    return status;
}

static audyn_status_t
note_hole(recover_segment_t *segment)
{
    audyn_entry_span_t *hole = &segment->entry->segment.hole;
    const uint64_t first = segment->entry->segment.first.position;
    uint64_t end = 0;
    const audyn_status_t status =
        audyn_chain_end_before(segment->recovery->chain, segment->entry->stream,
                               &segment->entry->format, first, &end);
    // As the journal has it, from the beginning of the recording on.
    end = end ? end : hole->position;
    if (!*hole->class || end < hole->position) {
        strcpy(hole->class, "not_recorded");
    }
    hole->position = end;
    hole->sample_frames = end && end < first ? first - end : 0;
    return status;
}

static void
note_recovery(audyn_entry_t *entry)
{
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    audyn_entry_segment_t *out = &entry->segment;
    out->first = audyn_entry_moment(&leap_seconds, &entry->format, out->first.position);
    out->last = audyn_entry_moment(&leap_seconds, &entry->format,
                                   out->first.position + out->sample_frames - 1);
    const audyn_clock_t *clock = audyn_clock_system();
    char now[48];
    audyn_entry_utc_text(now, clock->utc_ns(clock));
    out->recorder = out->recorder ? out->recorder : json_object();
    json_object_del(out->recorder, "closed_utc");
    json_object_set_new(out->recorder, "recovered_utc", json_string(now));
}

static audyn_status_t
complete_entry(recover_segment_t *segment, audyn_error_t *error)
{
    audyn_entry_segment_t *entry = &segment->entry->segment;
    char folder[PATH_MAX];
    char full[PATH_MAX];
    make_path(segment, "", folder);
    recover_path(segment->recovery, folder, full);
    note_partial_files(entry);
    note_recovery(segment->entry);
    audyn_status_t status =
        recover_measure(segment->entry, full, segment->limits.stop, error);
    if (!status) {
        status = settle_losses(segment);
        status = status ? status : note_hole(segment);
        audyn_error_set(error, status, "%s: %s", segment->base, audyn_strerror(status));
    }
    return status;
}

static audyn_status_t
append(recover_segment_t *segment, const char *sidecar, audyn_error_t *error)
{
    const audyn_entry_segment_t *entry = &segment->entry->segment;
    const audyn_status_t status =
        audyn_chain_append(segment->recovery->chain, segment->entry, sidecar, error);
    if (!status) {
        recover_tell(segment->recovery,
                     (audyn_recovered_t){.kind = AUDYN_RECOVERED_SEGMENT,
                                         .path = sidecar,
                                         .position = entry->first.position,
                                         .sample_frames = entry->sample_frames},
                     "%s: recovered, with %" PRIu64 " sample frames from %s on", sidecar,
                     entry->sample_frames, entry->first.utc);
    }
    return status;
}

audyn_status_t
recover_segment(recover_segment_t *segment, audyn_error_t *error)
{
    char sidecar[PATH_MAX];
    char full[PATH_MAX];
    snprintf(sidecar, sizeof sidecar, "%s.json", segment->base);
    recover_path(segment->recovery, sidecar, full);
    remove_parts(segment);
    if (!access(full, F_OK)) {
        return audyn_chain_adopt(segment->recovery->chain, sidecar, error);
    }
    audyn_status_t status = make_files_whole(segment, error);
    if (status || !segment->entry->segment.sample_frames) {
        return status;
    }
    status = complete_entry(segment, error);
    return status ? status : append(segment, sidecar, error);
}
