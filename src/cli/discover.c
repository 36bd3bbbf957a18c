// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn discover`: what there is to be recorded.

#include "cli/cli.h"
#include "cli/discover_options.h"
#include "cli/discover_pipewire.h"
#include "cli/discover_report.h"
#include "core/clock.h"
#include "core/log.h"
#include "net/sap_listener.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct search {
    audyn_sap_directory_t *directory;
    audyn_sap_listener_t *listener;
};

static audyn_status_t
hear(struct search *search, const audyn_discover_options_t *options, audyn_error_t *error)
{
    audyn_status_t status = audyn_sap_directory_create(&search->directory);
    if (status) {
        return audyn_error_set(error, status, "no memory for a list of sessions");
    }
    status = audyn_sap_listener_open(&search->listener, options->interface, error);
    if (status) {
        return status;
    }
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t deadline_ns = clock->monotonic_ns(clock) + options->duration_ns;
    const int signal_fd = audyn_cli_open_signals();
    while (audyn_sap_listener_next(search->listener, search->directory, deadline_ns,
                                   signal_fd)) {
    }
    close(signal_fd);
    return AUDYN_OK;
}

static void
explain_nothing(const struct search *search, const audyn_discover_options_t *options)
{
    const audyn_sap_counts_t *counts = audyn_sap_listener_counts(search->listener);
    const char *interfaces = audyn_sap_listener_interfaces(search->listener);
    if (counts->packets > counts->unreadable + counts->malformed) {
        audyn_log_error("no session is announced on %s any more: what was there has been "
                        "withdrawn; look whether its sender still runs",
                        interfaces);
        return;
    }
    if (counts->packets) {
        audyn_log_error("no session was announced: %" PRIu64 " packets came in on %s, "
                        "%" PRIu64 " of them encrypted or compressed, %" PRIu64
                        " no announcements; see tcpdump -A udp port %d",
                        counts->packets, interfaces, counts->unreadable,
                        counts->malformed, AUDYN_SAP_PORT);
        return;
    }
    audyn_log_error(
        "no session was announced within %g s on %s; look whether the senders "
        "announce by SAP, which many do every 30 s (-t 40s), whether this is "
        "the interface (--iface), and whether a firewall drops UDP port %d: "
        "nft list ruleset",
        (double)options->duration_ns / (double)AUDYN_NS_PER_SECOND, interfaces,
        AUDYN_SAP_PORT);
}

static int
report(const struct search *search, const audyn_discover_options_t *options)
{
    const bool written = options->json ? audyn_discover_print_json(search->directory)
                                       : audyn_discover_print_table(search->directory);
    const uint64_t refused = audyn_sap_listener_counts(search->listener)->refused;
    if (refused) {
        audyn_log_warning("%" PRIu64 " announcements were left out: there are more than "
                          "%d sessions, or more than %d of one sender",
                          refused, AUDYN_SAP_SESSIONS, AUDYN_SAP_SESSIONS_OF_ONE);
    }
    if (!audyn_sap_directory_count(search->directory)) {
        explain_nothing(search, options);
        return AUDYN_EXIT_FAILED;
    }
    if (!written) {
        audyn_log_error("the list cannot be written to standard output");
    }
    return written ? AUDYN_EXIT_COMPLETE : AUDYN_EXIT_FAILED;
}

static int
discover_sap(const audyn_discover_options_t *options)
{
    struct search search = {0};
    audyn_error_t error = {""};
    const audyn_status_t status = hear(&search, options, &error);
    const int exit_status =
        status ? audyn_cli_refuse(status, &error) : report(&search, options);
    audyn_sap_listener_close(search.listener);
    audyn_sap_directory_destroy(search.directory);
    return exit_status;
}

static const struct {
    const char *name;
    int (*run)(const audyn_discover_options_t *options);
} searches[] = {
    {"sap", discover_sap},
    {"pipewire", audyn_discover_pipewire},
};

int
audyn_cli_discover(int argc, char **argv)
{
    audyn_discover_options_t options;
    audyn_error_t error = {""};
    if (audyn_discover_options_parse(&options, argc, argv, &error)) {
        audyn_log_error("%s; see audyn discover --help", error.text);
        return AUDYN_EXIT_USAGE;
    }
    if (options.help) {
        audyn_discover_options_print_help();
        return AUDYN_EXIT_COMPLETE;
    }
    for (size_t i = 0; i < sizeof searches / sizeof *searches; ++i) {
        if (!strcmp(options.what, searches[i].name)) {
            return searches[i].run(&options);
        }
    }
    audyn_log_error(
        "%s is nothing that can be looked for; there are: sap and pipewire; see audyn "
        "discover --help",
        options.what);
    return AUDYN_EXIT_USAGE;
}
