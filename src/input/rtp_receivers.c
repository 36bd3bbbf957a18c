// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The control threads' half of the shared receivers: streams come and go while the
// input threads run.

#include "input/rtp_receiver_private.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#define INPUT_PRIORITY 70

audyn_status_t
audyn_rtp_receivers_create(audyn_rtp_receivers_t **out)
{
    audyn_rtp_receivers_t *receivers = calloc(1, sizeof *receivers);
    *out = receivers;
    if (!receivers) {
        return AUDYN_NO_MEMORY;
    }
    pthread_mutex_init(&receivers->mutex, NULL);
    return AUDYN_OK;
}

void
audyn_rtp_receivers_destroy(audyn_rtp_receivers_t *receivers)
{
    if (receivers) {
        pthread_mutex_destroy(&receivers->mutex);
        free(receivers);
    }
}

static audyn_status_t
find_receiver(audyn_rtp_receivers_t *receivers, int interface_index,
              struct receiver **found)
{
    for (struct receiver *r = receivers->first; r; r = r->next) {
        if (r->interface_index == interface_index) {
            *found = r;
            return AUDYN_OK;
        }
    }
    audyn_memory_t memory;
    const audyn_status_t status =
        audyn_memory_map(&memory, sizeof(struct receiver), AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return status;
    }
    struct receiver *receiver = memory.address;
    receiver->memory = memory;
    receiver->interface_index = interface_index;
    receiver->tai_offset_ns = audyn_clock_tai_offset() * AUDYN_NS_PER_SECOND;
    receiver->next = receivers->first;
    receivers->first = receiver;
    *found = receiver;
    return AUDYN_OK;
}

// Ends the input thread of a receiver that nobody uses.
static void
drop_if_unused(audyn_rtp_receivers_t *receivers, struct receiver *receiver)
{
    if (receiver->users) {
        return;
    }
    atomic_store_explicit(&receiver->quit, true, memory_order_release);
    audyn_rt_thread_join(&receiver->thread);
    struct receiver **place = &receivers->first;
    while (*place != receiver) {
        place = &(*place)->next;
    }
    *place = receiver->next;
    audyn_memory_t memory = receiver->memory;
    audyn_memory_unmap(&memory);
}

static audyn_status_t
open_port(struct receiver *receiver, const audyn_rtp_route_t *route, struct port **opened,
          audyn_error_t *error)
{
    const uint16_t number = route->destination.port;
    struct port *unused = NULL;
    for (unsigned i = RECEIVER_PORTS; i-- > 0;) {
        struct port *port = &receiver->ports[i];
        if (port->users && port->number == number) {
            *opened = port;
            return AUDYN_OK;
        }
        unused = port->users ? unused : port;
    }
    if (!unused) {
        return audyn_error_set(error, AUDYN_TOO_LARGE,
                               "more than %d UDP ports on one interface; use fewer ports",
                               RECEIVER_PORTS);
    }
    const bool shared = audyn_address_is_multicast(route->destination.address);
    int fd;
    const audyn_status_t status = audyn_socket_open_receiver(&fd, number, shared, error);
    if (status) {
        return status;
    }
    unused->fd = fd;
    unused->number = number;
    atomic_store_explicit(&unused->overflow, 0, memory_order_relaxed);
    const unsigned limit = (unsigned)(unused - receiver->ports) + 1;
    if (limit > atomic_load_explicit(&receiver->port_limit, memory_order_relaxed)) {
        atomic_store_explicit(&receiver->port_limit, limit, memory_order_release);
    }
    *opened = unused;
    return AUDYN_OK;
}

static bool
is_multicast(const audyn_rtp_link_t *link)
{
    return audyn_address_is_multicast(link->route.destination.address);
}

// A socket joins a group once, for all streams that come in on it.
static bool
is_joined(const audyn_rtp_link_t *link)
{
    for (const audyn_rtp_link_t *other = link->port->users; other; other = other->next) {
        if (other->route.destination.address.s_addr ==
                link->route.destination.address.s_addr &&
            other->route.source.s_addr == link->route.source.s_addr) {
            return true;
        }
    }
    return false;
}

static audyn_status_t
join_group(audyn_rtp_link_t *link, audyn_error_t *error)
{
    if (!is_multicast(link) || is_joined(link)) {
        return AUDYN_OK;
    }
    return audyn_socket_join(link->port->fd, link->route.destination.address,
                             link->route.source, link->route.interface_index, error);
}

static void
leave_group(const audyn_rtp_link_t *link)
{
    if (is_multicast(link) && !is_joined(link)) {
        audyn_socket_leave(link->port->fd, link->route.destination.address,
                           link->route.source, link->route.interface_index);
    }
}

static void
remove_from_port(audyn_rtp_link_t *link)
{
    audyn_rtp_link_t **place = &link->port->users;
    while (*place != link) {
        place = &(*place)->next;
    }
    *place = link->next;
}

static void
close_port_if_unused(struct port *port)
{
    if (!port->users) {
        close(port->fd);
    }
}

static audyn_status_t
connect_link(audyn_rtp_link_t *link, audyn_error_t *error)
{
    audyn_status_t status =
        find_receiver(link->receivers, link->route.interface_index, &link->receiver);
    if (status) {
        return audyn_error_set(error, status, "no memory for a receiver");
    }
    status = open_port(link->receiver, &link->route, &link->port, error);
    if (!status) {
        status = join_group(link, error);
        if (status) {
            close_port_if_unused(link->port);
        }
    }
    if (status) {
        drop_if_unused(link->receivers, link->receiver);
        return status;
    }
    link->next = link->port->users;
    link->port->users = link;
    ++link->receiver->users;
    return AUDYN_OK;
}

audyn_status_t
audyn_rtp_receivers_attach(audyn_rtp_receivers_t *receivers, audyn_rtp_link_t **out,
                           const audyn_rtp_route_t *route, audyn_rtp_stream_t *stream,
                           audyn_timeline_t *timeline, audyn_error_t *error)
{
    *out = NULL;
    audyn_rtp_link_t *link = calloc(1, sizeof *link);
    if (!link) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for a stream");
    }
    link->receivers = receivers;
    link->route = *route;
    link->stream = stream;
    link->timeline = timeline;
    pthread_mutex_lock(&receivers->mutex);
    const audyn_status_t status = connect_link(link, error);
    pthread_mutex_unlock(&receivers->mutex);
    if (status) {
        free(link);
        return status;
    }
    sem_init(&link->let_go, 0, 0);
    *out = link;
    return AUDYN_OK;
}

static audyn_status_t
start_thread(struct receiver *receiver, audyn_error_t *error)
{
    if (receiver->thread.stack.address) {
        return AUDYN_OK;
    }
    const audyn_status_t status = audyn_rt_thread_start(
        &receiver->thread, "audyn-rtp", INPUT_PRIORITY, receiver_run, receiver);
    if (status) {
        return audyn_error_set(error, status,
                               "the receiver's thread cannot be started: %s",
                               audyn_strerror(status));
    }
    return AUDYN_OK;
}

static audyn_status_t
publish_link(audyn_rtp_link_t *link, audyn_error_t *error)
{
    struct port *port = link->port;
    for (unsigned i = 0; i < PORT_LINKS; ++i) {
        if (atomic_load_explicit(&port->links[i], memory_order_acquire)) {
            continue;
        }
        atomic_store_explicit(&port->links[i], link, memory_order_release);
        if (i >= atomic_load_explicit(&port->link_limit, memory_order_relaxed)) {
            atomic_store_explicit(&port->link_limit, i + 1, memory_order_release);
        }
        return AUDYN_OK;
    }
    return audyn_error_set(error, AUDYN_TOO_LARGE,
                           "more than %d streams on one port; use several ports",
                           PORT_LINKS);
}

audyn_status_t
audyn_rtp_link_start(audyn_rtp_link_t *link, audyn_error_t *error)
{
    pthread_mutex_lock(&link->receivers->mutex);
    audyn_status_t status = start_thread(link->receiver, error);
    if (!status) {
        status = publish_link(link, error);
    }
    link->started = !status;
    pthread_mutex_unlock(&link->receivers->mutex);
    return status;
}

bool
audyn_rtp_link_has_priority(const audyn_rtp_link_t *link)
{
    return link->receiver->thread.fifo;
}

uint64_t
audyn_rtp_link_overflow(const audyn_rtp_link_t *link)
{
    return audyn_counter_get(&link->port->overflow);
}

void
audyn_rtp_link_stop(audyn_rtp_link_t *link)
{
    if (link->stopped) {
        return;
    }
    link->stopped = true;
    if (!link->started) {
        audyn_timeline_finish(link->timeline);
        return;
    }
    atomic_store_explicit(&link->leaving, true, memory_order_release);
    while (sem_wait(&link->let_go) != 0 && errno == EINTR) {
    }
}

void
audyn_rtp_link_detach(audyn_rtp_link_t *link)
{
    if (!link) {
        return;
    }
    audyn_rtp_link_stop(link);
    pthread_mutex_lock(&link->receivers->mutex);
    remove_from_port(link);
    leave_group(link);
    close_port_if_unused(link->port);
    --link->receiver->users;
    drop_if_unused(link->receivers, link->receiver);
    pthread_mutex_unlock(&link->receivers->mutex);
    sem_destroy(&link->let_go);
    free(link);
}
