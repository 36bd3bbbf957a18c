// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_options.h"

#include "cli/cli.h"
#include "cli/record_archive.h"
#include "cli/record_names.h"
#include "cli/retention_options.h"
#include "core/clock.h"
#include "core/duration.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_TIMEOUT_NS (10 * AUDYN_NS_PER_SECOND)

static const char help[] =
    "usage: audyn record INPUT -o FILE.wav [options]\n"
    "       audyn record INPUT INPUT ... --out-dir DIR [options]\n"
    "       audyn record --inputs LIST --out-dir DIR [options]\n"
    "       audyn record INPUT ... --archive DIR [options]\n"
    "\n"
    "Records each INPUT sample by sample until it ends, until -d is reached, or until "
    "Ctrl-C.\n"
    "\n"
    "INPUT is one of\n"
    "  rtp://ADDRESS:PORT?format=L24/48000/2   an AES67, RAVENNA, Dante or ST 2110-30 "
    "stream\n"
    "        &pt=98        RTP payload type (default: that of the first packet)\n"
    "        &iface=eth0   network interface, by name or address\n"
    "        &source=IP    from this sender only\n"
    "        &ssrc=0x…     this RTP source only\n"
    "        &channels=5-6 these channels only, in this order; also 1,3\n"
    "  rtp://A:PORT,B:PORT?…&iface=eth0,eth1   one stream by several legs (ST 2022-7)\n"
    "  sdp:FILE            the stream that a session description names; &media=N, "
    "&leg=a,\n"
    "                      &iface=, &channels=\n"
    "  sap:NAME            the stream that is announced under this name or origin "
    "(audyn\n"
    "                      discover); &wait=40s, and as with sdp:\n"
    "  pipewire:NODE       a device, JACK client or program in PipeWire (default: its "
    "default\n"
    "                      source); &monitor=1 &channels=N &rate=HZ &latency=F/HZ "
    "&reconnect=1\n"
    "  tone:997?level=-20&rate=48000&channels=2   a sine wave, Hz and dBFS\n"
    "  file:PATH           whatever libsndfile reads; &loop=1 starts over\n"
    "  tone: and file: run by the clock, with pace=free as fast as they can.\n";

static const char options_help[] =
    "\n"
    "options:\n"
    "  -o, --output FILE.wav   where to, also .flac or .opus; an existing file is not "
    "overwritten\n"
    "      --out-dir DIR       a file for each input, named after it, in this "
    "directory\n"
    "      --inputs LIST       more inputs, one a line, with a name for the file behind "
    "it\n"
    "                          if wanted; - is standard input\n"
    "      --force             overwrite it all the same\n"
    "  -d, --duration TIME     record exactly so long from the first sample: 10s, 1h30m\n"
    "      --format F          of those files: wav (default), flac or opus; of an "
    "archive "
    "also\n"
    "                          several, such as flac,opus\n"
    "      --archive DIR       into a folder for each input, in files that are cut by "
    "the "
    "clock\n"
    "      --name STREAM       what the folder of a single input is called\n"
    "      --layout L          how those files are called: flat (default), hierarchy, "
    "combo,\n"
    "                          dailydir, accurate or custom=STRFTIME\n"
    "      --period TIME       how long they are (1h; 1s to 24h)\n"
    "      --clock C           whose: utc (default), local or tai\n"
    "      --key FILE          signs what the archive says of it: see audyn keygen\n"
    "      --levels L          measured for sidecars: full (default: peaks and "
    "loudness), peak\n"
    "                          (cheaper) or none\n" AUDYN_RETENTION_HELP
    "      --station NAME      whose programme it is, for the files' metadata\n"
    "      --encoding E        pcm16, pcm24 or float32 (default: as the "
    "input)\n" AUDYN_CODING_HELP
    "      --timeout TIME      give up when nothing was received for so long (10s, with "
    "--out-dir\n"
    "                          0: never)\n"
    "      --window TIME       how late a packet may be (200ms, at most 2s)\n"
    "      --buffer TIME       how long the disk may stand still (10s, at most 60s)\n"
    "      --stall TIME        without a packet for so long there is no signal (100ms, "
    "10ms to 10s)\n"
    "      --json              a report on standard output at the end, as in FILE.json\n"
    "      --json-events       what happens, as it happens, as lines of JSON on standard "
    "output\n"
    "      --live              the live line even where there is no terminal\n"
    "      --quiet             nothing but errors\n"
    "  -h, --help              this text\n"
    "\n"
    "exit status: 0 complete, 1 failed, 2 wrong usage, 3 done but samples are missing\n";

enum {
    OPTION_OUT_DIR = 256,
    OPTION_INPUTS,
    OPTION_ARCHIVE,
    OPTION_NAME,
    OPTION_LAYOUT,
    OPTION_PERIOD,
    OPTION_CLOCK,
    OPTION_KEY,
    OPTION_LEVELS,
    OPTION_FORMAT,
    OPTION_STATION,
    OPTION_FORCE,
    OPTION_TIMEOUT,
    OPTION_WINDOW,
    OPTION_BUFFER,
    OPTION_STALL,
    OPTION_JSON,
    OPTION_JSON_EVENTS,
    OPTION_LIVE,
    OPTION_QUIET,
};

static const struct option words[] = {
    {"output", required_argument, NULL, 'o'},
    {"duration", required_argument, NULL, 'd'},
    {"out-dir", required_argument, NULL, OPTION_OUT_DIR},
    {"inputs", required_argument, NULL, OPTION_INPUTS},
    {"archive", required_argument, NULL, OPTION_ARCHIVE},
    {"name", required_argument, NULL, OPTION_NAME},
    {"layout", required_argument, NULL, OPTION_LAYOUT},
    {"period", required_argument, NULL, OPTION_PERIOD},
    {"clock", required_argument, NULL, OPTION_CLOCK},
    {"key", required_argument, NULL, OPTION_KEY},
    {"levels", required_argument, NULL, OPTION_LEVELS},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"station", required_argument, NULL, OPTION_STATION},
    AUDYN_CODING_WORDS,
    AUDYN_RETENTION_WORDS,
    {"force", no_argument, NULL, OPTION_FORCE},
    {"timeout", required_argument, NULL, OPTION_TIMEOUT},
    {"window", required_argument, NULL, OPTION_WINDOW},
    {"buffer", required_argument, NULL, OPTION_BUFFER},
    {"stall", required_argument, NULL, OPTION_STALL},
    {"json", no_argument, NULL, OPTION_JSON},
    {"json-events", no_argument, NULL, OPTION_JSON_EVENTS},
    {"live", no_argument, NULL, OPTION_LIVE},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, 'h'},
    {0},
};

void
audyn_record_options_print_help(void)
{
    fputs(help, stdout);
    fputs(options_help, stdout);
}

static audyn_status_t
read_duration(const char *option, int64_t *ns, audyn_error_t *error)
{
    if (!audyn_duration_parse(optarg, ns)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "%s %s is not a time such as 10s, 500ms, 2m or 1h30m",
                               option, optarg);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_length(int64_t *ns, audyn_error_t *error)
{
    const audyn_status_t status = read_duration("-d", ns, error);
    return status || *ns
               ? status
               : audyn_error_set(error, AUDYN_INVALID,
                                 "-d %s records nothing; leave it out to record "
                                 "until the end",
                                 optarg);
}

static audyn_status_t
read_ms(const char *option, uint32_t least, uint32_t most, uint32_t *ms,
        audyn_error_t *error)
{
    int64_t ns = 0;
    const audyn_status_t status = read_duration(option, &ns, error);
    if (status) {
        return status;
    }
    if (ns < least * AUDYN_NS_PER_MS || ns > most * AUDYN_NS_PER_MS) {
        return audyn_error_set(error, AUDYN_INVALID, "%s %s is not between %ums and %ums",
                               option, optarg, least, most);
    }
    *ms = (uint32_t)(ns / AUDYN_NS_PER_MS);
    return AUDYN_OK;
}

static audyn_status_t
check_format(const char *format, audyn_error_t *error)
{
    return !strcmp(format, "wav") || !strcmp(format, "flac") || !strcmp(format, "opus")
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID,
                                 "--format %s is not one of wav, flac and opus", format);
}

static audyn_status_t
read_archive_option(audyn_record_archive_t *archive, int option, audyn_error_t *error)
{
    switch (option) {
    case OPTION_ARCHIVE:
        archive->path = optarg;
        return AUDYN_OK;
    case OPTION_NAME:
        archive->name = optarg;
        return audyn_record_name_check(optarg, error);
    case OPTION_LAYOUT:
        archive->layout = optarg;
        return AUDYN_OK;
    case OPTION_PERIOD:
        return audyn_record_archive_read_period(archive, optarg, error);
    case OPTION_CLOCK:
        return audyn_record_archive_read_clock(archive, optarg, error);
    case OPTION_KEY:
        archive->key = optarg;
        return AUDYN_OK;
    case OPTION_LEVELS:
        return audyn_record_archive_read_levels(archive, optarg, error);
    default:
        return AUDYN_INVALID;
    }
}

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    audyn_record_options_t *options = (audyn_record_options_t *)context;
    switch (option) {
    case 'o':
        options->path = optarg;
        return AUDYN_OK;
    case OPTION_OUT_DIR:
        options->out_dir = optarg;
        return AUDYN_OK;
    case OPTION_INPUTS:
        options->list_path = optarg;
        return AUDYN_OK;
    case 'd':
        return read_length(&options->duration_ns, error);
    case OPTION_FORMAT:
        options->format = optarg;
        return AUDYN_OK;
    case OPTION_STATION:
        options->station = optarg;
        return AUDYN_OK;
    case AUDYN_OPTION_ENCODING:
    case AUDYN_OPTION_DITHER:
    case AUDYN_OPTION_FLAC_LEVEL:
    case AUDYN_OPTION_OPUS_BITRATE:
    case AUDYN_OPTION_OPUS_COMPLEXITY:
        return audyn_coding_read(&options->coding, option, error);
    case AUDYN_OPTION_RETAIN:
    case AUDYN_OPTION_LEAST_FREE:
    case AUDYN_OPTION_TRUST_CLOCK:
        return audyn_retention_option_read(&options->archive.retention, option, error);
    case OPTION_FORCE:
        options->force = true;
        return AUDYN_OK;
    case OPTION_TIMEOUT:
        return read_duration("--timeout", &options->timeout_ns, error);
    case OPTION_WINDOW:
        return read_ms("--window", 1, 2000, &options->window_ms, error);
    case OPTION_BUFFER:
        return read_ms("--buffer", 100, 60000, &options->buffer_ms, error);
    case OPTION_STALL:
        return read_ms("--stall", 10, 10000, &options->stall_ms, error);
    case OPTION_JSON:
        options->json = true;
        return AUDYN_OK;
    case OPTION_JSON_EVENTS:
        options->json_events = true;
        return AUDYN_OK;
    case OPTION_LIVE:
        options->live = true;
        return AUDYN_OK;
    case OPTION_QUIET:
        options->quiet = true;
        return AUDYN_OK;
    case 'h':
        options->help = true;
        return AUDYN_OK;
    default:
        return read_archive_option(&options->archive, option, error);
    }
}

static audyn_status_t
check_complete(const audyn_record_options_t *options, audyn_error_t *error)
{
    const size_t count = options->inputs.count;
    if (!count && !options->list_path) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "nothing to record: name an input, such as "
                               "rtp://239.69.1.1:5004?format=L24/48000/2");
    }
    audyn_status_t status = audyn_record_archive_check(options, error);
    if (status || options->archive.path) {
        return status;
    }
    status = check_format(options->format, error);
    if (status) {
        return status;
    }
    if (!options->path && !options->out_dir) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "nowhere to record to: name a file, such as -o take1.wav, "
                               "or for many inputs a directory, such as --out-dir .");
    }
    if (options->path && options->out_dir) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "-o names one file and --out-dir a directory for many; "
                               "give one of them");
    }
    if (options->path && options->list_path) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--inputs needs --out-dir; -o is for one input");
    }
    if (options->path && count > 1) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "-o is for one input, and %s is one too many (quote an "
                               "input that contains &; for many there is --out-dir)",
                               options->inputs.items[1].uri);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_inputs(audyn_record_options_t *options, int argc, char **argv, audyn_error_t *error)
{
    for (int i = optind; i < argc; ++i) {
        const audyn_status_t status =
            audyn_record_inputs_add(&options->inputs, argv[i], options->archive.name, 0);
        if (status) {
            return audyn_error_set(error, status, "%d inputs: %s", argc - optind,
                                   audyn_strerror(status));
        }
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_record_options_parse(audyn_record_options_t *options, int argc, char **argv,
                           audyn_error_t *error)
{
    *options = (audyn_record_options_t){
        .format = "wav", .coding = AUDYN_CODING_DEFAULT, .timeout_ns = -1};
    static const audyn_cli_options_t known = {":o:d:h", words, read_option};
    audyn_status_t status = audyn_cli_parse_options(&known, argc, argv, options, error);
    if (!status && !options->help) {
        status = read_inputs(options, argc, argv, error);
    }
    if (!status && !options->help) {
        status = check_complete(options, error);
    }
    if (options->timeout_ns < 0) {
        options->timeout_ns =
            audyn_record_options_are_for_many(options) ? 0 : DEFAULT_TIMEOUT_NS;
    }
    return status;
}

void
audyn_record_options_finish(audyn_record_options_t *options)
{
    audyn_record_inputs_finish(&options->inputs);
}
