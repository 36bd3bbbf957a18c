// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Captures 200 blocks from a callback of its own; 32-bit floats to standard output.
// cc capture.c -o capture -pthread $(pkg-config --cflags --libs audyn)

#include <audyn/audio_queue.h>

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <time.h>

enum { CHANNELS = 2, BLOCK = 48, BLOCKS = 200, POOL = 256 };

struct capture {
    audyn_frame_pool_t *pool;
    audyn_audio_queue_t *queue; // a slot for each frame of the pool: never full
    uint64_t position, dropped; // the callback's own, in sample frames
    atomic_bool done;           // written by the callback's thread: all is pushed
};

// On the audio system's real-time thread: no lock, no allocation, no system call.
static void
on_samples(struct capture *capture, const float *samples, uint32_t sample_frames)
{
    const audyn_audio_block_t block = {audyn_frame_acquire(capture->pool),
                                       capture->position, sample_frames};
    capture->position += sample_frames;
    if (!block.frame) { // the other thread has fallen behind: count, never wait
        capture->dropped += sample_frames;
        return;
    }
    for (uint32_t i = 0; i < sample_frames * CHANNELS; ++i) {
        block.frame->data[i] = samples[i];
    }
    audyn_audio_queue_push(capture->queue, &block);
}

// On one other thread, every few milliseconds.
static void
write_blocks(struct capture *capture)
{
    audyn_audio_block_t block;
    while (audyn_audio_queue_pop(capture->queue, &block)) {
        fwrite(block.frame->data, sizeof(float) * CHANNELS, block.filled, stdout);
        audyn_frame_release(block.frame);
    }
}

// Stands in for the audio system: every millisecond 48 sample frames of a ramp.
static void *
run_callbacks(void *argument)
{
    struct capture *capture = argument;
    for (int i = 0; i < BLOCKS; ++i) {
        float samples[BLOCK * CHANNELS];
        for (int k = 0; k < BLOCK * CHANNELS; ++k) {
            samples[k] = (float)(i * BLOCK * CHANNELS + k) / 65536;
        }
        on_samples(capture, samples, BLOCK);
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    atomic_store(&capture->done, true);
    return NULL;
}

int
main(void)
{
    struct capture capture = {.pool = audyn_frame_pool_create(POOL, CHANNELS, BLOCK)};
    pthread_t thread;
    if (!capture.pool || audyn_audio_queue_create(&capture.queue, POOL) ||
        pthread_create(&thread, NULL, run_callbacks, &capture)) {
        return 1;
    }
    for (bool last = false; !last;) {
        last = atomic_load(&capture.done); // asked before the queue is emptied
        write_blocks(&capture);
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    }
    pthread_join(thread, NULL);
    audyn_audio_queue_destroy(capture.queue);
    audyn_frame_pool_destroy(capture.pool);
    fprintf(stderr, "%llu sample frames dropped\n", (unsigned long long)capture.dropped);
    return fflush(stdout) || ferror(stdout);
}
