// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn send`: wires source, sender and description, and waits.

#include "cli/cli.h"
#include "cli/send_options.h"
#include "core/json_text.h"
#include "core/log.h"
#include "input/uri.h"
#include "net/sap_announcer.h"
#include "net/sdp.h"
#include "sender/sender.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

// How far the source is read ahead.
#define BUFFER_MS 2000
#define LOOK_MS 1000
#define DESCRIPTION_BYTES 1500

// All that lives while one stream is sent.
struct session {
    audyn_send_options_t options;
    audyn_destination_t destination;
    audyn_input_t *input;
    audyn_sender_t *sender;
    audyn_sap_announcer_t *announcer; // NULL: the stream is not announced
    bool warned_of_packets, warned_of_announcements;
    int signal_fd;
    audyn_sender_report_t report;
    audyn_error_t error;
};

// Only what can run ahead can be sent on time.
static audyn_status_t
check_source(struct session *session)
{
    audyn_uri_t uri;
    audyn_status_t status =
        audyn_uri_parse(&uri, session->options.source, &session->error);
    if (status) {
        return status;
    }
    if (strcmp(uri.scheme, "file") != 0 && strcmp(uri.scheme, "tone") != 0) {
        return audyn_error_set(&session->error, AUDYN_INVALID,
                               "'%s:' cannot be sent; file: and tone: can", uri.scheme);
    }
    const char *pace = audyn_uri_option(&uri, "pace");
    if (pace && strcmp(pace, "free") != 0) {
        return audyn_error_set(&session->error, AUDYN_INVALID,
                               "pace=%s: leave it out, what is sent is paced anyway",
                               pace);
    }
    return AUDYN_OK;
}

static audyn_status_t
open_source(struct session *session)
{
    const audyn_input_config_t config = {
        .buffer_ms = BUFFER_MS,
        .free_running = true,
        .loop = session->options.loop,
    };
    const audyn_status_t status = check_source(session);
    return status ? status
                  : audyn_input_open(&session->input, session->options.source, &config,
                                     &session->error);
}

static audyn_status_t
create_sender(struct session *session)
{
    const uint32_t sample_rate = session->destination.format.sample_rate;
    const int64_t duration_ns = session->options.duration_ns;
    const uint64_t sample_frames = audyn_clock_position(duration_ns, sample_rate);
    const audyn_sender_config_t config = {
        .destination = session->destination,
        .sample_frames = duration_ns && !sample_frames ? 1 : sample_frames,
    };
    return audyn_sender_create(&session->sender, session->input, &config,
                               &session->error);
}

// The session is named by its destination, so that a sender that starts anew replaces
// what it said before; the time makes the version higher.
static void
fill_description(struct session *session, audyn_sdp_t *sdp, char local_mac[32])
{
    const audyn_destination_t *destination = &session->destination;
    const audyn_endpoint_t *endpoint = &destination->endpoint;
    const audyn_clock_t *clock = audyn_clock_system();
    *sdp = (audyn_sdp_t){
        .name = session->options.name,
        .session_id = (uint64_t)ntohl(endpoint->address.s_addr) << 16 | endpoint->port,
        .version = (uint64_t)clock->utc_ns(clock),
        .destination = *endpoint,
        .ttl = destination->ttl,
        .format = destination->format,
        .payload_type = destination->payload_type,
        .packet_frames = destination->packet_frames,
        .ts_refclk = session->options.ts_refclk,
    };
    uint8_t mac[6];
    audyn_sender_local(session->sender, &sdp->origin, mac);
    snprintf(local_mac, 32, "localmac=%02X-%02X-%02X-%02X-%02X-%02X", mac[0], mac[1],
             mac[2], mac[3], mac[4], mac[5]);
    if (!sdp->ts_refclk) {
        sdp->ts_refclk = local_mac;
    }
}

static audyn_status_t
write_description(struct session *session, const audyn_sdp_t *sdp)
{
    const char *path = session->options.sdp_path;
    const audyn_status_t status =
        audyn_cli_keep_input(session->options.source, path, &session->error);
    return status ? status : audyn_sdp_write(path, sdp, &session->error);
}

static audyn_status_t
open_announcer(struct session *session, const audyn_sdp_t *sdp)
{
    char text[DESCRIPTION_BYTES];
    if (audyn_sdp_format(text, sizeof text, sdp)) {
        return audyn_error_set(&session->error, AUDYN_TOO_LARGE,
                               "the description is too long to be announced");
    }
    const audyn_sap_announcer_config_t config = {
        .description = text,
        .destination = session->destination.endpoint.address,
        .interface_index = session->destination.interface_index,
        .ttl = session->destination.ttl,
    };
    return audyn_sap_announcer_open(&session->announcer, &config, &session->error);
}

static audyn_status_t
describe(struct session *session)
{
    audyn_sdp_t sdp;
    char local_mac[32];
    fill_description(session, &sdp, local_mac);
    audyn_status_t status = AUDYN_OK;
    if (session->options.sdp_path) {
        status = write_description(session, &sdp);
    }
    if (!status && session->options.sap) {
        status = open_announcer(session, &sdp);
    }
    return status;
}

static audyn_status_t
start(struct session *session)
{
    audyn_status_t status = audyn_input_start(session->input, &session->error);
    if (!status) {
        status = audyn_sender_start(session->sender, &session->error);
    }
    return status;
}

static void
announce(struct session *session)
{
    if (session->options.quiet) {
        return;
    }
    const audyn_destination_t *destination = &session->destination;
    audyn_sender_get_report(session->sender, &session->report);
    if (!session->report.real_time) {
        audyn_log_warning(
            "no real-time priority was granted: packets may leave late on a "
            "busy machine; allow it with CAP_SYS_NICE or rtprio in "
            "limits.conf(5)");
    }
    char endpoint[AUDYN_ENDPOINT_TEXT];
    audyn_endpoint_format(endpoint, &destination->endpoint);
    audyn_log_info("sending %s to %s, payload type %u, SSRC 0x%08" PRIx32,
                   session->options.source, endpoint, destination->payload_type,
                   destination->ssrc);
}

static void
warn(struct session *session)
{
    audyn_sender_get_report(session->sender, &session->report);
    if (session->report.unsent && !session->warned_of_packets) {
        session->warned_of_packets = true;
        audyn_log_warning("packets cannot be sent: %s; going on",
                          strerror(session->report.unsent_errno));
    }
    const int cause =
        session->announcer ? audyn_sap_announcer_errno(session->announcer) : 0;
    if (cause && !session->warned_of_announcements) {
        session->warned_of_announcements = true;
        audyn_log_warning("the stream cannot be announced: %s; going on",
                          strerror(cause));
    }
}

// Until the source ends or a signal comes.
static void
watch(struct session *session)
{
    const audyn_clock_t *clock = audyn_clock_system();
    struct pollfd events[] = {
        {.fd = session->signal_fd, .events = POLLIN},
        {.fd = audyn_sender_event_fd(session->sender), .events = POLLIN},
    };
    while (!events[0].revents && !events[1].revents) {
        if (session->announcer) {
            audyn_sap_announcer_run(session->announcer, clock->monotonic_ns(clock));
        }
        if (poll(events, 2, LOOK_MS) < 0 && errno != EINTR) {
            return;
        }
        warn(session);
    }
}

// Says what was sent, and whether that was all.
static audyn_status_t
finish(struct session *session)
{
    audyn_sender_stop(session->sender);
    audyn_input_stop(session->input);
    audyn_sender_get_report(session->sender, &session->report);
    audyn_input_report_t input;
    audyn_input_get_report(session->input, &input);
    if (input.status) {
        audyn_input_explain(session->input, &session->error);
        return input.status;
    }
    if (session->report.unsent && !session->report.packets) {
        return audyn_error_set(&session->error, AUDYN_IO,
                               "nothing could be sent: %s; check the interface and the "
                               "firewall (nft list ruleset)",
                               strerror(session->report.unsent_errno));
    }
    return AUDYN_OK;
}

static json_t *
start_json(const struct session *session)
{
    const uint64_t position = session->report.position;
    if (!position) {
        return json_null();
    }
    const int64_t tai_ns =
        audyn_clock_tai_ns(position, session->destination.format.sample_rate);
    return json_pack("{s:I, s:I}", "tai_ns", (json_int_t)tai_ns, "position",
                     (json_int_t)position);
}

static bool
print_json(const struct session *session, audyn_status_t status)
{
    const audyn_destination_t *destination = &session->destination;
    const audyn_sender_report_t *report = &session->report;
    char endpoint[AUDYN_ENDPOINT_TEXT];
    audyn_endpoint_format(endpoint, &destination->endpoint);
    json_t *object = json_pack(
        "{s:o, s:s, s:i, s:i, s:i, s:i, s:I, s:i, s:o, s:I, s:I, s:I, s:I, s:I}",
        "source", audyn_json_text(session->options.source), "destination", endpoint,
        "bits", (int)destination->format.bits, "sample_rate",
        (int)destination->format.sample_rate, "channels",
        (int)destination->format.channels, "payload_type", (int)destination->payload_type,
        "ssrc", (json_int_t)destination->ssrc, "packet_frames",
        (int)destination->packet_frames, "start", start_json(session), "sample_frames",
        (json_int_t)report->sample_frames, "packets", (json_int_t)report->packets, "late",
        (json_int_t)report->late, "unsent", (json_int_t)report->unsent, "worst_late_ns",
        (json_int_t)report->worst_ns);
    if (status) {
        json_object_set_new(object, "error", audyn_json_text(session->error.text));
    }
    const int failed = json_dumpf(object, stdout, JSON_INDENT(2));
    json_decref(object);
    return !failed && putchar('\n') != EOF && !fflush(stdout);
}

static void
print_summary(const struct session *session)
{
    const audyn_sender_report_t *report = &session->report;
    audyn_log_info(
        "sent %.3f s: %" PRIu64 " sample frames in %" PRIu64 " packets; %" PRIu64
        " left more than a packet time late, the latest %.3f ms; %" PRIu64
        " could not be sent",
        (double)report->sample_frames / session->destination.format.sample_rate,
        report->sample_frames, report->packets, report->late,
        (double)report->worst_ns / (double)AUDYN_NS_PER_MS, report->unsent);
}

static int
conclude(const struct session *session, audyn_status_t status)
{
    if (status) {
        audyn_log_error("%s", session->error.text);
    }
    if (!session->options.quiet) {
        print_summary(session);
    }
    if (session->options.json && !print_json(session, status)) {
        audyn_log_error("the report cannot be written to standard output");
        return AUDYN_EXIT_FAILED;
    }
    if (status) {
        return AUDYN_EXIT_FAILED;
    }
    return session->report.unsent ? AUDYN_EXIT_MISSING : AUDYN_EXIT_COMPLETE;
}

static int
send_stream(struct session *session)
{
    audyn_status_t status =
        audyn_destination_parse(&session->destination, session->options.destination,
                                session->options.packet_time, &session->error);
    if (!status) {
        status = open_source(session);
    }
    if (!status) {
        status = create_sender(session);
    }
    if (!status) {
        status = describe(session);
    }
    if (!status) {
        status = start(session);
    }
    if (status) {
        return audyn_cli_refuse(status, &session->error);
    }
    announce(session);
    watch(session);
    return conclude(session, finish(session));
}

int
audyn_cli_send(int argc, char **argv)
{
    struct session session = {0};
    if (audyn_send_options_parse(&session.options, argc, argv, &session.error)) {
        audyn_log_error("%s; see audyn send --help", session.error.text);
        return AUDYN_EXIT_USAGE;
    }
    if (session.options.help) {
        audyn_send_options_print_help();
        return AUDYN_EXIT_COMPLETE;
    }
    session.signal_fd = audyn_cli_open_signals();
    const int exit_status = send_stream(&session);
    audyn_sap_announcer_close(session.announcer);
    audyn_sender_destroy(session.sender);
    audyn_input_close(session.input);
    close(session.signal_fd);
    return exit_status;
}
