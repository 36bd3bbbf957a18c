// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The whole public interface, used from C++ (11 and later).  Says what went wrong.

#include <audyn/attributes.h>
#include <audyn/audio_queue.h>
#include <audyn/frame_pool.h>
#include <audyn/status.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>

namespace
{

int failures = 0;

void
expect(bool condition, const char *what)
{
    if (!condition) {
        std::printf("failed: %s\n", what);
        ++failures;
    }
}

struct destroy {
    void
    operator()(audyn_frame_pool_t *pool) const
    {
        audyn_frame_pool_destroy(pool);
    }
    void
    operator()(audyn_audio_queue_t *queue) const
    {
        audyn_audio_queue_destroy(queue);
    }
};

using pool_pointer = std::unique_ptr<audyn_frame_pool_t, destroy>;
using queue_pointer = std::unique_ptr<audyn_audio_queue_t, destroy>;

pool_pointer
create_pool()
{
    audyn_frame_pool_config_t config = {};
    config.pool_size = 2;
    config.channels = 2;
    config.sample_frames_per_buffer = 64;
    config.alignment = 4096;
    config.lock = AUDYN_LOCK_NEVER;
    audyn_frame_pool_t *pool = nullptr;
    expect(audyn_frame_pool_create_with(&config, &pool) == AUDYN_OK, "create_with");
    return pool_pointer(pool);
}

queue_pointer
create_queue()
{
    audyn_audio_queue_t *queue = nullptr;
    expect(audyn_audio_queue_create(&queue, 2) == AUDYN_OK, "audio_queue_create");
    return queue_pointer(queue);
}

void
pass_a_frame_through(audyn_frame_pool_t *pool, audyn_audio_queue_t *queue)
{
    audyn_audio_frame_t *frame = audyn_frame_acquire(pool);
    expect(frame && frame->pool == pool && frame->channels == 2, "acquire");
    std::memset(frame->data, 0, sizeof(float) * frame->sample_frames * frame->channels);
    const audyn_audio_block_t pushed = {frame, 48000, 64};
    expect(audyn_audio_queue_push(queue, &pushed), "push");
    expect(audyn_audio_queue_length(queue) == 1, "length");
    audyn_audio_block_t popped = {};
    expect(audyn_audio_queue_pop(queue, &popped) && popped.frame == frame, "pop");
    expect(audyn_frame_release(popped.frame), "release");
    expect(!audyn_frame_release(popped.frame), "a second release");
}

} // namespace

int
main()
{
    expect(!audyn_frame_pool_create(0, 1, 1), "a pool of nothing");
    const pool_pointer pool = create_pool();
    const queue_pointer queue = create_queue();
    pass_a_frame_through(pool.get(), queue.get());
    audyn_frame_unacquire(audyn_frame_acquire(pool.get()));
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(pool.get(), &stats);
    expect(stats.acquired == 2 && stats.released == 1 && stats.unacquired == 1 &&
               stats.double_released == 1,
           "statistics");
    expect(audyn_status_from_errno(ENOMEM) == AUDYN_NO_MEMORY, "status_from_errno");
    expect(std::strlen(audyn_strerror(AUDYN_NO_MEMORY)) > 0, "strerror");
    return failures;
}
