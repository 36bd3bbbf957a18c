// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The control threads' half of the shared receivers: streams come and go while the
// input threads run.

#include "input/rtp_receiver_private.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
        watch_stop(receivers);
        pthread_mutex_destroy(&receivers->mutex);
        free(receivers);
    }
}

// The receiver that has the address already, for a unicast one can be bound only once,
// whatever interface is named with it; else that of the interface.
static struct receiver *
find_receiver(const audyn_rtp_receivers_t *receivers, const audyn_rtp_route_t *route,
              const char *interface)
{
    const bool multicast = audyn_address_is_multicast(route->destination.address);
    struct receiver *found = NULL;
    for (struct receiver *r = receivers->first; r; r = r->next) {
        if (!multicast && listener_find(r, route)) {
            return r;
        }
        found = strcmp(r->interface, interface) ? found : r;
    }
    return found;
}

static audyn_status_t
find_or_create_receiver(audyn_rtp_receivers_t *receivers, const audyn_rtp_route_t *route,
                        struct receiver **found, audyn_error_t *error)
{
    char interface[IF_NAMESIZE] = "";
    if (route->interface_index) {
        if_indextoname((unsigned)route->interface_index, interface);
    }
    *found = find_receiver(receivers, route, interface);
    if (*found) {
        return AUDYN_OK;
    }
    audyn_memory_t memory;
    const audyn_status_t status =
        audyn_memory_map(&memory, sizeof(struct receiver), AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return audyn_error_set(error, status, "no memory for a receiver");
    }
    struct receiver *receiver = memory.address;
    receiver->memory = memory;
    memcpy(receiver->interface, interface, sizeof interface);
    receiver->next = receivers->first;
    receivers->first = receiver;
    *found = receiver;
    return AUDYN_OK;
}

static void
end_thread(struct receiver *receiver)
{
    atomic_store_explicit(&receiver->quit, true, memory_order_release);
    audyn_rt_thread_join(&receiver->thread);
    atomic_store_explicit(&receiver->quit, false, memory_order_relaxed);
}

static void
drop_if_unused(audyn_rtp_receivers_t *receivers, struct receiver *receiver)
{
    if (receiver->users) {
        return;
    }
    end_thread(receiver);
    struct receiver **place = &receivers->first;
    while (*place != receiver) {
        place = &(*place)->next;
    }
    *place = receiver->next;
    audyn_memory_t memory = receiver->memory;
    audyn_memory_unmap(&memory);
}

static void
detach_legs(audyn_rtp_link_t *link)
{
    while (link->leg_count) {
        leg_detach(&link->legs[--link->leg_count], link->receiver);
    }
}

static audyn_status_t
attach_leg(audyn_rtp_link_t *link, const audyn_rtp_route_t *route, audyn_error_t *error)
{
    struct leg *leg = &link->legs[link->leg_count];
    leg->link = link;
    leg->number = link->leg_count;
    const audyn_status_t status = leg_attach(leg, link->receiver, route, error);
    link->leg_count += !status;
    return status;
}

static audyn_status_t
connect_link(audyn_rtp_link_t *link, const audyn_rtp_route_t *legs, unsigned leg_count,
             audyn_error_t *error)
{
    audyn_status_t status =
        find_or_create_receiver(link->receivers, &legs[0], &link->receiver, error);
    if (status) {
        return status;
    }
    audyn_error_t problem = {""};
    while (!status && link->leg_count < leg_count) {
        status = attach_leg(link, &legs[link->leg_count], &problem);
    }
    if (!status) {
        ++link->receiver->users;
        return AUDYN_OK;
    }
    if (leg_count > 1) {
        audyn_error_set(error, status, "leg %c: %s", 'A' + (int)link->leg_count,
                        problem.text);
    } else {
        audyn_error_set(error, status, "%s", problem.text);
    }
    detach_legs(link);
    drop_if_unused(link->receivers, link->receiver);
    return status;
}

audyn_status_t
audyn_rtp_receivers_attach(audyn_rtp_receivers_t *receivers, audyn_rtp_link_t **out,
                           const audyn_rtp_route_t *legs, unsigned leg_count,
                           audyn_rtp_stream_t *stream, audyn_timeline_t *timeline,
                           audyn_error_t *error)
{
    *out = NULL;
    audyn_memory_t memory;
    audyn_status_t status = audyn_memory_map(&memory, sizeof(audyn_rtp_link_t),
                                             AUDYN_LOCK_BEST_EFFORT, false);
    if (status) {
        return audyn_error_set(error, status, "no memory for a stream");
    }
    audyn_rtp_link_t *link = memory.address;
    link->memory = memory;
    link->receivers = receivers;
    link->stream = stream;
    link->timeline = timeline;
    pthread_mutex_lock(&receivers->mutex);
    status = connect_link(link, legs, leg_count, error);
    pthread_mutex_unlock(&receivers->mutex);
    if (status) {
        audyn_memory_unmap(&memory);
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

// On failure no more threads run than before.
static audyn_status_t
start_threads(audyn_rtp_link_t *link, audyn_error_t *error)
{
    struct receiver *receiver = link->receiver;
    const bool running = receiver->thread.stack.address;
    audyn_status_t status = start_thread(receiver, error);
    if (!status) {
        status = watch_start(link->receivers, error);
        if (status && !running) {
            end_thread(receiver);
        }
    }
    return status;
}

// The input thread takes the whole list at once, so that `next` needs no guard.
static void
publish(audyn_rtp_link_t *link)
{
    _Atomic(audyn_rtp_link_t *) *arriving = &link->receiver->arriving;
    link->next = atomic_load_explicit(arriving, memory_order_relaxed);
    while (!atomic_compare_exchange_weak_explicit(
        arriving, &link->next, link, memory_order_release, memory_order_relaxed)) {
    }
}

audyn_status_t
audyn_rtp_link_start(audyn_rtp_link_t *link, audyn_error_t *error)
{
    pthread_mutex_lock(&link->receivers->mutex);
    const audyn_status_t status = start_threads(link, error);
    if (!status) {
        publish(link);
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
audyn_rtp_link_overflow(const audyn_rtp_link_t *link, unsigned leg)
{
    const struct leg *asked = &link->legs[leg];
    return audyn_counter_get(&asked->listener->overflow) - asked->overflow_before;
}

void
audyn_rtp_link_ask_to_stop(audyn_rtp_link_t *link)
{
    atomic_store_explicit(&link->leaving, true, memory_order_release);
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
    audyn_rtp_link_ask_to_stop(link);
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
    detach_legs(link);
    --link->receiver->users;
    drop_if_unused(link->receivers, link->receiver);
    pthread_mutex_unlock(&link->receivers->mutex);
    sem_destroy(&link->let_go);
    audyn_memory_t memory = link->memory;
    audyn_memory_unmap(&memory);
}
