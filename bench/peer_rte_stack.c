// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Lock-free; with PEER_SPIN_LOCK as DPDK makes it unless asked.

#include <audyn/audio_queue.h>

#include <rte_memory.h>
#include <rte_stack.h>
#include <stdlib.h>

#include "peer.h"
#include "peer_dpdk.h"

#ifdef PEER_SPIN_LOCK
#define IDENTIFIER peer_rte_stack_locked
#define NAME "locked"
#define FLAGS 0
#else
#define IDENTIFIER peer_rte_stack
#define NAME "lock-free"
#define FLAGS RTE_STACK_F_LF
#endif

struct peer {
    audyn_audio_queue_t *queue;
    struct rte_stack *stack;
    float samples[PEER_BUFFERS][PEER_SAMPLES];
};

#include "peer_queue.h"

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    void *buffer = NULL;
    return rte_stack_pop(peer->stack, &buffer, 1) ? buffer : NULL;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    rte_stack_push(peer->stack, &buffer, 1);
}

static inline float *
peer_samples(void *buffer)
{
    return buffer;
}

static void
peer_destroy(struct peer *peer)
{
    rte_stack_free(peer->stack);
    audyn_audio_queue_destroy(peer->queue);
    free(peer);
}

static struct peer *
peer_create(void)
{
    struct peer *peer = start_environment() ? calloc(1, sizeof *peer) : NULL;
    if (!peer) {
        return NULL;
    }
    peer->stack = rte_stack_create(NAME, PEER_BUFFERS, SOCKET_ID_ANY, FLAGS);
    if (!peer->stack || !open_queue(peer)) {
        peer_destroy(peer);
        return NULL;
    }
    for (int i = 0; i < PEER_BUFFERS; ++i) {
        peer_release(peer, peer->samples[i]);
    }
    return peer;
}

#include "peer_loops.h"

DEFINE_PEER(IDENTIFIER, PEER_POOL);
