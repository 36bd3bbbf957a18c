// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The kernel as witness: a thread under seccomp strict mode may read, write and exit, and
// is killed at any other system call.  Pool, queue and the whole way of an RTP packet run
// in such threads.

#include "unit_test.h"

#include "input/rtp_stream.h"

#include <linux/seccomp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FRAMES 4096U
#define PACKETS 200000U
#define PACKET_SAMPLES 48U
#define PAYLOAD_BYTES (PACKET_SAMPLES * 6)

struct side {
    void (*work)(void *subject);
    void *subject;
    pthread_t thread;
    bool refused; // strict mode is not to be had here
    _Atomic bool survived;
};

// A million, or a hundred of them in the long form.
static uint64_t
laps(void)
{
    return getenv("PROOF_LONG") ? 100000000 : 1000000;
}

static void *
run_strict(void *argument)
{
    struct side *side = argument;
    if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT)) {
        side->refused = true;
        return NULL;
    }
    side->work(side->subject);
    atomic_store(&side->survived, true);
    // The C library would end a thread with calls that are forbidden here.
    syscall(SYS_exit, 0);
    return NULL;
}

static void
start_strict(struct side *side, void (*work)(void *subject), void *subject)
{
    *side = (struct side){.work = work, .subject = subject};
    assert_int_equal(pthread_create(&side->thread, NULL, run_strict, side), 0);
}

static bool
survives(struct side *side)
{
    assert_int_equal(pthread_join(side->thread, NULL), 0);
    return atomic_load(&side->survived);
}

static void
do_nothing(void *subject)
{
    (void)subject;
}

static void
skip_if_not_permitted(void)
{
    struct side side;
    start_strict(&side, do_nothing, NULL);
    const bool survived = survives(&side);
    if (side.refused) {
        print_message("# seccomp strict mode is not permitted here\n");
        skip();
    }
    assert_true(survived);
}

static void
ask_for_the_parent(void *subject)
{
    (void)subject;
    getppid();
}

static void
allocate(void *subject)
{
    void *volatile *memory = subject;
    *memory = malloc(64U << 20);
}

static void
a_thread_that_calls_the_system_or_allocates_is_killed(void **state)
{
    (void)state;
    skip_if_not_permitted();
    struct side side;
    start_strict(&side, ask_for_the_parent, NULL);
    assert_false(survives(&side));
    void *volatile memory = NULL;
    start_strict(&side, allocate, (void *)&memory);
    assert_false(survives(&side));
    assert_null(memory);
}

struct passing {
    audyn_frame_pool_t *pool;
    audyn_audio_queue_t *queue;
    uint64_t faults;
    _Atomic bool done; // written by the acquirer: all frames are pushed
};

static void
create_passing(struct passing *passing, uint32_t frames)
{
    *passing = (struct passing){.pool = audyn_frame_pool_create(frames, 2, 48)};
    assert_non_null(passing->pool);
    assert_int_equal(audyn_audio_queue_create(&passing->queue, frames), AUDYN_OK);
}

static void
destroy_passing(struct passing *passing)
{
    audyn_audio_queue_destroy(passing->queue);
    audyn_frame_pool_destroy(passing->pool);
}

// Returns whether a frame was passed on.
static bool
acquire_and_push(struct passing *passing, uint64_t position)
{
    audyn_audio_frame_t *frame = audyn_frame_acquire(passing->pool);
    if (frame && position % 7 == 0) {
        audyn_frame_unacquire(frame);
        frame = audyn_frame_acquire(passing->pool);
    }
    if (!frame) {
        return false;
    }
    frame->data[0] = (float)(position % 1000);
    const audyn_audio_block_t block = {frame, position, frame->sample_frames};
    return audyn_audio_queue_push(passing->queue, &block);
}

static bool
pop_and_release(struct passing *passing)
{
    audyn_audio_block_t block;
    if (!audyn_audio_queue_pop(passing->queue, &block)) {
        return false;
    }
    const int value = (int)block.frame->data[0];
    passing->faults += value != (int)(block.position % 1000);
    passing->faults += !audyn_frame_release(block.frame);
    return true;
}

static void
play_both_sides(void *subject)
{
    struct passing *passing = subject;
    const uint64_t count = laps();
    for (uint64_t i = 0; i < count; ++i) {
        const uint64_t burst = i % 5 + 1;
        for (uint64_t k = 0; k < burst; ++k) {
            passing->faults += !acquire_and_push(passing, i + k);
        }
        for (uint64_t k = 0; k < burst; ++k) {
            passing->faults += !pop_and_release(passing);
        }
    }
}

static void
print_operations(const audyn_frame_pool_t *pool, const char *where)
{
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(pool, &stats);
    // What was released had been pushed and popped.
    const uint64_t operations =
        stats.acquired + stats.exhausted + stats.unacquired + 3 * stats.released;
    print_message("# figure: %llu operations of pool and queue under seccomp strict "
                  "mode, %s\n",
                  (unsigned long long)operations, where);
    assert_true(operations > 4 * laps());
}

static void
a_strict_thread_runs_pool_and_queue_millions_of_times(void **state)
{
    (void)state;
    skip_if_not_permitted();
    struct passing passing;
    create_passing(&passing, 8);
    struct side side;
    start_strict(&side, play_both_sides, &passing);
    assert_true(survives(&side));
    assert_int_equal(passing.faults, 0);
    print_operations(passing.pool, "one thread");
    destroy_passing(&passing);
}

static void
pass_on_all(void *subject)
{
    struct passing *passing = subject;
    const uint64_t count = laps();
    for (uint64_t i = 0; i < count;) {
        i += acquire_and_push(passing, i);
    }
    atomic_store(&passing->done, true);
}

static void
release_all(void *subject)
{
    struct passing *passing = subject;
    bool done = false;
    while (pop_and_release(passing) || !done) {
        done = atomic_load(&passing->done);
    }
}

static void
two_strict_threads_pass_a_million_frames(void **state)
{
    (void)state;
    skip_if_not_permitted();
    struct passing passing;
    create_passing(&passing, FRAMES);
    struct side acquirer;
    struct side releaser;
    start_strict(&releaser, release_all, &passing);
    start_strict(&acquirer, pass_on_all, &passing);
    const bool acquirer_survived = survives(&acquirer);
    // Without it the releaser would wait for ever.
    atomic_store(&passing.done, true);
    assert_true(acquirer_survived);
    assert_true(survives(&releaser));
    assert_int_equal(passing.faults, 0);
    print_operations(passing.pool, "two threads");
    destroy_passing(&passing);
}

struct reception {
    audyn_timeline_t *timeline;
    audyn_rtp_stream_t *stream;
    uint64_t sample_frames, counts[AUDYN_SAMPLE_CLASSES]; // what the worker saw
};

static void
receive_packet(struct reception *reception, uint32_t number)
{
    uint8_t bytes[AUDYN_RTP_HEADER_BYTES + PAYLOAD_BYTES];
    memset(bytes, (int)number & 0xFF, sizeof bytes);
    const audyn_rtp_packet_t sent = {
        .payload_type = 98,
        .sequence = (uint16_t)number,
        .timestamp = number * PACKET_SAMPLES,
        .ssrc = 0x1234,
    };
    audyn_rtp_write_header(&sent, bytes);
    audyn_rtp_packet_t packet;
    const audyn_rtp_kind_t kind = audyn_rtp_parse(&packet, bytes, sizeof bytes);
    const audyn_arrival_t arrival = {
        .tai_ns = 1000 * AUDYN_NS_PER_SECOND + number * AUDYN_NS_PER_MS,
        .monotonic_ns = number * AUDYN_NS_PER_MS,
    };
    if (kind == AUDYN_RTP_OK) {
        audyn_rtp_stream_receive(reception->stream, &packet, &arrival);
    }
    audyn_rtp_stream_tick(reception->stream, arrival.monotonic_ns);
}

// With packets that are lost, swapped, repeated, and late by more than the window.
static void
receive_all(void *subject)
{
    struct reception *reception = subject;
    for (uint32_t i = 1; i < PACKETS; ++i) {
        if (i % 50 == 7) {
            continue;
        }
        receive_packet(reception, i % 20 < 2 ? i ^ 1 : i);
        if (i % 100 == 30) {
            receive_packet(reception, i - 3);
        }
        if (i % 1000 == 999) {
            receive_packet(reception, i - 42);
        }
    }
    audyn_timeline_finish(reception->timeline);
}

static void
record_all(void *subject)
{
    struct reception *reception = subject;
    while (!audyn_timeline_ended(reception->timeline)) {
        audyn_stretch_t stretch;
        while (audyn_timeline_next(reception->timeline, &stretch)) {
            reception->sample_frames += stretch.sample_frames;
            audyn_timeline_release(reception->timeline, &stretch);
        }
        audyn_timeline_count(reception->timeline, UINT64_MAX, reception->counts);
    }
}

static void
assert_everything_arrived(struct reception *reception)
{
    audyn_timeline_count(reception->timeline, UINT64_MAX, reception->counts);
    uint64_t counted = 0;
    for (int i = 0; i < AUDYN_SAMPLE_CLASSES; ++i) {
        counted += reception->counts[i];
    }
    assert_int_equal(reception->sample_frames, PACKETS * PACKET_SAMPLES);
    assert_int_equal(counted, reception->sample_frames);
    assert_true(reception->counts[AUDYN_SAMPLE_RECEIVED] > 0);
    assert_true(reception->counts[AUDYN_SAMPLE_LOST] > 0);
    audyn_input_report_t report;
    audyn_rtp_stream_get_report(reception->stream, &report);
    assert_true(report.packets > PACKETS * 9 / 10);
    assert_true(report.duplicates > 0);
    assert_true(report.reordered > 0);
    print_message("# figure: %llu RTP packets under seccomp strict mode, from parsing to "
                  "the worker\n",
                  (unsigned long long)report.packets);
}

static void
an_rtp_packet_reaches_the_worker_without_a_system_call(void **state)
{
    (void)state;
    skip_if_not_permitted();
    const audyn_timeline_config_t timeline_config = {
        .sample_rate = 48000, .channels = 2, .window_ms = 20, .buffer_ms = 100};
    const audyn_rtp_stream_config_t stream_config = {
        .format = {.bits = 24, .sample_rate = 48000, .channels = 2}, .payload_type = 98};
    struct reception reception = {0};
    assert_int_equal(audyn_timeline_create(&reception.timeline, &timeline_config),
                     AUDYN_OK);
    assert_int_equal(
        audyn_rtp_stream_create(&reception.stream, &stream_config, reception.timeline),
        AUDYN_OK);
    struct side input;
    struct side worker;
    start_strict(&worker, record_all, &reception);
    start_strict(&input, receive_all, &reception);
    const bool input_survived = survives(&input);
    if (!input_survived) {
        audyn_timeline_finish(reception.timeline); // the worker waits for it
    }
    assert_true(survives(&worker));
    assert_true(input_survived);
    assert_everything_arrived(&reception);
    audyn_rtp_stream_destroy(reception.stream);
    audyn_timeline_destroy(reception.timeline);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_calls_the_system_or_allocates_is_killed),
        cmocka_unit_test(a_strict_thread_runs_pool_and_queue_millions_of_times),
        cmocka_unit_test(two_strict_threads_pass_a_million_frames),
        cmocka_unit_test(an_rtp_packet_reaches_the_worker_without_a_system_call),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
