// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the benchmark asks of each way to lend out buffers.  A peer is one file that
/// ends with peer_loops.h, and one entry in meson.build.

#ifndef AUDYN_BENCH_PEER_H
#define AUDYN_BENCH_PEER_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Buffers in a peer's pool, and the size of each: one millisecond of stereo at 48 kHz,
/// which glibc still serves from its thread cache.
enum { PEER_BUFFERS = 64, PEER_CHANNELS = 2, PEER_SAMPLE_FRAMES = 48 };
enum { PEER_SAMPLES = PEER_CHANNELS * PEER_SAMPLE_FRAMES };

/// An operation is a call, as it is into Audyn's library and glibc: whoever uses a pool
/// is not compiled together with it.  PEER_INLINED_RING shows what inlining would save.
#ifdef PEER_INLINED_RING
#define PEER_CALL inline
#else
#define PEER_CALL __attribute__((noinline))
#endif

/// What a ring hands over, as much as an audyn_audio_block_t.
struct peer_block {
    void *buffer;
    uint64_t position;
    uint32_t filled;
};

/// How a peer hands out its buffers, which decides what it is compared with.
enum peer_kind {
    PEER_AUDYN,   ///< the subject
    PEER_POOL,    ///< pools and allocators of any order, and stacks
    PEER_FIFO,    ///< rings used as a free list: not last-in first-out
    PEER_BATCHED, ///< pools that fetch many buffers at once into a cache: neither
                  ///< last-in first-out nor of constant time
    PEER_INLINED, ///< a ring inlined into the loop
};

struct peer_interface {
    enum peer_kind kind;
    void *(*create)(void); ///< NULL on failure
    void (*destroy)(void *peer);
    /// True if all buffers can be had at once, are writable, distinct, and come back.
    bool (*works)(void *peer);
    /// `count` times: acquire a buffer, release it.
    void (*acquire_and_release)(void *peer, uint64_t count);
    /// `count` times: acquire a buffer, hand it over; beside it in another thread the
    /// same number of times: take it, release it.
    void (*acquire_and_send)(void *peer, uint64_t count);
    void (*receive_and_release)(void *peer, uint64_t count);
};

#ifdef __cplusplus
}
#endif

#endif
