// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/archive_range.h"

#include "core/clock.h"
#include "core/time_zone.h"

#include <stdio.h>
#include <string.h>

bool
audyn_archive_range_read(audyn_archive_range_t *range, int option)
{
    switch (option) {
    case AUDYN_OPTION_STREAM:
        range->stream = optarg;
        return true;
    case AUDYN_OPTION_FROM:
        range->from = optarg;
        return true;
    case AUDYN_OPTION_TO:
        range->to = optarg;
        return true;
    case AUDYN_OPTION_TZ:
        range->zone = optarg;
        return true;
    default:
        return false;
    }
}

audyn_status_t
audyn_archive_range_require(const audyn_archive_range_t *range, audyn_error_t *error)
{
    return range->stream && range->from && range->to
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID,
                                 "say of which stream, from when and until when: "
                                 "--stream S --from TIME --to TIME");
}

audyn_status_t
audyn_archive_range_moment(const audyn_archive_range_t *range, const char *text,
                           audyn_moment_text_t *moment, audyn_error_t *error)
{
    *moment = (audyn_moment_text_t){0};
    const audyn_status_t status =
        range->zone ? audyn_time_zone_check(range->zone, error) : AUDYN_OK;
    if (status || !text) {
        return status;
    }
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    return audyn_time_text_parse(moment, text, range->zone, &leap_seconds, error);
}

audyn_status_t
audyn_archive_range_moments(const audyn_archive_range_t *range, audyn_moment_text_t *from,
                            audyn_moment_text_t *to, audyn_error_t *error)
{
    audyn_status_t status = audyn_archive_range_moment(range, range->from, from, error);
    if (!status) {
        status = audyn_archive_range_moment(range, range->to, to, error);
    }
    const bool comparable =
        range->from && range->to && from->is_position == to->is_position;
    if (status || !comparable) {
        return status;
    }
    const bool in_order =
        from->is_position ? from->position < to->position : from->tai_ns < to->tai_ns;
    return in_order ? AUDYN_OK
                    : audyn_error_set(error, AUDYN_INVALID,
                                      "from %s to %s there is no sample: --to is to come "
                                      "after --from",
                                      range->from, range->to);
}

struct search {
    const char *name;
    audyn_archive_stretch_t *stretch;
    bool found;
    char others[256]; // the names that there are
};

static bool
look_at(void *context, const audyn_catalog_stream_t *stream)
{
    struct search *search = (struct search *)context;
    search->found = !strcmp(stream->name, search->name);
    if (search->found) {
        audyn_archive_stretch_t *stretch = search->stretch;
        *stretch = (audyn_archive_stretch_t){.format = stream->format,
                                             .first_ns = stream->first_ns,
                                             .end_ns = stream->end_ns};
        snprintf(stretch->name, sizeof stretch->name, "%s", stream->name);
        return false;
    }
    const size_t used = strlen(search->others);
    snprintf(search->others + used, sizeof search->others - used, "%s%s",
             used ? ", " : "", stream->name);
    return true;
}

static audyn_status_t
find_stream(audyn_archive_stretch_t *stretch, audyn_catalog_t *catalog, const char *name,
            audyn_error_t *error)
{
    struct search search = {.name = name, .stretch = stretch};
    const audyn_status_t status = audyn_catalog_streams(catalog, look_at, &search);
    if (status) {
        return audyn_error_set(error, status, "the catalog cannot be read: %s",
                               audyn_strerror(status));
    }
    return search.found
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_NOT_FOUND,
                                 "the archive has no stream %s; there %s%s", name,
                                 *search.others ? "are: " : "is none", search.others);
}

// The first sample that is not before `text`, or that time where it is NULL.
static audyn_status_t
find_moment(audyn_moment_t *moment, const char *text, int64_t otherwise_ns,
            const audyn_archive_range_t *range, const audyn_archive_stretch_t *stretch,
            audyn_error_t *error)
{
    audyn_moment_text_t read;
    const audyn_status_t status = audyn_archive_range_moment(range, text, &read, error);
    if (status) {
        return status;
    }
    read.tai_ns = text ? read.tai_ns : otherwise_ns;
    const audyn_media_rate_t rate = audyn_input_media_rate(&stretch->format);
    uint64_t position = read.position;
    if (!read.is_position) {
        position = audyn_media_position(read.tai_ns, &rate);
        position += audyn_media_tai_ns(position, &rate) < read.tai_ns;
    }
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    *moment = audyn_entry_moment(&leap_seconds, &stretch->format, position);
    return AUDYN_OK;
}

audyn_status_t
audyn_archive_range_find(audyn_archive_stretch_t *stretch, audyn_catalog_t *catalog,
                         const audyn_archive_range_t *range, audyn_error_t *error)
{
    audyn_status_t status = find_stream(stretch, catalog, range->stream, error);
    if (!status) {
        status = find_moment(&stretch->from, range->from, stretch->first_ns, range,
                             stretch, error);
    }
    if (!status) {
        status =
            find_moment(&stretch->to, range->to, stretch->end_ns, range, stretch, error);
    }
    if (!status && stretch->to.position <= stretch->from.position) {
        status =
            audyn_error_set(error, AUDYN_INVALID,
                            "from %s to %s there is no sample: --to is to come after "
                            "--from",
                            stretch->from.utc, stretch->to.utc);
    }
    return status;
}
