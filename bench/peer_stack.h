// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The intrusive stacks, which differ in names alone.  One thread pops, which is all the
/// synchronisation that they ask for.  To be included after a stack's header and
/// the macros STACK, NODE, STACK_INIT, NODE_INIT, PUSH and POP.

#include <audyn/audio_queue.h>

#include <stdalign.h>
#include <stdlib.h>

#include "peer.h"

struct item {
    alignas(64) NODE node; // first, so that a node's address is its item's
    alignas(64) float samples[PEER_SAMPLES];
};

struct peer {
    alignas(64) STACK stack;
    alignas(64) audyn_audio_queue_t *queue;
    struct item items[PEER_BUFFERS];
};

#include "peer_queue.h"

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    struct item *item = buffer;
    NODE_INIT(&item->node);
    PUSH(&peer->stack, &item->node);
}

static struct peer *
peer_create(void)
{
    struct peer *peer = aligned_alloc(alignof(struct peer), sizeof *peer);
    if (!peer || !open_queue(peer)) {
        free(peer);
        return NULL;
    }
    STACK_INIT(&peer->stack);
    for (int i = 0; i < PEER_BUFFERS; ++i) {
        peer_release(peer, &peer->items[i]);
    }
    return peer;
}

static void
peer_destroy(struct peer *peer)
{
    audyn_audio_queue_destroy(peer->queue);
    free(peer);
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    return POP(&peer->stack);
}

static inline float *
peer_samples(void *buffer)
{
    return ((struct item *)buffer)->samples;
}

#include "peer_loops.h"
