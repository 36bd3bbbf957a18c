// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "send_many_plan.h"

#include "core/small_file.h"
#include "net/sdp.h"

#include <arpa/inet.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

#define PATH_BYTES 4096

static void
sdp_path(const send_many_options_t *options, uint32_t stream, char path[PATH_BYTES])
{
    snprintf(path, PATH_BYTES, "%s/%04u.sdp", options->sdp_folder, stream + 1);
}

audyn_status_t
send_many_write_sdp(const send_many_options_t *options, audyn_error_t *error)
{
    audyn_status_t status = AUDYN_OK;
    for (uint32_t i = 0; i < options->count && !status; ++i) {
        char name[32];
        snprintf(name, sizeof name, "stream %u", i + 1);
        const audyn_sdp_t sdp = {
            .name = name,
            .session_id = i + 1,
            .origin = {htonl(INADDR_LOOPBACK)},
            .destination = {send_many_group(options, i), options->first.port},
            .ttl = AUDYN_SOCKET_TTL,
            .format = options->format,
            .payload_type = SEND_MANY_PAYLOAD_TYPE,
            .packet_frames = options->packet_frames,
            .ts_refclk = "ptp=IEEE1588-2008:traceable",
        };
        char path[PATH_BYTES];
        sdp_path(options, i, path);
        status = audyn_sdp_write(path, &sdp, error);
    }
    return status;
}

static void
write_uri(const send_many_options_t *options, uint32_t stream, FILE *file)
{
    if (options->sdp_folder) {
        char path[PATH_BYTES];
        sdp_path(options, stream, path);
        fprintf(file, "sdp:%s?iface=%s %04u\n", path, options->interface, stream + 1);
        return;
    }
    char group[INET_ADDRSTRLEN];
    const struct in_addr address = send_many_group(options, stream);
    inet_ntop(AF_INET, &address, group, sizeof group);
    fprintf(file, "rtp://%s:%u?format=L%u/%u/%u&pt=%d&iface=%s %04u\n", group,
            options->first.port, options->format.bits, options->format.sample_rate,
            options->format.channels, SEND_MANY_PAYLOAD_TYPE, options->interface,
            stream + 1);
}

audyn_status_t
send_many_write_inputs(const send_many_options_t *options, audyn_error_t *error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *file = open_memstream(&text, &size);
    for (uint32_t i = 0; file && i < options->count; ++i) {
        write_uri(options, i, file);
    }
    if (!file || fclose(file)) {
        free(text);
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for the inputs");
    }
    const audyn_status_t status = audyn_small_file_write(options->inputs, text, error);
    free(text);
    return status;
}

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

// Samples that are not sent: `count` packets from one on.
static void
add_span(const send_many_options_t *options, json_t *spans, uint64_t position,
         const fault_t *fault, uint64_t index, uint64_t count)
{
    const uint64_t size = options->packet_frames;
    json_array_append_new(spans,
                          json_pack("{s:o, s:o, s:s}", "position",
                                    integer(position + (fault->first + index) * size),
                                    "sample_frames", integer(count * size), "class",
                                    fault->kind == FAULT_OUTAGE ? "no_signal" : "lost"));
}

static void
add_spans(const send_many_options_t *options, json_t *spans, uint64_t position,
          const fault_t *fault)
{
    if (fault->kind == FAULT_LOST || fault->kind == FAULT_BURST ||
        fault->kind == FAULT_OUTAGE) {
        add_span(options, spans, position, fault, 0, fault->count);
    }
    for (uint64_t i = 0; fault->kind == FAULT_ALTERNATE && i < fault->count; i += 2) {
        add_span(options, spans, position, fault, i, 1);
    }
}

static json_t *
stream_json(const send_many_options_t *options, uint32_t stream, uint64_t position)
{
    const uint64_t packets = send_many_packets(options);
    json_t *spans = json_array();
    json_t *faults = json_object();
    uint64_t repeated = 0;
    uint64_t held = 0;
    for (uint64_t slot = 0; slot * options->faults.slot < packets; ++slot) {
        const fault_t fault = fault_plan(&options->faults, stream, slot, packets);
        const char *name = fault_kind_name(fault.kind);
        json_object_set_new(
            faults, name,
            json_integer(json_integer_value(json_object_get(faults, name)) + 1));
        add_spans(options, spans, position, &fault);
        held += fault.kind == FAULT_HELD;
        repeated += fault.kind == FAULT_REPEATED ? fault.count : 0;
    }
    char group[INET_ADDRSTRLEN];
    const struct in_addr address = send_many_group(options, stream);
    inet_ntop(AF_INET, &address, group, sizeof group);
    return json_pack("{s:s, s:o, s:o, s:o, s:o}", "group", group, "reordered",
                     integer(held), "duplicates", integer(repeated), "faults", faults,
                     "spans", spans);
}

audyn_status_t
send_many_write_plan(const send_many_options_t *options, uint64_t position,
                     audyn_error_t *error)
{
    json_t *streams = json_array();
    for (uint32_t i = 0; i < options->count; ++i) {
        json_array_append_new(streams, stream_json(options, i, position));
    }
    json_t *plan = json_pack(
        "{s:o, s:o, s:o}", "position", integer(position), "sample_frames",
        integer(send_many_packets(options) * options->packet_frames), "streams", streams);
    char *text = json_dumps(plan, JSON_COMPACT);
    json_decref(plan);
    if (!text) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for the plan");
    }
    const audyn_status_t status = audyn_small_file_write(options->plan, text, error);
    free(text);
    return status;
}
