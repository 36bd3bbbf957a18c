// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A way to lend out buffers, one operation at a time.

#ifndef AUDYN_BENCH_LATENCY_PEER_H
#define AUDYN_BENCH_LATENCY_PEER_H

#include <stdbool.h>

struct latency_peer {
    void *(*create)(void); ///< NULL on failure
    void (*destroy)(void *peer);
    void *(*acquire)(void *peer); ///< NULL: none is free
    bool (*send)(void *peer, void *buffer);
    void *(*receive)(void *peer); ///< NULL: nothing was sent
    void (*release)(void *peer, void *buffer);
};

#endif
