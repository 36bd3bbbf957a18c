// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The input thread: recvmmsg and clock_nanosleep, no other system call, no lock, no
// allocation.  Sleeping between batches costs a fraction of waking for each packet.

#include "input/rtp_receiver_private.h"

#include <string.h>

#define TICK_NS (4 * AUDYN_NS_PER_MS)

// Per tick and port; more stays in the socket's buffer for the next tick.
#define ROUNDS 64

/// What the kernel says about one packet.
struct envelope {
    struct in_addr source, destination;
    int interface_index;
    int64_t utc_ns; // 0: no timestamp
};

static void
read_envelope(struct port *port, struct msghdr *message,
              struct envelope *envelope) AUDYN_REALTIME
{
    const struct sockaddr_in *from = message->msg_name;
    *envelope = (struct envelope){.source = from->sin_addr};
    for (struct cmsghdr *c = CMSG_FIRSTHDR(message); c; c = CMSG_NXTHDR(message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            envelope->destination = info.ipi_addr;
            envelope->interface_index = info.ipi_ifindex;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_TIMESTAMPNS) {
            struct timespec at;
            memcpy(&at, CMSG_DATA(c), sizeof at);
            envelope->utc_ns = at.tv_sec * AUDYN_NS_PER_SECOND + at.tv_nsec;
        } else if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SO_RXQ_OVFL) {
            uint32_t total;
            memcpy(&total, CMSG_DATA(c), sizeof total);
            atomic_store_explicit(&port->overflow, total, memory_order_relaxed);
        }
    }
}

static bool
is_meant_for(const audyn_rtp_link_t *link, const struct envelope *envelope)
{
    const audyn_rtp_route_t *route = &link->route;
    const bool multicast = audyn_address_is_multicast(route->destination.address);
    return route->destination.address.s_addr == envelope->destination.s_addr &&
           (route->source.s_addr == INADDR_ANY ||
            route->source.s_addr == envelope->source.s_addr) &&
           (!multicast || !route->interface_index ||
            route->interface_index == envelope->interface_index);
}

static audyn_rtp_link_t *
link_at(struct port *port, unsigned index)
{
    return atomic_load_explicit(&port->links[index], memory_order_acquire);
}

static unsigned
link_limit(struct port *port)
{
    return atomic_load_explicit(&port->link_limit, memory_order_acquire);
}

static void
deliver(struct port *port, const struct envelope *envelope, const uint8_t *bytes,
        size_t size, const audyn_arrival_t *arrival) AUDYN_REALTIME
{
    audyn_rtp_packet_t packet;
    const audyn_rtp_kind_t kind = audyn_rtp_parse(&packet, bytes, size);
    for (unsigned i = 0; i < link_limit(port); ++i) {
        audyn_rtp_link_t *link = link_at(port, i);
        if (!link || !is_meant_for(link, envelope)) {
            continue;
        }
        if (kind == AUDYN_RTP_OK) {
            audyn_rtp_stream_receive(link->stream, &packet, arrival);
        } else {
            audyn_rtp_stream_reject(link->stream, kind);
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

static void
drain(struct receiver *receiver, struct port *port, const audyn_clock_t *clock)
{
    struct batch *batch = &receiver->batch;
    const int64_t utc_ns = clock->utc_ns(clock);
    audyn_arrival_clock_read(&port->arrival, utc_ns, clock->monotonic_ns(clock));
    for (unsigned round = 0; round < ROUNDS; ++round) {
        const int count = receive_batch(batch, port->fd);
        for (int i = 0; i < count; ++i) {
            struct mmsghdr *message = &batch->messages[i];
            struct envelope envelope;
            read_envelope(port, &message->msg_hdr, &envelope);
            const int64_t at = envelope.utc_ns ? envelope.utc_ns : utc_ns;
            const audyn_arrival_t arrival = {
                .tai_ns = at + receiver->tai_offset_ns,
                .monotonic_ns = audyn_arrival_clock_monotonic(&port->arrival, at),
                .source = envelope.source,
            };
            deliver(port, &envelope, batch->packets[i], message->msg_len, &arrival);
        }
        if (count < BATCH) {
            return;
        }
    }
}

static bool
is_in_use(struct port *port)
{
    for (unsigned i = 0; i < link_limit(port); ++i) {
        if (link_at(port, i)) {
            return true;
        }
    }
    return false;
}

static void
let_go(struct port *port, unsigned index, audyn_rtp_link_t *link)
{
    audyn_timeline_finish(link->timeline);
    atomic_store_explicit(&port->links[index], NULL, memory_order_release);
    sem_post(&link->let_go);
}

static void
tick(struct port *port, int64_t monotonic_ns)
{
    for (unsigned i = 0; i < link_limit(port); ++i) {
        audyn_rtp_link_t *link = link_at(port, i);
        if (!link) {
            continue;
        }
        if (atomic_load_explicit(&link->leaving, memory_order_acquire)) {
            let_go(port, i, link);
        } else {
            audyn_rtp_stream_tick(link->stream, monotonic_ns);
        }
    }
}

static void
prepare(struct batch *batch, struct sockaddr_in *senders)
{
    for (unsigned i = 0; i < BATCH; ++i) {
        batch->vectors[i] = (struct iovec){batch->packets[i], PACKET_BYTES};
        batch->messages[i].msg_hdr = (struct msghdr){
            .msg_name = &senders[i],
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
    struct sockaddr_in senders[BATCH];
    prepare(&receiver->batch, senders);
    const audyn_clock_t *clock = audyn_clock_system();
    int64_t wake_ns = clock->monotonic_ns(clock);
    while (!atomic_load_explicit(&receiver->quit, memory_order_acquire)) {
        const unsigned ports =
            atomic_load_explicit(&receiver->port_limit, memory_order_acquire);
        for (unsigned i = 0; i < ports; ++i) {
            struct port *port = &receiver->ports[i];
            if (is_in_use(port)) {
                drain(receiver, port, clock);
                tick(port, clock->monotonic_ns(clock));
            }
        }
        const int64_t now_ns = clock->monotonic_ns(clock);
        wake_ns = wake_ns + TICK_NS > now_ns ? wake_ns + TICK_NS : now_ns + TICK_NS;
        clock->sleep_until(clock, wake_ns);
    }
    return NULL;
}
