// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The sockets of a receiver.  Each is bound to one group or local address, so that the
// kernel tells the streams apart, a flood on one group fills only that group's buffer,
// and no number of groups meets the kernel's limit for one socket
// (net.ipv4.igmp_max_memberships).

#include "input/rtp_receiver_private.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool
is_multicast(const struct listener *listener)
{
    return audyn_address_is_multicast(listener->endpoint.address);
}

// The one source that a socket for this route lets in.  A group joined for all and for
// one source needs two sockets; a unicast address can have only one.
static struct in_addr
filter_of(const audyn_rtp_route_t *route)
{
    const bool multicast = audyn_address_is_multicast(route->destination.address);
    return multicast ? route->source : (struct in_addr){htonl(INADDR_ANY)};
}

struct listener *
listener_find(const struct receiver *receiver, const audyn_rtp_route_t *route)
{
    const audyn_endpoint_t *wanted = &route->destination;
    struct listener *listener = receiver->listeners;
    while (listener && (listener->endpoint.port != wanted->port ||
                        listener->endpoint.address.s_addr != wanted->address.s_addr ||
                        listener->source.s_addr != filter_of(route).s_addr)) {
        listener = listener->next;
    }
    return listener;
}

static audyn_status_t
open_listener(struct listener **opened, struct receiver *receiver,
              const audyn_rtp_route_t *route, audyn_error_t *error)
{
    audyn_memory_t memory;
    audyn_status_t status =
        audyn_memory_map(&memory, sizeof(struct listener), AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return audyn_error_set(error, status, "no memory for a socket");
    }
    struct listener *listener = memory.address;
    listener->memory = memory;
    listener->endpoint = route->destination;
    listener->source = filter_of(route);
    status = audyn_socket_open_receiver(&listener->fd, &listener->endpoint,
                                        is_multicast(listener), error);
    if (status) {
        audyn_memory_unmap(&memory);
        return status;
    }
    listener->next = receiver->listeners;
    receiver->listeners = listener;
    *opened = listener;
    return AUDYN_OK;
}

static void
close_listener(struct listener *listener, struct receiver *receiver)
{
    struct listener **place = &receiver->listeners;
    while (*place != listener) {
        place = &(*place)->next;
    }
    *place = listener->next;
    close(listener->fd);
    audyn_memory_t memory = listener->memory;
    audyn_memory_unmap(&memory);
}

// A socket joins a group once on an interface, for all streams that come in by it.
static bool
is_joined(const struct leg *leg)
{
    for (const struct leg *other = leg->listener->users; other;
         other = other->next_user) {
        if (other != leg && !strcmp(other->interface, leg->interface)) {
            return true;
        }
    }
    return false;
}

static int
interface_of(const struct leg *leg)
{
    return atomic_load_explicit(&leg->interface_index, memory_order_relaxed);
}

static audyn_status_t
join_group(const struct leg *leg, audyn_error_t *error)
{
    const struct listener *listener = leg->listener;
    if (!is_multicast(listener) || is_joined(leg)) {
        return AUDYN_OK;
    }
    return audyn_socket_join(listener->fd, listener->endpoint.address, listener->source,
                             interface_of(leg), error);
}

audyn_status_t
leg_attach(struct leg *leg, struct receiver *receiver, const audyn_rtp_route_t *route,
           audyn_error_t *error)
{
    const bool multicast = audyn_address_is_multicast(route->destination.address);
    const int interface_index = multicast ? route->interface_index : 0;
    if (interface_index && !if_indextoname((unsigned)interface_index, leg->interface)) {
        return audyn_error_set(error, AUDYN_NOT_FOUND,
                               "the network interface with index %d is gone",
                               interface_index);
    }
    atomic_store_explicit(&leg->interface_index, interface_index, memory_order_relaxed);
    leg->source = route->source;
    leg->listener = listener_find(receiver, route);
    if (!leg->listener) {
        const audyn_status_t status =
            open_listener(&leg->listener, receiver, route, error);
        if (status) {
            return status;
        }
    }
    struct listener *listener = leg->listener;
    const audyn_status_t status = join_group(leg, error);
    if (status) {
        if (!listener->users) {
            close_listener(listener, receiver);
        }
        return status;
    }
    leg->overflow_before = audyn_counter_get(&listener->overflow);
    leg->next_user = listener->users;
    listener->users = leg;
    return AUDYN_OK;
}

static bool
is_joined_on(const struct listener *listener, int interface_index)
{
    for (const struct leg *leg = listener->users; leg; leg = leg->next_user) {
        if (interface_of(leg) == interface_index) {
            return true;
        }
    }
    return false;
}

void
listener_rejoin(const struct listener *listener)
{
    for (struct leg *leg = listener->users; leg; leg = leg->next_user) {
        const int before = interface_of(leg);
        const int now = leg->interface[0] ? (int)if_nametoindex(leg->interface) : 0;
        if (!now || now == before) {
            continue;
        }
        // Where that fails, the next change of an interface is another chance.
        if (is_joined_on(listener, now) ||
            !audyn_socket_join(listener->fd, listener->endpoint.address, listener->source,
                               now, NULL)) {
            atomic_store_explicit(&leg->interface_index, now, memory_order_relaxed);
        }
        if (!is_joined_on(listener, before)) {
            audyn_socket_leave(listener->fd, listener->endpoint.address, listener->source,
                               before);
        }
    }
}

void
leg_detach(struct leg *leg, struct receiver *receiver)
{
    struct listener *listener = leg->listener;
    struct leg **place = &listener->users;
    while (*place != leg) {
        place = &(*place)->next_user;
    }
    *place = leg->next_user;
    if (!listener->users) {
        close_listener(listener, receiver); // leaves the group, too
    } else if (is_multicast(listener) && !is_joined(leg)) {
        audyn_socket_leave(listener->fd, listener->endpoint.address, listener->source,
                           interface_of(leg));
    }
}
