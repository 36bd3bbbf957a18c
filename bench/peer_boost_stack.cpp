// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include <audyn/audio_queue.h>

#include <boost/lockfree/stack.hpp>
#include <new>

#include "peer.h"

struct peer {
    alignas(64)
        boost::lockfree::stack<float *, boost::lockfree::capacity<PEER_BUFFERS>> stack;
    alignas(64) audyn_audio_queue_t *queue;
    alignas(64) float samples[PEER_BUFFERS][PEER_SAMPLES];
};

#include "peer_queue.h"

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    peer->stack.bounded_push(static_cast<float *>(buffer));
}

static struct peer *
peer_create()
{
    peer *created = new (std::nothrow) peer;
    if (!created || !open_queue(created)) {
        delete created;
        return nullptr;
    }
    for (float *samples : created->samples) {
        peer_release(created, samples);
    }
    return created;
}

static void
peer_destroy(struct peer *peer)
{
    audyn_audio_queue_destroy(peer->queue);
    delete peer;
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    float *buffer;
    return peer->stack.pop(buffer) ? buffer : nullptr;
}

static inline float *
peer_samples(void *buffer)
{
    return static_cast<float *>(buffer);
}

#include "peer_loops.h"

DEFINE_PEER(peer_boost_stack, PEER_POOL);
