// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A ring of free buffers, from which the thread that started DPDK takes by way of a cache
// of its own, a stack.  Any other thread returns to the ring.  PEER_UNCACHED: both use
// it.

#include <audyn/audio_queue.h>

#include <rte_mempool.h>
#include <stdlib.h>

#include "peer.h"
#include "peer_dpdk.h"

#ifdef PEER_UNCACHED
#define IDENTIFIER peer_rte_mempool_uncached
#define KIND PEER_FIFO
#define NAME "uncached"
enum { CACHED_BUFFERS = 0 };
#else
#define IDENTIFIER peer_rte_mempool
#define KIND PEER_BATCHED
#define NAME "cached"
enum { CACHED_BUFFERS = PEER_BUFFERS / 2 };
#endif

struct peer {
    audyn_audio_queue_t *queue;
    struct rte_mempool *pool;
};

#include "peer_queue.h"

static void
peer_destroy(struct peer *peer)
{
    rte_mempool_free(peer->pool);
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
    peer->pool = rte_mempool_create(
        NAME, PEER_BUFFERS, PEER_SAMPLES * sizeof(float), CACHED_BUFFERS, 0, NULL, NULL,
        NULL, NULL, SOCKET_ID_ANY, RTE_MEMPOOL_F_SP_PUT | RTE_MEMPOOL_F_SC_GET);
    if (!peer->pool || !open_queue(peer)) {
        peer_destroy(peer);
        return NULL;
    }
    return peer;
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    void *buffer = NULL;
    return rte_mempool_get(peer->pool, &buffer) == 0 ? buffer : NULL;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    rte_mempool_put(peer->pool, buffer);
}

static inline float *
peer_samples(void *buffer)
{
    return buffer;
}

#include "peer_loops.h"

DEFINE_PEER(IDENTIFIER, KIND);
