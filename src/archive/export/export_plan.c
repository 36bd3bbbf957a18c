// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/export/export_plan.h"

#include "core/clock.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MOST_DAYS 400
#define MOST_NS (INT64_C(86400) * MOST_DAYS * AUDYN_NS_PER_SECOND)

/// What visitors of the catalog's rows fill.
struct search {
    audyn_export_plan_t *plan;
    const char *stream;
    audyn_catalog_stream_t found; // `name` NULL: it is not there
    char names[256];              // of all streams
    uint64_t changed;             // where the format does, between segments; 0: nowhere
    bool no_memory;
};

// Room for one more element behind `count`; false: out of memory.
static bool
grow(void *elements, size_t size, size_t count, size_t *room)
{
    if (count < *room) {
        return true;
    }
    const size_t more = *room ? 2 * *room : 64;
    void *grown = realloc(*(void **)elements, more * size);
    if (!grown) {
        return false;
    }
    *(void **)elements = grown;
    *room = more;
    return true;
}

static bool
visit_stream(void *context, const audyn_catalog_stream_t *stream)
{
    struct search *search = context;
    const size_t length = strlen(search->names);
    snprintf(search->names + length, sizeof search->names - length, "%s%s",
             length ? ", " : "", stream->name);
    if (!strcmp(stream->name, search->stream)) {
        search->found = *stream;
        search->found.name = search->stream;
    }
    return true;
}

static audyn_status_t
find_stream(struct search *search, audyn_catalog_t *catalog, audyn_error_t *error)
{
    const audyn_status_t status = audyn_catalog_streams(catalog, visit_stream, search);
    if (status) {
        return audyn_error_set(error, status, "the catalog cannot be read: %s",
                               audyn_strerror(status));
    }
    if (!search->found.name) {
        return audyn_error_set(error, AUDYN_NOT_FOUND,
                               "the archive has no stream '%s'; it has %s",
                               search->stream, *search->names ? search->names : "none");
    }
    return AUDYN_OK;
}

static bool
has_same_clock(const audyn_input_format_t *a, const audyn_input_format_t *b)
{
    return a->sample_rate == b->sample_rate && a->channels == b->channels &&
           a->rate_numerator == b->rate_numerator &&
           a->rate_denominator == b->rate_denominator;
}

static bool
visit_segment(void *context, const audyn_catalog_segment_t *segment)
{
    struct search *search = context;
    audyn_export_plan_t *plan = search->plan;
    if (!plan->segment_count) {
        plan->format = segment->format;
    } else if (!has_same_clock(&plan->format, &segment->format)) {
        search->changed = segment->position;
        return false;
    }
    if (segment->format.bits > plan->format.bits) {
        plan->format.bits = segment->format.bits;
    }
    char *sidecar = strdup(segment->path);
    search->no_memory = !sidecar || !grow(&plan->segments, sizeof *plan->segments,
                                          plan->segment_count, &plan->segment_room);
    if (search->no_memory) {
        free(sidecar);
        return false;
    }
    plan->segments[plan->segment_count++] = (audyn_export_segment_t){
        .sequence = segment->sequence,
        .position = segment->position,
        .sample_frames = segment->sample_frames,
        .bits = segment->format.bits,
        .sidecar = sidecar,
    };
    return true;
}

// As the catalog takes it, with room for a sample that begins in between.
static int64_t
ns_of(const audyn_moment_text_t *moment, const audyn_input_format_t *format)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(format);
    return moment->is_position ? audyn_media_tai_ns(moment->position, &rate)
                               : moment->tai_ns;
}

static uint64_t
position_of(const audyn_moment_text_t *moment, const audyn_input_format_t *format)
{
    const audyn_media_rate_t rate = audyn_input_media_rate(format);
    return moment->is_position ? moment->position
                               : audyn_media_first_position(moment->tai_ns, &rate);
}

static audyn_status_t
check_order(const struct search *search, const audyn_moment_text_t *from,
            const audyn_moment_text_t *to, audyn_error_t *error)
{
    const audyn_input_format_t *format = &search->found.format;
    const int64_t from_ns = ns_of(from, format);
    const int64_t to_ns = ns_of(to, format);
    if (from_ns >= to_ns) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "the end of what is to be exported is not behind its "
                               "beginning; --to is the first moment that is left out");
    }
    return to_ns - from_ns <= MOST_NS
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID,
                                 "an export has %d days at most; ask for fewer",
                                 MOST_DAYS);
}

static audyn_status_t
explain_nothing(const struct search *search, audyn_error_t *error)
{
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    const audyn_media_rate_t rate = audyn_input_media_rate(&search->found.format);
    const audyn_moment_t first =
        audyn_entry_moment(&leap_seconds, &search->found.format,
                           audyn_media_position(search->found.first_ns, &rate));
    const audyn_moment_t end =
        audyn_entry_moment(&leap_seconds, &search->found.format,
                           audyn_media_position(search->found.end_ns, &rate));
    if (!search->found.segments) {
        return audyn_error_set(error, AUDYN_NOT_FOUND,
                               "nothing of '%s' is in the archive", search->stream);
    }
    return audyn_error_set(error, AUDYN_NOT_FOUND,
                           "nothing of '%s' was recorded then, or its segment is not "
                           "complete yet; the archive has it from %s until %s",
                           search->stream, first.utc, end.utc);
}

static audyn_status_t
find_segments(struct search *search, audyn_catalog_t *catalog,
              const audyn_moment_text_t *from, const audyn_moment_text_t *to,
              audyn_error_t *error)
{
    const bool by_position = from->is_position && to->is_position;
    const audyn_input_format_t *format = &search->found.format;
    const audyn_catalog_range_t range = {
        .by_tai = !by_position,
        .from = by_position ? (int64_t)from->position : ns_of(from, format),
        .to = by_position ? (int64_t)to->position : ns_of(to, format),
    };
    const audyn_status_t status =
        audyn_catalog_segments(catalog, search->stream, &range, visit_segment, search);
    if (status || search->no_memory) {
        return audyn_error_set(error, status ? status : AUDYN_NO_MEMORY,
                               "the catalog cannot be read: %s",
                               audyn_strerror(status ? status : AUDYN_NO_MEMORY));
    }
    if (search->changed) {
        return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                               "the format of '%s' changes at position %" PRIu64
                               "; export what lies before and behind it one by one",
                               search->stream, search->changed);
    }
    return search->plan->segment_count ? AUDYN_OK : explain_nothing(search, error);
}

static int
compare_segments(const void *a, const void *b)
{
    const audyn_export_segment_t *one = a;
    const audyn_export_segment_t *other = b;
    return one->position != other->position ? (one->position > other->position) * 2 - 1
                                            : (one->sequence > other->sequence) * 2 - 1;
}

static uint64_t
end_of(const audyn_export_segment_t *segment)
{
    return segment->position + segment->sample_frames;
}

static bool
add_piece(audyn_export_plan_t *plan, uint64_t position, uint64_t end, size_t segment)
{
    if (!grow(&plan->pieces, sizeof *plan->pieces, plan->piece_count,
              &plan->piece_room)) {
        return false;
    }
    plan->pieces[plan->piece_count++] =
        (audyn_export_piece_t){position, end - position, segment};
    return true;
}

static bool
add_overlap(audyn_export_plan_t *plan, const audyn_export_piece_t *piece, size_t left_out)
{
    const audyn_export_segment_t *other = &plan->segments[left_out];
    const uint64_t end = piece->position + piece->sample_frames;
    const uint64_t from =
        other->position > piece->position ? other->position : piece->position;
    const uint64_t until = end_of(other) < end ? end_of(other) : end;
    if (from >= until) {
        return true;
    }
    if (!grow(&plan->overlaps, sizeof *plan->overlaps, plan->overlap_count,
              &plan->overlap_room)) {
        return false;
    }
    plan->overlaps[plan->overlap_count++] =
        (audyn_export_overlap_t){from, until - from, piece->segment, left_out};
    return true;
}

// Of those that have the sample at `position`, which was recorded first; `*end` is where
// another one may be.  `*first` moves past those that end before.
static size_t
choose(const audyn_export_plan_t *plan, uint64_t position, size_t *first, uint64_t *end)
{
    while (*first < plan->segment_count && end_of(&plan->segments[*first]) <= position) {
        ++*first;
    }
    size_t chosen = AUDYN_EXPORT_NO_SEGMENT;
    *end = plan->to;
    for (size_t i = *first; i < plan->segment_count; ++i) {
        const audyn_export_segment_t *segment = &plan->segments[i];
        if (segment->position > position) {
            *end = segment->position < *end ? segment->position : *end;
            break;
        }
        const bool has = end_of(segment) > position;
        if (has && (chosen == AUDYN_EXPORT_NO_SEGMENT ||
                    segment->sequence < plan->segments[chosen].sequence)) {
            chosen = i;
        }
    }
    if (chosen != AUDYN_EXPORT_NO_SEGMENT && end_of(&plan->segments[chosen]) < *end) {
        *end = end_of(&plan->segments[chosen]);
    }
    return chosen;
}

static bool
note_overlaps(audyn_export_plan_t *plan, size_t first)
{
    const audyn_export_piece_t piece = plan->pieces[plan->piece_count - 1];
    const uint64_t end = piece.position + piece.sample_frames;
    bool noted = true;
    for (size_t i = first;
         noted && i < plan->segment_count && plan->segments[i].position < end; ++i) {
        noted = i == piece.segment || add_overlap(plan, &piece, i);
    }
    return noted;
}

// Neighbouring pieces of one segment stay apart where a later one begins: harmless.
static bool
make_pieces(audyn_export_plan_t *plan)
{
    size_t first = 0;
    bool made = true;
    for (uint64_t at = plan->from; made && at < plan->to;) {
        uint64_t end;
        const size_t segment = choose(plan, at, &first, &end);
        made = add_piece(plan, at, end, segment) &&
               (segment == AUDYN_EXPORT_NO_SEGMENT || note_overlaps(plan, first));
        at = end;
    }
    return made;
}

const audyn_export_piece_t *
audyn_export_plan_piece(const audyn_export_plan_t *plan, uint64_t position)
{
    size_t low = 0;
    size_t high = plan->piece_count;
    while (high - low > 1) {
        const size_t middle = low + (high - low) / 2;
        *(plan->pieces[middle].position <= position ? &low : &high) = middle;
    }
    return &plan->pieces[low];
}

bool
audyn_export_plan_miss(audyn_export_plan_t *plan, uint64_t position,
                       uint64_t sample_frames, const char *class)
{
    if (!grow(&plan->missing, sizeof *plan->missing, plan->missing_count,
              &plan->missing_room)) {
        return false;
    }
    audyn_entry_span_t *span = &plan->missing[plan->missing_count++];
    *span = (audyn_entry_span_t){.position = position, .sample_frames = sample_frames};
    snprintf(span->class, sizeof span->class, "%s", class);
    return true;
}

// Notes as much of a span as lies in pieces of the segment `sequence`; in pieces of none
// where that is NULL.
static bool
miss_within(audyn_export_plan_t *plan, const audyn_catalog_span_t *span,
            const uint64_t *sequence)
{
    uint64_t at = span->position > plan->from ? span->position : plan->from;
    const uint64_t span_end = span->position + span->sample_frames;
    const uint64_t end = span_end < plan->to ? span_end : plan->to;
    bool noted = true;
    while (noted && at < end) {
        const audyn_export_piece_t *piece = audyn_export_plan_piece(plan, at);
        const uint64_t piece_end = piece->position + piece->sample_frames;
        const uint64_t until = piece_end < end ? piece_end : end;
        const bool none = piece->segment == AUDYN_EXPORT_NO_SEGMENT;
        const bool within =
            sequence ? !none && plan->segments[piece->segment].sequence == *sequence
                     : none;
        noted = !within || audyn_export_plan_miss(plan, at, until - at, span->class);
        at = until;
    }
    return noted;
}

static bool
visit_span(void *context, const audyn_catalog_span_t *span)
{
    struct search *search = context;
    static const char received[] = "received"; // on another leg: not missing
    search->no_memory = strncmp(span->class, received, sizeof received - 1) != 0 &&
                        !miss_within(search->plan, span, &span->sequence);
    return !search->no_memory;
}

static bool
visit_hole(void *context, const audyn_catalog_span_t *hole)
{
    struct search *search = context;
    search->no_memory = !miss_within(search->plan, hole, NULL);
    return !search->no_memory;
}

// What no segment has, and no hole explains.
static bool
miss_the_rest(audyn_export_plan_t *plan)
{
    audyn_export_plan_sort(plan);
    const size_t known = plan->missing_count;
    size_t next = 0;
    bool noted = true;
    for (size_t i = 0; noted && i < plan->piece_count; ++i) {
        const audyn_export_piece_t *piece = &plan->pieces[i];
        const uint64_t end = piece->position + piece->sample_frames;
        uint64_t at = piece->position;
        while (noted && piece->segment == AUDYN_EXPORT_NO_SEGMENT && at < end) {
            while (next < known &&
                   plan->missing[next].position + plan->missing[next].sample_frames <=
                       at) {
                ++next;
            }
            const uint64_t hole = next < known && plan->missing[next].position < end
                                      ? plan->missing[next].position
                                      : end;
            noted =
                hole <= at || audyn_export_plan_miss(plan, at, hole - at, "not_recorded");
            at = hole < end ? hole + plan->missing[next].sample_frames : end;
        }
    }
    return noted;
}

static audyn_status_t
find_missing(struct search *search, audyn_catalog_t *catalog, audyn_error_t *error)
{
    audyn_export_plan_t *plan = search->plan;
    const audyn_catalog_range_t range = {.from = (int64_t)plan->from,
                                         .to = (int64_t)plan->to};
    audyn_status_t status =
        audyn_catalog_spans(catalog, search->stream, &range, visit_span, search);
    if (!status && !search->no_memory) {
        status = audyn_catalog_holes(catalog, search->stream, &range, visit_hole, search);
    }
    if (!status && (search->no_memory || !miss_the_rest(plan))) {
        status = AUDYN_NO_MEMORY;
    }
    audyn_export_plan_sort(plan);
    return status ? audyn_error_set(error, status, "the catalog cannot be read: %s",
                                    audyn_strerror(status))
                  : AUDYN_OK;
}

static audyn_status_t
make_plan(struct search *search, audyn_catalog_t *catalog,
          const audyn_moment_text_t *from, const audyn_moment_text_t *to,
          audyn_error_t *error)
{
    audyn_export_plan_t *plan = search->plan;
    audyn_status_t status = find_stream(search, catalog, error);
    if (!status) {
        status = check_order(search, from, to, error);
    }
    if (!status) {
        status = find_segments(search, catalog, from, to, error);
    }
    if (status) {
        return status;
    }
    snprintf(plan->stream, sizeof plan->stream, "%s", search->stream);
    plan->from = position_of(from, &plan->format);
    plan->to = position_of(to, &plan->format);
    if (plan->from >= plan->to) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "there is no sample between these two moments");
    }
    qsort(plan->segments, plan->segment_count, sizeof *plan->segments, compare_segments);
    return make_pieces(plan) ? find_missing(search, catalog, error)
                             : audyn_error_set(error, AUDYN_NO_MEMORY, "out of memory");
}

audyn_status_t
audyn_export_plan_make(audyn_export_plan_t *plan, audyn_catalog_t *catalog,
                       const char *stream, const audyn_moment_text_t *from,
                       const audyn_moment_text_t *to, audyn_error_t *error)
{
    *plan = (audyn_export_plan_t){0};
    struct search search = {.plan = plan, .stream = stream};
    const audyn_status_t status = make_plan(&search, catalog, from, to, error);
    if (status) {
        audyn_export_plan_finish(plan);
    }
    return status;
}

static int
compare_spans(const void *a, const void *b)
{
    const audyn_entry_span_t *one = a;
    const audyn_entry_span_t *other = b;
    return (one->position > other->position) - (one->position < other->position);
}

void
audyn_export_plan_sort(audyn_export_plan_t *plan)
{
    if (!plan->missing_count) {
        return;
    }
    qsort(plan->missing, plan->missing_count, sizeof *plan->missing, compare_spans);
    size_t last = 0;
    for (size_t i = 1; i < plan->missing_count; ++i) {
        audyn_entry_span_t *before = &plan->missing[last];
        audyn_entry_span_t span = plan->missing[i];
        const uint64_t end = before->position + before->sample_frames;
        const uint64_t both = span.position < end ? end - span.position : 0;
        if (both >= span.sample_frames) {
            continue; // a sample is missing for one reason
        }
        span.position += both;
        span.sample_frames -= both;
        if (span.position == end && !strcmp(before->class, span.class)) {
            before->sample_frames += span.sample_frames;
        } else {
            plan->missing[++last] = span;
        }
    }
    plan->missing_count = last + 1;
}

void
audyn_export_plan_finish(audyn_export_plan_t *plan)
{
    for (size_t i = 0; i < plan->segment_count; ++i) {
        free(plan->segments[i].sidecar);
    }
    free(plan->segments);
    free(plan->pieces);
    free(plan->overlaps);
    free(plan->missing);
    *plan = (audyn_export_plan_t){0};
}
