// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How the peers that are no rings hand buffers over: all through Audyn's queue, so that
/// only the pools differ.  To be included after `struct peer`, which has a `queue`.

#ifndef AUDYN_BENCH_PEER_QUEUE_H
#define AUDYN_BENCH_PEER_QUEUE_H

#include "peer.h"

#include <audyn/audio_queue.h>

static inline bool
open_queue(struct peer *peer)
{
    return audyn_audio_queue_create(&peer->queue, PEER_BUFFERS) == AUDYN_OK;
}

static inline bool
peer_send(struct peer *peer, void *buffer)
{
    const audyn_audio_block_t block = {(audyn_audio_frame_t *)buffer, 0,
                                       PEER_SAMPLE_FRAMES};
    return audyn_audio_queue_push(peer->queue, &block);
}

static inline void *
peer_receive(struct peer *peer)
{
    audyn_audio_block_t block;
    return audyn_audio_queue_pop(peer->queue, &block) ? block.frame : 0;
}

#endif
