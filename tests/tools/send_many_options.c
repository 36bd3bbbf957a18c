// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "send_many_options.h"

#include "core/clock.h"
#include "core/duration.h"

#include <arpa/inet.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST_PAYLOAD_BYTES 1440 // AES67, section 7.3

static const char help[] =
    "usage: send-many COUNT GROUP:PORT [options]\n"
    "\n"
    "Sends COUNT streams to as many groups, counting up from GROUP.  Timestamps are TAI\n"
    "sample indices; the audio is a pattern that tells stream and position.\n"
    "\n"
    "  --duration TIME      send for so long; without it nothing is sent\n"
    "  --iface NAME         network interface (lo)\n"
    "  --format F           L24/48000/2\n"
    "  --packet FRAMES      sample frames in a packet (48)\n"
    "  --together N         packets of a stream that leave at once, at most 8 (1)\n"
    "  --threads N          that share the streams, at most 8 (1)\n"
    "  --sdp FOLDER         write a session description for each stream there\n"
    "  --inputs FILE        write a URI and a name for each stream, one a line\n"
    "  --plan FILE          before the first packet: what will be sent, as JSON\n"
    "  --faults SEED        lose, delay and repeat packets, one fault in each slot\n"
    "  --kinds A,B          only these: lost, burst, alternate, held, repeated, outage\n"
    "  --slot TIME          1s\n"
    "  --outage TIME        how long a stream stops for (300ms)\n"
    "  --burst N            packets lost in a row, at most (50)\n"
    "  --distance N         packets that overtake one that is held, at most (8)\n"
    "\n"
    "It ends with a report in JSON, and with status 3 where it could not keep up.\n";

enum {
    OPTION_DURATION = 256,
    OPTION_INTERFACE,
    OPTION_FORMAT,
    OPTION_PACKET,
    OPTION_TOGETHER,
    OPTION_THREADS,
    OPTION_SDP,
    OPTION_INPUTS,
    OPTION_PLAN,
    OPTION_FAULTS,
    OPTION_KINDS,
    OPTION_SLOT,
    OPTION_OUTAGE,
    OPTION_BURST,
    OPTION_DISTANCE,
};

static const struct option long_options[] = {
    {"duration", required_argument, NULL, OPTION_DURATION},
    {"iface", required_argument, NULL, OPTION_INTERFACE},
    {"format", required_argument, NULL, OPTION_FORMAT},
    {"packet", required_argument, NULL, OPTION_PACKET},
    {"together", required_argument, NULL, OPTION_TOGETHER},
    {"threads", required_argument, NULL, OPTION_THREADS},
    {"sdp", required_argument, NULL, OPTION_SDP},
    {"inputs", required_argument, NULL, OPTION_INPUTS},
    {"plan", required_argument, NULL, OPTION_PLAN},
    {"faults", required_argument, NULL, OPTION_FAULTS},
    {"kinds", required_argument, NULL, OPTION_KINDS},
    {"slot", required_argument, NULL, OPTION_SLOT},
    {"outage", required_argument, NULL, OPTION_OUTAGE},
    {"burst", required_argument, NULL, OPTION_BURST},
    {"distance", required_argument, NULL, OPTION_DISTANCE},
    {0},
};

// Times that packets are counted in, once their size is known.
struct times {
    int64_t slot_ns, outage_ns;
};

static bool
read_number(const char *text, uint32_t least, uint32_t most, uint32_t *value)
{
    char *end;
    const unsigned long long number = strtoull(text, &end, 10);
    *value = (uint32_t)number;
    return end != text && !*end && number >= least && number <= most;
}

static bool
read_option(send_many_options_t *options, struct times *times, int option)
{
    fault_options_t *faults = &options->faults;
    switch (option) {
    case OPTION_DURATION:
        return audyn_duration_parse(optarg, &options->duration_ns);
    case OPTION_INTERFACE:
        options->interface = optarg;
        return true;
    case OPTION_FORMAT:
        return audyn_rtp_parse_format(&options->format, optarg);
    case OPTION_PACKET:
        return read_number(optarg, 1, MOST_PAYLOAD_BYTES, &options->packet_frames);
    case OPTION_TOGETHER:
        return read_number(optarg, 1, SEND_MANY_TOGETHER, &options->together);
    case OPTION_THREADS:
        return read_number(optarg, 1, SEND_MANY_THREADS, &options->threads);
    case OPTION_SDP:
        options->sdp_folder = optarg;
        return true;
    case OPTION_INPUTS:
        options->inputs = optarg;
        return true;
    case OPTION_PLAN:
        options->plan = optarg;
        return true;
    case OPTION_FAULTS:
        return read_number(optarg, 1, UINT32_MAX, &faults->seed);
    case OPTION_KINDS:
        return fault_kinds_parse(optarg, &faults->kinds);
    case OPTION_SLOT:
        return audyn_duration_parse(optarg, &times->slot_ns);
    case OPTION_OUTAGE:
        return audyn_duration_parse(optarg, &times->outage_ns);
    case OPTION_BURST:
        return read_number(optarg, 2, 10000, &faults->burst);
    case OPTION_DISTANCE:
        return read_number(optarg, 1, 1000, &faults->distance);
    default:
        return false;
    }
}

static uint64_t
packets_in(const send_many_options_t *options, int64_t ns)
{
    return audyn_clock_position(ns, options->format.sample_rate) / options->packet_frames;
}

static bool
read_arguments(send_many_options_t *options, int argc, char **argv)
{
    audyn_error_t error = {{0}};
    if (argc - optind != 2 ||
        !read_number(argv[optind], 1, SEND_MANY_STREAMS, &options->count) ||
        audyn_endpoint_parse(&options->first, argv[optind + 1], &error)) {
        fprintf(stderr, "%ssend-many: give COUNT and GROUP:PORT; %s\n", help, error.text);
        return false;
    }
    return true;
}

static bool
fits(const send_many_options_t *options)
{
    if (options->packet_frames * audyn_rtp_frame_bytes(&options->format) >
        MOST_PAYLOAD_BYTES) {
        fprintf(stderr, "send-many: a packet holds at most %d bytes of audio\n",
                MOST_PAYLOAD_BYTES);
        return false;
    }
    if (!options->faults.slot ||
        (options->faults.seed && !faults_fit(&options->faults))) {
        fprintf(stderr, "send-many: the faults do not fit into a slot; make --slot "
                        "longer, or --outage or --burst shorter\n");
        return false;
    }
    return true;
}

bool
send_many_options_parse(send_many_options_t *options, int argc, char **argv)
{
    struct times times = {AUDYN_NS_PER_SECOND, 300 * AUDYN_NS_PER_MS};
    *options = (send_many_options_t){
        .interface = "lo",
        .format = {.bits = 24, .sample_rate = 48000, .channels = 2},
        .packet_frames = 48,
        .together = 1,
        .threads = 1,
        .faults = {.kinds = FAULT_KINDS_ALL, .burst = 50, .distance = 8},
    };
    for (int option; (option = getopt_long(argc, argv, "", long_options, NULL)) != -1;) {
        if (!read_option(options, &times, option)) {
            fprintf(stderr, "%ssend-many: wrong option or value%s%s\n", help,
                    option == '?' ? "" : ": ", option == '?' ? "" : optarg);
            return false;
        }
    }
    options->faults.slot = packets_in(options, times.slot_ns);
    options->faults.outage = packets_in(options, times.outage_ns);
    return read_arguments(options, argc, argv) && fits(options);
}

uint64_t
send_many_packets(const send_many_options_t *options)
{
    return packets_in(options, options->duration_ns);
}

struct in_addr
send_many_group(const send_many_options_t *options, uint32_t stream)
{
    return (struct in_addr){htonl(ntohl(options->first.address.s_addr) + stream)};
}
