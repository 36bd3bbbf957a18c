// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "latency_load.h"

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { STREAM_BYTES = 128 << 20, PART_BYTES = 1 << 20, FILE_PARTS = 64 };

const char *const load_names[LOAD_KINDS] = {"idle", "CPU load", "memory load",
                                            "disk load"};

static void
load_processor(struct load *load)
{
    for (volatile uint64_t i = 1; !atomic_load(&load->stopping); i = i * 3 + 1) {
    }
}

static void
load_memory(struct load *load)
{
    unsigned char *stream = malloc(STREAM_BYTES);
    for (int value = 1; stream && !atomic_load(&load->stopping); ++value) {
        for (size_t i = 0; i < STREAM_BYTES && !atomic_load(&load->stopping);
             i += PART_BYTES) {
            memset(stream + i, value, PART_BYTES);
        }
    }
    atomic_store(&load->failed, atomic_load(&load->failed) || !stream);
    free(stream);
}

static void
load_disk(struct load *load)
{
    static const unsigned char part[PART_BYTES];
    const int fd = open(load->folder, O_TMPFILE | O_WRONLY | O_CLOEXEC, 0600);
    bool good = fd >= 0;
    for (int i = 0; good && !atomic_load(&load->stopping); i = (i + 1) % FILE_PARTS) {
        good = pwrite(fd, part, sizeof part, (off_t)i * PART_BYTES) == sizeof part &&
               fsync(fd) == 0;
    }
    if (!good) {
        perror("bench_latency: cannot load the disk");
        atomic_store(&load->failed, true);
    }
    if (fd >= 0) {
        close(fd);
    }
}

static void *
run_load(void *argument)
{
    struct load *load = argument;
    static void (*const kinds[])(struct load *) = {[LOAD_CPU] = load_processor,
                                                   [LOAD_MEMORY] = load_memory,
                                                   [LOAD_DISK] = load_disk};
    kinds[load->kind](load);
    return NULL;
}

bool
load_start(struct load *load, enum load_kind kind, const char *folder)
{
    *load = (struct load){.kind = kind, .folder = folder};
    const int threads = kind == LOAD_IDLE ? 0 : kind == LOAD_DISK ? 1 : LOAD_THREADS;
    while (load->started < threads &&
           pthread_create(&load->threads[load->started], NULL, run_load, load) == 0) {
        ++load->started;
    }
    return load->started == threads;
}

bool
load_stop(struct load *load)
{
    atomic_store(&load->stopping, true);
    for (int i = 0; i < load->started; ++i) {
        pthread_join(load->threads[i], NULL);
    }
    return !atomic_load(&load->failed);
}
