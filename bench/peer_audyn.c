// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include <audyn/audio_queue.h>

#include <stdlib.h>

struct peer {
    audyn_frame_pool_t *pool;
    audyn_audio_queue_t *queue;
};

#include "peer_queue.h"

static void
peer_destroy(struct peer *peer)
{
    audyn_frame_pool_destroy(peer->pool);
    audyn_audio_queue_destroy(peer->queue);
    free(peer);
}

static struct peer *
peer_create(void)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) {
        return NULL;
    }
    peer->pool = audyn_frame_pool_create(PEER_BUFFERS, PEER_CHANNELS, PEER_SAMPLE_FRAMES);
    if (!open_queue(peer) || !peer->pool) {
        peer_destroy(peer);
        return NULL;
    }
    return peer;
}

static inline void *
peer_acquire(struct peer *peer)
{
    return audyn_frame_acquire(peer->pool);
}

static inline void
peer_release(struct peer *peer, void *buffer)
{
    (void)peer;
    audyn_frame_release(buffer);
}

static inline float *
peer_samples(void *buffer)
{
    return ((audyn_audio_frame_t *)buffer)->data;
}

#include "peer_loops.h"

DEFINE_PEER(peer_audyn, PEER_AUDYN);
