// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "pool_limits.h"

#include "core/memory.h"

#include <audyn/frame_pool.h>

// More is refused as if the machine had no more.
#define MOST_BYTES (1U << 20)

// The pool's own struct, and what aligning its arrays may add.
#define SLACK_BYTES (16U * 1024)

__extension__ typedef unsigned __int128 wide_t;

static struct {
    audyn_status_t answer; // to the next request
    bool asked;
    size_t size;
    void *address;
    unsigned live;
} memory_calls;

audyn_status_t __real_audyn_memory_map(audyn_memory_t *memory, size_t size,
                                       audyn_lock_t lock, bool huge_pages);
void __real_audyn_memory_unmap(audyn_memory_t *memory);
audyn_status_t __wrap_audyn_memory_map(audyn_memory_t *memory, size_t size,
                                       audyn_lock_t lock, bool huge_pages);
void __wrap_audyn_memory_unmap(audyn_memory_t *memory);

audyn_status_t
__wrap_audyn_memory_map(audyn_memory_t *memory, size_t size, audyn_lock_t lock,
                        bool huge_pages)
{
    (void)lock; // what the system permits must not decide about the outcome
    memory_calls.asked = true;
    memory_calls.size = size;
    audyn_status_t status = memory_calls.answer;
    if (!status) {
        status =
            size > MOST_BYTES
                ? AUDYN_NO_MEMORY
                : __real_audyn_memory_map(memory, size, AUDYN_LOCK_NEVER, huge_pages);
    }
    if (status) {
        *memory = (audyn_memory_t){0};
        return status;
    }
    memory_calls.address = memory->address;
    ++memory_calls.live;
    return AUDYN_OK;
}

void
__wrap_audyn_memory_unmap(audyn_memory_t *memory)
{
    memory_calls.live -= memory->address != NULL;
    __real_audyn_memory_unmap(memory);
}

unsigned
live_mappings(void)
{
    return memory_calls.live;
}

static bool
is_valid(const audyn_frame_pool_config_t *config)
{
    bool aligned = config->alignment == 0;
    for (uint32_t power = 64; power <= 4096; power *= 2) {
        aligned |= config->alignment == power;
    }
    return aligned && config->pool_size && config->channels &&
           config->sample_frames_per_buffer;
}

static wide_t
buffer_bytes(const audyn_frame_pool_config_t *config)
{
    const wide_t alignment = config->alignment ? config->alignment : 64;
    const wide_t bytes =
        (wide_t)config->sample_frames_per_buffer * config->channels * sizeof(float);
    return (bytes + alignment - 1) / alignment * alignment;
}

// Frames 64 bytes apart, a link, a boundary and a stamp for each, and its samples.
static wide_t
least_bytes(const audyn_frame_pool_config_t *config)
{
    return config->pool_size * (64 + 8 + 16 + 8 + buffer_bytes(config));
}

static void
check_status(const audyn_frame_pool_config_t *config, audyn_status_t status)
{
    if (!is_valid(config)) {
        EXPECT(status == AUDYN_INVALID && !memory_calls.asked);
        return;
    }
    const wide_t least = least_bytes(config);
    if (least > SIZE_MAX) {
        EXPECT(status == AUDYN_TOO_LARGE && !memory_calls.asked);
    } else if (least + SLACK_BYTES <= SIZE_MAX || status != AUDYN_TOO_LARGE) {
        EXPECT(memory_calls.asked);
        EXPECT(memory_calls.size >= least && memory_calls.size <= least + SLACK_BYTES);
        const bool too_much = memory_calls.size > MOST_BYTES;
        EXPECT(status == (memory_calls.answer ? memory_calls.answer
                          : too_much          ? AUDYN_NO_MEMORY
                                              : AUDYN_OK));
    }
}

// Every frame of a new pool is there, is what was asked for, and has samples of its own.
static void
check_frames(audyn_frame_pool_t *pool, const audyn_frame_pool_config_t *config)
{
    const uint32_t alignment = config->alignment ? config->alignment : 64;
    const uintptr_t begin = (uintptr_t)memory_calls.address;
    const uintptr_t end = begin + memory_calls.size;
    uintptr_t free_from = begin;
    for (uint32_t i = 0; i < config->pool_size; ++i) {
        const audyn_audio_frame_t *frame = audyn_frame_acquire(pool);
        EXPECT(frame && frame->pool == pool);
        EXPECT(frame->sample_frames == config->sample_frames_per_buffer);
        EXPECT(frame->channels == config->channels);
        const uintptr_t data = (uintptr_t)frame->data;
        EXPECT(data % alignment == 0 && data >= free_from);
        free_from = data + (size_t)buffer_bytes(config);
        EXPECT(free_from <= end);
    }
    EXPECT(!audyn_frame_acquire(pool));
}

static uint32_t
choose(struct fuzz_bytes *bytes, const uint32_t *among, size_t count)
{
    return among[next_byte(bytes) % count];
}

void
try_limits(struct fuzz_bytes *bytes)
{
    static const uint32_t sizes[] = {
        0,          1,
        2,          3,
        255,        256,
        4097,       65535,
        65536,      1U << 29,
        1U << 30,   (1U << 31) - 1,
        1U << 31,   UINT32_MAX - 1,
        UINT32_MAX,
    };
    static const uint32_t alignments[] = {
        0, 1, 32, 63, 64, 65, 128, 1024, 4096, 4097, 8192, 1U << 31, UINT32_MAX,
    };
    static const audyn_status_t answers[] = {AUDYN_OK, AUDYN_NO_MEMORY, AUDYN_NOT_LOCKED};
    const audyn_frame_pool_config_t config = {
        .pool_size = choose(bytes, sizes, sizeof sizes / sizeof *sizes),
        .channels = choose(bytes, sizes, sizeof sizes / sizeof *sizes),
        .sample_frames_per_buffer = choose(bytes, sizes, sizeof sizes / sizeof *sizes),
        .alignment = choose(bytes, alignments, sizeof alignments / sizeof *alignments),
        .lock = AUDYN_LOCK_REQUIRED,
    };
    memory_calls.answer = answers[next_byte(bytes) % 3];
    memory_calls.asked = false;
    const unsigned live = memory_calls.live;
    audyn_frame_pool_t *pool = (audyn_frame_pool_t *)bytes; // anything but NULL
    const audyn_status_t status = audyn_frame_pool_create_with(&config, &pool);
    check_status(&config, status);
    memory_calls.answer = AUDYN_OK;
    EXPECT(!pool == (status != AUDYN_OK));
    if (pool) {
        check_frames(pool, &config);
        audyn_frame_pool_destroy(pool);
    }
    EXPECT(memory_calls.live == live);
}
