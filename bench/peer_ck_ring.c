// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A ring each way: one carries the free buffers, the other those in use.

#include "peer.h"

#include <ck_ring.h>
#include <stdalign.h>
#include <stdlib.h>

CK_RING_PROTOTYPE(block, peer_block)

enum { SLOTS = 2 * PEER_BUFFERS }; // a power of two; one slot stays empty

struct peer {
    alignas(64) ck_ring_t free_ring;
    alignas(64) ck_ring_t used_ring;
    alignas(64) ck_ring_buffer_t free_slots[SLOTS];
    alignas(64) struct peer_block used_slots[SLOTS];
    alignas(64) float samples[PEER_BUFFERS][PEER_SAMPLES];
};

static struct peer *
peer_create(void)
{
    struct peer *peer = aligned_alloc(alignof(struct peer), sizeof *peer);
    if (!peer) {
        return NULL;
    }
    ck_ring_init(&peer->free_ring, SLOTS);
    ck_ring_init(&peer->used_ring, SLOTS);
    for (int i = 0; i < PEER_BUFFERS; ++i) {
        ck_ring_enqueue_spsc(&peer->free_ring, peer->free_slots, peer->samples[i]);
    }
    return peer;
}

static void
peer_destroy(struct peer *peer)
{
    free(peer);
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    void *buffer = NULL;
    return ck_ring_dequeue_spsc(&peer->free_ring, peer->free_slots, &buffer) ? buffer
                                                                             : NULL;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    ck_ring_enqueue_spsc(&peer->free_ring, peer->free_slots, buffer);
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
    return ck_ring_enqueue_spsc_block(&peer->used_ring, peer->used_slots, &block);
}

static PEER_CALL void *
peer_receive(struct peer *peer)
{
    struct peer_block block = {0};
    ck_ring_dequeue_spsc_block(&peer->used_ring, peer->used_slots, &block);
    return block.buffer;
}

#include "peer_loops.h"

DEFINE_RING(peer_ck_ring);
