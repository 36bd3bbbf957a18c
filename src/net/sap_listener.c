// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/sap_listener.h"

#include "core/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define INTERFACES 64
#define CONTROL_BYTES 256

// Of one interface, until the others have their turn.
#define BATCH 64

// A socket for each interface: one may join no more than net.ipv4.igmp_max_memberships
// groups, 20 as a rule.
struct audyn_sap_listener {
    struct pollfd polls[INTERFACES + 1]; // the last one in use is the interruption
    unsigned count;
    audyn_sap_counts_t counts;
    char names[INTERFACES * (IF_NAMESIZE + 2)];
    uint8_t bytes[65536]; // no datagram is longer
};

static const char *const groups[] = {
    AUDYN_SAP_GLOBAL,
    AUDYN_SAP_LOCAL,
    AUDYN_SAP_PIPEWIRE,
};

static audyn_status_t
join_groups(int fd, int interface_index, audyn_error_t *error)
{
    static const struct in_addr any_source = {.s_addr = INADDR_ANY};
    for (size_t i = 0; i < sizeof groups / sizeof *groups; ++i) {
        const struct in_addr group = {.s_addr = inet_addr(groups[i])};
        const audyn_status_t status =
            audyn_socket_join(fd, group, any_source, interface_index, error);
        if (status) {
            return status;
        }
    }
    return AUDYN_OK;
}

static audyn_status_t
listen_on(audyn_sap_listener_t *listener, const audyn_interface_t *interface,
          audyn_error_t *error)
{
    const audyn_endpoint_t announcements = {.port = AUDYN_SAP_PORT}; // of any group
    int fd;
    audyn_status_t status = audyn_socket_open_receiver(&fd, &announcements, true, error);
    if (status) {
        return status;
    }
    status = join_groups(fd, interface->index, error);
    if (status) {
        close(fd);
        return status;
    }
    const size_t length = strlen(listener->names);
    snprintf(listener->names + length, sizeof listener->names - length, "%s%s",
             length ? ", " : "", interface->name);
    listener->polls[listener->count++] = (struct pollfd){.fd = fd, .events = POLLIN};
    return AUDYN_OK;
}

static audyn_status_t
listen_everywhere(audyn_sap_listener_t *listener, audyn_error_t *error)
{
    audyn_interface_t interfaces[INTERFACES];
    const unsigned count = audyn_interface_list(interfaces, INTERFACES);
    audyn_status_t status =
        audyn_error_set(error, AUDYN_NOT_FOUND,
                        "no network interface is up and has an IPv4 address: ip address");
    for (unsigned i = 0; i < count; ++i) {
        status = listen_on(listener, &interfaces[i], error);
    }
    return listener->count ? AUDYN_OK : status;
}

static audyn_status_t
listen_on_one(audyn_sap_listener_t *listener, const char *name, audyn_error_t *error)
{
    audyn_interface_t interface;
    const audyn_status_t status = audyn_interface_find(name, &interface.index, error);
    if (status) {
        return status;
    }
    if (!if_indextoname((unsigned)interface.index, interface.name)) {
        return audyn_error_set(error, AUDYN_NOT_FOUND, "interface '%s' is gone", name);
    }
    return listen_on(listener, &interface, error);
}

audyn_status_t
audyn_sap_listener_open(audyn_sap_listener_t **out, const char *interface,
                        audyn_error_t *error)
{
    *out = NULL;
    audyn_sap_listener_t *listener = calloc(1, sizeof *listener);
    if (!listener) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for announcements");
    }
    const audyn_status_t status = interface ? listen_on_one(listener, interface, error)
                                            : listen_everywhere(listener, error);
    if (status) {
        audyn_sap_listener_close(listener);
        return status;
    }
    *out = listener;
    return AUDYN_OK;
}

// Returns the packet's size; negative once nothing is left.
static ssize_t
receive(audyn_sap_listener_t *listener, int fd, audyn_sap_arrival_t *arrival)
{
    struct sockaddr_in from = {0};
    char control[CONTROL_BYTES];
    struct iovec part = {listener->bytes, sizeof listener->bytes};
    struct msghdr message = {
        .msg_name = &from,
        .msg_namelen = sizeof from,
        .msg_iov = &part,
        .msg_iovlen = 1,
        .msg_control = control,
        .msg_controllen = sizeof control,
    };
    const ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
    arrival->sender = from.sin_addr;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
        if (c->cmsg_level == IPPROTO_IP && c->cmsg_type == IP_PKTINFO) {
            struct in_pktinfo info;
            memcpy(&info, CMSG_DATA(c), sizeof info);
            arrival->interface_index = info.ipi_ifindex;
        }
    }
    return size;
}

static void
take(audyn_sap_listener_t *listener, audyn_sap_directory_t *directory, size_t size,
     const audyn_sap_arrival_t *arrival)
{
    audyn_sap_packet_t packet;
    audyn_sap_counts_t *counts = &listener->counts;
    ++counts->packets;
    const audyn_sap_kind_t kind = audyn_sap_parse(&packet, listener->bytes, size);
    const audyn_sap_event_t event =
        kind ? AUDYN_SAP_NO_DESCRIPTION
             : audyn_sap_directory_take(directory, &packet, arrival);
    counts->unreadable += kind == AUDYN_SAP_UNREADABLE;
    counts->malformed +=
        kind != AUDYN_SAP_UNREADABLE && event == AUDYN_SAP_NO_DESCRIPTION;
    counts->refused += event == AUDYN_SAP_REFUSED;
}

static void
read_batch(audyn_sap_listener_t *listener, audyn_sap_directory_t *directory, int fd)
{
    const audyn_clock_t *clock = audyn_clock_system();
    audyn_sap_arrival_t arrival = {.now_ns = clock->monotonic_ns(clock)};
    for (unsigned i = 0; i < BATCH; ++i) {
        const ssize_t size = receive(listener, fd, &arrival);
        if (size < 0) {
            return;
        }
        take(listener, directory, (size_t)size, &arrival);
    }
}

// 0: it has come.
static int
milliseconds_until(int64_t deadline_ns)
{
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t left_ns = deadline_ns - clock->monotonic_ns(clock);
    const int64_t left_ms = (left_ns + AUDYN_NS_PER_MS - 1) / AUDYN_NS_PER_MS;
    return left_ns <= 0 ? 0 : left_ms > 1000000 ? 1000000 : (int)left_ms;
}

bool
audyn_sap_listener_next(audyn_sap_listener_t *listener, audyn_sap_directory_t *directory,
                        int64_t deadline_ns, int interrupt_fd)
{
    const int wait_ms = milliseconds_until(deadline_ns);
    struct pollfd *interrupt = &listener->polls[listener->count];
    *interrupt = (struct pollfd){.fd = interrupt_fd, .events = POLLIN};
    const int ready = poll(listener->polls, listener->count + 1, wait_ms);
    const audyn_clock_t *clock = audyn_clock_system();
    audyn_sap_directory_expire(directory, clock->monotonic_ns(clock));
    for (unsigned i = 0; ready > 0 && i < listener->count; ++i) {
        if (listener->polls[i].revents) {
            read_batch(listener, directory, listener->polls[i].fd);
        }
    }
    return wait_ms && (ready <= 0 || !interrupt->revents);
}

const audyn_sap_counts_t *
audyn_sap_listener_counts(const audyn_sap_listener_t *listener)
{
    return &listener->counts;
}

const char *
audyn_sap_listener_interfaces(const audyn_sap_listener_t *listener)
{
    return listener->names;
}

void
audyn_sap_listener_close(audyn_sap_listener_t *listener)
{
    if (!listener) {
        return;
    }
    for (unsigned i = 0; i < listener->count; ++i) {
        close(listener->polls[i].fd);
    }
    free(listener);
}
