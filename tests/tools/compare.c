// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// pcm-compare A B: says how many sample frames of two audio files differ, and where
/// first.  The status is 0 only if there is no difference, 1 if there is, 2 on an error.

#include <inttypes.h>
#include <sndfile.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define CHUNK_FRAMES 4096
#define MOST_CHANNELS 256

struct file {
    const char *path;
    SNDFILE *handle;
    SF_INFO info;
    double *samples; // of one chunk; every format's samples have an exact double
    sf_count_t frames;
};

struct difference {
    uint64_t compared, differing;
    uint64_t frame; // the first that differs
    int channel;
    double a, b;
};

static bool
open_file(struct file *file, const char *path)
{
    *file = (struct file){.path = path};
    file->handle = sf_open(path, SFM_READ, &file->info);
    if (!file->handle) {
        fprintf(stderr, "pcm-compare: %s: %s\n", path, sf_strerror(NULL));
        return false;
    }
    if (file->info.channels > MOST_CHANNELS) {
        fprintf(stderr, "pcm-compare: %s: too many channels\n", path);
        return false;
    }
    file->samples =
        calloc((size_t)file->info.channels * CHUNK_FRAMES, sizeof *file->samples);
    return file->samples;
}

static void
close_file(struct file *file)
{
    free(file->samples);
    if (file->handle) {
        sf_close(file->handle);
    }
}

static void
read_chunk(struct file *file)
{
    file->frames = sf_readf_double(file->handle, file->samples, CHUNK_FRAMES);
}

static void
compare_frame(struct difference *found, const double *a, const double *b, int channels)
{
    for (int channel = 0; channel < channels; ++channel) {
        if (a[channel] != b[channel]) {
            if (!found->differing) {
                found->frame = found->compared;
                found->channel = channel;
                found->a = a[channel];
                found->b = b[channel];
            }
            ++found->differing;
            break;
        }
    }
    ++found->compared;
}

static void
compare_samples(struct difference *found, struct file *a, struct file *b)
{
    const int channels = a->info.channels;
    do {
        read_chunk(a);
        read_chunk(b);
        for (sf_count_t i = 0; i < a->frames && i < b->frames; ++i) {
            compare_frame(found, a->samples + i * channels, b->samples + i * channels,
                          channels);
        }
    } while (a->frames == CHUNK_FRAMES && b->frames == CHUNK_FRAMES);
}

static bool
report(const struct difference *found, const struct file *a, const struct file *b)
{
    printf("%" PRIu64 " sample frames of %d channels compared: ", found->compared,
           a->info.channels);
    if (found->differing) {
        printf("%" PRIu64 " differ, the first at %" PRIu64
               ", channel %d: %.9f and %.9f\n",
               found->differing, found->frame, found->channel + 1, found->a, found->b);
    } else {
        printf("all equal\n");
    }
    if (a->info.frames != b->info.frames) {
        printf("%s has %" PRId64 " sample frames, %s has %" PRId64 "\n", a->path,
               (int64_t)a->info.frames, b->path, (int64_t)b->info.frames);
    }
    return !found->differing && found->compared > 0 && a->info.frames == b->info.frames;
}

static int
compare_files(struct file *a, struct file *b)
{
    if (a->info.channels != b->info.channels ||
        a->info.samplerate != b->info.samplerate) {
        printf("%s has %d channels at %d Hz, %s has %d at %d Hz\n", a->path,
               a->info.channels, a->info.samplerate, b->path, b->info.channels,
               b->info.samplerate);
        return 1;
    }
    struct difference found = {0};
    compare_samples(&found, a, b);
    return report(&found, a, b) ? 0 : 1;
}

int
main(int argc, char **argv)
{
    if (argc != 3) {
        fprintf(stderr, "usage: pcm-compare A B\n");
        return 2;
    }
    struct file a = {0};
    struct file b = {0};
    int status = 2;
    if (open_file(&a, argv[1]) && open_file(&b, argv[2])) {
        status = compare_files(&a, &b);
    }
    close_file(&a);
    close_file(&b);
    return status;
}
