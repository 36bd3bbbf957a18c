// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/send_options.h"

#include "cli/cli.h"
#include "core/duration.h"

#include <ctype.h>
#include <stdio.h>

static const char help[] =
    "usage: audyn send SOURCE 'rtp://ADDRESS:PORT?format=L24/48000/2' [options]\n"
    "\n"
    "Sends SOURCE as an AES67 stream in real time until it ends, until -d is reached, "
    "or\n"
    "until Ctrl-C.\n"
    "\n"
    "SOURCE is one of\n"
    "  file:PATH           whatever libsndfile reads; &loop=1 starts over\n"
    "  tone:997?level=-20&rate=48000&channels=2   a sine wave, Hz and dBFS\n"
    "Its rate and channels must be those of the destination's format.\n"
    "\n"
    "The destination is a multicast group or a unicast address, with\n"
    "  ?format=L24/48000/2   L16 or L24, sample rate, channels\n"
    "  &pt=98        RTP payload type, 96 to 127\n"
    "  &iface=eth0   network interface, by name or address\n"
    "  &ssrc=0x…     RTP source identifier (default: by chance)\n"
    "  &ttl=32       how many routers it may pass\n"
    "  &dscp=34      DiffServ code point (34 is AF41, as AES67 wants it)\n"
    "\n"
    "options:\n"
    "      --ptime TIME        a packet's length: 125us, 250us, 333us, 1ms (default), "
    "4ms\n"
    "  -d, --duration TIME     send exactly so long: 10s, 1h30m\n"
    "      --loop              start over at the source's end\n"
    "      --sdp FILE          describe the stream in FILE, before the first packet\n"
    "      --sap               announce the stream (SAP), so that audyn discover and "
    "others\n"
    "                          find it\n"
    "      --name NAME         its name in descriptions and announcements (default: "
    "SOURCE)\n"
    "      --ts-refclk CLOCK   the clock to name in it, such as\n"
    "                          ptp=IEEE1588-2008:39-A7-94-FF-FE-07-CB-D0:0 (default: "
    "the\n"
    "                          interface's hardware address, localmac=…)\n"
    "      --json              a report on standard output at the end\n"
    "      --quiet             nothing but errors\n"
    "  -h, --help              this text\n"
    "\n"
    "exit status: 0 complete, 1 failed, 2 wrong usage, 3 done but packets are missing\n";

enum {
    OPTION_PTIME = 256,
    OPTION_LOOP,
    OPTION_SDP,
    OPTION_SAP,
    OPTION_NAME,
    OPTION_TS_REFCLK,
    OPTION_JSON,
    OPTION_QUIET,
};

static const struct option words[] = {
    {"ptime", required_argument, NULL, OPTION_PTIME},
    {"duration", required_argument, NULL, 'd'},
    {"loop", no_argument, NULL, OPTION_LOOP},
    {"sdp", required_argument, NULL, OPTION_SDP},
    {"sap", no_argument, NULL, OPTION_SAP},
    {"name", required_argument, NULL, OPTION_NAME},
    {"ts-refclk", required_argument, NULL, OPTION_TS_REFCLK},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void
audyn_send_options_print_help(void)
{
    fputs(help, stdout);
}

static audyn_status_t
read_duration(audyn_send_options_t *options, audyn_error_t *error)
{
    if (!audyn_duration_parse(optarg, &options->duration_ns) || !options->duration_ns) {
        return audyn_error_set(
            error, AUDYN_INVALID,
            "-d %s is not a length of time such as 10s, 500ms or 1h30m", optarg);
    }
    return AUDYN_OK;
}

// It becomes one line of the description as it is.
static audyn_status_t
read_ts_refclk(audyn_send_options_t *options, audyn_error_t *error)
{
    options->ts_refclk = optarg;
    const char *c = optarg;
    while (isgraph((unsigned char)*c)) {
        ++c;
    }
    if (!*optarg || *c) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--ts-refclk '%s' is not a clock such as ptp=traceable or "
                               "localmac=02-00-00-00-00-01",
                               optarg);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    audyn_send_options_t *options = (audyn_send_options_t *)context;
    switch (option) {
    case OPTION_PTIME:
        options->packet_time = optarg;
        return AUDYN_OK;
    case 'd':
        return read_duration(options, error);
    case OPTION_LOOP:
        options->loop = true;
        return AUDYN_OK;
    case OPTION_SDP:
        options->sdp_path = optarg;
        return AUDYN_OK;
    case OPTION_SAP:
        options->sap = true;
        return AUDYN_OK;
    case OPTION_NAME:
        options->name = optarg;
        return AUDYN_OK;
    case OPTION_TS_REFCLK:
        return read_ts_refclk(options, error);
    case OPTION_JSON:
        options->json = true;
        return AUDYN_OK;
    case OPTION_QUIET:
        options->quiet = true;
        return AUDYN_OK;
    case 'h':
        options->help = true;
        return AUDYN_OK;
    default:
        return AUDYN_INVALID;
    }
}

static audyn_status_t
read_operands(audyn_send_options_t *options, int count, char **operands,
              audyn_error_t *error)
{
    if (count > 2) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s is one too many: there are one source and one "
                               "destination (quote what contains &)",
                               operands[2]);
    }
    options->source = count > 0 ? operands[0] : NULL;
    options->destination = count > 1 ? operands[1] : NULL;
    options->name = options->name ? options->name : options->source;
    if (options->help) {
        return AUDYN_OK;
    }
    if (!options->source) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "nothing to send: name a source, such as file:take1.wav");
    }
    if (!options->destination) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "nowhere to send to: name a destination, such as "
                               "'rtp://239.69.1.1:5004?format=L24/48000/2&iface=eth0'");
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_send_options_parse(audyn_send_options_t *options, int argc, char **argv,
                         audyn_error_t *error)
{
    *options = (audyn_send_options_t){.packet_time = "1ms"};
    static const audyn_cli_options_t known = {":d:h", words, read_option};
    const audyn_status_t status =
        audyn_cli_parse_options(&known, argc, argv, options, error);
    if (status) {
        return status;
    }
    return read_operands(options, argc - optind, argv + optind, error);
}
