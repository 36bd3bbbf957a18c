// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include <audyn/audio_queue.h>

#include <gst/gst.h>
#include <stdlib.h>

struct peer {
    audyn_audio_queue_t *queue;
    GstBufferPool *pool;
};

#include "peer_queue.h"

static bool
start_pool(GstBufferPool *pool)
{
    GstStructure *config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, NULL, PEER_SAMPLES * sizeof(float),
                                      PEER_BUFFERS, PEER_BUFFERS);
    return gst_buffer_pool_set_config(pool, config) &&
           gst_buffer_pool_set_active(pool, TRUE);
}

static void
peer_destroy(struct peer *peer)
{
    if (peer->pool) {
        gst_buffer_pool_set_active(peer->pool, FALSE);
        gst_object_unref(peer->pool);
    }
    audyn_audio_queue_destroy(peer->queue);
    free(peer);
}

static struct peer *
peer_create(void)
{
    struct peer *peer = calloc(1, sizeof *peer);
    if (!peer || !open_queue(peer) || !gst_init_check(NULL, NULL, NULL)) {
        free(peer);
        return NULL;
    }
    peer->pool = gst_buffer_pool_new();
    if (!start_pool(peer->pool)) {
        peer_destroy(peer);
        return NULL;
    }
    return peer;
}

static PEER_CALL void *
peer_acquire(struct peer *peer)
{
    GstBufferPoolAcquireParams never_wait = {.flags =
                                                 GST_BUFFER_POOL_ACQUIRE_FLAG_DONTWAIT};
    GstBuffer *buffer = NULL;
    return gst_buffer_pool_acquire_buffer(peer->pool, &buffer, &never_wait) == GST_FLOW_OK
               ? buffer
               : NULL;
}

static PEER_CALL void
peer_release(struct peer *peer, void *buffer)
{
    gst_buffer_pool_release_buffer(peer->pool, buffer);
}

// Mapping is the only way to the samples; memory of the system stays where it is.
static inline float *
peer_samples(void *buffer)
{
    GstMemory *memory = gst_buffer_peek_memory(buffer, 0);
    GstMapInfo map;
    if (!gst_memory_map(memory, &map, GST_MAP_READWRITE)) {
        return NULL;
    }
    gst_memory_unmap(memory, &map);
    return (float *)(void *)map.data;
}

#include "peer_loops.h"

DEFINE_PEER(peer_gstreamer, PEER_POOL);
