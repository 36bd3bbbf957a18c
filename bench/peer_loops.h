// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The loops that are measured, compiled into each peer's own file.  To be included last,
/// after the peer has defined
///
///     struct peer;
///     static struct peer *peer_create(void);
///     static void peer_destroy(struct peer *peer);
///     static void *peer_acquire(struct peer *peer);               NULL: none is free
///     static void peer_release(struct peer *peer, void *buffer);
///     static float *peer_samples(void *buffer);
///     static bool peer_send(struct peer *peer, void *buffer);     false: full
///     static void *peer_receive(struct peer *peer);               NULL: empty

#include "peer.h"

#include <string.h>

/// The compiler must take it that the samples are used here, and any memory changed.
static inline void
use_samples(const float *samples)
{
    __asm__ volatile("" : : "r"(samples) : "memory");
}

static inline void
wait_a_moment(void)
{
#ifdef __x86_64__
    __builtin_ia32_pause();
#else
    use_samples(0);
#endif
}

static void *
create(void)
{
    return peer_create();
}

static void
destroy(void *peer)
{
    peer_destroy((struct peer *)peer);
}

static bool
has_only(const float *samples, float value)
{
    for (int i = 0; i < PEER_SAMPLES; ++i) {
        if (samples[i] < value || samples[i] > value) {
            return false;
        }
    }
    return true;
}

static bool
works(void *self)
{
    struct peer *peer = (struct peer *)self;
    void *buffers[PEER_BUFFERS];
    bool good = true;
    for (int round = 0; round < 2 && good; ++round) {
        for (int i = 0; i < PEER_BUFFERS; ++i) {
            buffers[i] = peer_acquire(peer);
            if (!buffers[i]) {
                return false;
            }
            for (int s = 0; s < PEER_SAMPLES; ++s) {
                peer_samples(buffers[i])[s] = (float)i;
            }
        }
        for (int i = 0; i < PEER_BUFFERS; ++i) {
            good = has_only(peer_samples(buffers[i]), (float)i) && good;
        }
        for (int i = 0; i < PEER_BUFFERS; ++i) {
            good = peer_send(peer, buffers[i]) && good;
        }
        for (int i = 0; i < PEER_BUFFERS && good; ++i) {
            void *buffer = peer_receive(peer);
            good = buffer == buffers[i];
            peer_release(peer, buffer);
        }
    }
    return good;
}

static void
acquire_and_release(void *self, uint64_t count)
{
    struct peer *peer = (struct peer *)self;
    for (uint64_t i = 0; i < count; ++i) {
        void *buffer = peer_acquire(peer);
        use_samples(peer_samples(buffer));
        peer_release(peer, buffer);
        use_samples(0);
    }
}

static void
acquire_and_send(void *self, uint64_t count)
{
    struct peer *peer = (struct peer *)self;
    for (uint64_t i = 0; i < count; ++i) {
        void *buffer;
        while (!(buffer = peer_acquire(peer))) {
            wait_a_moment();
        }
        peer_samples(buffer)[0] = (float)i;
        while (!peer_send(peer, buffer)) {
            wait_a_moment();
        }
    }
}

static void
receive_and_release(void *self, uint64_t count)
{
    struct peer *peer = (struct peer *)self;
    float sum = 0;
    for (uint64_t i = 0; i < count; ++i) {
        void *buffer;
        while (!(buffer = peer_receive(peer))) {
            wait_a_moment();
        }
        sum += peer_samples(buffer)[0];
        peer_release(peer, buffer);
    }
    use_samples(&sum);
}

#ifdef __cplusplus
#define PEER_LINKAGE extern "C"
#else
#define PEER_LINKAGE extern
#endif

/// The object that is listed in meson.build.
#define DEFINE_PEER(identifier, kind)                                                    \
    PEER_LINKAGE const struct peer_interface identifier;                                 \
    const struct peer_interface identifier = {kind,                                      \
                                              create,                                    \
                                              destroy,                                   \
                                              works,                                     \
                                              acquire_and_release,                       \
                                              acquire_and_send,                          \
                                              receive_and_release}

/// The same for a ring, which is there twice: with PEER_INLINED_RING it is inlined.
#ifdef PEER_INLINED_RING
#define DEFINE_RING(identifier) DEFINE_PEER(identifier##_inlined, PEER_INLINED)
#else
#define DEFINE_RING(identifier) DEFINE_PEER(identifier, PEER_FIFO)
#endif
