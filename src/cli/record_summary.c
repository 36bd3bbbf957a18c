// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_summary.h"

#include "cli/cli.h"
#include "core/byte_size.h"
#include "core/json_text.h"
#include "core/log.h"
#include "core/plural.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
announce_many(const audyn_record_set_t *set)
{
    audyn_record_totals_t totals;
    audyn_record_set_totals(set, &totals);
    char least[AUDYN_BYTE_SIZE_TEXT];
    char most[AUDYN_BYTE_SIZE_TEXT];
    char all[AUDYN_BYTE_SIZE_TEXT];
    audyn_byte_size_text(least, totals.least_bytes);
    audyn_byte_size_text(most, totals.most_bytes);
    audyn_byte_size_text(all, totals.bytes);
    const bool alike = !strcmp(least, most);
    const size_t streams = totals.waiting + totals.running;
    audyn_log_info("waiting for %zu stream%s, %s%s%s each, %s in all", streams,
                   streams == 1 ? "" : "s", least, alike ? "" : " to ", alike ? "" : most,
                   all);
}

void
audyn_record_summary_announce(audyn_record_set_t *set)
{
    if (set->announced) {
        return;
    }
    bool active = false;
    bool locked = true;
    bool prompt = true;
    for (size_t i = 0; i < set->count; ++i) {
        const audyn_record_stream_t *stream = &set->streams[i];
        if (audyn_record_stream_is_active(stream)) {
            active = true;
            locked = locked && stream->report.pool.locked;
            prompt = prompt && !stream->report.packets.lacks_priority;
        }
    }
    if (!active) {
        return;
    }
    set->announced = true;
    if (set->options->quiet) {
        return;
    }
    if (!locked) {
        audyn_log_warning("the audio memory could not be locked into RAM; see "
                          "`ulimit -l` and limits.conf(5)");
    }
    if (!prompt) {
        audyn_log_warning("the receiver runs without real-time priority, which this user "
                          "may not have; see `ulimit -r` and limits.conf(5)");
    }
    if (audyn_record_options_are_for_many(set->options)) {
        announce_many(set);
    } else {
        audyn_log_info("waiting for %s", set->streams[0].report.input);
    }
}

static json_t *
streams_json(const audyn_record_set_t *set)
{
    json_t *streams = json_array();
    for (size_t i = 0; i < set->count; ++i) {
        json_array_append(streams, set->streams[i].json);
    }
    return streams;
}

// A new reference: of a single recording its own report, of many all those and their
// sums.
static json_t *
summary_json(const audyn_record_set_t *set, const audyn_record_totals_t *totals)
{
    if (!audyn_record_options_are_for_many(set->options)) {
        return json_incref(set->streams[0].json);
    }
    return json_pack("{s:o, s:I, s:I, s:I, s:I, s:I, s:I}", "streams", streams_json(set),
                     "finished", (json_int_t)totals->finished, "failed",
                     (json_int_t)totals->failed, "incomplete", (json_int_t)totals->lossy,
                     "missing", (json_int_t)totals->missing, "memory_bytes",
                     (json_int_t)totals->bytes, "workers", (json_int_t)set->worker_count);
}

static audyn_status_t
print_json(const json_t *json)
{
    char *text = audyn_json_lines(json);
    audyn_status_t status = AUDYN_OK;
    if (!text) {
        status = AUDYN_NO_MEMORY;
    } else if (fputs(text, stdout) == EOF || fflush(stdout)) {
        status = AUDYN_IO;
    }
    free(text);
    return status;
}

// On standard output, on its own or as the last of the events.
static audyn_status_t
write_json(audyn_record_set_t *set, const audyn_record_totals_t *totals)
{
    json_t *json = set->options->json ? summary_json(set, totals) : NULL;
    const uint64_t dropped = audyn_record_events_dropped(set->events);
    audyn_status_t status = AUDYN_OK;
    if (set->events) {
        status = audyn_record_events_finish(set->events, json);
        set->events = NULL;
    } else if (set->options->json) {
        status = print_json(json);
    }
    json_decref(json);
    if (status == AUDYN_NO_MEMORY) {
        audyn_log_error("no memory for the report");
    } else if (status) {
        audyn_log_error("the %s cannot be written to standard output",
                        set->options->json ? "report" : "events");
    }
    if (dropped && !set->options->quiet) {
        audyn_log_warning("%" PRIu64 " events were dropped: standard output is read too "
                          "slowly, or not at all",
                          dropped);
    }
    return set->options->json ? status : AUDYN_OK;
}

static void
print(const audyn_record_set_t *set, const audyn_record_totals_t *totals)
{
    for (size_t i = 0; i < set->count; ++i) {
        const audyn_record_report_t *report = &set->streams[i].report;
        audyn_record_report_print(report);
        if (report->name && report->error) {
            fprintf(stderr, "audyn: %s: failed: %s\n", report->name, report->error);
        }
    }
    if (audyn_record_options_are_for_many(set->options)) {
        fprintf(
            stderr,
            "audyn: %zu stream%s: %zu finished, %zu failed; %zu with samples missing, "
            "%" PRIu64 " sample frames\n",
            totals->streams, audyn_plural(totals->streams), totals->finished,
            totals->failed, totals->lossy, totals->missing);
    }
}

int
audyn_record_summary_report(audyn_record_set_t *set)
{
    audyn_record_totals_t totals;
    audyn_record_set_totals(set, &totals);
    if (!set->options->quiet) {
        print(set, &totals);
    }
    if (write_json(set, &totals) || totals.failed) {
        return AUDYN_EXIT_FAILED;
    }
    return totals.lossy ? AUDYN_EXIT_MISSING : AUDYN_EXIT_COMPLETE;
}
