// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// When they were recorded, and of which stream, follows from their own metadata
// (sink/bext.h, sink/comments.h) and their folder.

#include "archive/recover/recover_stray.h"

#include "archive/recover/recover_file.h"
#include "archive/recover/recover_segment.h"
#include "sink/sink.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// More than an interrupted recorder leaves behind the last whole frame, unless the disk
// was very slow.
#define MOST_CUT (UINT64_C(4) << 20)

#define SECONDS_TEXT 19 // of "2026-11-22T14:00:00"

static void
cannot(const audyn_recovery_t *recovery, const char *path, const char *why)
{
    recover_tell(recovery, (audyn_recovered_t){.kind = AUDYN_NOT_RECOVERED, .path = path},
                 "%s has no sidecar: %s", path, why);
}

// FLAC and Opus files do not tell the media clock's rate, but the date that follows from
// it.
static bool
is_date_right(const audyn_recovered_file_t *found)
{
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    const audyn_input_format_t format = {.sample_rate = found->sample_rate};
    const audyn_moment_t moment =
        audyn_entry_moment(&leap_seconds, &format, found->position);
    return !*found->date || !strncmp(moment.utc, found->date, SECONDS_TEXT);
}

// The first one says what the others have to agree with.
static bool
agrees(const audyn_entry_t *entry, const audyn_recovered_file_t *found)
{
    const audyn_entry_segment_t *segment = &entry->segment;
    return !segment->file_count || (segment->first.position == found->position &&
                                    entry->format.channels == found->channels);
}

static void
describe(audyn_entry_t *entry, const char *name, const char *format,
         const audyn_recovered_file_t *found)
{
    audyn_entry_segment_t *segment = &entry->segment;
    audyn_input_format_t *stream = &entry->format;
    if (!segment->file_count) {
        *stream = (audyn_input_format_t){.sample_rate = found->sample_rate,
                                         .channels = found->channels,
                                         .rate_numerator = found->rate_numerator,
                                         .rate_denominator = found->rate_denominator};
        segment->first.position = found->position;
    }
    stream->bits = found->bits > stream->bits ? found->bits : stream->bits;
    audyn_entry_file_t *file = &segment->files[segment->file_count++];
    snprintf(file->path, sizeof file->path, "%s.%s", name, format);
    snprintf(file->format, sizeof file->format, "%s", format);
    snprintf(file->encoding, sizeof file->encoding, "%s",
             audyn_sink_encoding_name(file->path, audyn_sink_encoding("", found->bits)));
}

static const char *const formats[] = {"wav", "flac", "opus"};

#define FORMATS (sizeof formats / sizeof *formats)

// False where it is there.
static bool
remove_empty(const audyn_recovery_t *recovery, const char *path)
{
    char full[PATH_MAX];
    recover_path(recovery, path, full);
    struct stat about;
    if (lstat(full, &about)) {
        return true;
    }
    if (!S_ISREG(about.st_mode) || about.st_size || unlink(full)) {
        return false;
    }
    recover_tell(recovery,
                 (audyn_recovered_t){.kind = AUDYN_RECOVERED_NOTHING, .path = path},
                 "%s: removed; it is empty", path);
    return true;
}

// It is audio of a segment that nothing was told of yet.
static bool
is_untold(const audyn_recovery_t *recovery, const char *path)
{
    const char *ending = strrchr(path, '.');
    bool is_audio = false;
    for (size_t i = 0; ending && i < FORMATS; ++i) {
        is_audio |= !strcmp(ending + 1, formats[i]);
    }
    char sidecar[PATH_MAX];
    char full[PATH_MAX];
    snprintf(sidecar, sizeof sidecar, "%.*s.json", is_audio ? (int)(ending - path) : 0,
             path);
    recover_path(recovery, sidecar, full);
    return is_audio && access(full, F_OK);
}

// Layouts have names in the order of time.
void
recover_begun(const audyn_recovery_t *recovery, const char *base)
{
    const char *slash = strrchr(base, '/');
    const char *name = slash ? slash + 1 : base;
    const int folder = (int)(name - base);
    char path[PATH_MAX];
    char full[PATH_MAX];
    snprintf(path, sizeof path, "%.*s", folder, base);
    recover_path(recovery, path, full);
    DIR *files = opendir(full);
    for (const struct dirent *file; files && (file = readdir(files));) {
        snprintf(path, sizeof path, "%.*s%s", folder, base, file->d_name);
        if (strcmp(file->d_name, name) > 0 && is_untold(recovery, path)) {
            remove_empty(recovery, path);
        }
    }
    if (files) {
        closedir(files);
    }
}

static void
look_at(const audyn_recovery_t *recovery, const char *base, const char *format,
        audyn_entry_t *entry)
{
    char path[PATH_MAX];
    char full[PATH_MAX];
    snprintf(path, sizeof path, "%s.%s", base, format);
    recover_path(recovery, path, full);
    audyn_recovered_file_t found;
    audyn_error_t error = {""};
    const audyn_recover_limits_t limits = {.most_cut = MOST_CUT};
    if (remove_empty(recovery, path)) {
        return;
    }
    if (audyn_recover_file(full, &limits, &found, &error)) {
        cannot(recovery, path, error.text);
    } else if (!found.sample_frames) {
        cannot(recovery, path, "it has no samples; remove it");
    } else if (!found.has_position) {
        cannot(recovery, path, "it does not say which sample its first one is");
    } else if (strcmp(format, "wav") != 0 && !entry->segment.file_count &&
               !is_date_right(&found)) {
        cannot(recovery, path, "it does not tell the rate of its media clock");
    } else if (!agrees(entry, &found)) {
        cannot(recovery, path, "it is not of the same moment as the others of its name");
    } else {
        describe(entry, strrchr(base, '/') + 1, format, &found);
    }
}

void
recover_stray(const audyn_recovery_t *recovery, const char *base)
{
    char stream[AUDYN_ENTRY_NAME];
    snprintf(stream, sizeof stream, "%.*s", (int)strcspn(base, "/"), base);
    audyn_entry_t entry;
    audyn_entry_init(&entry, AUDYN_ENTRY_SEGMENT, stream,
                     &(audyn_input_format_t){.bits = 0});
    for (size_t i = 0; i < FORMATS; ++i) {
        look_at(recovery, base, formats[i], &entry);
    }
    if (entry.segment.file_count) {
        entry.format.bits = entry.format.bits ? entry.format.bits : 32;
        strcpy(entry.segment.audio_encoding,
               audyn_entry_audio_encoding(entry.format.bits));
        audyn_error_t error = {""};
        recover_segment_t segment = {.recovery = recovery,
                                     .base = base,
                                     .entry = &entry,
                                     .classified = entry.segment.first.position,
                                     .limits = {.most_cut = MOST_CUT}};
        if (recover_segment(&segment, &error)) {
            cannot(recovery, base, error.text);
        }
    }
    audyn_entry_finish(&entry);
}
