// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/segment.h"

#include "archive/segment_place.h"
#include "core/directory.h"
#include "core/small_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Bytes of a finished file that are read back in one sync, which other syncs of the
// stream wait for.
#define SUMMED_AT_ONCE (UINT64_C(64) << 20)

// To write a sidecar, where it cannot wait any longer.
#define MOST_TRIES 3

static const char *
format_of(const audyn_segment_t *segment, unsigned i)
{
    return audyn_archive_settings(segment->archive)->formats[i];
}

audyn_sink_config_t
audyn_segment_sink_config(const audyn_archive_t *archive,
                          const audyn_archive_stream_t *stream, const char *path)
{
    const audyn_archive_settings_t *settings = audyn_archive_settings(archive);
    const audyn_input_format_t *format = &stream->format;
    const audyn_encoding_t encoding = settings->has_encoding
                                          ? settings->encoding
                                          : audyn_sink_encoding(path, format->bits);
    const bool reduces = audyn_encoding_bytes(encoding) * 8 < format->bits;
    return (audyn_sink_config_t){
        .sample_rate = format->sample_rate,
        .channels = format->channels,
        .encoding = encoding,
        .dither = settings->dither && reduces && encoding != AUDYN_FLOAT32,
        .codec = settings->codec,
        .description = stream->name,
        .station = settings->station,
    };
}

static audyn_status_t
choose_base(audyn_segment_t *segment)
{
    audyn_chain_t *chain = audyn_archive_chain(segment->archive);
    const audyn_archive_settings_t *settings = audyn_archive_settings(segment->archive);
    const audyn_media_rate_t rate = audyn_input_media_rate(&segment->stream->format);
    char folder[PATH_MAX];
    if (snprintf(folder, sizeof folder, "%s/%s", audyn_archive_path(segment->archive),
                 segment->stream->name) >= PATH_MAX) {
        return AUDYN_TOO_LARGE;
    }
    const audyn_archive_plan_t *plan = segment->stream->plan;
    if (plan) {
        char name[AUDYN_LAYOUT_PATH];
        plan->place(plan->context, segment->position, &segment->end, name);
        return audyn_segment_number_base(chain, folder, name, segment->base);
    }
    return audyn_segment_choose_base(chain, &settings->layout, &rate, folder,
                                     segment->position, segment->base);
}

// TAI − UTC by the list that names are made by, so that recorders agree.
static int64_t
tai_offset_s(const audyn_segment_t *segment)
{
    const audyn_layout_t *layout = &audyn_archive_settings(segment->archive)->layout;
    const audyn_media_rate_t rate = audyn_input_media_rate(&segment->stream->format);
    const int64_t tai_s =
        audyn_media_tai_ns(segment->position, &rate) / AUDYN_NS_PER_SECOND;
    bool leap;
    return tai_s - audyn_leap_seconds_to_utc(&layout->leap_seconds, tai_s, &leap);
}

static void
begin_file(audyn_segment_t *segment, audyn_segment_file_t *file)
{
    const audyn_input_format_t *format = &segment->stream->format;
    const audyn_sink_start_t start = {.position = segment->position,
                                      .tai_offset_s = tai_offset_s(segment),
                                      .rate_numerator = format->rate_numerator,
                                      .rate_denominator = format->rate_denominator,
                                      .sample_frames = segment->end - segment->position};
    file->created = true;
    audyn_file_sum_observe(&file->sum, file->growing.sink);
    audyn_growing_file_fail(&file->growing, audyn_sink_begin(file->growing.sink, &start));
}

static void
open_file(audyn_segment_t *segment, unsigned i)
{
    audyn_segment_file_t *file = &segment->files[i];
    char path[PATH_MAX];
    audyn_segment_path(segment->base, format_of(segment, i), path);
    const audyn_sink_config_t config =
        audyn_segment_sink_config(segment->archive, segment->stream, path);
    file->encoding = config.encoding;
    const audyn_status_t status =
        audyn_sink_open(&file->growing.sink, path, &config, NULL);
    if (status) {
        audyn_growing_file_fail(&file->growing, status);
        file->growing.completion = AUDYN_FILE_COMPLETE;
    } else {
        begin_file(segment, file);
    }
}

// A segment without one is recorded all the same.
static void
open_journal(audyn_segment_t *segment)
{
    const size_t root_length = strlen(audyn_archive_path(segment->archive));
    const audyn_archive_settings_t *settings = audyn_archive_settings(segment->archive);
    for (unsigned i = 0; i < settings->format_count; ++i) {
        char path[PATH_MAX];
        audyn_segment_path(segment->base, format_of(segment, i), path);
        segment->files[i].encoding =
            audyn_segment_sink_config(segment->archive, segment->stream, path).encoding;
    }
    audyn_entry_t outline;
    audyn_segment_outline(segment, &outline);
    segment->journal_status =
        audyn_journal_create(&segment->journal, audyn_archive_path(segment->archive),
                             segment->base + root_length + 1, &outline, &segment->error);
    audyn_entry_finish(&outline);
}

// Where they cannot be measured, the audio is recorded all the same.
static void
measure_levels(audyn_segment_t *segment)
{
    const audyn_levels_mode_t mode = audyn_archive_settings(segment->archive)->levels;
    const audyn_input_format_t *format = &segment->stream->format;
    if (mode != AUDYN_LEVELS_NONE) {
        audyn_levels_create(&segment->levels, mode, format->sample_rate,
                            format->channels);
    }
}

audyn_status_t
audyn_segment_create(audyn_segment_t **out, const audyn_archive_t *archive,
                     const audyn_archive_stream_t *stream, uint64_t position,
                     uint64_t end)
{
    *out = NULL;
    audyn_segment_t *segment = calloc(1, sizeof *segment);
    if (!segment) {
        return AUDYN_NO_MEMORY;
    }
    segment->archive = archive;
    segment->stream = stream;
    segment->position = position;
    segment->end = end;
    audyn_status_t status = audyn_loss_map_create(&segment->losses);
    if (!status) {
        status = audyn_checksum_create(&segment->audio);
    }
    if (!status) {
        status = choose_base(segment);
    }
    if (status) {
        audyn_segment_destroy(segment);
        return status;
    }
    open_journal(segment);
    measure_levels(segment);
    for (unsigned i = 0; i < audyn_archive_settings(archive)->format_count; ++i) {
        open_file(segment, i);
    }
    *out = segment;
    return AUDYN_OK;
}

void
audyn_segment_write(audyn_segment_t *segment, const float *samples,
                    uint64_t sample_frames)
{
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        audyn_growing_file_t *file = &segment->files[i].growing;
        if (!file->sink || file->status) {
            continue;
        }
        audyn_growing_file_fail(
            file, samples ? audyn_sink_write(file->sink, samples, (size_t)sample_frames)
                          : audyn_sink_write_silence(file->sink, sample_frames));
    }
    const audyn_input_format_t *format = &segment->stream->format;
    audyn_checksum_add_samples(segment->audio, audyn_sink_encoding("", format->bits),
                               samples, sample_frames * format->channels);
    if (segment->levels) {
        audyn_levels_add(segment->levels, samples, sample_frames);
    }
    segment->sample_frames += sample_frames;
}

void
audyn_segment_classify(audyn_segment_t *segment, const audyn_span_t *span)
{
    audyn_loss_map_add(segment->losses, span);
    segment->classified += span->sample_frames;
    if (segment->journal) {
        audyn_journal_classify(segment->journal, span);
    }
}

static bool
is_recorded(const audyn_segment_t *segment)
{
    bool recorded = segment->ended && !audyn_segment_is_to_repair(segment);
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        recorded = recorded && !segment->files[i].growing.sink;
    }
    return recorded;
}

bool
audyn_segment_flush(audyn_segment_t *segment, bool settled)
{
    bool needed = false;
    segment->flushed = segment->sample_frames;
    if (segment->journal) {
        audyn_journal_flush(segment->journal);
    }
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        audyn_growing_file_t *file = &segment->files[i].growing;
        if (file->sink) {
            needed |=
                audyn_growing_file_flush(file, true, segment->ended || file->status);
        }
    }
    if (segment->stage == AUDYN_SEGMENT_RECORDED && settled && segment->recorded &&
        segment->classified == segment->sample_frames) {
        segment->stage = AUDYN_SEGMENT_SUMMED;
    }
    return needed || audyn_segment_is_to_repair(segment) ||
           segment->stage == AUDYN_SEGMENT_SUMMED;
}

// True once all is summed up, or cannot be.
static bool
sum_up(audyn_segment_t *segment, unsigned i)
{
    audyn_segment_file_t *file = &segment->files[i];
    if (!file->created || file->summed) {
        return true;
    }
    char path[PATH_MAX];
    audyn_segment_path(segment->base, format_of(segment, i), path);
    const audyn_status_t status = audyn_file_sum_complete(
        &file->sum, path, !file->growing.status, SUMMED_AT_ONCE, &file->summed);
    if (status) {
        file->summed = true;
        segment->status = audyn_error_set(&segment->error, status,
                                          "%s cannot be read back for its checksum: %s",
                                          path, audyn_strerror(status));
    } else if (file->summed) {
        file->bytes = audyn_checksum_bytes(file->sum.checksum);
        audyn_checksum_end(file->sum.checksum, file->sha256);
    }
    return file->summed;
}

// Where it is the first of its recording: what lies behind the last one of the stream.
static audyn_status_t
find_hole(audyn_segment_t *segment)
{
    if (!segment->begins) {
        return AUDYN_OK;
    }
    uint64_t end = 0;
    const audyn_status_t status =
        (segment->hurries ? audyn_chain_end_before : audyn_chain_try_end_before)(
            audyn_archive_chain(segment->archive), segment->stream->name,
            &segment->stream->format, segment->position, &end);
    if (end && end < segment->position - segment->hole) {
        segment->hole = segment->position - end;
        segment->hole_class = "not_recorded";
    }
    return status;
}

// What can be said only once.
static audyn_status_t
make_entry(audyn_segment_t *segment, audyn_error_t *error)
{
    if (segment->entry) {
        return AUDYN_OK;
    }
    const audyn_status_t status = find_hole(segment);
    if (status) {
        return audyn_error_set(error, status, "the catalog cannot be read: %s",
                               audyn_strerror(status));
    }
    audyn_entry_t *entry = malloc(sizeof *entry);
    if (entry && audyn_segment_describe(segment, entry)) {
        free(entry);
        entry = NULL;
    }
    segment->entry = entry;
    return entry ? AUDYN_OK : audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory");
}

// The names of directories, which each file's own sync leaves out.
static audyn_status_t
link_directories(audyn_segment_t *segment)
{
    const size_t root = strlen(audyn_archive_path(segment->archive));
    const int cause =
        segment->linked ? 0 : audyn_directory_sync_below(segment->base, root);
    segment->linked = !cause;
    return audyn_status_from_errno(cause);
}

// False where it is to be tried again.
static bool
write_sidecar(audyn_segment_t *segment)
{
    const size_t root_length = strlen(audyn_archive_path(segment->archive));
    audyn_chain_t *chain = audyn_archive_chain(segment->archive);
    char path[PATH_MAX];
    audyn_segment_path(segment->base, "json", path);
    const char *below = path + root_length + 1;
    audyn_error_t error = {""};
    audyn_status_t status = make_entry(segment, &error);
    if (!status) {
        status = link_directories(segment);
        audyn_error_set(&error, status, "%s cannot be put on disk: %s", path,
                        audyn_strerror(status));
    }
    if (!status && segment->hurries) {
        status = audyn_chain_append(chain, segment->entry, below, &error);
    } else if (!status) {
        status = audyn_chain_try_append(chain, segment->entry, below, &error);
    }
    const bool gives_up = status && segment->hurries && ++segment->tries >= MOST_TRIES;
    if (gives_up && !segment->status) {
        segment->status = status;
        segment->error = error;
    }
    return !status || gives_up;
}

static void
describe(audyn_segment_t *segment)
{
    bool any = false;
    bool all = true;
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        any |= segment->files[i].created;
        all = all && sum_up(segment, i);
    }
    if (all && (!any || write_sidecar(segment))) {
        segment->stage = AUDYN_SEGMENT_DONE;
    }
    if (segment->stage == AUDYN_SEGMENT_DONE && segment->journal && !segment->status) {
        audyn_journal_remove(segment->journal);
        segment->journal = NULL;
    }
}

void
audyn_segment_explain_hole(audyn_segment_t *segment, const char *class, uint64_t began)
{
    segment->hole_class = class;
    if (segment->journal) {
        audyn_journal_note_hole(segment->journal, class, began);
    }
}

void
audyn_segment_sync_journal(audyn_segment_t *segment)
{
    if (!segment->journal) {
        return;
    }
    segment->journal_status = audyn_journal_sync(segment->journal);
    if (segment->journal_status && !segment->status) {
        audyn_error_set(&segment->error, segment->journal_status,
                        "the journal of %s cannot be put on disk: %s", segment->base,
                        audyn_strerror(segment->journal_status));
    }
}

void
audyn_segment_sync(audyn_segment_t *segment)
{
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        audyn_growing_file_sync(&segment->files[i].growing);
    }
    link_directories(segment); // if that fails, it is tried again
    audyn_segment_repair(segment);
    if (segment->stage == AUDYN_SEGMENT_SUMMED) {
        describe(segment);
    }
}

bool
audyn_segment_commit(audyn_segment_t *segment)
{
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        audyn_segment_file_t *file = &segment->files[i];
        if (!file->growing.sink) {
            continue;
        }
        audyn_growing_file_commit(&file->growing);
        if (file->growing.completion == AUDYN_FILE_COMPLETE) {
            file->sample_frames = audyn_sink_sample_frames(file->growing.sink);
            audyn_growing_file_fail(&file->growing, audyn_sink_close(file->growing.sink));
            file->growing.sink = NULL;
        }
    }
    if (!audyn_segment_status(segment)) {
        segment->synced = segment->flushed;
    }
    const bool was_recorded = segment->recorded;
    segment->recorded = is_recorded(segment);
    return segment->recorded && !was_recorded;
}

audyn_status_t
audyn_segment_status(const audyn_segment_t *segment)
{
    audyn_status_t status = segment->status;
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        status = status ? status : segment->files[i].growing.status;
    }
    return status;
}

void
audyn_segment_destroy(audyn_segment_t *segment)
{
    if (!segment) {
        return;
    }
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        audyn_sink_close(segment->files[i].growing.sink);
        audyn_file_sum_finish(&segment->files[i].sum);
    }
    if (segment->entry) {
        audyn_entry_finish(segment->entry);
        free(segment->entry);
    }
    audyn_checksum_destroy(segment->audio);
    audyn_journal_close(segment->journal);
    audyn_levels_destroy(segment->levels);
    audyn_loss_map_destroy(segment->losses);
    free(segment);
}
