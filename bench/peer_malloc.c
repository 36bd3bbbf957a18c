// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include <audyn/audio_queue.h>

#include <stdlib.h>

struct peer {
    audyn_audio_queue_t *queue;
};

#include "peer_queue.h"

static struct peer *
peer_create(void)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (peer && !open_queue(peer)) {
        free(peer);
        return NULL;
    }
    return peer;
}

static void
peer_destroy(struct peer *peer)
{
    audyn_audio_queue_destroy(peer->queue);
    free(peer);
}

static inline void *
peer_acquire(struct peer *peer)
{
    (void)peer;
    return malloc(PEER_SAMPLES * sizeof(float));
}

static inline void
peer_release(struct peer *peer, void *buffer)
{
    (void)peer;
    free(buffer);
}

static inline float *
peer_samples(void *buffer)
{
    return buffer;
}

#include "peer_loops.h"

DEFINE_PEER(peer_malloc, PEER_POOL);
