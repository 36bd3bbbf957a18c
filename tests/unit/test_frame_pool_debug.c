// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What a debug build of the pool does about misuse.  Built with AUDYN_POOL_DEBUG,
// whatever the build around it is.

#include "unit_test.h"

#include "core/frame_pool_debug.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { FRAMES = 4, TEXT = 500 };

struct last_words {
    int signal; // that ended the process; 0: it lived on
    char text[TEXT];
};

// In a child: a pool whose frame 1 is lent out, `misuse` of it, and what came of that.
static struct last_words
commit(void (*misuse)(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame))
{
    int pipe_ends[2];
    assert_int_equal(pipe(pipe_ends), 0);
    const pid_t child = fork();
    if (child == 0) {
        dup2(pipe_ends[1], STDERR_FILENO);
        close(pipe_ends[0]);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        // cmocka would take the signal for a failed test, and the child for its runner.
        signal(SIGABRT, SIG_DFL);
        audyn_frame_pool_t *pool = audyn_frame_pool_create(FRAMES, 2, 64);
        audyn_audio_frame_t *below = audyn_frame_acquire(pool);
        audyn_audio_frame_t *frame = audyn_frame_acquire(pool);
        audyn_frame_release(below);
        misuse(pool, frame);
        _exit(0);
    }
    close(pipe_ends[1]);
    struct last_words words = {0};
    size_t length = 0;
    ssize_t count;
    while (length < TEXT - 1 &&
           (count = read(pipe_ends[0], words.text + length, TEXT - 1 - length)) > 0) {
        length += (size_t)count;
    }
    close(pipe_ends[0]);
    int status = 0;
    assert_int_equal(waitpid(child, &status, 0), child);
    words.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return words;
}

static void
assert_aborts(void (*misuse)(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame),
              const char *frame, const char *rule)
{
    const struct last_words words = commit(misuse);
    assert_int_equal(words.signal, SIGABRT);
    if (!strstr(words.text, frame) || !strstr(words.text, rule)) {
        fail_msg("\"%s\" lacks \"%s\" or \"%s\"", words.text, frame, rule);
    }
}

static void
do_nothing_wrong(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    if (!audyn_frame_release(frame) || audyn_frame_acquire(pool) != frame) {
        abort();
    }
}

static void
correct_use_passes(void **state)
{
    (void)state;
    const struct last_words words = commit(do_nothing_wrong);
    assert_int_equal(words.signal, 0);
    assert_string_equal(words.text, "");
}

static void
release_twice(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)pool;
    audyn_frame_release(frame);
    audyn_frame_release(frame);
}

static void
release_never_acquired(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)frame;
    audyn_frame_release(&pool->frames[3].frame);
}

static void
unacquire_twice(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)pool;
    audyn_frame_unacquire(frame);
    audyn_frame_unacquire(frame);
}

static void
giving_a_frame_back_twice_stops_the_program_and_names_it(void **state)
{
    (void)state;
    const char *rule = "a frame is given back once, and only while it is lent out";
    assert_aborts(release_twice, "frame 1 ", rule);
    assert_aborts(release_never_acquired, "frame 3 ", rule);
    assert_aborts(unacquire_twice, "frame 1 ", rule);
}

static void
release_copy(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)pool;
    audyn_audio_frame_t copy = *frame;
    audyn_frame_release(&copy);
}

static void
unacquire_copy(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)pool;
    audyn_audio_frame_t copy = *frame;
    audyn_frame_unacquire(&copy);
}

static void
release_between_frames(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    void *between = (unsigned char *)pool->frames + 32;
    memcpy(between, frame, sizeof *frame);
    audyn_frame_release(between);
}

static void
giving_back_a_copy_or_a_stranger_stops_the_program(void **state)
{
    (void)state;
    const char *rule = "a frame is never copied, and goes back to its own pool";
    assert_aborts(release_copy, "not one of its 4 frames", rule);
    assert_aborts(unacquire_copy, "not one of its 4 frames", rule);
    assert_aborts(release_between_frames, "not one of its 4 frames", rule);
}

static void *
acquire_on_thread(void *pool)
{
    audyn_frame_acquire(pool);
    return NULL;
}

static void *
unacquire_on_thread(void *frame)
{
    audyn_frame_unacquire(frame);
    return NULL;
}

static void *
release_on_thread(void *frame)
{
    audyn_frame_release(frame);
    return NULL;
}

static void
run_thread(void *(*run)(void *), void *argument)
{
    pthread_t thread;
    pthread_create(&thread, NULL, run, argument);
    pthread_join(thread, NULL);
}

static void
acquire_elsewhere(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)frame;
    run_thread(acquire_on_thread, pool);
}

static void
unacquire_elsewhere(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)pool;
    run_thread(unacquire_on_thread, frame);
}

static void
release_elsewhere(audyn_frame_pool_t *pool, audyn_audio_frame_t *frame)
{
    (void)pool;
    run_thread(release_on_thread, frame);
}

static void
a_second_thread_on_the_acquiring_side_stops_the_program(void **state)
{
    (void)state;
    const char *rule = "one thread acquires, and no other";
    assert_aborts(acquire_elsewhere, "audyn: frame pool 0x", rule);
    assert_null(strstr(commit(acquire_elsewhere).text, "(nil)"));
    assert_aborts(unacquire_elsewhere, "frame 1 ", rule);
}

static void
a_second_thread_on_the_releasing_side_stops_the_program(void **state)
{
    (void)state;
    assert_aborts(release_elsewhere, "frame 1 ", "one thread releases, and no other");
}

static void
one_thread_may_acquire_while_another_releases(void **state)
{
    (void)state;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(1, 1, 1);
    for (int i = 0; i < 3; ++i) {
        audyn_audio_frame_t *frame = audyn_frame_acquire(pool);
        assert_non_null(frame);
        assert_true(audyn_frame_release(frame));
    }
    audyn_frame_pool_destroy(pool);
    pool = audyn_frame_pool_create(1, 1, 1);
    audyn_audio_frame_t *frame = audyn_frame_acquire(pool);
    run_thread(release_on_thread, frame);
    assert_ptr_equal(audyn_frame_acquire(pool), frame);
    audyn_frame_pool_destroy(pool);
}

// AddressSanitizer sees every access to a free frame; elsewhere the samples are NaN.
static bool
is_poisoned(const audyn_audio_frame_t *frame)
{
    for (uint32_t i = 0; i < frame->sample_frames * frame->channels; ++i) {
#ifdef AUDYN_POOL_ASAN
        if (!__asan_address_is_poisoned(&frame->data[i])) {
            return false;
        }
#else
        if (!isnan(frame->data[i])) {
            return false;
        }
#endif
    }
    return true;
}

static void
the_samples_of_a_free_frame_are_poisoned(void **state)
{
    (void)state;
    audyn_frame_pool_t *pool = audyn_frame_pool_create(2, 3, 17);
    assert_true(is_poisoned(&pool->frames[0].frame));
    audyn_audio_frame_t *released = audyn_frame_acquire(pool);
    audyn_audio_frame_t *put_back = audyn_frame_acquire(pool);
    memset(released->data, 0, frame_bytes(released));
    memset(put_back->data, 0, frame_bytes(put_back));
    assert_false(is_poisoned(released));
    run_thread(release_on_thread, released);
    assert_true(is_poisoned(released));
    assert_false(is_poisoned(put_back));
#ifdef AUDYN_POOL_ASAN
    assert_true(__asan_address_is_poisoned(put_back->data + 3 * 17));
#endif
    audyn_frame_unacquire(put_back);
    assert_true(is_poisoned(put_back));
    audyn_frame_pool_destroy(pool);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(correct_use_passes),
        cmocka_unit_test(giving_a_frame_back_twice_stops_the_program_and_names_it),
        cmocka_unit_test(giving_back_a_copy_or_a_stranger_stops_the_program),
        cmocka_unit_test(a_second_thread_on_the_acquiring_side_stops_the_program),
        cmocka_unit_test(a_second_thread_on_the_releasing_side_stops_the_program),
        cmocka_unit_test(one_thread_may_acquire_while_another_releases),
        cmocka_unit_test(the_samples_of_a_free_frame_are_poisoned),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
