// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/export_report.h"

#include "core/clock.h"
#include "core/json_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#define SPANS_SHOWN 10

uint64_t
audyn_export_report_missing(const audyn_export_plan_t *plan)
{
    uint64_t missing = 0;
    for (size_t i = 0; i < plan->missing_count; ++i) {
        missing += plan->missing[i].sample_frames;
    }
    return missing;
}

static audyn_moment_t
moment_at(const audyn_export_plan_t *plan, uint64_t position)
{
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    return audyn_entry_moment(&leap_seconds, &plan->format, position);
}

static void
print_overlaps(const audyn_export_plan_t *plan)
{
    for (size_t i = 0; i < plan->overlap_count; ++i) {
        const audyn_export_overlap_t *overlap = &plan->overlaps[i];
        fprintf(stderr,
                "  %" PRIu64 " sample frames from %s on were recorded twice: those of "
                "%s were used, those of %s left out\n",
                overlap->sample_frames, moment_at(plan, overlap->position).utc,
                plan->segments[overlap->used].sidecar,
                plan->segments[overlap->left_out].sidecar);
    }
}

static void
print_missing(const audyn_export_plan_t *plan)
{
    const uint64_t missing = audyn_export_report_missing(plan);
    if (!missing) {
        return;
    }
    fprintf(stderr, "  missing: %" PRIu64 " sample frames (%.6f s)\n", missing,
            (double)missing / plan->format.sample_rate);
    for (size_t i = 0; i < plan->missing_count && i < SPANS_SHOWN; ++i) {
        const audyn_entry_span_t *span = &plan->missing[i];
        fprintf(stderr, "    %s  position %" PRIu64 "  %" PRIu64 " sample frames  %s\n",
                moment_at(plan, span->position).utc, span->position, span->sample_frames,
                span->class);
    }
    if (plan->missing_count > SPANS_SHOWN) {
        fprintf(stderr, "    and %zu more places; --json lists all\n",
                plan->missing_count - SPANS_SHOWN);
    }
}

void
audyn_export_report_print(const audyn_export_t *export, const char *path)
{
    const audyn_export_plan_t *plan = audyn_export_plan(export);
    const uint64_t count = plan->to - plan->from;
    const uint64_t ms = count * 1000 / plan->format.sample_rate;
    fprintf(stderr,
            "%s: %" PRIu64 " sample frames (%02" PRIu64
            ":%02u:%02u.%03u) from %s on, %s\n",
            path, count, ms / 3600000, (unsigned)(ms / 60000 % 60),
            (unsigned)(ms / 1000 % 60), (unsigned)(ms % 1000),
            moment_at(plan, plan->from).utc,
            audyn_sink_encoding_name(path, audyn_export_encoding(export)));
    print_overlaps(plan);
    print_missing(plan);
}

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
moment_json(const audyn_export_plan_t *plan, uint64_t position)
{
    const audyn_moment_t moment = moment_at(plan, position);
    return json_pack("{s:o, s:I, s:s}", "position", integer(position), "tai_ns",
                     (json_int_t)moment.tai_ns, "utc", moment.utc);
}

static json_t *
missing_json(const audyn_export_plan_t *plan)
{
    json_t *list = json_array();
    for (size_t i = 0; i < plan->missing_count; ++i) {
        const audyn_entry_span_t *span = &plan->missing[i];
        json_array_append_new(list, json_pack("{s:o, s:o, s:s}", "position",
                                              integer(span->position), "sample_frames",
                                              integer(span->sample_frames), "class",
                                              span->class));
    }
    return list;
}

static json_t *
used_json(const audyn_export_t *export)
{
    size_t count;
    const audyn_export_used_t *used = audyn_export_used(export, &count);
    json_t *list = json_array();
    for (size_t i = 0; i < count; ++i) {
        json_array_append_new(list, json_pack("{s:o, s:o, s:o}", "path",
                                              audyn_json_text(used[i].name), "position",
                                              integer(used[i].position), "sample_frames",
                                              integer(used[i].sample_frames)));
    }
    return list;
}

static json_t *
overlaps_json(const audyn_export_plan_t *plan)
{
    json_t *list = json_array();
    for (size_t i = 0; i < plan->overlap_count; ++i) {
        const audyn_export_overlap_t *overlap = &plan->overlaps[i];
        json_array_append_new(
            list,
            json_pack("{s:o, s:o, s:o, s:o}", "position", integer(overlap->position),
                      "sample_frames", integer(overlap->sample_frames), "used",
                      audyn_json_text(plan->segments[overlap->used].sidecar), "left_out",
                      audyn_json_text(plan->segments[overlap->left_out].sidecar)));
    }
    return list;
}

bool
audyn_export_report_json(const audyn_export_t *export, const char *archive,
                         const char *path)
{
    const audyn_export_plan_t *plan = audyn_export_plan(export);
    json_t *report = json_pack(
        "{s:o, s:o, s:o, s:i, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "archive",
        audyn_json_text(archive), "stream", audyn_json_text(plan->stream), "path",
        audyn_json_text(path), "sample_rate", (int)plan->format.sample_rate, "channels",
        (int)plan->format.channels, "encoding",
        audyn_sink_encoding_name(path, audyn_export_encoding(export)), "sample_frames",
        integer(plan->to - plan->from), "first", moment_json(plan, plan->from), "last",
        moment_json(plan, plan->to - 1), "missing",
        integer(audyn_export_report_missing(plan)), "spans", missing_json(plan),
        "sources", used_json(export), "overlaps", overlaps_json(plan));
    const bool written = report && !json_dumpf(report, stdout, JSON_INDENT(2)) &&
                         putchar('\n') != EOF && !fflush(stdout);
    json_decref(report);
    return written;
}
