// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_INPUT_RTP_RECEIVER_PRIVATE_H
#define AUDYN_INPUT_RTP_RECEIVER_PRIVATE_H

#include "core/counter.h"
#include "core/rt_thread.h"
#include "input/arrival_clock.h"
#include "input/rtp_receiver.h"
#include "net/interface_watch.h"

#include <net/if.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 64
#define PACKET_BYTES 65536
// Not a power of two, so that the packets' headers do not share one cache set.
#define PACKET_STRIDE (PACKET_BYTES + 5 * AUDYN_CACHE_LINE)
#define CONTROL_BYTES                                                                    \
    (CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct in_pktinfo)) +       \
     CMSG_SPACE(sizeof(uint32_t)))

/// A socket, and the legs whose packets come in on it.
struct listener {
    // Read-only once it is open.
    audyn_memory_t memory;
    int fd;
    audyn_endpoint_t endpoint;
    struct in_addr source; // a group's: the only source that is let in; INADDR_ANY: all

    // Control threads, under the mutex.
    struct listener *next; // of the receiver
    struct leg *users;     // legs attached

    // The input thread's own.
    struct listener *next_read;
    struct leg *legs; // legs started
    audyn_arrival_clock_t arrival;

    audyn_counter_t overflow; // written by the input thread
};

struct leg {
    audyn_rtp_link_t *link;
    unsigned number;
    struct in_addr source;       // INADDR_ANY: anybody
    char interface[IF_NAMESIZE]; // of a group; empty: the kernel's choice
    // Of that name, 0 if empty.  Written by control threads, under the mutex: an
    // interface that was taken away may come back under another index.
    _Atomic int interface_index;
    struct listener *listener;
    uint64_t overflow_before; // packets dropped before this leg was attached
    struct leg *next_user;    // on the listener; control threads, under the mutex
    struct leg *next;         // on the listener; the input thread's own
};

/// What one recvmmsg fills.
struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    struct sockaddr_in senders[BATCH];
    unsigned char control[BATCH][CONTROL_BYTES] __attribute__((aligned(sizeof(size_t))));
    unsigned char packets[BATCH][PACKET_STRIDE];
};

/// One interface.
struct receiver {
    audyn_memory_t memory;
    char interface[IF_NAMESIZE]; // empty: the kernel's choice

    // Control threads, under the mutex.
    audyn_rt_thread_t thread;
    unsigned users; // links attached
    struct receiver *next;
    struct listener *listeners;

    _Atomic bool quit; // written by control threads
    // A list of links that control threads have started: publishes them and their
    // listeners.  Emptied by the input thread.
    _Atomic(audyn_rtp_link_t *) arriving;

    // The input thread's own.
    audyn_rtp_link_t *links;
    struct listener *read; // listeners with legs that were started
    struct batch batch;
};

struct audyn_rtp_receivers {
    pthread_mutex_t mutex; // held by control threads only, never by an input thread
    struct receiver *first;
    audyn_rt_thread_t watcher; // an ordinary thread; runs from the first link on
    audyn_interface_watch_t watch;
};

struct audyn_rtp_link {
    audyn_memory_t memory;
    audyn_rtp_receivers_t *receivers;
    struct receiver *receiver;
    audyn_rtp_stream_t *stream;
    audyn_timeline_t *timeline;
    bool started, stopped;  // the control thread's own
    _Atomic bool leaving;   // written by the control thread
    sem_t let_go;           // posted by the input thread when it has forgotten the link
    audyn_rtp_link_t *next; // control thread until published, then the input thread's
    bool ending;            // the input thread has seen `leaving`; its own
    unsigned leg_count;
    struct leg legs[AUDYN_LEGS];
};

/// The input thread of an interface.
void *receiver_run(void *receiver);

/// The functions below are for control threads, under the mutex.

/// Finds or opens the socket that a leg needs and joins its group.  On failure nothing
/// of that is left.
audyn_status_t leg_attach(struct leg *leg, struct receiver *receiver,
                          const audyn_rtp_route_t *route, audyn_error_t *error);

/// Leaves the group and closes the socket unless others need them.
void leg_detach(struct leg *leg, struct receiver *receiver);

/// The receiver's socket for this; NULL: none yet.
struct listener *listener_find(const struct receiver *receiver,
                               const audyn_rtp_route_t *route);

/// Joins again where an interface has come back as another one.
void listener_rejoin(const struct listener *listener);

/// Watches the interfaces, if that does not happen yet and can be had.
audyn_status_t watch_start(audyn_rtp_receivers_t *receivers, audyn_error_t *error);

/// Without the mutex.
void watch_stop(audyn_rtp_receivers_t *receivers);

#endif
