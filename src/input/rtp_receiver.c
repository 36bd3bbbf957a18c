// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The input thread: recvmmsg and clock_nanosleep, no other system call, no lock, no
// allocation.  Sleeping between batches costs a fraction of waking for each packet.

#include "input/rtp_receiver_private.h"

#include <string.h>

// The longer it sleeps, the more packets of a stream come in a row, while all that the
// stream touches is in the caches.  But a socket may have room for 184 large packets only
// (see net/socket.c), so that it sleeps less where one brings many: packets of 125 µs are
// read each 6 ms.
#define MOST_PERIOD_NS (16 * AUDYN_NS_PER_MS)
#define LEAST_PERIOD_NS (4 * AUDYN_NS_PER_MS)
#define PACKETS_AT_ONCE 48

// Batches per tick and socket, so that a flood on one holds up the others for two
// milliseconds at most; more stays in its buffer for the next tick.
#define ROUNDS 32

/// What the kernel says about one packet.
struct envelope {
    struct in_addr source;
    int interface_index;
    int64_t utc_ns; // 0: no timestamp
};

static void
read_envelope(struct listener *listener, struct msghdr *message,
              struct envelope *envelope) AUDYN_REALTIME
{
    const struct sockaddr_in *from = message->msg_name;
    *envelope = (struct envelope){.source = from->sin_addr};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            envelope->interface_index = info.ipi_ifindex;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            envelope->utc_ns = at.tv_sec * AUDYN_NS_PER_SECOND + at.tv_nsec;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            uint32_t total;
            memcpy(&total, CMSG_DATA(c), sizeof total);
            atomic_store_explicit(&listener->overflow, total, memory_order_relaxed);
        }
    }
}

static bool
is_meant_for(const struct leg *leg, const struct envelope *envelope) AUDYN_REALTIME
{
    const int interface_index =
        atomic_load_explicit(&leg->interface_index, memory_order_relaxed);
    return (leg->source.s_addr == INADDR_ANY ||
            leg->source.s_addr == envelope->source.s_addr) &&
           (!interface_index || interface_index == envelope->interface_index);
}

static void
deliver(const struct listener *listener, const struct envelope *envelope,
        const uint8_t *bytes, size_t size, audyn_arrival_t *arrival) AUDYN_REALTIME
{
    audyn_rtp_packet_t packet;
    const audyn_rtp_kind_t kind = audyn_rtp_parse(&packet, bytes, size);
    for (const struct leg *leg = listener->legs; leg; leg = leg->next) {
        if (!is_meant_for(leg, envelope)) {
            continue;
        }
        if (kind == AUDYN_RTP_OK) {
            arrival->leg = leg->number;
            audyn_rtp_stream_receive(leg->link->stream, &packet, arrival);
        } else {
            audyn_rtp_stream_reject(leg->link->stream, kind);
        }
    }
}

static int
receive_batch(struct batch *batch, int fd)
{
    for (unsigned i = 0; i < BATCH; ++i) {
        batch->messages[i].msg_hdr.msg_namelen = sizeof(struct sockaddr_in);
        batch->messages[i].msg_hdr.msg_controllen = CONTROL_BYTES;
    }
    return recvmmsg(fd, batch->messages, BATCH, MSG_DONTWAIT, NULL);
}

// Returns how many packets there were.
static unsigned
drain(struct receiver *receiver, struct listener *listener, const audyn_clock_t *clock)
{
    unsigned total = 0;
    struct batch *batch = &receiver->batch;
    const int64_t utc_ns = clock->utc_ns(clock);
    const int64_t tai_offset_ns = clock->tai_offset_s(clock) * AUDYN_NS_PER_SECOND;
    audyn_arrival_clock_read(&listener->arrival, utc_ns, tai_offset_ns,
                             clock->monotonic_ns(clock));
    for (unsigned round = 0; round < ROUNDS; ++round) {
        const int count = receive_batch(batch, listener->fd);
        total += count > 0 ? (unsigned)count : 0;
        for (int i = 0; i < count; ++i) {
            struct mmsghdr *message = &batch->messages[i];
            struct envelope envelope;
            read_envelope(listener, &message->msg_hdr, &envelope);
            audyn_arrival_t arrival = {.source = envelope.source};
            audyn_arrival_clock_convert(&listener->arrival,
                                        envelope.utc_ns ? envelope.utc_ns : utc_ns,
                                        &arrival.tai_ns, &arrival.monotonic_ns);
            deliver(listener, &envelope, batch->packets[i], message->msg_len, &arrival);
        }
        if (count < BATCH) {
            break;
        }
    }
    return total;
}

// Returns the number of packets of the socket that brought the most.
static unsigned
drain_all(struct receiver *receiver, const audyn_clock_t *clock)
{
    unsigned most = 0;
    for (struct listener *l = receiver->read; l; l = l->next_read) {
        const unsigned packets = drain(receiver, l, clock);
        most = packets > most ? packets : most;
    }
    return most;
}

// When to read again; one socket has brought `packets` within `elapsed_ns`.
static int64_t
next_period(int64_t elapsed_ns, unsigned packets)
{
    const int64_t period_ns =
        packets ? elapsed_ns * PACKETS_AT_ONCE / packets : MOST_PERIOD_NS;
    return period_ns < LEAST_PERIOD_NS  ? LEAST_PERIOD_NS
           : period_ns > MOST_PERIOD_NS ? MOST_PERIOD_NS
                                        : period_ns;
}

static void
take_in_leg(struct receiver *receiver, struct leg *leg) AUDYN_REALTIME
{
    struct listener *listener = leg->listener;
    if (!listener->legs) {
        listener->arrival = (audyn_arrival_clock_t){0};
        listener->next_read = receiver->read;
        receiver->read = listener;
    }
    leg->next = listener->legs;
    listener->legs = leg;
}

static void
take_in(struct receiver *receiver) AUDYN_REALTIME
{
    audyn_rtp_link_t *link =
        atomic_exchange_explicit(&receiver->arriving, NULL, memory_order_acquire);
    while (link) {
        audyn_rtp_link_t *following = link->next;
        for (unsigned i = 0; i < link->leg_count; ++i) {
            take_in_leg(receiver, &link->legs[i]);
        }
        link->next = receiver->links;
        receiver->links = link;
        link = following;
    }
}

static void
forget_leg(struct receiver *receiver, const struct leg *leg) AUDYN_REALTIME
{
    struct listener *listener = leg->listener;
    struct leg **place = &listener->legs;
    while (*place != leg) {
        place = &(*place)->next;
    }
    *place = leg->next;
    if (!listener->legs) {
        struct listener **read = &receiver->read;
        while (*read != listener) {
            read = &(*read)->next_read;
        }
        *read = listener->next_read;
    }
}

static void
let_go(struct receiver *receiver, audyn_rtp_link_t *link)
{
    for (unsigned i = 0; i < link->leg_count; ++i) {
        forget_leg(receiver, &link->legs[i]);
    }
    audyn_timeline_finish(link->timeline);
    sem_post(&link->let_go);
}

// A link that is to leave stays for one more reading of its sockets, which takes what had
// arrived by then.
static void
tick(struct receiver *receiver, int64_t monotonic_ns)
{
    audyn_rtp_link_t **place = &receiver->links;
    while (*place) {
        audyn_rtp_link_t *link = *place;
        if (link->ending) {
            *place = link->next;
            let_go(receiver, link);
            continue;
        }
        audyn_rtp_stream_tick(link->stream, monotonic_ns);
        link->ending = atomic_load_explicit(&link->leaving, memory_order_acquire);
        place = &link->next;
    }
}

static void
prepare(struct batch *batch)
{
    for (unsigned i = 0; i < BATCH; ++i) {
        batch->vectors[i] = (struct iovec){batch->packets[i], PACKET_BYTES};
        batch->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &batch->senders[i],
            .msg_iov = &batch->vectors[i],
            .msg_iovlen = 1,
            .msg_control = batch->control[i],
        };
    }
}

void *
receiver_run(void *argument)
{
    struct receiver *receiver = argument;
    prepare(&receiver->batch);
    const audyn_clock_t *clock = audyn_clock_system();
    int64_t before_ns = clock->monotonic_ns(clock);
    while (!atomic_load_explicit(&receiver->quit, memory_order_acquire)) {
        const int64_t began_ns = clock->monotonic_ns(clock);
        take_in(receiver);
        const unsigned packets = drain_all(receiver, clock);
        const int64_t now_ns = clock->monotonic_ns(clock);
        tick(receiver, now_ns);
        // It sleeps in any case, so that others have the processor too.
        const int64_t wake_ns = began_ns + next_period(began_ns - before_ns, packets);
        before_ns = began_ns;
        clock->sleep_until(clock, wake_ns > now_ns ? wake_ns : now_ns + LEAST_PERIOD_NS);
    }
    return NULL;
}
