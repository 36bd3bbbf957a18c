// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include <audyn/audio_queue.h>

#include <pthread.h>
#include <stdalign.h>
#include <stdlib.h>

#include "peer.h"

struct peer {
    audyn_audio_queue_t *queue;
    pthread_mutex_t mutex;
    unsigned top;
    float *free_stack[PEER_BUFFERS];
    alignas(64) float samples[PEER_BUFFERS][PEER_SAMPLES];
};

#include "peer_queue.h"

static struct peer *
peer_create(void)
{
    struct peer *peer = aligned_alloc(alignof(struct peer), sizeof *peer);
    if (!peer || !open_queue(peer)) {
        free(peer);
        return NULL;
    }
    pthread_mutex_init(&peer->mutex, NULL);
    for (peer->top = 0; peer->top < PEER_BUFFERS; ++peer->top) {
        peer->free_stack[peer->top] = peer->samples[peer->top];
    }
    return peer;
}

static void
peer_destroy(struct peer *peer)
{
    pthread_mutex_destroy(&peer->mutex);
    audyn_audio_queue_destroy(peer->queue);
    free(peer);
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    pthread_mutex_lock(&peer->mutex);
    void *buffer = peer->top ? peer->free_stack[--peer->top] : NULL;
    pthread_mutex_unlock(&peer->mutex);
    return buffer;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    pthread_mutex_lock(&peer->mutex);
    peer->free_stack[peer->top++] = buffer;
    pthread_mutex_unlock(&peer->mutex);
}

static inline float *
peer_samples(void *buffer)
{
    return buffer;
}

#include "peer_loops.h"

DEFINE_PEER(peer_mutex, PEER_POOL);
