// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/export/export.h"

#include "archive/export/export_flac.h"
#include "archive/export/export_source.h"
#include "archive/journal.h"
#include "archive/outside.h"
#include "core/directory.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define STEP_BYTES (8U * 1024 * 1024) // that are copied at once

struct audyn_export {
    audyn_export_config_t config;
    audyn_export_plan_t plan;
    audyn_export_source_t *source;
    audyn_encoding_t encoding;
    audyn_sink_t *sink;
    char part[PATH_MAX]; // what the file is called until it is complete
    uint64_t position;   // of the next sample
    export_flac_t *flac; // while frames are copied instead of going through the sink
    audyn_export_used_t *used;
    size_t used_count, used_room;
};

static audyn_status_t
no_memory(audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory for the export");
}

// Nothing but a recording may come to lie among the archive's own files.
static audyn_status_t
check_place(const audyn_export_config_t *config, audyn_error_t *error)
{
    const audyn_status_t status =
        audyn_archive_check_outside(config->archive, config->path, error);
    if (status) {
        return status;
    }
    struct stat about;
    if (!lstat(config->path, &about) && !(config->force && S_ISREG(about.st_mode))) {
        return S_ISREG(about.st_mode) || S_ISLNK(about.st_mode)
                   ? audyn_error_set(error, AUDYN_EXISTS,
                                     "%s exists already and is kept; choose another "
                                     "name, or replace a file with --force",
                                     config->path)
                   : audyn_error_set(error, AUDYN_EXISTS,
                                     "%s is there already, and is no file; choose "
                                     "another name",
                                     config->path);
    }
    return AUDYN_OK;
}

// In the same directory, with the ending that chooses the format.
static audyn_status_t
name_part(audyn_export_t *export, audyn_error_t *error)
{
    const char *path = export->config.path;
    const char *slash = strrchr(path, '/');
    const int directory = slash ? (int)(slash + 1 - path) : 0;
    const int length = snprintf(export->part, sizeof export->part, "%.*s.audyn-%d.part%s",
                                directory, path, (int)gettid(),
                                path + strlen(path) - audyn_sink_ending_bytes(path));
    return length > 0 && (size_t)length < sizeof export->part
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_TOO_LARGE, "%s: the name is too long",
                                 path);
}

// As the first segment tells it.
static audyn_status_t
find_station(const audyn_export_t *export, char station[AUDYN_ENTRY_NAME])
{
    char path[PATH_MAX];
    char sha256[AUDYN_SHA256_TEXT];
    audyn_entry_t entry;
    snprintf(path, sizeof path, "%s/%s", export->config.archive,
             export->plan.segments[0].sidecar);
    *station = '\0';
    const audyn_status_t status = audyn_entry_read(&entry, path, sha256, NULL);
    if (!status) {
        snprintf(station, AUDYN_ENTRY_NAME, "%s", entry.station);
        audyn_entry_finish(&entry);
    }
    return status == AUDYN_NO_MEMORY ? status : AUDYN_OK;
}

// The sink knows the file by the name that it has for now.
static void
name_as_asked(const audyn_export_t *export, audyn_error_t *error)
{
    audyn_error_t said = *error;
    char *part = strstr(said.text, export->part);
    if (part) {
        *part = '\0';
        snprintf(error->text, sizeof error->text, "%s%s%s", said.text,
                 export->config.path, part + strlen(export->part));
    }
}

// The same metadata as the archive's own files have, so that an export of one whole
// segment is that file again.
static audyn_status_t
open_sink(audyn_export_t *export, audyn_error_t *error)
{
    const audyn_export_config_t *config = &export->config;
    const audyn_input_format_t *format = &export->plan.format;
    char station[AUDYN_ENTRY_NAME];
    if (find_station(export, station)) {
        return no_memory(error);
    }
    export->encoding = config->has_encoding
                           ? config->encoding
                           : audyn_sink_encoding(config->path, format->bits);
    const bool reduces = audyn_encoding_bytes(export->encoding) * 8 < format->bits;
    const audyn_sink_config_t sink = {
        .sample_rate = format->sample_rate,
        .channels = format->channels,
        .encoding = export->encoding,
        .dither = config->dither && reduces && export->encoding != AUDYN_FLOAT32,
        .codec = config->codec,
        .description = export->plan.stream,
        .station = *station ? station : NULL,
    };
    audyn_status_t status = audyn_sink_check(config->path, &sink, error);
    if (!status) {
        status = name_part(export, error);
    }
    if (!status) {
        status = audyn_sink_open(&export->sink, export->part, &sink, error);
        if (status && error) {
            name_as_asked(export, error);
        }
    }
    return status;
}

static audyn_status_t
begin(audyn_export_t *export, audyn_error_t *error)
{
    const audyn_input_format_t *format = &export->plan.format;
    const audyn_media_rate_t rate = audyn_input_media_rate(format);
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    const int64_t tai_s =
        audyn_media_tai_ns(export->plan.from, &rate) / AUDYN_NS_PER_SECOND;
    bool leap;
    const audyn_sink_start_t start = {
        .position = export->plan.from,
        .tai_offset_s = tai_s - audyn_leap_seconds_to_utc(&leap_seconds, tai_s, &leap),
        .rate_numerator = format->rate_numerator,
        .rate_denominator = format->rate_denominator,
    };
    const audyn_status_t status = audyn_sink_begin(export->sink, &start);
    return status ? audyn_error_set(error, status, "%s cannot be written: %s",
                                    export->config.path, audyn_strerror(status))
                  : AUDYN_OK;
}

// The first position of the segment of this journal; UINT64_MAX: of another stream.
static uint64_t
journal_position(const char *folder, const char *name, const char *stream)
{
    const size_t length = strlen(stream);
    char path[PATH_MAX];
    if (strncmp(name, stream, length) != 0 || name[length] != '-' ||
        snprintf(path, sizeof path, "%s/%s", folder, name) >= (int)sizeof path) {
        return UINT64_MAX;
    }
    audyn_journal_content_t journal;
    if (audyn_journal_read(path, &journal, NULL)) {
        return UINT64_MAX;
    }
    const uint64_t position = strcmp(journal.outline.stream, stream) != 0
                                  ? UINT64_MAX
                                  : journal.outline.segment.first.position;
    audyn_entry_finish(&journal.outline);
    return position;
}

static void
forget_used(audyn_export_t *export)
{
    for (size_t i = 0; i < export->used_count; ++i) {
        free(export->used[i].name);
    }
    export->used_count = 0;
}

// Whether the file may be made of frames as they are: FLAC of the same samples, without a
// hole; not one whole segment, whose frames keep their numbers.  Whether each segment has
// them is found out on the way.
static bool
may_copy_frames(const audyn_export_t *export)
{
    const char *ending = strrchr(export->config.path, '.');
    const audyn_export_plan_t *plan = &export->plan;
    const audyn_export_piece_t *first = plan->pieces;
    bool unbroken = plan->piece_count > 1 || first->segment == AUDYN_EXPORT_NO_SEGMENT ||
                    first->sample_frames < plan->segments[first->segment].sample_frames;
    for (size_t i = 0; i < plan->piece_count; ++i) {
        unbroken &= plan->pieces[i].segment != AUDYN_EXPORT_NO_SEGMENT;
    }
    return unbroken && !strcasecmp(ending, ".flac") &&
           8 * audyn_encoding_bytes(export->encoding) == plan->format.bits;
}

// The sink makes the file's head, to which frames are added.
static audyn_status_t
begin_flac(audyn_export_t *export)
{
    const audyn_status_t status = audyn_sink_close(export->sink);
    export->sink = NULL;
    return status ? status : export_flac_open(&export->flac, export->part);
}

// By way of the sink, from the beginning.
static audyn_status_t
begin_again(audyn_export_t *export, audyn_error_t *error)
{
    export_flac_close(export->flac);
    export->flac = NULL;
    unlink(export->part);
    forget_used(export);
    export->position = export->plan.from;
    const audyn_status_t status = open_sink(export, error);
    return status ? status : begin(export, error);
}

// A segment that is being recorded, or was when its recorder died, is in no catalog.
static void
tell_of_recording(const audyn_export_t *export)
{
    const audyn_export_config_t *config = &export->config;
    char path[PATH_MAX];
    if (snprintf(path, sizeof path, "%s/%s", config->archive, AUDYN_JOURNAL_FOLDER) >=
        (int)sizeof path) {
        return;
    }
    DIR *folder = opendir(path);
    uint64_t from = UINT64_MAX;
    for (const struct dirent *file; folder && (file = readdir(folder));) {
        const uint64_t position = journal_position(path, file->d_name, config->stream);
        from = position < from ? position : from;
    }
    if (folder) {
        closedir(folder);
    }
    if (from < export->plan.to) {
        char text[256];
        snprintf(text, sizeof text,
                 "what is recorded from position %" PRIu64 " on can be exported once its "
                 "segment is complete; after a crash, audyn recover completes it",
                 from);
        config->tell(config->context, text);
    }
}

static audyn_status_t
open_export(audyn_export_t *export, audyn_error_t *error)
{
    const audyn_export_config_t *config = &export->config;
    audyn_status_t status = check_place(config, error);
    if (!status) {
        status = audyn_export_plan_make(&export->plan, config->catalog, config->stream,
                                        &config->from, &config->to, error);
    }
    if (!status) {
        const audyn_export_source_config_t source = {
            .archive = config->archive,
            .catalog = config->catalog,
            .plan = &export->plan,
            .tell = config->tell,
            .context = config->context,
        };
        export->position = export->plan.from;
        tell_of_recording(export);
        status = audyn_export_source_create(&export->source, &source)
                     ? no_memory(error)
                     : open_sink(export, error);
    }
    if (!status) {
        status = begin(export, error);
    }
    if (!status && may_copy_frames(export) && begin_flac(export)) {
        status = begin_again(export, error);
    }
    return status;
}

audyn_status_t
audyn_export_open(audyn_export_t **out, const audyn_export_config_t *config,
                  audyn_error_t *error)
{
    *out = NULL;
    audyn_export_t *export = calloc(1, sizeof *export);
    if (!export) {
        return no_memory(error);
    }
    export->config = *config;
    const audyn_status_t status = open_export(export, error);
    if (status) {
        audyn_export_destroy(export);
        return status;
    }
    *out = export;
    return AUDYN_OK;
}

const audyn_export_plan_t *
audyn_export_plan(const audyn_export_t *export)
{
    return &export->plan;
}

audyn_encoding_t
audyn_export_encoding(const audyn_export_t *export)
{
    return export->encoding;
}

const audyn_export_used_t *
audyn_export_used(const audyn_export_t *export, size_t *count)
{
    *count = export->used_count;
    return export->used;
}

uint64_t
audyn_export_done(const audyn_export_t *export)
{
    return export->position - export->plan.from;
}

// False: out of memory.
static bool
note_used(audyn_export_t *export, const audyn_export_stretch_t *stretch)
{
    audyn_export_used_t *last =
        export->used_count ? &export->used[export->used_count - 1] : NULL;
    if (last && !strcmp(last->name, stretch->name) &&
        last->position + last->sample_frames == export->position) {
        last->sample_frames += stretch->sample_frames;
        return true;
    }
    if (export->used_count == export->used_room) {
        const size_t room = export->used_room ? 2 * export->used_room : 64;
        audyn_export_used_t *grown = realloc(export->used, room * sizeof *grown);
        if (!grown) {
            return false;
        }
        export->used = grown;
        export->used_room = room;
    }
    char *name = strdup(stretch->name);
    if (name) {
        export->used[export->used_count++] =
            (audyn_export_used_t){name, export->position, stretch->sample_frames};
    }
    return name;
}

static audyn_status_t
write_stretch(audyn_export_t *export, const audyn_export_stretch_t *stretch,
              audyn_error_t *error)
{
    audyn_status_t status;
    if (stretch->samples) {
        status = audyn_sink_write(export->sink, stretch->samples,
                                  (size_t)stretch->sample_frames);
    } else if (stretch->fd >= 0) {
        status = audyn_sink_copy(export->sink, stretch->fd, stretch->offset,
                                 stretch->sample_frames);
    } else {
        status = audyn_sink_write_silence(export->sink, stretch->sample_frames);
    }
    return status ? audyn_error_set(error, status, "%s cannot be written: %s",
                                    export->config.path, audyn_strerror(status))
                  : AUDYN_OK;
}

// The next samples of a piece.
static audyn_status_t
get_stretch(audyn_export_t *export, audyn_export_stretch_t *stretch, audyn_error_t *error)
{
    const audyn_export_piece_t *piece =
        audyn_export_plan_piece(&export->plan, export->position);
    const uint64_t left = piece->position + piece->sample_frames - export->position;
    const uint64_t step = STEP_BYTES / (export->plan.format.channels * sizeof(float)) + 1;
    const uint64_t count = left < step ? left : step;
    if (piece->segment == AUDYN_EXPORT_NO_SEGMENT) {
        *stretch = (audyn_export_stretch_t){.sample_frames = count, .fd = -1};
        return AUDYN_OK;
    }
    const bool copies = audyn_sink_can_copy(export->sink);
    const audyn_status_t status =
        audyn_export_source_get(export->source, piece->segment, export->position, count,
                                copies ? &export->encoding : NULL, stretch);
    return status == AUDYN_NO_MEMORY ? no_memory(error)
           : status ? audyn_error_set(error, status, "the catalog cannot be read: %s",
                                      audyn_strerror(status))
                    : AUDYN_OK;
}

// Frames of a segment, as they are.
static audyn_status_t
copy_frames(audyn_export_t *export)
{
    audyn_export_stretch_t stretch = {0};
    const audyn_export_piece_t *piece =
        audyn_export_plan_piece(&export->plan, export->position);
    const uint64_t start = export->plan.segments[piece->segment].position;
    const char *path =
        audyn_export_source_flac(export->source, piece->segment, &stretch.name);
    audyn_status_t status = path ? AUDYN_OK : AUDYN_NOT_FOUND;
    if (!status && export->position == piece->position) {
        status = export_flac_enter(export->flac, path, piece->position - start,
                                   piece->sample_frames);
    }
    if (!status) {
        status = export_flac_step(export->flac, &stretch.sample_frames);
    }
    if (!status && !note_used(export, &stretch)) {
        status = AUDYN_NO_MEMORY;
    }
    export->position += stretch.sample_frames;
    return status;
}

audyn_status_t
audyn_export_step(audyn_export_t *export, bool *more, audyn_error_t *error)
{
    *more = export->position < export->plan.to;
    if (!*more) {
        return AUDYN_OK;
    }
    if (export->flac) {
        // What frames alone cannot give, another file of the segment may.
        const audyn_status_t copied = copy_frames(export);
        *more = export->position < export->plan.to;
        *more |= copied != AUDYN_OK;
        return copied ? begin_again(export, error) : AUDYN_OK;
    }
    audyn_export_stretch_t stretch;
    audyn_status_t status = get_stretch(export, &stretch, error);
    if (!status && ((stretch.name && !note_used(export, &stretch)) ||
                    (stretch.class &&
                     !audyn_export_plan_miss(&export->plan, export->position,
                                             stretch.sample_frames, stretch.class)))) {
        status = no_memory(error);
    }
    if (!status) {
        status = write_stretch(export, &stretch, error);
    }
    export->position += stretch.sample_frames;
    *more = export->position < export->plan.to;
    return status;
}

// Never over a file that came there meanwhile, unless that is asked for.  Returns an
// errno value.
static int
place(const audyn_export_t *export)
{
    const char *path = export->config.path;
    if (!export->config.force) {
        if (!renameat2(AT_FDCWD, export->part, AT_FDCWD, path, RENAME_NOREPLACE)) {
            return 0;
        }
        const bool known = errno != EINVAL; // on this file system
        if (known || !access(path, F_OK)) {
            return known ? errno : EEXIST;
        }
    }
    return rename(export->part, path) ? errno : 0;
}

audyn_status_t
audyn_export_finish(audyn_export_t *export, audyn_error_t *error)
{
    audyn_export_plan_sort(&export->plan);
    audyn_sink_t *sink = export->sink;
    export->sink = NULL;
    const audyn_status_t status =
        export->flac ? export_flac_finish(export->flac) : audyn_sink_close(sink);
    export_flac_close(export->flac);
    export->flac = NULL;
    int cause = status ? 0 : place(export);
    if (status || cause) {
        unlink(export->part);
    } else {
        cause = audyn_directory_sync_for(export->config.path);
    }
    if (status || cause) {
        return audyn_error_set(error, status ? status : audyn_status_from_errno(cause),
                               "%s cannot be written: %s", export->config.path,
                               status ? audyn_strerror(status) : strerror(cause));
    }
    return AUDYN_OK;
}

void
audyn_export_destroy(audyn_export_t *export)
{
    if (!export) {
        return;
    }
    audyn_sink_discard(export->sink);
    if (export->flac) {
        export_flac_close(export->flac);
        unlink(export->part);
    }
    audyn_export_source_destroy(export->source);
    audyn_export_plan_finish(&export->plan);
    forget_used(export);
    free(export->used);
    free(export);
}
