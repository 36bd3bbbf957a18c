// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_report.h"

#include "archive/input_json.h"
#include "cli/media_text.h"
#include "cli/record_network.h"
#include "core/json_text.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

uint64_t
audyn_record_report_missing(const audyn_record_report_t *report)
{
    const audyn_unwritten_t *unwritten = &report->progress.unwritten;
    uint64_t missing = unwritten->disk_full + unwritten->io_error;
    for (int i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        missing += report->progress.counts[i];
    }
    return missing;
}

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
rejected_json(const audyn_rejected_t *rejected)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o}", "malformed",
                     integer(rejected->malformed), "rtcp", integer(rejected->rtcp),
                     "payload_type", integer(rejected->payload_type), "size",
                     integer(rejected->size), "ssrc", integer(rejected->ssrc),
                     "timestamp", integer(rejected->timestamp));
}

static json_t *
files_json(const audyn_record_report_t *report)
{
    if (!report->progress.sample_frames) {
        return json_array();
    }
    return json_pack("[{s:o, s:o, s:o}]", "path", audyn_json_text(report->path),
                     "sample_frames", integer(report->progress.sample_frames), "position",
                     integer(report->progress.position));
}

static void
add_samples(json_t *object, const audyn_recorder_progress_t *progress)
{
    const uint64_t *counts = progress->counts;
    json_object_set_new(object, "sample_frames", integer(progress->sample_frames));
    json_object_set_new(object, "received", integer(audyn_samples_received(counts)));
    json_object_set_new(object, "lost", integer(counts[AUDYN_SAMPLE_LOST]));
    json_object_set_new(object, "late", integer(counts[AUDYN_SAMPLE_LATE]));
    json_object_set_new(object, "no_frame", integer(counts[AUDYN_SAMPLE_NO_FRAME]));
    json_object_set_new(object, "no_signal", integer(counts[AUDYN_SAMPLE_NO_SIGNAL]));
}

static void
add_packets(json_t *object, const audyn_input_report_t *packets)
{
    json_object_set_new(object, "packets", integer(packets->packets));
    json_object_set_new(object, "duplicates", integer(packets->duplicates));
    json_object_set_new(object, "reordered", integer(packets->reordered));
    json_object_set_new(object, "restarts", integer(packets->restarts));
    json_object_set_new(object, "socket_overflow", integer(packets->socket_overflow));
    json_object_set_new(object, "rejected", rejected_json(&packets->rejected));
}

// Only where there is a graph that sound came from.
static void
add_graph(json_t *object, const audyn_graph_report_t *graph, uint32_t sample_rate)
{
    if (graph->sample_rate) {
        json_object_set_new(object, "graph",
                            json_pack("{s:o, s:o, s:b, s:o, s:o, s:o, s:o}",
                                      "sample_rate", integer(graph->sample_rate),
                                      "quantum", integer(graph->quantum), "converted",
                                      graph->sample_rate != sample_rate, "xruns",
                                      integer(graph->xruns), "discontinuities",
                                      integer(graph->discontinuities), "unreadable",
                                      integer(graph->unreadable), "reconnections",
                                      integer(graph->reconnections)));
    }
}

static json_t *
description_json(const audyn_sdp_media_t *description)
{
    json_t *json = json_object();
    audyn_media_add(json, description);
    return json;
}

static json_t *
start_json(const audyn_record_report_t *report)
{
    if (!report->progress.started) {
        return json_null();
    }
    const uint64_t position = report->progress.position;
    const audyn_media_rate_t rate = audyn_input_media_rate(&report->format);
    const int64_t tai_ns = audyn_media_tai_ns(position, &rate);
    return json_pack("{s:o, s:o}", "tai_ns", integer((uint64_t)tai_ns), "position",
                     integer(position));
}

static void
add_losses(json_t *object, const audyn_loss_map_t *losses)
{
    if (losses) {
        json_object_set_new(object, "spans", audyn_loss_map_json(losses));
        json_object_set_new(object, "spans_complete",
                            json_boolean(audyn_loss_map_is_exact(losses)));
    }
}

void
audyn_record_report_json_error(json_t *json, const char *error)
{
    json_object_set_new(json, "error", audyn_json_text(error));
}

json_t *
audyn_record_report_json(const audyn_record_report_t *report)
{
    json_t *object = json_object();
    if (report->name) {
        json_object_set_new(object, "name", audyn_json_text(report->name));
    }
    json_object_set_new(object, "input", audyn_json_text(report->input));
    json_object_set_new(object, "sample_rate", integer(report->format.sample_rate));
    json_object_set_new(object, "channels", integer(report->format.channels));
    json_object_set_new(object, "encoding", json_string(report->encoding));
    if (report->description) {
        json_object_set_new(object, "description", description_json(report->description));
    }
    json_object_set_new(object, "start", start_json(report));
    json_object_set_new(object, "clock",
                        json_string(audyn_input_clock_name(&report->packets)));
    add_samples(object, &report->progress);
    add_packets(object, &report->packets);
    json_object_set_new(object, "memory_bytes", integer(report->memory_bytes));
    audyn_record_network_add(object, report);
    add_graph(object, &report->packets.graph, report->format.sample_rate);
    json_object_set_new(object, "pool",
                        json_pack("{s:o, s:o, s:o}", "capacity",
                                  integer(report->pool.capacity), "high_water",
                                  integer(report->pool.high_water), "exhausted",
                                  integer(report->pool.exhausted)));
    if (report->is_archive) {
        const audyn_unwritten_t *unwritten = &report->progress.unwritten;
        json_object_set_new(object, "folder", audyn_json_text(report->path));
        json_object_set_new(object, "unwritten",
                            json_pack("{s:o, s:o, s:o}", "disk_full",
                                      integer(unwritten->disk_full), "io_error",
                                      integer(unwritten->io_error), "files",
                                      integer(unwritten->files)));
    } else {
        json_object_set_new(object, "files", files_json(report));
    }
    add_losses(object, report->losses);
    if (report->error) {
        audyn_record_report_json_error(object, report->error);
    }
    return object;
}

static void
print_count(const char *what, uint64_t count, uint32_t sample_rate)
{
    if (count) {
        fprintf(stderr, "audyn:   %s: %" PRIu64 " sample frames (%.3f s)\n", what, count,
                (double)count / sample_rate);
    }
}

static void
print_refused(const audyn_input_report_t *packets)
{
    const audyn_rejected_t *rejected = &packets->rejected;
    const struct {
        const char *what;
        uint64_t count;
    } refused[] = {
        {"not RTP, or cut short", rejected->malformed},
        {"RTCP", rejected->rtcp},
        {"of another payload type", rejected->payload_type},
        {"of a size that does not fit the format", rejected->size},
        {"of another SSRC", rejected->ssrc},
        {"with a timestamp that cannot be", rejected->timestamp},
        {"dropped by the kernel, its socket buffer being full", packets->socket_overflow},
    };
    for (size_t i = 0; i < sizeof refused / sizeof *refused; ++i) {
        if (refused[i].count) {
            fprintf(stderr, "audyn:   packets %s: %" PRIu64 "\n", refused[i].what,
                    refused[i].count);
        }
    }
}

static void
print_times(const char *what, uint64_t count)
{
    if (count) {
        fprintf(stderr, "audyn:   %s: %" PRIu64 " times\n", what, count);
    }
}

static void
print_graph(const audyn_graph_report_t *graph, uint32_t sample_rate)
{
    if (graph->sample_rate && graph->sample_rate != sample_rate) {
        fprintf(stderr, "audyn:   PipeWire converted %u Hz to %u Hz\n",
                graph->sample_rate, sample_rate);
    }
    print_times("cycles were missing by the graph's clock", graph->xruns);
    print_times("the graph's clock became another, or jumped", graph->discontinuities);
    print_times("PipeWire was gone and came back", graph->reconnections);
    print_times("a buffer could not be read", graph->unreadable);
}

void
audyn_record_report_print(const audyn_record_report_t *report)
{
    const audyn_recorder_progress_t *progress = &report->progress;
    const uint32_t rate = report->format.sample_rate;
    if (progress->sample_frames) {
        const uint64_t missing = audyn_record_report_missing(report);
        fprintf(stderr, "audyn: %s: %" PRIu64 " sample frames (%.3f s), %s\n",
                report->path, progress->sample_frames,
                (double)progress->sample_frames / rate,
                missing ? "with silence in place of what is missing:" : "none missing");
        print_count("lost on the way", progress->counts[AUDYN_SAMPLE_LOST], rate);
        print_count("came too late (see --window)", progress->counts[AUDYN_SAMPLE_LATE],
                    rate);
        print_count("no free memory, the disk was too slow (see --buffer)",
                    progress->counts[AUDYN_SAMPLE_NO_FRAME], rate);
        print_count("no signal", progress->counts[AUDYN_SAMPLE_NO_SIGNAL], rate);
        print_count("in no file, the disk was full", progress->unwritten.disk_full, rate);
        print_count("in no file, the disk failed", progress->unwritten.io_error, rate);
    }
    if (progress->unwritten.files) {
        fprintf(stderr, "audyn:   files that end before they should: %" PRIu64 "\n",
                progress->unwritten.files);
    }
    audyn_record_network_print(report);
    print_refused(&report->packets);
    print_graph(&report->packets.graph, rate);
}
