// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `rtp://ADDRESS:PORT?format=L24/48000/2&pt=98&iface=lo&source=IP&ssrc=N`

#include "input/rtp_input.h"

#include "input/rtp_uri.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_WINDOW_MS 200

static const char known_options[] = "format, pt, iface, source, ssrc";

struct rtp_input {
    struct audyn_input input;
    audyn_rtp_route_t route;
    char interface[64]; // as given; empty: the kernel's choice
    audyn_rtp_stream_t *stream;
    audyn_rtp_link_t *link;
};

static audyn_status_t
read_source(audyn_uri_t *uri, struct in_addr *source, audyn_error_t *error)
{
    const char *text = audyn_uri_option(uri, "source");
    if (text && inet_pton(AF_INET, text, source) != 1) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "source=%s is not an IPv4 address such as 192.168.1.20",
                               text);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_ssrc(audyn_uri_t *uri, audyn_rtp_stream_config_t *config, audyn_error_t *error)
{
    config->has_ssrc = audyn_uri_option(uri, "ssrc") != NULL;
    return audyn_uri_integer(uri, "ssrc", 0, UINT32_MAX, &config->ssrc, error);
}

static audyn_status_t
read_payload_type(audyn_uri_t *uri, int *payload_type, audyn_error_t *error)
{
    uint32_t value = UINT32_MAX;
    const audyn_status_t status = audyn_uri_integer(uri, "pt", 0, 127, &value, error);
    *payload_type = value == UINT32_MAX ? -1 : (int)value;
    return status;
}

static audyn_status_t
read_uri(rtp_input_config_t *rtp, audyn_uri_t *uri, audyn_error_t *error)
{
    audyn_rtp_stream_config_t *config = &rtp->stream;
    rtp->interface = audyn_uri_option(uri, "iface");
    audyn_status_t status =
        audyn_endpoint_parse(&rtp->route.destination, uri->body, error);
    if (!status) {
        status = audyn_rtp_uri_format(uri, &config->format, error);
    }
    if (!status) {
        status = read_payload_type(uri, &config->payload_type, error);
    }
    if (!status) {
        status = read_source(uri, &rtp->route.source, error);
    }
    if (!status) {
        status = read_ssrc(uri, config, error);
    }
    if (!status) {
        status = audyn_uri_reject_unknown(uri, known_options, error);
    }
    return status;
}

static audyn_status_t
check_rtp(audyn_uri_t *uri, audyn_error_t *error)
{
    rtp_input_config_t rtp = {0};
    return read_uri(&rtp, uri, error);
}

static void
close_rtp(audyn_input_t *input)
{
    struct rtp_input *rtp = (struct rtp_input *)input;
    audyn_rtp_link_detach(rtp->link);
    audyn_rtp_stream_destroy(rtp->stream);
    free(rtp);
}

static audyn_status_t
connect_stream(struct rtp_input *rtp, const audyn_rtp_stream_config_t *stream_config,
               const audyn_input_config_t *config, audyn_error_t *error)
{
    rtp->input.format = (audyn_input_format_t){
        .sample_rate = stream_config->format.sample_rate,
        .channels = stream_config->format.channels,
        .bits = stream_config->format.bits,
    };
    const uint32_t window_ms = config->window_ms ? config->window_ms : DEFAULT_WINDOW_MS;
    audyn_status_t status = input_create_timeline(&rtp->input, window_ms, config, error);
    if (status) {
        return status;
    }
    audyn_rtp_stream_config_t own_config = *stream_config;
    own_config.stall_ms = config->stall_ms;
    status = audyn_rtp_stream_create(&rtp->stream, &own_config, rtp->input.timeline);
    if (status) {
        return audyn_error_set(error, status, "no memory for a stream");
    }
    return audyn_rtp_receivers_attach(config->receivers, &rtp->link, &rtp->route,
                                      rtp->stream, rtp->input.timeline, error);
}

audyn_status_t
rtp_input_open(audyn_input_t **out, const rtp_input_config_t *rtp_config,
               const audyn_input_config_t *config, audyn_error_t *error)
{
    const char *interface = rtp_config->interface;
    int interface_index;
    audyn_status_t status = audyn_interface_find(interface, &interface_index, error);
    if (status) {
        return status;
    }
    struct rtp_input *rtp = calloc(1, sizeof *rtp);
    if (!rtp) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for an input");
    }
    rtp->input.type = &audyn_rtp_input;
    rtp->route = rtp_config->route;
    rtp->route.interface_index = interface_index;
    snprintf(rtp->interface, sizeof rtp->interface, "%s", interface ? interface : "");
    status = connect_stream(rtp, &rtp_config->stream, config, error);
    if (status) {
        audyn_timeline_t *timeline = rtp->input.timeline;
        close_rtp(&rtp->input);
        audyn_timeline_destroy(timeline);
        return status;
    }
    *out = &rtp->input;
    return AUDYN_OK;
}

static audyn_status_t
open_rtp(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
         audyn_error_t *error)
{
    rtp_input_config_t rtp = {0};
    const audyn_status_t status = read_uri(&rtp, uri, error);
    return status ? status : rtp_input_open(out, &rtp, config, error);
}

static audyn_status_t
start_rtp(audyn_input_t *input, audyn_error_t *error)
{
    return audyn_rtp_link_start(((struct rtp_input *)input)->link, error);
}

static void
stop_rtp(audyn_input_t *input)
{
    audyn_rtp_link_stop(((struct rtp_input *)input)->link);
}

static void
report_rtp(const audyn_input_t *input, audyn_input_report_t *report)
{
    const struct rtp_input *rtp = (const struct rtp_input *)input;
    audyn_rtp_stream_get_report(rtp->stream, report);
    report->socket_overflow = audyn_rtp_link_overflow(rtp->link);
    report->lacks_priority = !audyn_rtp_link_has_priority(rtp->link);
}

static bool
next_event(audyn_input_t *input, audyn_event_t *event)
{
    return audyn_rtp_stream_next_event(((struct rtp_input *)input)->stream, event);
}

static void
explain_rtp(const audyn_input_t *input, audyn_error_t *explanation)
{
    const struct rtp_input *rtp = (const struct rtp_input *)input;
    if (audyn_rtp_stream_explain(rtp->stream, explanation)) {
        return;
    }
    const bool multicast = audyn_address_is_multicast(rtp->route.destination.address);
    char address[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &rtp->route.destination.address, address, sizeof address);
    const unsigned port = rtp->route.destination.port;
    const char *interface = rtp->interface[0] ? rtp->interface : "any";
    audyn_error_set(
        explanation, AUDYN_NO_SIGNAL,
        "no packet arrived at %s:%u (interface %s%s); look whether the sender is on, "
        "whether address and port are right%s, and whether a firewall drops it: "
        "tcpdump -ni %s udp port %u; nft list ruleset",
        address, port, interface, rtp->route.source.s_addr ? ", one source only" : "",
        multicast ? ", whether this is the interface that the group comes in on (iface=)"
                  : "",
        interface, port);
}

const audyn_input_type_t audyn_rtp_input = {
    .scheme = "rtp",
    .check = check_rtp,
    .open = open_rtp,
    .start = start_rtp,
    .stop = stop_rtp,
    .get_report = report_rtp,
    .next_event = next_event,
    .explain = explain_rtp,
    .close = close_rtp,
};
