// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "placed_recording.h"
#include "recorder/worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <semaphore.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#define SECOND PLACED_RATE

// A recorder whose steps wait for the test; NULL: none.
static struct {
    audyn_recorder_t *_Atomic recorder;
    sem_t reached, may_go_on;
} held;

// Who has stepped the recorders; 0: nobody yet.
static _Atomic int stepping_thread;
static _Atomic bool stepped_by_others;

static _Atomic bool no_memory;

// What the disk does to one file, or to all.
static struct {
    const char *_Atomic name; // that its path begins with; NULL: it is well
    _Atomic int error;        // 0: it hangs
    sem_t reached, may_go_on;
} disk;

uint64_t __real_audyn_recorder_step(audyn_recorder_t *recorder);
uint64_t __wrap_audyn_recorder_step(audyn_recorder_t *recorder);
int __real_fdatasync(int fd);
int __wrap_fdatasync(int fd);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

uint64_t
__wrap_audyn_recorder_step(audyn_recorder_t *recorder)
{
    const int thread = stepping_thread;
    stepping_thread = gettid();
    if (thread && thread != gettid()) {
        stepped_by_others = true;
    }
    if (recorder == held.recorder) {
        sem_post(&held.reached);
        sem_wait(&held.may_go_on);
    }
    return __real_audyn_recorder_step(recorder);
}

static bool
is_concerned(int fd)
{
    char link[32];
    char path[PATH_MAX] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    assert_true(readlink(link, path, sizeof path - 1) > 0);
    const char *name = disk.name;
    return name && strncmp(strrchr(path, '/') + 1, name, strlen(name)) == 0;
}

int
__wrap_fdatasync(int fd)
{
    if (is_concerned(fd)) {
        errno = disk.error;
        if (errno) {
            return -1;
        }
        sem_post(&disk.reached);
        sem_wait(&disk.may_go_on);
    }
    return __real_fdatasync(fd);
}

void *
__wrap_realloc(void *memory, size_t size)
{
    return no_memory ? NULL : __real_realloc(memory, size);
}

enum { RECORDINGS = 5 };

struct bench {
    audyn_worker_t *worker;
    struct placed_recording recordings[RECORDINGS];
};

static int
set_up(void **state)
{
    static struct bench bench;
    stepping_thread = 0;
    stepped_by_others = false;
    held.recorder = NULL;
    disk.name = NULL;
    disk.error = 0;
    sem_init(&held.reached, 0, 0);
    sem_init(&held.may_go_on, 0, 0);
    sem_init(&disk.reached, 0, 0);
    sem_init(&disk.may_go_on, 0, 0);
    assert_int_equal(audyn_worker_start(&bench.worker), AUDYN_OK);
    for (int i = 0; i < RECORDINGS; ++i) {
        char name[32];
        snprintf(name, sizeof name, "test_worker.%d", i);
        placed_recording_start(&bench.recordings[i], name, 0);
    }
    *state = &bench;
    return 0;
}

static int
tear_down(void **state)
{
    struct bench *bench = *state;
    audyn_worker_stop(bench->worker);
    for (int i = 0; i < RECORDINGS; ++i) {
        placed_recording_end(&bench->recordings[i]);
    }
    assert_false(stepped_by_others);
    sem_destroy(&held.reached);
    sem_destroy(&held.may_go_on);
    sem_destroy(&disk.reached);
    sem_destroy(&disk.may_go_on);
    return 0;
}

static void
add(struct bench *bench, int index)
{
    assert_int_equal(audyn_worker_add(bench->worker, bench->recordings[index].recorder),
                     AUDYN_OK);
}

static void
add_all(struct bench *bench)
{
    for (int i = 0; i < RECORDINGS; ++i) {
        add(bench, i);
    }
}

static void
place_second(struct bench *bench, int index, unsigned second)
{
    placed_recording_add(&bench->recordings[index], PLACED_START + second * SECOND,
                         SECOND);
}

static uint64_t
recorded(struct bench *bench, int index)
{
    return placed_recording_progress(&bench->recordings[index]).sample_frames;
}

// All but what is not decided yet, less than a frame.
static void
wait_until_recorded(struct bench *bench, int index, uint64_t seconds)
{
    const struct timespec pause = {.tv_nsec = AUDYN_NS_PER_MS};
    while (recorded(bench, index) + 1024 < seconds * SECOND) {
        nanosleep(&pause, NULL);
    }
}

// What a power cut would leave, or nearly so.
static void
wait_until_counted(struct bench *bench, int index, uint64_t seconds)
{
    const struct timespec pause = {.tv_nsec = AUDYN_NS_PER_MS};
    while (placed_recording_info(&bench->recordings[index]).sample_frames + 1024 <
           seconds * SECOND) {
        nanosleep(&pause, NULL);
    }
}

static void
stop_input(struct bench *bench, int index)
{
    audyn_timeline_finish(bench->recordings[index].input.timeline);
}

static void
remove_stopped(struct bench *bench, int index)
{
    stop_input(bench, index);
    audyn_worker_remove(bench->worker, bench->recordings[index].recorder);
}

static void
recorders_come_and_go_while_the_others_are_served(void **state)
{
    struct bench *bench = *state;
    add(bench, 0);
    place_second(bench, 0, 0);
    wait_until_recorded(bench, 0, 1);
    add(bench, 1);
    add(bench, 2);
    place_second(bench, 1, 0);
    place_second(bench, 2, 0);
    wait_until_recorded(bench, 1, 1);
    wait_until_recorded(bench, 2, 1);
    remove_stopped(bench, 1);
    place_second(bench, 0, 1);
    place_second(bench, 2, 1);
    wait_until_recorded(bench, 0, 2);
    wait_until_recorded(bench, 2, 2);
    assert_int_equal(recorded(bench, 1), SECOND);
}

static void
a_removed_recorder_has_all_that_its_input_gave(void **state)
{
    struct bench *bench = *state;
    add_all(bench);
    for (int i = 0; i < RECORDINGS; ++i) {
        place_second(bench, i, 0);
        placed_recording_add(&bench->recordings[i], PLACED_START + SECOND,
                             (uint32_t)i + 1);
    }
    static const int order[RECORDINGS] = {2, 0, 4, 1, 3};
    for (int i = 0; i < RECORDINGS; ++i) {
        const int index = order[i];
        remove_stopped(bench, index);
        const audyn_recorder_progress_t progress =
            placed_recording_progress(&bench->recordings[index]);
        assert_int_equal(progress.state, AUDYN_RECORDER_ENDED);
        assert_int_equal(progress.sample_frames, SECOND + (unsigned)index + 1);
        assert_int_equal(audyn_recorder_finish(bench->recordings[index].recorder, true),
                         AUDYN_OK);
        assert_int_equal(placed_recording_info(&bench->recordings[index]).sample_frames,
                         SECOND + (unsigned)index + 1);
    }
}

static void
a_worker_that_stops_takes_what_is_left_of_all(void **state)
{
    struct bench *bench = *state;
    add_all(bench);
    for (int i = 0; i < RECORDINGS; ++i) {
        place_second(bench, i, 0);
        stop_input(bench, i);
    }
    audyn_worker_stop(bench->worker);
    bench->worker = NULL;
    for (int i = 0; i < RECORDINGS; ++i) {
        assert_int_equal(recorded(bench, i), SECOND);
        const audyn_wav_info_t info = placed_recording_info(&bench->recordings[i]);
        assert_int_equal(info.sample_frames, SECOND);
        assert_int_equal(info.recording.state, AUDYN_WAV_FINISHED);
    }
}

static void
a_recorder_is_added_while_the_worker_waits_for_another_ones_disk(void **state)
{
    struct bench *bench = *state;
    held.recorder = bench->recordings[0].recorder;
    add(bench, 0);
    sem_wait(&held.reached);
    add(bench, 1);
    held.recorder = NULL;
    sem_post(&held.may_go_on);
    place_second(bench, 1, 0);
    wait_until_recorded(bench, 1, 1);
}

static bool
is_readable(int fd)
{
    struct pollfd event = {.fd = fd, .events = POLLIN};
    return poll(&event, 1, 0) == 1;
}

static void
each_recorder_that_ends_is_told_once(void **state)
{
    struct bench *bench = *state;
    const int fd = audyn_worker_event_fd(bench->worker);
    add_all(bench);
    for (int i = 0; i < 2; ++i) {
        assert_false(is_readable(fd));
        place_second(bench, i, 0);
        stop_input(bench, i);
        struct pollfd event = {.fd = fd, .events = POLLIN};
        assert_int_equal(poll(&event, 1, -1), 1);
        eventfd_t count;
        assert_int_equal(eventfd_read(fd, &count), 0);
        assert_int_equal(count, 1);
        assert_int_equal(placed_recording_progress(&bench->recordings[i]).state,
                         AUDYN_RECORDER_ENDED);
    }
    // One that goes on is served, and with it those that have ended, once more.
    place_second(bench, 4, 0);
    wait_until_recorded(bench, 4, 1);
    remove_stopped(bench, 0);
    assert_false(is_readable(fd));
}

static void
without_memory_a_recorder_is_not_added_and_the_others_go_on(void **state)
{
    struct bench *bench = *state;
    add(bench, 0);
    no_memory = true;
    assert_int_equal(audyn_worker_add(bench->worker, bench->recordings[1].recorder),
                     AUDYN_NO_MEMORY);
    no_memory = false;
    place_second(bench, 0, 0);
    wait_until_recorded(bench, 0, 1);
    add(bench, 1);
    place_second(bench, 1, 0);
    wait_until_recorded(bench, 1, 1);
}

static void
all_files_are_synced_side_by_side(void **state)
{
    struct bench *bench = *state;
    disk.name = "test_worker.";
    add_all(bench);
    for (int i = 0; i < RECORDINGS; ++i) {
        place_second(bench, i, 0);
    }
    for (int i = 0; i < RECORDINGS; ++i) {
        sem_wait(&disk.reached);
    }
    disk.name = NULL;
    for (int i = 0; i < RECORDINGS; ++i) {
        sem_post(&disk.may_go_on);
    }
    for (int i = 0; i < RECORDINGS; ++i) {
        wait_until_counted(bench, i, 1);
    }
}

static void
a_disk_that_hangs_holds_up_neither_samples_nor_other_files(void **state)
{
    struct bench *bench = *state;
    disk.name = "test_worker.0";
    add_all(bench);
    place_second(bench, 0, 0);
    sem_wait(&disk.reached);
    for (unsigned second = 0; second < 3; ++second) {
        place_second(bench, 1, second);
        wait_until_counted(bench, 1, second + 1);
        place_second(bench, 0, second + 1);
        wait_until_recorded(bench, 0, second + 2);
    }
    remove_stopped(bench, 1);
    assert_int_equal(placed_recording_info(&bench->recordings[0]).sample_frames, 0);
    disk.name = NULL;
    sem_post(&disk.may_go_on);
    wait_until_counted(bench, 0, 4);
}

static void
a_file_that_the_disk_damages_fails_alone(void **state)
{
    struct bench *bench = *state;
    disk.error = EIO;
    disk.name = "test_worker.0";
    add_all(bench);
    place_second(bench, 0, 0);
    place_second(bench, 1, 0);
    struct pollfd event = {.fd = audyn_worker_event_fd(bench->worker), .events = POLLIN};
    assert_int_equal(poll(&event, 1, -1), 1);
    place_second(bench, 1, 1);
    wait_until_counted(bench, 1, 2);
    for (int i = 0; i < 2; ++i) {
        remove_stopped(bench, i);
        const audyn_recorder_progress_t progress =
            placed_recording_progress(&bench->recordings[i]);
        assert_int_equal(progress.state,
                         i == 0 ? AUDYN_RECORDER_FAILED : AUDYN_RECORDER_ENDED);
        assert_int_equal(progress.status, i == 0 ? AUDYN_IO : AUDYN_OK);
        assert_int_equal(placed_recording_info(&bench->recordings[i]).sample_frames,
                         i == 0 ? 0 : 2 * SECOND);
        assert_int_equal(audyn_recorder_finish(bench->recordings[i].recorder, true),
                         progress.status);
    }
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(recorders_come_and_go_while_the_others_are_served),
        CASE(a_removed_recorder_has_all_that_its_input_gave),
        CASE(a_worker_that_stops_takes_what_is_left_of_all),
        CASE(a_recorder_is_added_while_the_worker_waits_for_another_ones_disk),
        CASE(each_recorder_that_ends_is_told_once),
        CASE(all_files_are_synced_side_by_side),
        CASE(a_disk_that_hangs_holds_up_neither_samples_nor_other_files),
        CASE(a_file_that_the_disk_damages_fails_alone),
        CASE(without_memory_a_recorder_is_not_added_and_the_others_go_on),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
