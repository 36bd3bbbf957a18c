// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The pool between two threads, as it is meant to be used.

#include "unit_test.h"

#include "core/frame_pool_private.h"
#include "core/rt_thread.h"
#include "random.h"

#include <audyn/audio_queue.h>

#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

// Calls of this thread that get or give memory back.
static _Thread_local unsigned memory_calls;

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __real_munmap(void *address, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __wrap_munmap(void *address, size_t size);

void *
__wrap_malloc(size_t size)
{
    ++memory_calls;
    return __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    ++memory_calls;
    return __real_calloc(count, size);
}

void *
__wrap_realloc(void *memory, size_t size)
{
    ++memory_calls;
    return __real_realloc(memory, size);
}

void
__wrap_free(void *memory)
{
    ++memory_calls;
    __real_free(memory);
}

void *
__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    ++memory_calls;
    return __real_mmap64(address, size, protection, flags, fd, offset);
}

int
__wrap_munmap(void *address, size_t size)
{
    ++memory_calls;
    return __real_munmap(address, size);
}

enum { MOST_FRAMES = 255, MOST_IN_HAND = 5, SAMPLES = 32 };

enum owner { POOL, ACQUIRER, RELEASER };

struct stress {
    audyn_frame_pool_t *pool;
    audyn_audio_queue_t *queue;
    // Plain on purpose: each change of hands must order it, or ThreadSanitizer objects.
    enum owner owners[MOST_FRAMES];
    uint32_t loans; // how many there shall be
    _Atomic bool acquirer_done, all_done;
    // The acquirer's.
    audyn_audio_frame_t *hand[MOST_IN_HAND];
    uint32_t in_hand, acquirer_waits;
    uint64_t stamp, acquired, unacquired, exhausted, passed_on;
    unsigned acquirer_faults, acquirer_memory_calls;
    // The releaser's.
    audyn_audio_block_t bag[MOST_FRAMES];
    uint32_t in_bag;
    unsigned releaser_faults, releaser_memory_calls;
    // The watcher's.
    unsigned watcher_faults;
};

// Who has the frame changes as said, or it was lent out twice.
static unsigned
change_owner(struct stress *stress, const audyn_audio_frame_t *frame, enum owner from,
             enum owner to)
{
    const ptrdiff_t index =
        (const struct frame_slot *)(const void *)frame - stress->pool->frames;
    const bool wrong = stress->owners[index] != from;
    stress->owners[index] = to;
    return wrong;
}

static void
write_stamp(audyn_audio_frame_t *frame, uint64_t stamp)
{
    for (uint32_t i = 0; i < SAMPLES / 2; ++i) {
        memcpy(&frame->data[2 * i], &stamp, sizeof stamp);
    }
}

static unsigned
check_stamp(const audyn_audio_frame_t *frame, uint64_t stamp)
{
    unsigned faults = 0;
    for (uint32_t i = 0; i < SAMPLES / 2; ++i) {
        faults += memcmp(&frame->data[2 * i], &stamp, sizeof stamp) != 0;
    }
    return faults;
}

// The stamp is also what the frame held in the hand was last written with.
static uint64_t
stamp_of(const audyn_audio_frame_t *frame)
{
    uint64_t stamp;
    memcpy(&stamp, frame->data, sizeof stamp);
    return stamp;
}

// Mostly spins, so that the threads meet at close quarters when they run side by side.
static void
let_others_run(uint32_t *waits)
{
    if (++*waits % 64 == 0) {
        sched_yield();
    }
}

static void
pass_on(struct stress *stress, uint32_t which)
{
    audyn_audio_frame_t *frame = stress->hand[which];
    stress->hand[which] = stress->hand[--stress->in_hand];
    const audyn_audio_block_t block = {frame, stamp_of(frame), SAMPLES};
    stress->acquirer_faults += check_stamp(frame, block.position);
    stress->acquirer_faults += !audyn_audio_queue_push(stress->queue, &block);
    ++stress->passed_on;
}

static void
put_back(struct stress *stress, uint32_t which)
{
    audyn_audio_frame_t *frame = stress->hand[which];
    stress->hand[which] = stress->hand[--stress->in_hand];
    stress->acquirer_faults += change_owner(stress, frame, ACQUIRER, POOL);
    audyn_frame_unacquire(frame);
    ++stress->unacquired;
}

static void
take(struct stress *stress)
{
    audyn_audio_frame_t *frame = audyn_frame_acquire(stress->pool);
    if (frame) {
        ++stress->acquired;
        stress->acquirer_faults += change_owner(stress, frame, POOL, ACQUIRER);
        write_stamp(frame, ++stress->stamp);
        stress->hand[stress->in_hand++] = frame;
        return;
    }
    ++stress->exhausted;
    if (stress->in_hand) {
        pass_on(stress, 0);
    } else {
        let_others_run(&stress->acquirer_waits);
    }
}

// The real-time side.
static void
acquire_and_pass_on(struct stress *stress)
{
    uint64_t random = 11;
    const unsigned memory_calls_before = memory_calls;
    while (stress->acquired < stress->loans) {
        const uint32_t what = random_below(&random, 8);
        if (stress->in_hand == 0 || (what < 4 && stress->in_hand < MOST_IN_HAND)) {
            take(stress);
        } else if (what == 7) {
            put_back(stress, random_below(&random, stress->in_hand));
        } else {
            pass_on(stress, random_below(&random, stress->in_hand));
        }
    }
    while (stress->in_hand) {
        pass_on(stress, 0);
    }
    stress->acquirer_memory_calls = memory_calls - memory_calls_before;
}

static void
give_back_one(struct stress *stress, uint32_t which)
{
    const audyn_audio_block_t block = stress->bag[which];
    stress->bag[which] = stress->bag[--stress->in_bag];
    stress->releaser_faults += change_owner(stress, block.frame, RELEASER, POOL);
    stress->releaser_faults += check_stamp(block.frame, ~block.position);
    stress->releaser_faults += !audyn_frame_release(block.frame);
}

static bool
fill_bag(struct stress *stress)
{
    audyn_audio_block_t *block = &stress->bag[stress->in_bag];
    if (!audyn_audio_queue_pop(stress->queue, block)) {
        return false;
    }
    stress->releaser_faults += change_owner(stress, block->frame, ACQUIRER, RELEASER);
    stress->releaser_faults += check_stamp(block->frame, block->position);
    write_stamp(block->frame, ~block->position);
    ++stress->in_bag;
    return true;
}

// The worker: hoards up to `patience` frames, then gives some back in a batch, in any
// order.  Where nothing comes any more it loses patience, and the acquirer never starves.
static void *
hoard_and_release(void *argument)
{
    struct stress *stress = argument;
    uint64_t random = 13;
    uint32_t patience = 0;
    uint32_t waits = 0;
    const unsigned memory_calls_before = memory_calls;
    for (;;) {
        const bool done =
            atomic_load_explicit(&stress->acquirer_done, memory_order_acquire);
        if (!fill_bag(stress)) {
            if (done && stress->in_bag == 0) {
                break;
            }
            patience -= patience > 0;
            let_others_run(&waits);
        }
        if (stress->in_bag > patience) {
            for (uint32_t batch = random_below(&random, stress->in_bag + 1); batch;
                 --batch) {
                give_back_one(stress, random_below(&random, stress->in_bag));
            }
            patience = random_below(&random, (uint32_t)stress->pool->pool_size);
        }
    }
    stress->releaser_memory_calls = memory_calls - memory_calls_before;
    return NULL;
}

static void *
watch_statistics(void *argument)
{
    struct stress *stress = argument;
    audyn_frame_pool_stats_t before = {0};
    while (!atomic_load_explicit(&stress->all_done, memory_order_acquire)) {
        audyn_frame_pool_stats_t now;
        audyn_frame_pool_get_stats(stress->pool, &now);
        stress->watcher_faults +=
            now.in_use > now.capacity || now.high_water > now.capacity;
        stress->watcher_faults += now.acquired < before.acquired ||
                                  now.released < before.released ||
                                  now.exhausted < before.exhausted;
        stress->watcher_faults += now.foreign || now.double_released;
        before = now;
        sched_yield();
    }
    return NULL;
}

static void
assert_every_frame_is_back(const struct stress *stress)
{
    audyn_frame_pool_stats_t stats;
    audyn_frame_pool_get_stats(stress->pool, &stats);
    assert_int_equal(stats.in_use, 0);
    assert_int_equal(stats.acquired, stress->acquired);
    assert_int_equal(stats.released, stress->passed_on);
    assert_int_equal(stats.unacquired, stress->unacquired);
    assert_int_equal(stats.exhausted, stress->exhausted);
    assert_int_equal(stats.acquired, stats.released + stats.unacquired);
    bool seen[MOST_FRAMES] = {false};
    for (uint32_t i = 0; i < stress->pool->pool_size; ++i) {
        audyn_audio_frame_t *frame = audyn_frame_acquire(stress->pool);
        assert_non_null(frame);
        const ptrdiff_t index = (struct frame_slot *)(void *)frame - stress->pool->frames;
        assert_false(seen[index]);
        seen[index] = true;
    }
    assert_null(audyn_frame_acquire(stress->pool));
}

static void
run_stress(struct stress *stress, uint32_t pool_size, uint32_t loans)
{
    const audyn_frame_pool_config_t config = {
        .pool_size = pool_size, .channels = 2, .sample_frames_per_buffer = SAMPLES / 2};
    *stress = (struct stress){.loans = loans};
    // The sequence wraps in the middle of the run.
    assert_int_equal(frame_pool_create_at(&config, 0U - loans / 8, &stress->pool),
                     AUDYN_OK);
    assert_int_equal(audyn_audio_queue_create(&stress->queue, pool_size), AUDYN_OK);
    pthread_t releaser;
    pthread_t watcher;
    assert_int_equal(pthread_create(&releaser, NULL, hoard_and_release, stress), 0);
    assert_int_equal(pthread_create(&watcher, NULL, watch_statistics, stress), 0);
    acquire_and_pass_on(stress);
    atomic_store_explicit(&stress->acquirer_done, true, memory_order_release);
    pthread_join(releaser, NULL);
    atomic_store_explicit(&stress->all_done, true, memory_order_release);
    pthread_join(watcher, NULL);
    assert_every_frame_is_back(stress);
    audyn_audio_queue_destroy(stress->queue);
    audyn_frame_pool_destroy(stress->pool);
}

static void
a_frame_has_one_owner_at_a_time_whatever_two_threads_do(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 3, 8, MOST_FRAMES};
    static struct stress stress;
    uint64_t exhausted = 0;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; ++i) {
        run_stress(&stress, sizes[i], 100000);
        assert_int_equal(stress.acquirer_faults, 0);
        assert_int_equal(stress.releaser_faults, 0);
        assert_true(stress.unacquired > 0);
        exhausted += stress.exhausted;
    }
    assert_true(exhausted > 0);
}

static void
a_pool_of_any_size_is_used_up_and_filled_again_without_a_fault(void **state)
{
    (void)state;
    static struct stress stress;
    for (uint32_t size = 1; size <= MOST_FRAMES; ++size) {
        run_stress(&stress, size, 1000);
        assert_int_equal(stress.acquirer_faults, 0);
        assert_int_equal(stress.releaser_faults, 0);
    }
}

static void
the_statistics_can_be_read_while_both_threads_run(void **state)
{
    (void)state;
    static struct stress stress;
    run_stress(&stress, 5, 100000);
    assert_int_equal(stress.watcher_faults, 0);
}

static void
neither_thread_allocates_or_frees_between_creation_and_destruction(void **state)
{
    (void)state;
    static struct stress stress;
    const unsigned before = memory_calls;
    run_stress(&stress, 8, 50000);
    assert_int_equal(stress.acquirer_memory_calls, 0);
    assert_int_equal(stress.releaser_memory_calls, 0);
    // Creating and destroying the pool and the queue is what does.
    assert_int_equal(memory_calls - before, 4);
}

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) ||               \
    __has_feature(realtime_sanitizer)
#define SANITIZED 1
#endif
#endif

// A sanitizer touches memory of its own.
#ifndef SANITIZED
enum { TOUCHED_FRAMES = 100 };

struct toucher {
    audyn_frame_pool_t *pool;
    unsigned char *ordinary; // a mapping of the same size that children do get
    sem_t ready, child_lives;
    long pool_faults, ordinary_faults;
};

static long
faults_of_this_thread(void)
{
    struct rusage usage;
    getrusage(RUSAGE_THREAD, &usage);
    return usage.ru_minflt + usage.ru_majflt;
}

// Every page of the pool: links, stamps and samples.
static void
touch_pool(audyn_frame_pool_t *pool)
{
    audyn_audio_frame_t *frames[TOUCHED_FRAMES];
    for (int i = 0; i < TOUCHED_FRAMES; ++i) {
        frames[i] = audyn_frame_acquire(pool);
        memset(frames[i]->data, i, frames[i]->sample_frames * sizeof(float));
    }
    for (int i = 0; i < TOUCHED_FRAMES; ++i) {
        audyn_frame_release(frames[i]);
    }
}

static void *
touch_twice(void *argument)
{
    struct toucher *toucher = argument;
    // Brings in all code and data that the measurement itself needs.
    long before = faults_of_this_thread();
    touch_pool(toucher->pool);
    memset(toucher->ordinary, 1, toucher->pool->memory.size);
    sem_post(&toucher->ready);
    while (sem_wait(&toucher->child_lives)) {
    }
    before = faults_of_this_thread();
    touch_pool(toucher->pool);
    const long between = faults_of_this_thread();
    memset(toucher->ordinary, 2, toucher->pool->memory.size);
    const long after = faults_of_this_thread();
    toucher->pool_faults = between - before;
    toucher->ordinary_faults = after - between;
    return NULL;
}

// The child lives until nobody can write into its pipe any more.
static pid_t
start_child(int pipe_ends[2])
{
    assert_int_equal(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        close(pipe_ends[1]);
        char byte;
        const ssize_t count = read(pipe_ends[0], &byte, 1);
        _exit((int)count);
    }
    close(pipe_ends[0]);
    return child;
}

static void
a_thread_faults_no_page_of_the_pool_while_a_forked_child_lives(void **state)
{
    (void)state;
    struct toucher toucher = {.pool = audyn_frame_pool_create(TOUCHED_FRAMES, 1, 2048)};
    const size_t size = toucher.pool->memory.size;
    toucher.ordinary =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    assert_true(toucher.ordinary != MAP_FAILED);
    assert_int_equal(sem_init(&toucher.ready, 0, 0), 0);
    assert_int_equal(sem_init(&toucher.child_lives, 0, 0), 0);
    audyn_rt_thread_t thread;
    assert_int_equal(
        audyn_rt_thread_start(&thread, "audyn-test", 1, touch_twice, &toucher), AUDYN_OK);
    while (sem_wait(&toucher.ready)) {
    }
    int pipe_ends[2];
    const pid_t child = start_child(pipe_ends);
    sem_post(&toucher.child_lives);
    audyn_rt_thread_join(&thread);
    close(pipe_ends[1]);
    assert_int_equal(waitpid(child, NULL, 0), child);
    assert_int_equal(toucher.pool_faults, 0);
    // The measurement sees faults where there are some.
    assert_true(toucher.ordinary_faults > 0);
    munmap(toucher.ordinary, size);
    audyn_frame_pool_destroy(toucher.pool);
}
#endif

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_has_one_owner_at_a_time_whatever_two_threads_do),
        cmocka_unit_test(a_pool_of_any_size_is_used_up_and_filled_again_without_a_fault),
        cmocka_unit_test(the_statistics_can_be_read_while_both_threads_run),
        cmocka_unit_test(
            neither_thread_allocates_or_frees_between_creation_and_destruction),
#ifndef SANITIZED
        cmocka_unit_test(a_thread_faults_no_page_of_the_pool_while_a_forked_child_lives),
#endif
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
