// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `rtp://ADDRESS:PORT?format=L24/48000/2&pt=98&iface=lo&source=IP&ssrc=N&channels=1-2`;
// several addresses with commas between them are the legs of one stream (SMPTE ST
// 2022-7).

#include "input/rtp_input.h"

#include "input/rtp_uri.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>

#define DEFAULT_WINDOW_MS 200

static const char known_options[] = "format, pt, iface, source, ssrc, channels";

struct rtp_input {
    struct audyn_input input;
    audyn_rtp_route_t legs[AUDYN_LEGS];
    unsigned leg_count;
    audyn_rtp_stream_t *stream;
    audyn_rtp_link_t *link;
};

audyn_status_t
rtp_input_read_list(audyn_uri_list_t *list, audyn_uri_t *uri, const char *key,
                    unsigned leg_count, audyn_error_t *error)
{
    audyn_uri_cut(list, audyn_uri_option(uri, key));
    if (list->count > 1 && list->count != leg_count) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s= has %u values, but the stream has %u leg%s; give one "
                               "value for all legs or one for each",
                               key, list->count, leg_count, leg_count == 1 ? "" : "s");
    }
    return AUDYN_OK;
}

// NULL where the option was not given.
static const char *
value_for(const audyn_uri_list_t *list, unsigned leg)
{
    return list->count ? list->items[list->count > 1 ? leg : 0] : NULL;
}

static audyn_status_t
read_destinations(rtp_input_config_t *rtp, const audyn_uri_t *uri, audyn_error_t *error)
{
    audyn_uri_list_t list;
    audyn_uri_cut(&list, uri->body);
    if (list.count > AUDYN_LEGS) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "rtp: has %u addresses; a stream has at most %d legs",
                               list.count, AUDYN_LEGS);
    }
    audyn_status_t status = AUDYN_OK;
    for (unsigned i = 0; !status && i < list.count; ++i) {
        status = audyn_endpoint_parse(&rtp->legs[i].destination, list.items[i], error);
    }
    rtp->stream.leg_count = list.count;
    return status;
}

static audyn_status_t
read_sources(rtp_input_config_t *rtp, audyn_uri_t *uri, audyn_error_t *error)
{
    const unsigned leg_count = rtp->stream.leg_count;
    audyn_uri_list_t list;
    const audyn_status_t status =
        rtp_input_read_list(&list, uri, "source", leg_count, error);
    for (unsigned i = 0; !status && i < leg_count; ++i) {
        const char *text = value_for(&list, i);
        if (text && inet_pton(AF_INET, text, &rtp->legs[i].source) != 1) {
            return audyn_error_set(error, AUDYN_INVALID,
                                   "source=%s is not an IPv4 address such as "
                                   "192.168.1.20",
                                   text);
        }
    }
    return status;
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
    audyn_status_t status = read_destinations(rtp, uri, error);
    if (!status) {
        status =
            rtp_input_read_list(&rtp->interfaces, uri, "iface", config->leg_count, error);
    }
    if (!status) {
        status = audyn_rtp_uri_format(uri, &config->format, error);
    }
    if (!status) {
        status = read_payload_type(uri, &config->payload_type, error);
    }
    if (!status) {
        status = read_sources(rtp, uri, error);
    }
    if (!status) {
        status = read_ssrc(uri, config, error);
    }
    if (!status) {
        status = audyn_rtp_uri_channels(uri, &config->selection, error);
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
    const audyn_status_t status = read_uri(&rtp, uri, error);
    const uint32_t channels = rtp.stream.format.channels;
    return status ? status
                  : audyn_rtp_uri_fit_channels(&rtp.stream.selection, channels, error);
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
    audyn_rtp_stream_config_t own_config = *stream_config;
    own_config.stall_ms = config->stall_ms;
    audyn_selection_t *selection = &own_config.selection;
    const audyn_rtp_format_t *format = &own_config.format;
    audyn_status_t status =
        audyn_rtp_uri_fit_channels(selection, format->channels, error);
    if (status) {
        return status;
    }
    rtp->input.format = (audyn_input_format_t){
        .sample_rate = format->sample_rate,
        .channels = selection->channels ? selection->channels : format->channels,
        .bits = format->bits,
        .rate_numerator = own_config.rate_numerator,
        .rate_denominator = own_config.rate_denominator,
    };
    const uint32_t window_ms = config->window_ms ? config->window_ms : DEFAULT_WINDOW_MS;
    status = input_create_timeline(&rtp->input, window_ms, config, error);
    if (status) {
        return status;
    }
    status = audyn_rtp_stream_create(&rtp->stream, &own_config, rtp->input.timeline);
    if (status) {
        return audyn_error_set(error, status, "no memory for a stream");
    }
    return audyn_rtp_receivers_attach(config->receivers, &rtp->link, rtp->legs,
                                      rtp->leg_count, rtp->stream, rtp->input.timeline,
                                      error);
}

static bool
is_same(const audyn_rtp_route_t *a, const audyn_rtp_route_t *b)
{
    return a->destination.address.s_addr == b->destination.address.s_addr &&
           a->destination.port == b->destination.port &&
           a->source.s_addr == b->source.s_addr &&
           a->interface_index == b->interface_index;
}

static audyn_status_t
find_legs(struct rtp_input *rtp, const rtp_input_config_t *config, audyn_error_t *error)
{
    rtp->leg_count = config->stream.leg_count;
    for (unsigned i = 0; i < rtp->leg_count; ++i) {
        audyn_rtp_route_t *leg = &rtp->legs[i];
        *leg = config->legs[i];
        const audyn_status_t status = audyn_interface_find(
            value_for(&config->interfaces, i), &leg->interface_index, error);
        if (status) {
            return status;
        }
        for (unsigned other = 0; other < i; ++other) {
            if (is_same(leg, &rtp->legs[other])) {
                return audyn_error_set(error, AUDYN_INVALID,
                                       "legs %c and %c are the same; they need different "
                                       "addresses, ports, sources or interfaces (iface=)",
                                       'A' + (int)other, 'A' + (int)i);
            }
        }
    }
    return AUDYN_OK;
}

audyn_status_t
rtp_input_open(audyn_input_t **out, const rtp_input_config_t *rtp_config,
               const audyn_input_config_t *config, audyn_error_t *error)
{
    struct rtp_input *rtp = calloc(1, sizeof *rtp);
    if (!rtp) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for an input");
    }
    rtp->input.type = &audyn_rtp_input;
    if (rtp_config->description) {
        rtp->input.described = true;
        rtp->input.description = *rtp_config->description;
    }
    audyn_status_t status = find_legs(rtp, rtp_config, error);
    if (!status) {
        status = connect_stream(rtp, &rtp_config->stream, config, error);
    }
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
ask_rtp_to_stop(audyn_input_t *input)
{
    audyn_rtp_link_ask_to_stop(((struct rtp_input *)input)->link);
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
    for (unsigned i = 0; i < rtp->leg_count; ++i) {
        report->legs[i].socket_overflow = audyn_rtp_link_overflow(rtp->link, i);
        report->socket_overflow += report->legs[i].socket_overflow;
    }
    report->lacks_priority = !audyn_rtp_link_has_priority(rtp->link);
}

static bool
next_event(audyn_input_t *input, audyn_event_t *event)
{
    return audyn_rtp_stream_next_event(((struct rtp_input *)input)->stream, event);
}

static const char *
interface_name(const audyn_rtp_route_t *leg, char name[IF_NAMESIZE])
{
    if (!leg->interface_index) {
        return "any";
    }
    return if_indextoname((unsigned)leg->interface_index, name) ? name : "that is gone";
}

// "239.69.1.1:5004 (interface eth0)", and the other legs behind it.
static void
describe_legs(const struct rtp_input *rtp, char *text, size_t size)
{
    size_t length = 0;
    for (unsigned i = 0; i < rtp->leg_count && length < size; ++i) {
        const audyn_rtp_route_t *leg = &rtp->legs[i];
        char place[AUDYN_ENDPOINT_TEXT];
        audyn_endpoint_format(place, &leg->destination);
        char name[IF_NAMESIZE];
        const int written = snprintf(
            text + length, size - length, "%s%s (interface %s%s)", i ? ", " : "", place,
            interface_name(leg, name), leg->source.s_addr ? ", one source only" : "");
        length += written > 0 ? (size_t)written : 0;
    }
}

static void
explain_rtp(const audyn_input_t *input, audyn_error_t *explanation)
{
    const struct rtp_input *rtp = (const struct rtp_input *)input;
    if (audyn_rtp_stream_explain(rtp->stream, explanation)) {
        return;
    }
    const audyn_rtp_route_t *first = &rtp->legs[0];
    char places[256];
    describe_legs(rtp, places, sizeof places);
    char name[IF_NAMESIZE];
    audyn_error_set(
        explanation, AUDYN_NO_SIGNAL,
        "no packet arrived at %s; look whether the sender is on, "
        "whether address and port are right%s, and whether a firewall drops it: "
        "tcpdump -ni %s udp port %u; nft list ruleset",
        places,
        audyn_address_is_multicast(first->destination.address)
            ? ", whether this is the interface that the group comes in on (iface=)"
            : "",
        interface_name(first, name), first->destination.port);
}

const audyn_input_type_t audyn_rtp_input = {
    .scheme = "rtp",
    .check = check_rtp,
    .open = open_rtp,
    .start = start_rtp,
    .ask_to_stop = ask_rtp_to_stop,
    .stop = stop_rtp,
    .get_report = report_rtp,
    .next_event = next_event,
    .explain = explain_rtp,
    .close = close_rtp,
};
