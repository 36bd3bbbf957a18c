// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Breaks one rule about samples, which the argument names; see the comments.  Built with
// AddressSanitizer, pool included, and without the pool's debug checks.

#include <audyn/frame_pool.h>

#include <stdio.h>
#include <string.h>

#define FRAMES 4
#define SAMPLE_FRAMES 12 // less than a cache line

static float
break_rule(audyn_frame_pool_t *pool, const char *rule)
{
    audyn_audio_frame_t *frame = audyn_frame_acquire(pool);
    audyn_audio_frame_t *next = audyn_frame_acquire(pool);
    memset(frame->data, 0, SAMPLE_FRAMES * sizeof *frame->data);
    volatile float *samples = frame->data;
    if (!strcmp(rule, "read behind the end")) {
        return samples[SAMPLE_FRAMES]; // read behind the end
    }
    if (!strcmp(rule, "read of a frame that was never acquired")) {
        samples += 2 * (next->data - frame->data);
        return samples[0]; // read of a frame that was never acquired
    }
    if (!strcmp(rule, "read after unacquire")) {
        audyn_frame_unacquire(frame);
        return samples[0]; // read after unacquire
    }
    audyn_frame_release(frame);
    if (!strcmp(rule, "read after release")) {
        return samples[3]; // read after release
    }
    if (!strcmp(rule, "write after release")) {
        samples[SAMPLE_FRAMES - 1] = 1; // write after release
    }
    if (audyn_frame_acquire(pool) != frame) {
        return 1;
    }
    return samples[0];
}

int
main(int argc, char **argv)
{
    audyn_frame_pool_t *pool = audyn_frame_pool_create(FRAMES, 1, SAMPLE_FRAMES);
    const float sample = break_rule(pool, argc == 2 ? argv[1] : "");
    audyn_frame_pool_destroy(pool);
    printf("nothing seen, sample %g\n", (double)sample);
    return sample != 0;
}
