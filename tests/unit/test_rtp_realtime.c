// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The whole RTP input runs here under a watch for allocations, locks and page faults.

#include "unit_test.h"

#include "input/rtp_receiver.h"
#include "loopback.h"
#include "take.h"
#include "thread_watch.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#define PACKETS 3000

// Lost packets, swapped ones and doubles; and for a while a worker that stands still, so
// that the pool runs dry.  Returns how many sample frames the worker has taken.
static uint64_t
send_with_trouble(int fd, audyn_input_t *input)
{
    uint64_t taken = 0;
    uint64_t sent = 1;
    loopback_send_l24(fd, 0);
    for (uint16_t i = 1; i < PACKETS; ++i) {
        if (i % 50 != 7) {
            loopback_send_l24(fd, i % 20 < 2 ? i ^ 1 : i);
            ++sent;
        }
        if (i % 100 == 0) {
            loopback_wait_for_packets(input, sent);
            taken += i > PACKETS / 2 ? take(audyn_input_timeline(input)) : 0;
        }
    }
    loopback_wait_for_packets(input, sent);
    return taken;
}

static void
the_rtp_thread_neither_allocates_nor_locks_nor_faults(void **state)
{
    (void)state;
    thread_watch_reset();
    audyn_rtp_receivers_t *receivers;
    assert_int_equal(audyn_rtp_receivers_create(&receivers), AUDYN_OK);
    int fd;
    audyn_input_t *input = loopback_open_l24(receivers, &fd);
    assert_int_equal(audyn_input_start(input, NULL), AUDYN_OK);
    uint64_t taken = send_with_trouble(fd, input);
    close(fd);
    audyn_input_stop(input);
    audyn_timeline_t *timeline = audyn_input_timeline(input);
    taken += take(timeline);

    assert_true(taken >= (PACKETS - 2) * 48);
    audyn_frame_pool_stats_t pool;
    audyn_timeline_get_pool_stats(timeline, &pool);
    assert_true(pool.exhausted > 0);
    const struct thread_watch *watch = thread_watch_find("audyn-rtp");
    assert_non_null(watch);
    assert_true(watch->complete);
    assert_int_equal(watch->allocations, 0);
    assert_int_equal(watch->locks, 0);
    assert_int_equal(watch->page_faults, 0);
    audyn_input_close(input);
    audyn_rtp_receivers_destroy(receivers);
}

// What no input thread may do, between an acquire and the end.
static void *
misbehave(void *argument)
{
    audyn_timeline_t *timeline = argument;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(1, 1, 1);
    pthread_setname_np(pthread_self(), "misbehaves");
    audyn_frame_acquire(pool);
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    void *volatile memory = malloc(1);
    free(memory);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    const size_t size = 4096;
    void *fresh =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memset(fresh, 1, size);
    audyn_timeline_finish(timeline);
    munmap(fresh, size);
    audyn_frame_pool_destroy(pool);
    return NULL;
}

static void
the_watch_sees_what_it_is_there_for(void **state)
{
    (void)state;
    thread_watch_reset();
    const audyn_timeline_config_t config = {
        .sample_rate = 48000, .channels = 1, .buffer_ms = 100};
    audyn_timeline_t *timeline;
    assert_int_equal(audyn_timeline_create(&timeline, &config), AUDYN_OK);
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, misbehave, timeline), 0);
    pthread_join(thread, NULL);
    const struct thread_watch *watch = thread_watch_find("misbehaves");
    assert_non_null(watch);
    assert_true(watch->complete);
    assert_int_equal(watch->allocations, 2);
    assert_int_equal(watch->locks, 1);
    assert_true(watch->page_faults > 0);
    audyn_timeline_destroy(timeline);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_watch_sees_what_it_is_there_for),
        cmocka_unit_test(the_rtp_thread_neither_allocates_nor_locks_nor_faults),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
