// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive/merge/merge_private.h"
#include "core/json_text.h"

#include <stdlib.h>
#include <string.h>

static audyn_status_t
append(merge_trace_t *trace, const merge_run_t *run)
{
    merge_run_t *last = trace->count ? &trace->runs[trace->count - 1] : NULL;
    if (last && last->side == run->side && last->segment == run->segment &&
        last->unknown == run->unknown &&
        last->position + last->sample_frames == run->position) {
        last->sample_frames += run->sample_frames;
        return AUDYN_OK;
    }
    if (trace->count == trace->room) {
        const size_t room = trace->room ? 2 * trace->room : 64;
        merge_run_t *runs = reallocarray(trace->runs, room, sizeof *runs);
        if (!runs) {
            return AUDYN_NO_MEMORY;
        }
        trace->runs = runs;
        trace->room = room;
    }
    trace->runs[trace->count++] = *run;
    return AUDYN_OK;
}

audyn_status_t
merge_trace_add(merge_trace_t *trace, const merge_source_t *sources,
                const merge_run_t *run)
{
    merge_run_t rest = *run;
    audyn_status_t status = AUDYN_OK;
    while (!status && rest.sample_frames) {
        merge_run_t some = rest;
        uint64_t until;
        some.segment = merge_source_find(&sources[run->side], rest.position, &until);
        const uint64_t room = until - rest.position;
        some.sample_frames = room < rest.sample_frames ? room : rest.sample_frames;
        status = append(trace, &some);
        rest.position += some.sample_frames;
        rest.sample_frames -= some.sample_frames;
    }
    return status;
}

// As far as it lies in the entry's segment.
static bool
clip(const merge_run_t *run, const audyn_entry_segment_t *segment, merge_run_t *clipped)
{
    const uint64_t from = segment->first.position;
    const uint64_t to = from + segment->sample_frames;
    const uint64_t end = run->position + run->sample_frames;
    *clipped = *run;
    clipped->position = run->position > from ? run->position : from;
    if (clipped->position >= (end < to ? end : to)) {
        return false;
    }
    clipped->sample_frames = (end < to ? end : to) - clipped->position;
    return true;
}

static json_t *
run_json(const merge_job_t *job, const merge_run_t *run)
{
    const merge_source_t *source = &job->sources[run->side];
    const merge_segment_t *segment = &source->segments[run->segment];
    return json_pack("{s:I, s:I, s:o, s:o, s:s}", "position", (json_int_t)run->position,
                     "sample_frames", (json_int_t)run->sample_frames, "archive",
                     audyn_json_text(source->archive->path), "sidecar",
                     audyn_json_text(segment->path), "sha256", segment->sha256);
}

static int
by_position(const void *a, const void *b)
{
    const audyn_entry_span_t *x = a;
    const audyn_entry_span_t *y = b;
    return (x->position > y->position) - (x->position < y->position);
}

// They were counted as received.
static audyn_status_t
add_unknown(audyn_entry_t *entry, const merge_run_t *run)
{
    entry->segment.received -= run->sample_frames;
    entry->segment.unclassified += run->sample_frames;
    return audyn_entry_add_span(entry, run->position, run->sample_frames, "unclassified");
}

audyn_status_t
merge_trace_describe(const merge_job_t *job, audyn_entry_t *entry)
{
    audyn_entry_segment_t *segment = &entry->segment;
    segment->provenance = json_array();
    audyn_status_t status = segment->provenance ? AUDYN_OK : AUDYN_NO_MEMORY;
    for (size_t i = 0; !status && i < job->trace.count; ++i) {
        merge_run_t run;
        if (!clip(&job->trace.runs[i], segment, &run)) {
            continue;
        }
        status = json_array_append_new(segment->provenance, run_json(job, &run))
                     ? AUDYN_NO_MEMORY
                     : AUDYN_OK;
        if (!status && run.unknown) {
            status = add_unknown(entry, &run);
        }
    }
    if (segment->span_count) {
        qsort(segment->spans, segment->span_count, sizeof *segment->spans, by_position);
    }
    if (!status && !job->config->has_offset &&
        json_object_set_new(segment->recorder, "clock", json_string("media"))) {
        status = AUDYN_NO_MEMORY;
    }
    return status;
}

void
merge_trace_finish(merge_trace_t *trace)
{
    free(trace->runs);
    *trace = (merge_trace_t){.count = 0};
}
