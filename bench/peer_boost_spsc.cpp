// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A ring each way: one carries the free buffers, the other those in use.

#include "peer.h"

#include <boost/lockfree/spsc_queue.hpp>
#include <new>

template <typename T>
using ring = boost::lockfree::spsc_queue<T, boost::lockfree::capacity<PEER_BUFFERS>>;

struct peer {
    alignas(64) ring<float *> free_ring;
    alignas(64) ring<peer_block> used_ring;
    alignas(64) float samples[PEER_BUFFERS][PEER_SAMPLES];
};

static struct peer *
peer_create()
{
    peer *created = new (std::nothrow) peer;
    if (created) {
        for (float *samples : created->samples) {
            created->free_ring.push(samples);
        }
    }
    return created;
}

static void
peer_destroy(struct peer *peer)
{
    delete peer;
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    float *buffer;
    return peer->free_ring.pop(buffer) ? buffer : nullptr;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    peer->free_ring.push(static_cast<float *>(buffer));
}

static inline float *
peer_samples(void *buffer)
{
    return static_cast<float *>(buffer);
}

static PEER_CALL bool
peer_send(struct peer *peer, void *buffer)
{
    return peer->used_ring.push({buffer, 0, PEER_SAMPLE_FRAMES});
}

static PEER_CALL void *
peer_receive(struct peer *peer)
{
    peer_block block;
    return peer->used_ring.pop(block) ? block.buffer : nullptr;
}

#include "peer_loops.h"

DEFINE_RING(peer_boost_spsc);
