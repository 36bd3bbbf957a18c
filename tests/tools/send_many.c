// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Sends many streams at little cost, for benchmarks and tests:
//   send-many COUNT GROUP:PORT [options]        (see --help)
// What it did is one line of JSON on standard output.  Exit status: 0 every packet left
// in time, 1 failed, 2 wrong usage, 3 it could not keep up.

#include "core/clock.h"
#include "core/rt_thread.h"
#include "send_many_plan.h"

#include <errno.h>
#include <inttypes.h>
#include <netinet/udp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

// Below a recorder's input thread.
#define PRIORITY 65

// What is later is not the receiver's fault.
#define LATE_NS (50 * AUDYN_NS_PER_MS)

// Packets leave together that fall due within it.
#define TICK_NS AUDYN_NS_PER_MS

// The receivers' tests read the plan before the first packet.
#define LEAD_NS (500 * AUDYN_NS_PER_MS)

#define BATCH 512 // messages for one system call
#define SEND_ATTEMPTS 100

// The audio: noise that repeats itself after a prime number of sample frames.  Each
// stream is that far ahead of the one before.
#define PATTERN_FRAMES 65521
#define PATTERN_STRIDE 7919

struct stream {
    struct sockaddr_in address;
    uint64_t slot;
    fault_t fault; // of the slot
    uint16_t sequence;
    uint16_t held_sequence;
    uint64_t held; // the packet that waits for others to overtake it
};

// One thread of them, which sends some of the streams.
struct sender {
    const send_many_options_t *options;
    audyn_rt_thread_t thread;
    int fd;
    const uint8_t *pattern; // as on the wire, with one packet more at its end
    struct stream *streams; // all of them
    uint32_t first, end;    // which of them
    uint64_t position;      // of the first sample
    int64_t tai_minus_mono_ns;
    uint32_t per_tick; // packets of a stream
    // The batch.  A message is a packet, or some of one stream.
    unsigned filled;
    uint32_t last; // the stream that the last message is of
    unsigned in_message[BATCH];
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH][SEND_MANY_TOGETHER][2];
    uint8_t headers[BATCH][SEND_MANY_TOGETHER][AUDYN_RTP_HEADER_BYTES];
    uint64_t packets, late, unsent;
    int64_t worst_ns;
};

// Numerical Recipes' generator; its upper bits are the sample.
static uint8_t *
make_pattern(const send_many_options_t *options)
{
    const uint32_t width = options->format.bits / 8;
    const uint32_t frame_bytes = audyn_rtp_frame_bytes(&options->format);
    const size_t bytes = (size_t)PATTERN_FRAMES * frame_bytes;
    const size_t extra = (size_t)options->packet_frames * frame_bytes;
    uint8_t *pattern = malloc(bytes + extra);
    uint32_t random = 1;
    for (size_t at = 0; pattern && at < bytes; at += width) {
        random = random * 1664525U + 1013904223U;
        for (uint32_t i = 0; i < width; ++i) {
            pattern[at + i] = (uint8_t)(random >> (24 - 8 * i));
        }
    }
    if (pattern) {
        memcpy(pattern + bytes, pattern, extra);
    }
    return pattern;
}

static void
flush(struct sender *sender)
{
    unsigned sent = 0;
    for (int attempt = 0; sent < sender->filled && attempt < SEND_ATTEMPTS; ++attempt) {
        const int count =
            sendmmsg(sender->fd, sender->messages + sent, sender->filled - sent, 0);
        sent += count > 0 ? (unsigned)count : 0;
    }
    for (unsigned i = 0; i < sender->filled; ++i) {
        *(i < sent ? &sender->packets : &sender->unsent) += sender->in_message[i];
    }
    sender->filled = 0;
}

// The message that a stream's packet goes into.
static unsigned
choose_message(struct sender *sender, uint32_t stream)
{
    const unsigned last = sender->filled - 1;
    if (sender->filled && sender->last == stream &&
        sender->in_message[last] < sender->options->together) {
        return last;
    }
    if (sender->filled == BATCH) {
        flush(sender);
    }
    sender->last = stream;
    sender->in_message[sender->filled] = 0;
    sender->messages[sender->filled].msg_hdr.msg_name = &sender->streams[stream].address;
    return sender->filled++;
}

static void
send_packet(struct sender *sender, uint32_t stream, uint64_t packet, uint16_t sequence)
{
    const send_many_options_t *options = sender->options;
    const uint64_t position = sender->position + packet * options->packet_frames;
    const audyn_rtp_packet_t header = {
        .payload_type = SEND_MANY_PAYLOAD_TYPE,
        .sequence = sequence,
        .timestamp = (uint32_t)position,
        .ssrc = SEND_MANY_SSRC + stream,
    };
    const unsigned message = choose_message(sender, stream);
    const unsigned place = sender->in_message[message]++;
    const uint64_t frame =
        (position + (uint64_t)stream * PATTERN_STRIDE) % PATTERN_FRAMES;
    audyn_rtp_write_header(&header, sender->headers[message][place]);
    sender->vectors[message][place][1].iov_base =
        (void *)(uintptr_t)(sender->pattern +
                            frame * audyn_rtp_frame_bytes(&options->format));
    sender->messages[message].msg_hdr.msg_iovlen = 2 * (size_t)(place + 1);
}

static fate_t
fate_of(struct sender *sender, uint32_t index, uint64_t packet)
{
    const fault_options_t *faults = &sender->options->faults;
    struct stream *stream = &sender->streams[index];
    if (!faults->seed) {
        return FATE_SENT;
    }
    if (packet / faults->slot != stream->slot) {
        stream->slot = packet / faults->slot;
        stream->fault =
            fault_plan(faults, index, stream->slot, send_many_packets(sender->options));
    }
    return fault_fate(&stream->fault, packet);
}

static void
take_turn(struct sender *sender, uint32_t index, uint64_t packet)
{
    struct stream *stream = &sender->streams[index];
    const fate_t fate = fate_of(sender, index, packet);
    if (fate == FATE_NOT_THERE) {
        return;
    }
    const uint16_t sequence = stream->sequence++;
    if (fate == FATE_HELD) {
        stream->held = packet;
        stream->held_sequence = sequence;
    } else if (fate != FATE_LOST) {
        send_packet(sender, index, packet, sequence);
    }
    if (fate == FATE_SENT_TWICE) {
        send_packet(sender, index, packet, sequence);
    } else if (fate == FATE_SENT_WITH_HELD) {
        send_packet(sender, index, stream->held, stream->held_sequence);
    }
}

// A packet is due when its last sample is.
static int64_t
due_ns(const struct sender *sender, uint64_t packet)
{
    const send_many_options_t *options = sender->options;
    return audyn_clock_tai_ns(sender->position + (packet + 1) * options->packet_frames,
                              options->format.sample_rate) -
           sender->tai_minus_mono_ns;
}

static void
count_lateness(struct sender *sender, int64_t late_ns, uint64_t packets)
{
    sender->worst_ns = late_ns > sender->worst_ns ? late_ns : sender->worst_ns;
    sender->late += late_ns > LATE_NS ? packets : 0;
}

// Its streams from one packet to another, some packets of each in turn.
static void
send_tick(struct sender *sender, uint64_t first, uint64_t end)
{
    const uint32_t together = sender->options->together;
    for (; first < end; first += together) {
        for (uint32_t stream = sender->first; stream < sender->end; ++stream) {
            for (uint64_t i = first; i < first + together && i < end; ++i) {
                take_turn(sender, stream, i);
            }
        }
    }
    flush(sender);
}

static void *
run(void *argument)
{
    struct sender *sender = argument;
    const audyn_clock_t *clock = audyn_clock_system();
    const uint64_t packets = send_many_packets(sender->options);
    for (uint64_t first = 0; first < packets; first += sender->per_tick) {
        const uint64_t left = packets - first;
        const uint64_t end = first + (left < sender->per_tick ? left : sender->per_tick);
        clock->sleep_until(clock, due_ns(sender, end - 1));
        send_tick(sender, first, end);
        count_lateness(sender, clock->monotonic_ns(clock) - due_ns(sender, first),
                       (end - first) * (sender->end - sender->first));
    }
    return NULL;
}

static void
prepare_messages(struct sender *sender)
{
    const send_many_options_t *options = sender->options;
    const size_t payload_bytes =
        (size_t)options->packet_frames * audyn_rtp_frame_bytes(&options->format);
    for (unsigned i = 0; i < BATCH; ++i) {
        for (unsigned j = 0; j < SEND_MANY_TOGETHER; ++j) {
            sender->vectors[i][j][0] =
                (struct iovec){sender->headers[i][j], AUDYN_RTP_HEADER_BYTES};
            sender->vectors[i][j][1].iov_len = payload_bytes;
        }
        sender->messages[i].msg_hdr = (struct msghdr){
            .msg_namelen = sizeof(struct sockaddr_in),
            .msg_iov = sender->vectors[i][0],
        };
    }
}

static uint32_t
packets_per_tick(const send_many_options_t *options)
{
    const uint64_t frames = audyn_clock_position(TICK_NS, options->format.sample_rate);
    const uint32_t packets = (uint32_t)(frames / options->packet_frames);
    return packets > options->together ? packets : options->together;
}

static audyn_status_t
open_socket(struct sender *sender, audyn_error_t *error)
{
    const send_many_options_t *options = sender->options;
    int index = 0;
    audyn_status_t status = audyn_interface_find(options->interface, &index, error);
    if (!status) {
        status = audyn_socket_open_sender(&sender->fd, &options->first, index, error);
    }
    const int packet_bytes =
        (int)(AUDYN_RTP_HEADER_BYTES +
              options->packet_frames * audyn_rtp_frame_bytes(&options->format));
    // The kernel cuts a message into packets of this size.
    if (!status && options->together > 1 &&
        setsockopt(sender->fd, SOL_UDP, UDP_SEGMENT, &packet_bytes,
                   sizeof packet_bytes)) {
        const int cause = errno;
        status = audyn_error_set(error, audyn_status_from_errno(cause),
                                 "no packets together: %s", strerror(cause));
    }
    return status;
}

static struct stream *
make_streams(const send_many_options_t *options)
{
    struct stream *streams = calloc(options->count, sizeof *streams);
    for (uint32_t i = 0; streams && i < options->count; ++i) {
        streams[i].fault.kind = FAULT_NONE;
        streams[i].address = (struct sockaddr_in){
            .sin_family = AF_INET,
            .sin_port = htons(options->first.port),
            .sin_addr = send_many_group(options, i),
        };
    }
    return streams;
}

// Where the audio begins, for all threads.
static void
choose_position(struct sender *senders, const send_many_options_t *options)
{
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t tai_ns = audyn_clock_tai_now_ns(clock);
    const int64_t tai_minus_mono_ns = tai_ns - clock->monotonic_ns(clock);
    const uint64_t start =
        audyn_clock_position(tai_ns + LEAD_NS, options->format.sample_rate);
    for (uint32_t i = 0; i < options->threads; ++i) {
        senders[i].tai_minus_mono_ns = tai_minus_mono_ns;
        senders[i].position = start - start % options->packet_frames;
    }
}

static audyn_status_t
describe(const send_many_options_t *options, audyn_error_t *error)
{
    audyn_status_t status = AUDYN_OK;
    if (options->sdp_folder) {
        status = send_many_write_sdp(options, error);
    }
    if (!status && options->inputs) {
        status = send_many_write_inputs(options, error);
    }
    return status;
}

static audyn_status_t
prepare(struct sender *senders, const send_many_options_t *options, audyn_error_t *error)
{
    const uint8_t *pattern = make_pattern(options);
    struct stream *streams = make_streams(options);
    audyn_status_t status = pattern && streams ? AUDYN_OK : AUDYN_NO_MEMORY;
    for (uint32_t i = 0; i < options->threads; ++i) {
        struct sender *sender = &senders[i];
        sender->options = options;
        sender->fd = -1;
        sender->pattern = pattern;
        sender->streams = streams;
        sender->first = options->count * i / options->threads;
        sender->end = options->count * (i + 1) / options->threads;
        sender->per_tick = packets_per_tick(options);
        prepare_messages(sender);
        status = status ? status : open_socket(sender, error);
    }
    return status == AUDYN_NO_MEMORY
               ? audyn_error_set(error, status, "no memory for the streams")
               : status;
}

static audyn_status_t
send_all(struct sender *senders, const send_many_options_t *options, audyn_error_t *error)
{
    audyn_status_t status = prepare(senders, options, error);
    if (status) {
        return status;
    }
    choose_position(senders, options);
    if (options->plan) {
        status = send_many_write_plan(options, senders->position, error);
    }
    for (uint32_t i = 0; !status && i < options->threads; ++i) {
        status = audyn_rt_thread_start(&senders[i].thread, "send-many", PRIORITY, run,
                                       &senders[i]);
        if (status) {
            audyn_error_set(error, status, "no thread: %s", audyn_strerror(status));
        }
    }
    for (uint32_t i = 0; i < options->threads; ++i) {
        audyn_rt_thread_join(&senders[i].thread);
    }
    return status;
}

// Returns whether all left in time.
static bool
report(const struct sender *senders, uint32_t threads)
{
    uint64_t packets = 0;
    uint64_t unsent = 0;
    uint64_t late = 0;
    int64_t worst_ns = 0;
    for (uint32_t i = 0; i < threads; ++i) {
        packets += senders[i].packets;
        unsent += senders[i].unsent;
        late += senders[i].late;
        worst_ns = senders[i].worst_ns > worst_ns ? senders[i].worst_ns : worst_ns;
    }
    printf("{\"packets\": %" PRIu64 ", \"unsent\": %" PRIu64 ", \"late\": %" PRIu64
           ", \"worst_ms\": %.3f}\n",
           packets, unsent, late, (double)worst_ns / (double)AUDYN_NS_PER_MS);
    return !late && !unsent;
}

int
main(int argc, char **argv)
{
    static struct sender senders[SEND_MANY_THREADS];
    send_many_options_t options;
    audyn_error_t error;
    if (!send_many_options_parse(&options, argc, argv)) {
        return 2;
    }
    bool in_time = true;
    audyn_status_t status = describe(&options, &error);
    if (!status && options.duration_ns) {
        status = send_all(senders, &options, &error);
        in_time = report(senders, options.threads);
    }
    if (status) {
        fprintf(stderr, "send-many: %s\n", error.text);
        return 1;
    }
    return in_time ? 0 : 3;
}
