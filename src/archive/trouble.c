// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/trouble.h"

#include "core/directory.h"

#define RETRY_SECONDS 10

// How often somebody looks for room; and so much on disk tells that it is over.
#define LOOK_SECONDS 1

// Room for so much, as floating-point numbers in each format: where there is just none
// left, files must not begin and end many times a minute.
#define ROOM_SECONDS 10

static uint64_t
seconds(const audyn_trouble_t *trouble, unsigned count)
{
    return (uint64_t)count * trouble->stream->format.sample_rate;
}

static unsigned
format_count(const audyn_trouble_t *trouble)
{
    return audyn_archive_settings(trouble->archive)->format_count;
}

const char *
audyn_trouble_class(audyn_status_t status)
{
    return status == AUDYN_NO_SPACE ? "disk_full" : "io_error";
}

static void
tell(const audyn_trouble_t *trouble, const audyn_archive_event_t *event)
{
    if (trouble->stream->tell) {
        trouble->stream->tell(trouble->stream->context, event);
    }
}

static const char *
advice(audyn_status_t status)
{
    switch (status) {
    case AUDYN_NO_SPACE:
        return "make room on the disk; all formats go on by themselves once there is";
    case AUDYN_NO_RESOURCES:
        return "raise `ulimit -n`; new files are tried, at most every 10 s";
    case AUDYN_DENIED:
        return "see who may write there, and whether it is mounted for that (mount, "
               "dmesg); new files are tried, at most every 10 s";
    default:
        return "look after the disk (dmesg, smartctl); new files are tried, at most "
               "every "
               "10 s";
    }
}

static void
try_later(audyn_trouble_t *trouble, unsigned format, uint64_t position)
{
    uint64_t due = position;
    if (trouble->status == AUDYN_NO_SPACE) {
        due += seconds(trouble, LOOK_SECONDS);
    }
    if (trouble->formats[format].tried) {
        const uint64_t least =
            trouble->formats[format].tried_at + seconds(trouble, RETRY_SECONDS);
        due = due > least ? due : least;
    }
    const bool sooner = audyn_trouble_goes_on(trouble) && trouble->due < due;
    trouble->due = sooner ? trouble->due : due;
    trouble->formats[format].failing = true;
}

static void
fail_format(audyn_trouble_t *trouble, unsigned format, audyn_status_t status,
            uint64_t position)
{
    trouble->active = true;
    trouble->status = status;
    trouble->last = position > trouble->last ? position : trouble->last;
    trouble->formats[format].told = true;
}

void
audyn_trouble_note(audyn_trouble_t *trouble, const audyn_file_failure_t *failure)
{
    const audyn_status_t status = failure->status;
    const bool told =
        trouble->formats[failure->format].told && (!failure->alone || trouble->told_all);
    trouble->told_all |= failure->alone;
    fail_format(trouble, failure->format, status, failure->position);
    if (failure->open) {
        try_later(trouble, failure->format, failure->position);
    }
    audyn_error_t error;
    audyn_error_set(&error, status,
                    "%s cannot be written any more: %s; what it has is kept%s; %s",
                    failure->path, audyn_strerror(status),
                    failure->alone  ? ", and nothing more is recorded for the time being"
                    : failure->open ? ", and the other formats go on"
                                    : "",
                    advice(status));
    tell(trouble, &(audyn_archive_event_t){.kind = AUDYN_ARCHIVE_FILE_FAILED,
                                           .text = told ? NULL : error.text,
                                           .path = failure->path,
                                           .status = status,
                                           .class = audyn_trouble_class(status),
                                           .position = failure->position,
                                           .recording = !failure->alone});
}

void
audyn_trouble_note_all(audyn_trouble_t *trouble, audyn_status_t status, uint64_t position)
{
    for (unsigned i = 0; i < format_count(trouble); ++i) {
        fail_format(trouble, i, status, position);
        try_later(trouble, i, position);
    }
    audyn_error_t error;
    audyn_error_set(&error, status,
                    "no file can be begun in %s/%s: %s; nothing is recorded for the time "
                    "being; %s",
                    audyn_archive_path(trouble->archive), trouble->stream->name,
                    audyn_strerror(status), advice(status));
    if (!trouble->told_all) {
        trouble->told_all = true;
        tell(trouble, &(audyn_archive_event_t){.kind = AUDYN_ARCHIVE_NO_FILE,
                                               .text = error.text,
                                               .status = status,
                                               .class = audyn_trouble_class(status),
                                               .position = position});
    }
}

void
audyn_trouble_note_journal(audyn_trouble_t *trouble, audyn_status_t status,
                           const char *what, uint64_t position)
{
    if (trouble->told_journal || trouble->active) {
        return;
    }
    trouble->told_journal = true;
    audyn_error_t error;
    audyn_error_set(&error, status,
                    "%s; recording goes on, but after a crash there may be no sidecar "
                    "until audyn recover; look after the disk (dmesg, smartctl)",
                    what);
    tell(trouble, &(audyn_archive_event_t){.kind = AUDYN_ARCHIVE_JOURNAL_FAILED,
                                           .text = error.text,
                                           .status = status,
                                           .class = audyn_trouble_class(status),
                                           .position = position});
}

static bool
has_room(const audyn_trouble_t *trouble)
{
    const uint64_t samples =
        seconds(trouble, ROOM_SECONDS) * trouble->stream->format.channels;
    return audyn_directory_room(audyn_archive_path(trouble->archive)) >=
           samples * sizeof(float) * format_count(trouble);
}

bool
audyn_trouble_is_due(audyn_trouble_t *trouble, uint64_t position)
{
    if (!audyn_trouble_goes_on(trouble) || position < trouble->due) {
        return false;
    }
    if (trouble->status == AUDYN_NO_SPACE && !has_room(trouble)) {
        trouble->due = position + seconds(trouble, LOOK_SECONDS);
        return false;
    }
    return true;
}

void
audyn_trouble_tried(audyn_trouble_t *trouble, uint64_t position)
{
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        if (trouble->formats[i].failing) {
            trouble->formats[i].failing = false;
            trouble->formats[i].tried = true;
            trouble->formats[i].tried_at = position;
        }
    }
}

bool
audyn_trouble_goes_on(const audyn_trouble_t *trouble)
{
    bool failing = false;
    for (unsigned i = 0; i < format_count(trouble); ++i) {
        failing |= trouble->formats[i].failing;
    }
    return failing;
}

bool
audyn_trouble_is_total(const audyn_trouble_t *trouble)
{
    bool failing = true;
    for (unsigned i = 0; i < format_count(trouble); ++i) {
        failing = failing && trouble->formats[i].failing;
    }
    return failing;
}

static uint64_t
last_turn(const audyn_trouble_t *trouble)
{
    uint64_t last = trouble->last;
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        const uint64_t at = trouble->formats[i].tried_at;
        last = at > last ? at : last;
    }
    return last;
}

void
audyn_trouble_look(audyn_trouble_t *trouble, uint64_t position, bool ended)
{
    const uint64_t least =
        last_turn(trouble) + (ended ? 0 : seconds(trouble, LOOK_SECONDS));
    if (!trouble->active || audyn_trouble_goes_on(trouble) || position < least) {
        return;
    }
    audyn_error_t error;
    audyn_error_set(&error, AUDYN_OK,
                    "all formats of %s are recorded again; %.3f s are in no file",
                    trouble->stream->name,
                    (double)trouble->missing / trouble->stream->format.sample_rate);
    tell(trouble, &(audyn_archive_event_t){.kind = AUDYN_ARCHIVE_RESUMED,
                                           .text = error.text,
                                           .class = audyn_trouble_class(trouble->status),
                                           .position = last_turn(trouble),
                                           .sample_frames = trouble->missing});
    trouble->active = false;
    trouble->missing = 0;
    trouble->told_all = false;
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        trouble->formats[i].told = false;
    }
}
