// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/ls.h"

#include "core/clock.h"
#include "core/json_text.h"

#include <string.h>

static json_t *
seconds(int64_t ns)
{
    return json_real((double)ns / (double)AUDYN_NS_PER_SECOND);
}

static json_t *
day_json(const audyn_ls_stream_t *stream, const audyn_overview_day_t *day)
{
    char date[32];
    audyn_ls_time(date, stream->days, day->midnight_ns);
    date[strcspn(date, " ")] = '\0';
    return json_pack("{s:s, s:I, s:I, s:o, s:o, s:I, s:o, s:I}", "date", date,
                     "from_tai_ns", (json_int_t)day->from_ns, "to_tai_ns",
                     (json_int_t)day->to_ns, "recorded_s", seconds(day->recorded_ns),
                     "missing_s", seconds(day->lost_ns), "losses",
                     (json_int_t)day->losses, "holes_s", seconds(day->hole_ns), "holes",
                     (json_int_t)day->holes);
}

static json_t *
days_json(const audyn_ls_stream_t *stream)
{
    json_t *days = json_array();
    for (size_t i = 0; i < stream->overview.count; ++i) {
        json_array_append_new(days, day_json(stream, &stream->overview.days[i]));
    }
    return days;
}

static json_t *
missing_json(const audyn_catalog_totals_t *totals)
{
    json_t *missing = json_object();
    for (int i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        json_object_set_new(missing, audyn_sample_class_name((audyn_sample_class_t)i),
                            json_integer((json_int_t)totals->missing[i]));
    }
    json_object_set_new(missing, "unclassified",
                        json_integer((json_int_t)totals->unclassified));
    return missing;
}

static json_t *
sizes_json(const audyn_ls_stream_t *stream)
{
    json_t *sizes = json_object();
    for (unsigned i = 0; i < stream->size_count; ++i) {
        json_object_set_new(sizes, stream->sizes[i].format,
                            json_pack("{s:I, s:I}", "files",
                                      (json_int_t)stream->sizes[i].files, "bytes",
                                      (json_int_t)stream->sizes[i].bytes));
    }
    return sizes;
}

struct holds {
    const audyn_ls_stream_t *stream;
    json_t *array;
};

static bool
add_hold(void *context, const audyn_catalog_hold_t *hold)
{
    const struct holds *holds = (const struct holds *)context;
    char from[32];
    char to[32];
    audyn_ls_time(from, holds->stream->days, hold->from_ns);
    audyn_ls_time(to, holds->stream->days, hold->to_ns);
    json_array_append_new(
        holds->array,
        json_pack(
            "{s:I, s:I, s:I, s:s, s:s, s:o, s:o, s:o}", "hold",
            (json_int_t)hold->sequence, "from_position", (json_int_t)hold->from,
            "to_position", (json_int_t)hold->to, "from", from, "to", to, "why",
            audyn_json_text(hold->why), "by", audyn_json_text(hold->by), "released_by",
            hold->released ? json_integer((json_int_t)hold->released_by) : json_null()));
    return true;
}

json_t *
audyn_ls_json(const audyn_ls_stream_t *stream)
{
    const audyn_catalog_stream_t *about = stream->stream;
    struct holds holds = {stream, json_array()};
    if (audyn_catalog_holds(stream->catalog, about->name, add_hold, &holds)) {
        json_decref(holds.array);
        return NULL;
    }
    char first[32];
    char end[32];
    audyn_ls_time(first, stream->days, about->first_ns);
    audyn_ls_time(end, stream->days, about->end_ns);
    return json_pack(
        "{s:o, s:i, s:i, s:i, s:I, s:I, s:s, s:I, s:s, s:I, s:o, s:I, s:o, s:o, s:o, "
        "s:o}",
        "name", audyn_json_text(about->name), "sample_rate",
        (int)about->format.sample_rate, "channels", (int)about->format.channels, "bits",
        (int)about->format.bits, "segments", (json_int_t)about->segments, "first_tai_ns",
        (json_int_t)about->first_ns, "first", first, "end_tai_ns",
        (json_int_t)about->end_ns, "end", end, "sample_frames",
        (json_int_t)stream->totals.sample_frames, "missing",
        missing_json(&stream->totals), "holes", (json_int_t)stream->totals.holes,
        "holes_s", seconds(stream->totals.hole_ns), "files", sizes_json(stream), "holds",
        holds.array, "days", days_json(stream));
}
