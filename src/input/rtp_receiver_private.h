// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_INPUT_RTP_RECEIVER_PRIVATE_H
#define AUDYN_INPUT_RTP_RECEIVER_PRIVATE_H

#include "core/counter.h"
#include "core/rt_thread.h"
#include "input/arrival_clock.h"
#include "input/rtp_receiver.h"

#include <semaphore.h>
#include <stdatomic.h>
#include <sys/socket.h>
#include <time.h>

#define RECEIVER_PORTS 64
#define PORT_LINKS 1024

#define BATCH 64
#define PACKET_BYTES 65536
// Not a power of two, so that the packets' headers do not share one cache set.
#define PACKET_STRIDE (PACKET_BYTES + 5 * AUDYN_CACHE_LINE)
#define CONTROL_BYTES                                                                    \
    (CMSG_SPACE(sizeof(struct timespec)) + CMSG_SPACE(sizeof(struct in_pktinfo)) +       \
     CMSG_SPACE(sizeof(uint32_t)))

struct port {
    int fd; // open while the port has users; published with their links
    uint16_t number;
    bool shared;             // other processes may listen too
    audyn_rtp_link_t *users; // links attached; control threads, under the mutex
    // Written by control threads to start a link and by the input thread to end it:
    // publishes the link, and `fd` above.
    _Atomic(audyn_rtp_link_t *) links[PORT_LINKS];
    _Atomic unsigned link_limit;   // written by control threads: links beyond are NULL
    audyn_counter_t overflow;      // written by the input thread
    audyn_arrival_clock_t arrival; // the input thread's own
};

/// What one recvmmsg fills.
struct batch {
    struct mmsghdr messages[BATCH];
    struct iovec vectors[BATCH];
    unsigned char control[BATCH][CONTROL_BYTES] __attribute__((aligned(sizeof(size_t))));
    unsigned char packets[BATCH][PACKET_STRIDE];
};

/// One interface.
struct receiver {
    int interface_index;
    int64_t tai_offset_ns;
    unsigned users; // links attached; control threads, under the mutex
    audyn_rt_thread_t thread;
    audyn_memory_t memory;
    struct receiver *next;       // in the set
    _Atomic bool quit;           // written by control threads
    _Atomic unsigned port_limit; // written by control threads: ports beyond are unused
    struct port ports[RECEIVER_PORTS];
    struct batch batch; // the input thread's own
};

struct audyn_rtp_receivers {
    pthread_mutex_t mutex; // held by control threads only, never by an input thread
    struct receiver *first;
};

struct audyn_rtp_link {
    audyn_rtp_receivers_t *receivers;
    struct receiver *receiver;
    struct port *port;
    audyn_rtp_link_t *next; // on the port; control threads, under the mutex
    audyn_rtp_route_t route;
    audyn_rtp_stream_t *stream;
    audyn_timeline_t *timeline;
    bool started, stopped; // the control thread's own
    _Atomic bool leaving;  // written by the control thread
    sem_t let_go;          // posted by the input thread when it has forgotten the link
};

/// The input thread of an interface.
void *receiver_run(void *receiver);

#endif
