// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/discover_options.h"

#include "cli/cli.h"
#include "core/clock.h"
#include "core/duration.h"

#include <stdio.h>

static const char help[] =
    "usage: audyn discover [sap] [options]\n"
    "       audyn discover pipewire [--json]\n"
    "\n"
    "Lists the streams that are announced on the network by SAP, or what PipeWire has "
    "to\n"
    "record, and what to give to audyn record for each.\n"
    "\n"
    "options:\n"
    "  -t, --time TIME      listen so long (default: 5s).  Most devices announce every "
    "30 s:\n"
    "                       -t 40s finds those too; Ctrl-C lists what was found so far\n"
    "      --iface NAME     listen on this network interface, by name or address\n"
    "                       (default: on all)\n"
    "      --json           the list in JSON\n"
    "  -h, --help           this text\n"
    "\n"
    "exit status: 0 something was found, 1 nothing, 2 wrong usage\n";

enum {
    OPTION_IFACE = 256,
    OPTION_JSON,
};

static const struct option words[] = {
    {"time", required_argument, NULL, 't'},
    {"iface", required_argument, NULL, OPTION_IFACE},
    {"json", no_argument, NULL, OPTION_JSON},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void
audyn_discover_options_print_help(void)
{
    fputs(help, stdout);
}

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    audyn_discover_options_t *options = (audyn_discover_options_t *)context;
    switch (option) {
    case 't':
        if (!audyn_duration_parse(optarg, &options->duration_ns) ||
            !options->duration_ns) {
            return audyn_error_set(
                error, AUDYN_INVALID,
                "-t %s is not a length of time such as 10s, 500ms or 2m", optarg);
        }
        return AUDYN_OK;
    case OPTION_IFACE:
        options->interface = optarg;
        return AUDYN_OK;
    case OPTION_JSON:
        options->json = true;
        return AUDYN_OK;
    default:
        options->help = true;
        return AUDYN_OK;
    }
}

audyn_status_t
audyn_discover_options_parse(audyn_discover_options_t *options, int argc, char **argv,
                             audyn_error_t *error)
{
    *options = (audyn_discover_options_t){
        .what = "sap",
        .duration_ns = 5 * AUDYN_NS_PER_SECOND,
    };
    static const audyn_cli_options_t known = {":t:h", words, read_option};
    const audyn_status_t status =
        audyn_cli_parse_options(&known, argc, argv, options, error);
    if (status) {
        return status;
    }
    if (argc - optind > 1) {
        return audyn_error_set(error, AUDYN_INVALID, "%s is one too many",
                               argv[optind + 1]);
    }
    options->what = optind < argc ? argv[optind] : options->what;
    return AUDYN_OK;
}
