// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A ring each way: one carries the free buffers, the other those in use.  In memory of
// our own, for which DPDK's environment need not be running.

#include "peer.h"

#include <rte_ring.h>
#include <stdlib.h>

enum { SLOTS = 2 * PEER_BUFFERS }; // a power of two; one slot stays empty

struct peer {
    struct rte_ring *free_ring;
    struct rte_ring *used_ring;
    float samples[PEER_BUFFERS][PEER_SAMPLES];
};

static struct rte_ring *
create_ring(const char *name, unsigned element_bytes)
{
    const ssize_t bytes = rte_ring_get_memsize_elem(element_bytes, SLOTS);
    struct rte_ring *ring =
        bytes > 0 ? aligned_alloc(RTE_CACHE_LINE_SIZE, (size_t)bytes) : NULL;
    if (ring && rte_ring_init(ring, name, SLOTS, RING_F_SP_ENQ | RING_F_SC_DEQ)) {
        free(ring);
        return NULL;
    }
    return ring;
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    void *buffer = NULL;
    return rte_ring_sc_dequeue(peer->free_ring, &buffer) == 0 ? buffer : NULL;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    rte_ring_sp_enqueue(peer->free_ring, buffer);
}

static inline float *
peer_samples(void *buffer)
{
    return buffer;
}

static PEER_CALL bool
peer_send(struct peer *peer, void *buffer)
{
    struct peer_block block = {buffer, 0, PEER_SAMPLE_FRAMES};
    return rte_ring_sp_enqueue_elem(peer->used_ring, &block, sizeof block) == 0;
}

static PEER_CALL void *
peer_receive(struct peer *peer)
{
    struct peer_block block = {0};
    rte_ring_sc_dequeue_elem(peer->used_ring, &block, sizeof block);
    return block.buffer;
}

static void
peer_destroy(struct peer *peer)
{
    free(peer->free_ring);
    free(peer->used_ring);
    free(peer);
}

static struct peer *
peer_create(void)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) {
        return NULL;
    }
    peer->free_ring = create_ring("free", sizeof(void *));
    peer->used_ring = create_ring("used", sizeof(struct peer_block));
    if (!peer->free_ring || !peer->used_ring) {
        peer_destroy(peer);
        return NULL;
    }
    for (int i = 0; i < PEER_BUFFERS; ++i) {
        peer_release(peer, peer->samples[i]);
    }
    return peer;
}

#include "peer_loops.h"

DEFINE_RING(peer_rte_ring);
