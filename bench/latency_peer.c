// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The single operations of a peer, whose file is PEER_FILE, as the object LATENCY_PEER.

#include PEER_FILE
#include "latency_peer.h"

static void *
acquire(void *peer)
{
    return peer_acquire(peer);
}

static bool
send(void *peer, void *buffer)
{
    return peer_send(peer, buffer);
}

static void *
receive(void *peer)
{
    return peer_receive(peer);
}

static void
release(void *peer, void *buffer)
{
    peer_release(peer, buffer);
}

extern const struct latency_peer LATENCY_PEER;
const struct latency_peer LATENCY_PEER = {create, destroy, acquire,
                                          send,   receive, release};
