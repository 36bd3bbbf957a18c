// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/overview.h"

#include "core/clock.h"

#include <stdlib.h>
#include <string.h>

#define HOUR_NS (3600 * AUDYN_NS_PER_SECOND)
#define DAY_S 86400

struct work {
    audyn_overview_t *overview;
    audyn_media_rate_t rate;
    int64_t from_ns, to_ns;
    int64_t end_ns; // of the segment before; 0: there is none
};

int64_t
audyn_overview_midnight(const audyn_layout_t *days, int64_t tai_ns)
{
    const int64_t tai_s = tai_ns / AUDYN_NS_PER_SECOND;
    // Longer ago than any day is long.
    int64_t midnight_s = audyn_layout_next_cut(days, tai_s - 2 * DAY_S);
    for (int64_t next_s = midnight_s; next_s <= tai_s;) {
        midnight_s = next_s;
        next_s = audyn_layout_next_cut(days, midnight_s);
    }
    return midnight_s * AUDYN_NS_PER_SECOND;
}

// The part of a stretch of time that lies in another one; empty: 0 or less.
static int64_t
common_ns(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to)
{
    return (a_to < b_to ? a_to : b_to) - (a_from > b_from ? a_from : b_from);
}

static void
add_to_hours(audyn_overview_day_t *day, int64_t from_ns, int64_t to_ns, int sign)
{
    for (int hour = 0; hour < AUDYN_OVERVIEW_HOURS; ++hour) {
        const int64_t begins_ns = day->midnight_ns + hour * HOUR_NS;
        const int64_t part_ns = common_ns(from_ns, to_ns, begins_ns, begins_ns + HOUR_NS);
        day->hours_ns[hour] += part_ns > 0 ? sign * part_ns : 0;
    }
}

static void
add_recorded(audyn_overview_day_t *day, int64_t from_ns, int64_t to_ns)
{
    day->recorded_ns += to_ns - from_ns;
    add_to_hours(day, from_ns, to_ns, 1);
}

static void
add_lost(audyn_overview_day_t *day, int64_t from_ns, int64_t to_ns)
{
    day->recorded_ns -= to_ns - from_ns;
    day->lost_ns += to_ns - from_ns;
    ++day->losses;
    add_to_hours(day, from_ns, to_ns, -1);
}

static void
add_hole(audyn_overview_day_t *day, int64_t from_ns, int64_t to_ns)
{
    day->hole_ns += to_ns - from_ns;
    ++day->holes;
    if (to_ns - from_ns > day->longest_hole_ns) {
        day->longest_hole_ns = to_ns - from_ns;
        day->longest_hole_from_ns = from_ns;
    }
}

// The first day that ends after this moment.
static size_t
find_day(const audyn_overview_t *overview, int64_t tai_ns)
{
    size_t low = 0;
    size_t high = overview->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (overview->days[middle].to_ns <= tai_ns) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// Has each day take its part.
static void
share(const struct work *work, int64_t from_ns, int64_t to_ns,
      void (*add)(audyn_overview_day_t *day, int64_t from_ns, int64_t to_ns))
{
    const audyn_overview_t *overview = work->overview;
    for (size_t i = find_day(overview, from_ns); i < overview->count; ++i) {
        audyn_overview_day_t *day = &overview->days[i];
        const int64_t from = from_ns > day->from_ns ? from_ns : day->from_ns;
        const int64_t to = to_ns < day->to_ns ? to_ns : day->to_ns;
        if (from >= to) {
            return;
        }
        add(day, from, to);
    }
}

static bool
add_segment(void *context, const audyn_catalog_segment_t *segment)
{
    struct work *work = (struct work *)context;
    // Before the first one, the range may have nothing.
    const int64_t end_ns = work->end_ns ? work->end_ns : work->from_ns;
    if (segment->first_ns > end_ns) {
        share(work, end_ns, segment->first_ns, add_hole);
    }
    const int64_t from_ns = segment->first_ns > end_ns ? segment->first_ns : end_ns;
    if (segment->end_ns > from_ns) {
        share(work, from_ns, segment->end_ns, add_recorded);
        work->end_ns = segment->end_ns;
    }
    return true;
}

static bool
add_span(void *context, const audyn_catalog_span_t *span)
{
    const struct work *work = (const struct work *)context;
    // What a further leg brought is not missing.
    if (strncmp(span->class, "received", strlen("received")) != 0) {
        share(work, audyn_media_tai_ns(span->position, &work->rate),
              audyn_media_tai_ns(span->position + span->sample_frames, &work->rate),
              add_lost);
    }
    return true;
}

static audyn_status_t
make_days(struct work *work, const audyn_layout_t *days)
{
    audyn_overview_t *overview = work->overview;
    int64_t midnight_ns = audyn_overview_midnight(days, work->from_ns);
    size_t room = 0;
    while (midnight_ns < work->to_ns) {
        if (overview->count == room) {
            room = room ? 2 * room : 8;
            audyn_overview_day_t *more = reallocarray(overview->days, room, sizeof *more);
            if (!more) {
                return AUDYN_NO_MEMORY;
            }
            overview->days = more;
        }
        const int64_t next_ns =
            audyn_layout_next_cut(days, midnight_ns / AUDYN_NS_PER_SECOND) *
            AUDYN_NS_PER_SECOND;
        overview->days[overview->count++] = (audyn_overview_day_t){
            .midnight_ns = midnight_ns,
            .from_ns = midnight_ns > work->from_ns ? midnight_ns : work->from_ns,
            .to_ns = next_ns < work->to_ns ? next_ns : work->to_ns,
        };
        midnight_ns = next_ns;
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_overview_make(audyn_overview_t *overview, audyn_catalog_t *catalog,
                    const audyn_catalog_stream_t *stream, const audyn_layout_t *days,
                    int64_t from_ns, int64_t to_ns)
{
    *overview = (audyn_overview_t){0};
    struct work work = {
        .overview = overview,
        .rate = audyn_input_media_rate(&stream->format),
        .from_ns = from_ns,
        .to_ns = to_ns,
    };
    const audyn_catalog_range_t range = {true, from_ns, to_ns};
    audyn_status_t status = make_days(&work, days);
    if (!status) {
        status =
            audyn_catalog_segments(catalog, stream->name, &range, add_segment, &work);
    }
    // Behind the last one, there may be a hole until the next.
    const int64_t end_ns = work.end_ns ? work.end_ns : from_ns;
    if (!status && end_ns < to_ns) {
        share(&work, end_ns, to_ns, add_hole);
    }
    if (!status) {
        status = audyn_catalog_spans(catalog, stream->name, &range, add_span, &work);
    }
    if (status) {
        free(overview->days);
        *overview = (audyn_overview_t){0};
    }
    return status;
}

bool
audyn_overview_day_is_whole(const audyn_overview_day_t *day)
{
    return day->recorded_ns == day->to_ns - day->from_ns;
}
