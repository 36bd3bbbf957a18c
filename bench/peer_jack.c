// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A ring each way: one carries the free buffers, the other those in use.  They carry
// bytes, and JACK rounds their size up to a power of two, of which one stays empty.

#include "peer.h"

#include <jack/ringbuffer.h>
#include <stdlib.h>

struct peer {
    jack_ringbuffer_t *free_ring;
    jack_ringbuffer_t *used_ring;
    float samples[PEER_BUFFERS][PEER_SAMPLES];
};

static inline bool
put(jack_ringbuffer_t *ring, const void *item, size_t bytes)
{
    return jack_ringbuffer_write_space(ring) >= bytes &&
           jack_ringbuffer_write(ring, item, bytes) == bytes;
}

// Leaves `item` alone while there is none.
static inline void
take(jack_ringbuffer_t *ring, void *item, size_t bytes)
{
    if (jack_ringbuffer_read_space(ring) >= bytes) {
        jack_ringbuffer_read(ring, item, bytes);
    }
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    void *buffer = NULL;
    take(peer->free_ring, &buffer, sizeof buffer);
    return buffer;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    put(peer->free_ring, &buffer, sizeof buffer);
}

static inline float *
peer_samples(void *buffer)
{
    return buffer;
}

static PEER_CALL bool
peer_send(struct peer *peer, void *buffer)
{
    const struct peer_block block = {buffer, 0, PEER_SAMPLE_FRAMES};
    return put(peer->used_ring, &block, sizeof block);
}

static PEER_CALL void *
peer_receive(struct peer *peer)
{
    struct peer_block block = {0};
    take(peer->used_ring, &block, sizeof block);
    return block.buffer;
}

static void
free_ring(jack_ringbuffer_t *ring)
{
    if (ring) {
        jack_ringbuffer_free(ring);
    }
}

static void
peer_destroy(struct peer *peer)
{
    free_ring(peer->free_ring);
    free_ring(peer->used_ring);
    free(peer);
}

static struct peer *
peer_create(void)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer) {
        return NULL;
    }
    peer->free_ring = jack_ringbuffer_create(2 * PEER_BUFFERS * sizeof(void *));
    peer->used_ring =
        jack_ringbuffer_create(2 * PEER_BUFFERS * sizeof(struct peer_block));
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

DEFINE_PEER(peer_jack, PEER_FIFO);
