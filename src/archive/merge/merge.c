// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/merge/merge_private.h"
#include "archive/outside.h"
#include "archive/signing.h"
#include "core/directory.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct {
    const audyn_merge_config_t *config;
    audyn_merge_report_t *report;
    audyn_error_t *error;
    merge_archive_t archives[2];
    merge_job_t *jobs; ///< one for each stream
    size_t count;
    uint64_t done_bytes;
    bool made_out; ///< its directory was not there before
    bool interrupted;
} merge_t;

static bool
is_empty(const char *path)
{
    DIR *directory = opendir(path);
    bool empty = directory;
    for (const struct dirent *entry; empty && (entry = readdir(directory));) {
        empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    }
    if (directory) {
        closedir(directory);
    }
    return empty;
}

static audyn_status_t
check_places(const merge_t *merge)
{
    const audyn_merge_config_t *config = merge->config;
    char paths[2][PATH_MAX];
    for (int side = 0; side < 2; ++side) {
        if (!realpath(config->archives[side], paths[side])) {
            return audyn_error_set(merge->error, audyn_status_from_errno(errno),
                                   "the archive %s cannot be read: %s",
                                   config->archives[side], strerror(errno));
        }
    }
    if (!strcmp(paths[0], paths[1])) {
        return audyn_error_set(merge->error, AUDYN_INVALID,
                               "%s and %s are the same archive", config->archives[0],
                               config->archives[1]);
    }
    audyn_status_t status = AUDYN_OK;
    for (int side = 0; !status && side < 2; ++side) {
        status = audyn_archive_check_outside(paths[side], config->out, merge->error);
    }
    struct stat about;
    if (!status && !lstat(config->out, &about) && !is_empty(config->out)) {
        status = audyn_error_set(merge->error, AUDYN_EXISTS,
                                 "%s is there already and is not an empty directory; "
                                 "choose another name",
                                 config->out);
    }
    return status;
}

// Before anything is created.
static audyn_status_t
check_key(const merge_t *merge)
{
    audyn_key_t *key = NULL;
    const char *path = merge->config->key_path;
    const audyn_status_t status =
        path ? audyn_key_read_private(&key, path, merge->error) : AUDYN_OK;
    audyn_key_destroy(key);
    return status;
}

static audyn_status_t
make_out(merge_t *merge)
{
    const char *out = merge->config->out;
    merge->made_out = !mkdir(out, 0777);
    return merge->made_out || errno == EEXIST
               ? AUDYN_OK
               : audyn_error_set(merge->error, audyn_status_from_errno(errno),
                                 "%s cannot be created: %s", out, strerror(errno));
}

// A directory that was there before is not touched.
static void
clean_up(const merge_t *merge)
{
    const char *out = merge->config->out;
    if (merge->interrupted && merge->made_out) {
        audyn_directory_remove(out);
    } else if (merge->made_out) {
        rmdir(out); // where nothing was written
    }
    if (merge->interrupted) {
        audyn_error_set(merge->error, AUDYN_BUSY,
                        "interrupted; what was written to %s %s", out,
                        merge->made_out ? "is removed" : "is a part only: remove it");
    }
}

// A sidecar has no position beyond this one, nor one below 0.
#define MOST_POSITION (INT64_MAX / 4)

static bool
can_be_moved(const merge_segment_t *segment, int64_t offset)
{
    return offset < 0 ? segment->position >= -(uint64_t)offset
                      : offset <= MOST_POSITION &&
                            segment->end <= (uint64_t)(MOST_POSITION - offset);
}

// Of both sides.
static audyn_status_t
check_segments(const merge_t *merge, const merge_job_t *job)
{
    const merge_segment_t *first = job->sources[0].segments;
    for (int side = 0; side < 2; ++side) {
        const merge_source_t *source = &job->sources[side];
        for (size_t i = 0; i < source->count; ++i) {
            const merge_segment_t *segment = &source->segments[i];
            if (!merge->config->has_offset && !segment->on_media_clock) {
                return audyn_error_set(
                    merge->error, AUDYN_INVALID,
                    "%s/%s was recorded without a media clock: its positions are this "
                    "recorder's own; say with --offset how many sample frames the "
                    "second archive is to be moved",
                    source->archive->path, segment->path);
            }
            if (!can_be_moved(segment, source->offset)) {
                return audyn_error_set(merge->error, AUDYN_INVALID,
                                       "--offset %" PRId64
                                       " moves %s/%s, which begins at position %" PRIu64
                                       ", to where no positions are",
                                       source->offset, source->archive->path,
                                       segment->path, segment->position);
            }
            const audyn_media_rate_t rate = audyn_input_media_rate(&segment->format);
            const audyn_media_rate_t other = audyn_input_media_rate(&first->format);
            if (segment->format.channels != first->format.channels ||
                segment->format.bits != first->format.bits ||
                memcmp(&rate, &other, sizeof rate) != 0) {
                return audyn_error_set(merge->error, AUDYN_INVALID,
                                       "%s/%s and %s/%s have not the same sample rate, "
                                       "channels and sample size",
                                       job->sources[0].archive->path, first->path,
                                       source->archive->path, segment->path);
            }
        }
    }
    return AUDYN_OK;
}

static audyn_status_t
add_stream(merge_t *merge, const audyn_merge_names_t *names)
{
    merge_job_t *jobs = reallocarray(merge->jobs, merge->count + 1, sizeof *jobs);
    if (!jobs) {
        return audyn_error_set(merge->error, AUDYN_NO_MEMORY, "out of memory");
    }
    merge->jobs = jobs;
    merge_job_t *job = &jobs[merge->count++];
    *job = (merge_job_t){
        .config = merge->config, .error = merge->error, .done_bytes = &merge->done_bytes};
    for (int side = 0; side < 2; ++side) {
        merge_source_t *source = &job->sources[side];
        if (!merge_source_init(source, &merge->archives[side], names->names[side])) {
            return audyn_error_set(merge->error, AUDYN_INVALID,
                                   "there is no stream %s in %s; audyn ls shows which "
                                   "there are",
                                   names->names[side], merge->config->archives[side]);
        }
        source->tell = merge->config->tell;
        source->context = merge->config->context;
        source->offset = side ? merge->config->offset : 0;
    }
    job->name = job->sources[0].segments->stream;
    audyn_status_t status = check_segments(merge, job);
    if (!status && (status = merge_plan_make(&job->plan, job->sources))) {
        audyn_error_set(merge->error, status, "out of memory for the segments of %s",
                        job->name);
    }
    return status;
}

// They would have one folder.
static audyn_status_t
check_names(const merge_t *merge, const char *name)
{
    for (size_t i = 0; i < merge->count; ++i) {
        if (!strcmp(merge->jobs[i].name, name)) {
            return audyn_error_set(merge->error, AUDYN_INVALID,
                                   "the stream %s is given twice; name it once", name);
        }
    }
    return AUDYN_OK;
}

static bool
has_stream(const merge_archive_t *archive, const char *name)
{
    merge_source_t source;
    return merge_source_init(&source, archive, name);
}

static void
tell_without_audio(const merge_t *merge, int side)
{
    const size_t count = merge->archives[side].without_audio;
    audyn_error_t text;
    audyn_error_set(&text, AUDYN_OK,
                    "%s: %zu segment%s no lossless file any more, and %s left out",
                    merge->config->archives[side], count, count == 1 ? " has" : "s have",
                    count == 1 ? "is" : "are");
    if (count && merge->config->tell) {
        merge->config->tell(merge->config->context, text.text);
    }
}

static void
tell_alone(const merge_t *merge, int side, const char *name)
{
    audyn_error_t text;
    audyn_error_set(&text, AUDYN_OK, "%s is in %s only, and left out", name,
                    merge->config->archives[side]);
    if (merge->config->tell) {
        merge->config->tell(merge->config->context, text.text);
    }
}

// All that both have by the same name.
static audyn_status_t
add_common_streams(merge_t *merge)
{
    audyn_status_t status = AUDYN_OK;
    for (int side = 0; side < 2; ++side) {
        const merge_archive_t *archive = &merge->archives[side];
        for (size_t i = 0; !status && i < archive->count; ++i) {
            const char *name = archive->segments[i].stream;
            if (i && !strcmp(name, archive->segments[i - 1].stream)) {
                continue;
            }
            if (!has_stream(&merge->archives[!side], name)) {
                tell_alone(merge, side, name);
            } else if (!side) {
                status = add_stream(merge, &(audyn_merge_names_t){{name, name}});
            }
        }
    }
    if (!status && !merge->count) {
        status = audyn_error_set(merge->error, AUDYN_INVALID,
                                 "%s and %s have no stream of the same name; say with "
                                 "--stream A=B which belong together",
                                 merge->config->archives[0], merge->config->archives[1]);
    }
    return status;
}

static audyn_status_t
add_streams(merge_t *merge)
{
    const audyn_merge_config_t *config = merge->config;
    if (!config->stream_count) {
        return add_common_streams(merge);
    }
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < config->stream_count; ++i) {
        status = check_names(merge, config->streams[i].names[0]);
        status = status ? status : add_stream(merge, &config->streams[i]);
    }
    return status;
}

static uint64_t
bytes_of(const merge_job_t *job)
{
    const audyn_input_format_t *format = &job->sources[0].segments->format;
    uint64_t bytes = 0;
    for (size_t i = 0; i < job->plan.count; ++i) {
        const merge_part_t *part = &job->plan.parts[i];
        bytes += (part->end - part->position) * format->channels * format->bits / 8;
    }
    return bytes;
}

// Samples of a segment that another one has too, and that was recorded before.
static uint64_t
count_left_out(const merge_source_t *source, size_t segment)
{
    const uint64_t end = merge_source_end(source, segment);
    uint64_t left_out = 0;
    for (uint64_t at = merge_source_position(source, segment), until; at < end;
         at = until) {
        const bool other = merge_source_find(source, at, &until) != segment;
        until = until < end ? until : end;
        left_out += other ? until - at : 0;
    }
    return left_out;
}

static audyn_status_t
add_overlap(audyn_merge_stream_t *told, int side, const char *sidecar, uint64_t left_out)
{
    audyn_merge_overlap_t *overlaps =
        reallocarray(told->overlaps, told->overlap_count + 1, sizeof *overlaps);
    if (!overlaps) {
        return AUDYN_NO_MEMORY;
    }
    told->overlaps = overlaps;
    audyn_merge_overlap_t *overlap = &overlaps[told->overlap_count++];
    *overlap = (audyn_merge_overlap_t){side, strdup(sidecar), left_out};
    return overlap->sidecar ? AUDYN_OK : AUDYN_NO_MEMORY;
}

static audyn_status_t
tell_overlaps(const merge_job_t *job, int side)
{
    const merge_source_t *source = &job->sources[side];
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < source->count; ++i) {
        const uint64_t left_out = count_left_out(source, i);
        if (!left_out) {
            continue;
        }
        status = add_overlap(job->told, side, source->segments[i].path, left_out);
        audyn_error_t text;
        audyn_error_set(&text, AUDYN_OK,
                        "%s/%s: another segment has %" PRIu64
                        " of its sample frames too, and was recorded before; those of "
                        "this one are left out",
                        source->archive->path, source->segments[i].path, left_out);
        if (job->config->tell) {
            job->config->tell(job->config->context, text.text);
        }
    }
    return status ? audyn_error_set(job->error, status, "out of memory") : AUDYN_OK;
}

static audyn_status_t
merge_all(merge_t *merge)
{
    audyn_merge_report_t *report = merge->report;
    uint64_t total = 0;
    for (size_t i = 0; i < merge->count; ++i) {
        total += bytes_of(&merge->jobs[i]);
    }
    report->streams = calloc(merge->count + 1, sizeof *report->streams);
    if (!report->streams) {
        return audyn_error_set(merge->error, AUDYN_NO_MEMORY, "out of memory");
    }
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < merge->count; ++i) {
        merge_job_t *job = &merge->jobs[i];
        job->told = &report->streams[report->stream_count++];
        job->told->name = strdup(job->name);
        job->total_bytes = total;
        for (int side = 0; !status && side < 2; ++side) {
            status = tell_overlaps(job, side);
        }
        status = status ? status : merge_stream(job);
        merge->interrupted |= job->interrupted;
        report->damaged += job->sources[0].damaged + job->sources[1].damaged;
    }
    return status;
}

static void
finish(merge_t *merge)
{
    for (size_t i = 0; i < merge->count; ++i) {
        merge_plan_finish(&merge->jobs[i].plan);
        merge_trace_finish(&merge->jobs[i].trace);
        merge_source_finish(&merge->jobs[i].sources[0]);
        merge_source_finish(&merge->jobs[i].sources[1]);
    }
    free(merge->jobs);
    merge_archive_finish(&merge->archives[0]);
    merge_archive_finish(&merge->archives[1]);
}

audyn_status_t
audyn_merge(const audyn_merge_config_t *config, audyn_merge_report_t *report,
            audyn_error_t *error)
{
    *report = (audyn_merge_report_t){.streams = NULL};
    audyn_error_t unheard;
    error = error ? error : &unheard;
    merge_t merge = {.config = config, .report = report, .error = error};
    audyn_status_t status = check_places(&merge);
    status = status ? status : check_key(&merge);
    status = status ? status : make_out(&merge);
    for (int side = 0; !status && side < 2; ++side) {
        merge_archive_t *archive = &merge.archives[side];
        archive->tell = config->tell;
        archive->context = config->context;
        status = merge_archive_scan(archive, config->archives[side], error);
        report->damaged += archive->damaged;
        tell_without_audio(&merge, side);
    }
    status = status ? status : add_streams(&merge);
    status = status ? status : merge_all(&merge);
    if (status) {
        clean_up(&merge);
    }
    finish(&merge);
    return status;
}

void
audyn_merge_report_finish(audyn_merge_report_t *report)
{
    for (size_t i = 0; i < report->stream_count; ++i) {
        audyn_merge_stream_t *stream = &report->streams[i];
        for (size_t k = 0; k < stream->overlap_count; ++k) {
            free(stream->overlaps[k].sidecar);
        }
        free(stream->overlaps);
        free(stream->name);
    }
    free(report->streams);
    *report = (audyn_merge_report_t){.streams = NULL};
}
