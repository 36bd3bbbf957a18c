// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "net/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netpacket/packet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

// The kernel takes it twice, and charges 1280 bytes for a packet of 300.  Measured, one
// stereo stream is held for 3.2 s in packets of 1 ms and 0.6 s in packets of 125 µs; 0.3
// s and 60 ms where this user gets the usual net.core.rmem_max of 208 KiB.
#define RECEIVE_BUFFER_BYTES (2 * 1024 * 1024)
#define SEND_PATIENCE_US 100000

audyn_status_t
audyn_endpoint_parse(audyn_endpoint_t *endpoint, const char *text, audyn_error_t *error)
{
    *endpoint = (audyn_endpoint_t){0};
    char address[INET_ADDRSTRLEN] = "";
    const char *colon = strrchr(text, ':');
    const size_t length = colon ? (size_t)(colon - text) : strlen(text);
    if (length < sizeof address) {
        memcpy(address, text, length);
    }
    struct in_addr parsed;
    if (inet_pton(AF_INET, address, &parsed) != 1) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "'%s' is not an IPv4 address and a port; write it in "
                               "numbers, such as 239.69.1.1:5004",
                               text);
    }
    if (parsed.s_addr == htonl(INADDR_ANY)) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "'%s': no stream is sent to that address; give the group, "
                               "such as 239.69.1.1:5004, or for unicast the receiver's "
                               "own address",
                               text);
    }
    const char *port = colon ? colon + 1 : "";
    const unsigned long number = strtoul(port, NULL, 10);
    if (!*port || port[strspn(port, "0123456789")] || number < 1 || number > 65535) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "'%s' needs a port from 1 to 65535 behind the address, "
                               "such as %s:5004",
                               text, address);
    }
    *endpoint = (audyn_endpoint_t){.address = parsed, .port = (uint16_t)number};
    return AUDYN_OK;
}

void
audyn_endpoint_format(char text[AUDYN_ENDPOINT_TEXT], const audyn_endpoint_t *endpoint)
{
    inet_ntop(AF_INET, &endpoint->address, text, INET_ADDRSTRLEN);
    const size_t length = strlen(text);
    snprintf(text + length, AUDYN_ENDPOINT_TEXT - length, ":%u", endpoint->port);
}

static struct in_addr
interface_address(const struct ifaddrs *entry)
{
    struct sockaddr_in address;
    memcpy(&address, entry->ifa_addr, sizeof address);
    return address.sin_addr;
}

static bool
has_ipv4_address(const struct ifaddrs *entry)
{
    return entry->ifa_addr && entry->ifa_addr->sa_family == AF_INET;
}

static audyn_status_t
no_such_interface(const char *name, const struct ifaddrs *list, audyn_error_t *error)
{
    char known[256] = "";
    size_t length = 0;
    for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
        if (has_ipv4_address(entry) && length < sizeof known) {
            const int written = snprintf(known + length, sizeof known - length,
                                         "%s%s (%s)", length ? ", " : "", entry->ifa_name,
                                         inet_ntoa(interface_address(entry)));
            length += written > 0 ? (size_t)written : 0;
        }
    }
    return audyn_error_set(error, AUDYN_NOT_FOUND,
                           "there is no network interface '%s'; there are: %s", name,
                           length ? known : "none with an IPv4 address");
}

audyn_status_t
audyn_interface_find(const char *name, int *index, audyn_error_t *error)
{
    *index = name ? (int)if_nametoindex(name) : 0;
    if (!name || *index) {
        return AUDYN_OK;
    }
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list)) {
        const int cause = errno;
        return audyn_error_set(error, audyn_status_from_errno(cause),
                               "the network interfaces cannot be listed: %s",
                               strerror(cause));
    }
    struct in_addr wanted;
    const bool is_address = inet_pton(AF_INET, name, &wanted) == 1;
    for (const struct ifaddrs *entry = list; is_address && entry && !*index;
         entry = entry->ifa_next) {
        if (has_ipv4_address(entry) && interface_address(entry).s_addr == wanted.s_addr) {
            *index = (int)if_nametoindex(entry->ifa_name);
        }
    }
    const audyn_status_t status =
        *index ? AUDYN_OK : no_such_interface(name, list, error);
    freeifaddrs(list);
    return status;
}

unsigned
audyn_interface_list(audyn_interface_t *list, unsigned most)
{
    struct ifaddrs *addresses = NULL;
    if (getifaddrs(&addresses)) {
        return 0;
    }
    unsigned count = 0;
    for (const struct ifaddrs *entry = addresses; entry && count < most;
         entry = entry->ifa_next) {
        const bool usable = (entry->ifa_flags & IFF_UP) && has_ipv4_address(entry) &&
                            (entry->ifa_flags & (IFF_MULTICAST | IFF_LOOPBACK));
        const int index = usable ? (int)if_nametoindex(entry->ifa_name) : 0;
        bool listed = false; // by another of its addresses
        for (unsigned i = 0; i < count; ++i) {
            listed = listed || list[i].index == index;
        }
        if (index && !listed) {
            list[count].index = index;
            snprintf(list[count++].name, IF_NAMESIZE, "%s", entry->ifa_name);
        }
    }
    freeifaddrs(addresses);
    return count;
}

static bool
set_flag(int fd, int level, int option, int value)
{
    return setsockopt(fd, level, option, &value, sizeof value) == 0;
}

static audyn_status_t
fail_open(int *fd, audyn_status_t status)
{
    const int opened = *fd;
    *fd = -1;
    if (opened >= 0) {
        close(opened);
    }
    return status;
}

static audyn_status_t
create_socket(int *fd, int flags, audyn_error_t *error)
{
    *fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC | flags, 0);
    if (*fd >= 0) {
        return AUDYN_OK;
    }
    const int cause = errno;
    const bool too_many = cause == EMFILE || cause == ENFILE;
    return audyn_error_set(error, audyn_status_from_errno(cause),
                           "no UDP socket could be had: %s%s", strerror(cause),
                           too_many ? "; allow more open files (ulimit -n)" : "");
}

// The buffer beyond net.core.rmem_max needs CAP_NET_ADMIN; less than wanted still works,
// and what then overflows is counted.
static void
enlarge_receive_buffer(int fd)
{
    if (!set_flag(fd, SOL_SOCKET, SO_RCVBUFFORCE, RECEIVE_BUFFER_BYTES)) {
        set_flag(fd, SOL_SOCKET, SO_RCVBUF, RECEIVE_BUFFER_BYTES);
    }
}

static audyn_status_t
bind_refused(const audyn_endpoint_t *endpoint, int cause, audyn_error_t *error)
{
    char place[AUDYN_ENDPOINT_TEXT];
    audyn_endpoint_format(place, endpoint);
    const char *advice = "try another port";
    if (cause == EADDRINUSE) {
        advice = "another program has it, perhaps another recorder or player of this "
                 "stream; 'ss -ulnp' shows which";
    } else if (cause == EACCES) {
        advice = "ports below 1024 need root or CAP_NET_BIND_SERVICE";
    } else if (cause == EADDRNOTAVAIL) {
        advice = "give the group that the stream is sent to or, for unicast, an address "
                 "of this host; 'ip address' lists them";
    }
    return audyn_error_set(error, audyn_status_from_errno(cause),
                           "UDP %s cannot be listened to: %s; %s", place, strerror(cause),
                           advice);
}

audyn_status_t
audyn_socket_open_receiver(int *fd, const audyn_endpoint_t *endpoint, bool shared,
                           audyn_error_t *error)
{
    audyn_status_t status = create_socket(fd, SOCK_NONBLOCK, error);
    if (status) {
        return status;
    }
    // Without the last, every group that anybody on this host has joined would come in.
    if (!set_flag(*fd, SOL_SOCKET, SO_REUSEADDR, shared) ||
        !set_flag(*fd, SOL_SOCKET, SO_TIMESTAMPNS, 1) ||
        !set_flag(*fd, SOL_SOCKET, SO_RXQ_OVFL, 1) ||
        !set_flag(*fd, IPPROTO_IP, IP_PKTINFO, 1) ||
        !set_flag(*fd, IPPROTO_IP, IP_MULTICAST_ALL, 0)) {
        const int cause = errno;
        status = audyn_error_set(error, audyn_status_from_errno(cause),
                                 "this system's UDP sockets lack what a recorder needs "
                                 "(receive time, destination, overflow count): %s",
                                 strerror(cause));
        return fail_open(fd, status);
    }
    enlarge_receive_buffer(*fd);
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(endpoint->port),
        .sin_addr = endpoint->address,
    };
    if (bind(*fd, (const struct sockaddr *)&address, sizeof address)) {
        return fail_open(fd, bind_refused(endpoint, errno, error));
    }
    return AUDYN_OK;
}

static void
fill_address(struct sockaddr_storage *storage, struct in_addr address)
{
    const struct sockaddr_in value = {.sin_family = AF_INET, .sin_addr = address};
    memset(storage, 0, sizeof *storage);
    memcpy(storage, &value, sizeof value);
}

// Joins or leaves, by interface index, which the older IPv4-only calls cannot do for a
// source-specific group.
static int
change_membership(int fd, struct in_addr group, struct in_addr source,
                  int interface_index, bool join)
{
    if (source.s_addr == htonl(INADDR_ANY)) {
        struct group_req request = {.gr_interface = (uint32_t)interface_index};
        fill_address(&request.gr_group, group);
        return setsockopt(fd, IPPROTO_IP, join ? MCAST_JOIN_GROUP : MCAST_LEAVE_GROUP,
                          &request, sizeof request);
    }
    struct group_source_req request = {.gsr_interface = (uint32_t)interface_index};
    fill_address(&request.gsr_group, group);
    fill_address(&request.gsr_source, source);
    return setsockopt(fd, IPPROTO_IP,
                      join ? MCAST_JOIN_SOURCE_GROUP : MCAST_LEAVE_SOURCE_GROUP, &request,
                      sizeof request);
}

static const char *
join_advice(int cause, bool any_source)
{
    switch (cause) {
    case ENODEV:
        return "there is no such interface, or no route for multicast; say which "
               "interface with iface=NAME";
    case ENOBUFS:
        return any_source ? "allow more groups: sysctl net.ipv4.igmp_max_memberships"
                          : "allow more groups and sources: sysctl "
                            "net.ipv4.igmp_max_memberships and net.ipv4.igmp_max_msf";
    case EADDRINUSE:
    case EADDRNOTAVAIL:
        return "this socket is a member already";
    case EINVAL:
        return "it is not a multicast address, or joined in the other way "
               "(with and without source=) already";
    default:
        return "check the interface";
    }
}

audyn_status_t
audyn_socket_join(int fd, struct in_addr group, struct in_addr source,
                  int interface_index, audyn_error_t *error)
{
    if (!change_membership(fd, group, source, interface_index, true)) {
        return AUDYN_OK;
    }
    const int cause = errno;
    const bool any_source = source.s_addr == htonl(INADDR_ANY);
    char name[IF_NAMESIZE] = "(any)";
    if (interface_index && !if_indextoname((unsigned)interface_index, name)) {
        snprintf(name, sizeof name, "%d", interface_index);
    }
    char group_text[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &group, group_text, sizeof group_text);
    return audyn_error_set(error, audyn_status_from_errno(cause),
                           "group %s cannot be joined on interface %s: %s; %s",
                           group_text, name, strerror(cause),
                           join_advice(cause, any_source));
}

void
audyn_socket_leave(int fd, struct in_addr group, struct in_addr source,
                   int interface_index)
{
    // Fails only where there is nothing to leave.
    change_membership(fd, group, source, interface_index, false);
}

// The first IPv4 address of an interface; INADDR_ANY where it has none.
static struct in_addr
first_address(int fd, int interface_index)
{
    struct ifreq request = {0};
    struct sockaddr_in address = {.sin_addr.s_addr = htonl(INADDR_ANY)};
    if (if_indextoname((unsigned)interface_index, request.ifr_name) &&
        !ioctl(fd, SIOCGIFADDR, &request)) {
        memcpy(&address, &request.ifr_addr, sizeof address);
    }
    return address.sin_addr;
}

static bool
choose_interface(int fd, int interface_index)
{
    // With the address, too: left to itself, the kernel sends through lo with the
    // address of some other interface.
    const struct ip_mreqn request = {
        .imr_ifindex = interface_index,
        .imr_address = first_address(fd, interface_index),
    };
    const int unicast_index = (int)htonl((uint32_t)interface_index);
    return !interface_index ||
           (!setsockopt(fd, IPPROTO_IP, IP_MULTICAST_IF, &request, sizeof request) &&
            set_flag(fd, IPPROTO_IP, IP_UNICAST_IF, unicast_index));
}

static bool
connect_to(int fd, const audyn_endpoint_t *endpoint)
{
    const struct sockaddr_in address = {
        .sin_family = AF_INET,
        .sin_port = htons(endpoint->port),
        .sin_addr = endpoint->address,
    };
    return connect(fd, (const struct sockaddr *)&address, sizeof address) == 0;
}

audyn_status_t
audyn_socket_open_sender(int *fd, const audyn_endpoint_t *endpoint, int interface_index,
                         audyn_error_t *error)
{
    audyn_status_t status = create_socket(fd, 0, error);
    if (status) {
        return status;
    }
    const struct timeval patience = {.tv_usec = SEND_PATIENCE_US};
    if (choose_interface(*fd, interface_index) &&
        !setsockopt(*fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience) &&
        set_flag(*fd, IPPROTO_IP, IP_MULTICAST_LOOP, 1) &&
        set_flag(*fd, IPPROTO_IP, IP_MULTICAST_TTL, AUDYN_SOCKET_TTL) &&
        set_flag(*fd, IPPROTO_IP, IP_TOS, AUDYN_SOCKET_DSCP << 2) &&
        connect_to(*fd, endpoint)) {
        return AUDYN_OK;
    }
    const int cause = errno;
    char address[INET_ADDRSTRLEN];
    inet_ntop(AF_INET, &endpoint->address, address, sizeof address);
    status = audyn_error_set(error, audyn_status_from_errno(cause),
                             "nothing can be sent to %s: %s; check the address, or say "
                             "which interface with iface=NAME",
                             address, strerror(cause));
    return fail_open(fd, status);
}

bool
audyn_socket_mark(int fd, uint32_t dscp, uint32_t ttl)
{
    return set_flag(fd, IPPROTO_IP, IP_TOS, (int)dscp << 2) &&
           set_flag(fd, IPPROTO_IP, IP_MULTICAST_TTL, (int)ttl) &&
           set_flag(fd, IPPROTO_IP, IP_TTL, (int)ttl);
}

static void
copy_mac(uint8_t mac[6], const struct ifaddrs *list, const char *name)
{
    for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
        if (entry->ifa_addr && entry->ifa_addr->sa_family == AF_PACKET &&
            !strcmp(entry->ifa_name, name)) {
            struct sockaddr_ll link;
            memcpy(&link, entry->ifa_addr, sizeof link);
            memcpy(mac, link.sll_addr, 6);
        }
    }
}

void
audyn_socket_local(int fd, struct in_addr *address, uint8_t mac[6])
{
    struct sockaddr_in local = {.sin_addr.s_addr = htonl(INADDR_ANY)};
    socklen_t size = sizeof local;
    getsockname(fd, (struct sockaddr *)&local, &size);
    *address = local.sin_addr;
    memset(mac, 0, 6);
    struct ifaddrs *list = NULL;
    if (getifaddrs(&list)) {
        return;
    }
    for (const struct ifaddrs *entry = list; entry; entry = entry->ifa_next) {
        if (has_ipv4_address(entry) &&
            interface_address(entry).s_addr == address->s_addr) {
            copy_mac(mac, list, entry->ifa_name);
        }
    }
    freeifaddrs(list);
}
