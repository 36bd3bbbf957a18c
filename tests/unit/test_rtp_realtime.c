// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The whole RTP input runs here while this program stands in for the C library's
// allocator and locks, and counts who calls them.

#include "unit_test.h"

#include "input/rtp_receiver.h"

#include <arpa/inet.h>
#include <dirent.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <unistd.h>

#define PACKETS 3000
#define PAYLOAD_BYTES (48 * 6)

static _Atomic pid_t watched;               // the input thread, while it is watched
static _Atomic unsigned allocations, locks; // calls that it made

static void
count_if_watched(_Atomic unsigned *calls)
{
    const pid_t thread = atomic_load(&watched);
    if (thread && gettid() == thread) {
        atomic_fetch_add(calls, 1);
    }
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void __libc_free(void *memory);

void *
malloc(size_t size)
{
    count_if_watched(&allocations);
    return __libc_malloc(size);
}

void *
calloc(size_t count, size_t size)
{
    count_if_watched(&allocations);
    return __libc_calloc(count, size);
}

void *
realloc(void *memory, size_t size)
{
    count_if_watched(&allocations);
    return __libc_realloc(memory, size);
}

void
free(void *memory)
{
    count_if_watched(&allocations);
    __libc_free(memory);
}

int
pthread_mutex_lock(pthread_mutex_t *mutex)
{
    static _Atomic(int (*)(pthread_mutex_t *)) real;
    if (!atomic_load(&real)) {
        int (*found)(pthread_mutex_t *);
        *(void **)&found = dlsym(RTLD_NEXT, "pthread_mutex_lock");
        atomic_store(&real, found);
    }
    count_if_watched(&locks);
    return atomic_load(&real)(mutex);
}

// The thread of this process with a name; 0 where there is none.
static pid_t
find_thread(const char *name)
{
    DIR *tasks = opendir("/proc/self/task");
    pid_t found = 0;
    for (struct dirent *task; (task = readdir(tasks));) {
        char path[300];
        char line[64] = "";
        snprintf(path, sizeof path, "/proc/self/task/%s/comm", task->d_name);
        FILE *file = fopen(path, "r");
        if (file && fgets(line, sizeof line, file) && !strcmp(strtok(line, "\n"), name)) {
            found = (pid_t)atoi(task->d_name);
        }
        if (file) {
            fclose(file);
        }
    }
    closedir(tasks);
    return found;
}

// Minor page faults of a thread so far: field 10 of proc(5)'s stat.
static unsigned long
page_faults(pid_t thread)
{
    char path[64];
    char line[1024] = "";
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_non_null(fgets(line, sizeof line, file));
    fclose(file);
    unsigned long faults = 0;
    assert_int_equal(
        sscanf(strrchr(line, ')'), ") %*c %*d %*d %*d %*d %*d %*u %lu", &faults), 1);
    return faults;
}

static void
send_packet(int fd, uint16_t sequence)
{
    uint8_t bytes[AUDYN_RTP_HEADER_BYTES + PAYLOAD_BYTES];
    memset(bytes, 0x21, sizeof bytes);
    const audyn_rtp_packet_t packet = {
        .payload_type = 98,
        .sequence = sequence,
        .timestamp = sequence * 48U,
        .ssrc = 0x1234,
    };
    audyn_rtp_write_header(&packet, bytes);
    assert_int_equal(send(fd, bytes, sizeof bytes, 0), sizeof bytes);
}

// The worker's part.
static uint64_t
take(audyn_timeline_t *timeline)
{
    uint64_t taken = 0;
    audyn_stretch_t stretch;
    while (audyn_timeline_next(timeline, &stretch)) {
        taken += stretch.sample_frames;
        audyn_timeline_release(timeline, &stretch);
    }
    uint64_t counts[AUDYN_SAMPLE_CLASSES] = {0};
    audyn_timeline_count(timeline, UINT64_MAX, counts);
    return taken;
}

static void
wait_for_packets(const audyn_input_t *input, uint64_t packets)
{
    audyn_input_report_t report;
    do {
        sched_yield();
        audyn_input_get_report(input, &report);
    } while (report.packets < packets);
}

static uint16_t
free_port(void)
{
    const int fd = socket(AF_INET, SOCK_DGRAM, 0);
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof address;
    assert_int_equal(bind(fd, (struct sockaddr *)&address, size), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &size), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void
the_rtp_thread_neither_allocates_nor_locks_nor_faults(void **state)
{
    (void)state;
    audyn_rtp_receivers_t *receivers;
    assert_int_equal(audyn_rtp_receivers_create(&receivers), AUDYN_OK);
    const audyn_input_config_t config = {.receivers = receivers, .buffer_ms = 500};
    audyn_input_t *input;
    audyn_error_t error = {""};
    const audyn_endpoint_t endpoint = {{htonl(INADDR_LOOPBACK)}, free_port()};
    char uri[64];
    snprintf(uri, sizeof uri, "rtp://127.0.0.1:%u?format=L24/48000/2", endpoint.port);
    assert_int_equal(audyn_input_open(&input, uri, &config, &error), AUDYN_OK);
    assert_int_equal(audyn_input_start(input, &error), AUDYN_OK);
    pid_t thread;
    while (!(thread = find_thread("audyn-rtp"))) {
        sched_yield();
    }

    int fd;
    assert_int_equal(audyn_socket_open_sender(&fd, &endpoint, 0, &error), AUDYN_OK);
    audyn_timeline_t *timeline = audyn_input_timeline(input);
    send_packet(fd, 0);
    wait_for_packets(input, 1);
    const unsigned long faults = page_faults(thread);
    atomic_store(&watched, thread);
    uint64_t taken = 0;
    uint64_t sent = 1;
    for (uint16_t i = 1; i < PACKETS; ++i) {
        // Lost packets, swapped ones and doubles on the way; and for a while a worker
        // that stands still, so that the pool runs dry.
        if (i % 50 != 7) {
            send_packet(fd, i % 20 < 2 ? i ^ 1 : i);
            ++sent;
        }
        if (i % 100 == 0) {
            wait_for_packets(input, sent);
            taken += i > PACKETS / 2 ? take(timeline) : 0;
        }
    }
    wait_for_packets(input, sent);
    atomic_store(&watched, 0);
    assert_int_equal(page_faults(thread), faults);
    close(fd);
    audyn_input_stop(input);
    taken += take(timeline);

    assert_true(taken >= (PACKETS - 2) * 48);
    audyn_frame_pool_stats_t pool;
    audyn_timeline_get_pool_stats(timeline, &pool);
    assert_true(pool.exhausted > 0);
    assert_int_equal(atomic_load(&allocations), 0);
    assert_int_equal(atomic_load(&locks), 0);
    audyn_input_close(input);
    audyn_rtp_receivers_destroy(receivers);
}

static void
the_watch_sees_what_it_is_there_for(void **state)
{
    (void)state;
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    atomic_store(&watched, gettid());
    void *volatile memory = malloc(1);
    free(memory);
    pthread_mutex_lock(&mutex);
    pthread_mutex_unlock(&mutex);
    atomic_store(&watched, 0);
    assert_int_equal(atomic_exchange(&allocations, 0), 2);
    assert_int_equal(atomic_exchange(&locks, 0), 1);
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
