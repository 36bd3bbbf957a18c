// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// A whole recorder: two RTP streams and a tone, each through timeline and worker into a
// WAV file.  Beside it lives a forked child that writes to its memory, which makes every
// page that it shares with this process a page fault for whoever writes to it next.

#include "unit_test.h"

#include "core/rt_thread.h"
#include "input/rtp_receiver.h"
#include "loopback.h"
#include "recorder/worker.h"
#include "thread_watch.h"

#include <fcntl.h>
#include <link.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { TONE, STREAM, SHORT_STREAM, INPUTS };

// A second, or a minute in the long form.
static uint16_t
packets_to_send(void)
{
    return getenv("PROOF_LONG") ? 60000 : 1000;
}

struct bench {
    audyn_rtp_receivers_t *receivers;
    audyn_input_t *inputs[INPUTS];
    audyn_recorder_t *recorders[INPUTS];
    audyn_worker_t *worker;
    char paths[INPUTS][64];
    int senders[INPUTS];
};

static void
create_recorder(struct bench *bench, int index)
{
    const audyn_input_format_t *format = audyn_input_format(bench->inputs[index]);
    snprintf(bench->paths[index], sizeof bench->paths[index],
             "test_recorder_threads.%d.%d.wav", (int)getpid(), index);
    const audyn_sink_config_t sink_config = {
        .sample_rate = format->sample_rate,
        .channels = format->channels,
        .encoding = AUDYN_PCM24,
        .overwrite = true,
        .description = "test",
        .source = "test",
    };
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, bench->paths[index], &sink_config, NULL),
                     AUDYN_OK);
    audyn_output_t *output;
    assert_int_equal(audyn_file_output_create(&output, sink), AUDYN_OK);
    const audyn_recorder_config_t config = {.input = bench->inputs[index],
                                            .output = output,
                                            .metering = true,
                                            .keeps_spans = true};
    assert_int_equal(audyn_recorder_create(&bench->recorders[index], &config), AUDYN_OK);
}

/// A page-aligned range of addresses.
struct range {
    uintptr_t start, end;
};

// The largest piece of code, the C library's as a rule: running a bit of it leaves most
// of it alone, since the kernel maps in 64 KiB at once.
static int
find_largest_code(struct dl_phdr_info *object, size_t size, void *argument)
{
    (void)size;
    struct range *code = argument;
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    for (int i = 0; i < object->dlpi_phnum; ++i) {
        const ElfW(Phdr) *segment = &object->dlpi_phdr[i];
        if (segment->p_type == PT_LOAD && segment->p_flags & PF_X &&
            segment->p_memsz > code->end - code->start) {
            const uintptr_t start = object->dlpi_addr + segment->p_vaddr;
            code->start = start & ~(page - 1);
            code->end = (start + segment->p_memsz + page - 1) & ~(page - 1);
        }
    }
    return 0;
}

// As if the library had just been loaded: code is mapped in as somebody runs it.
static struct range
forget_code(void)
{
    struct range code = {0};
    dl_iterate_phdr(find_largest_code, &code);
    assert_int_equal(madvise((void *)code.start, code.end - code.start, MADV_DONTNEED),
                     0);
    return code;
}

// How many pages of it would fault if somebody ran them (proc(5), pagemap: bit 63).
static unsigned
count_absent(struct range code)
{
    const uintptr_t page = (uintptr_t)sysconf(_SC_PAGESIZE);
    const int fd = open("/proc/self/pagemap", O_RDONLY);
    assert_true(fd >= 0);
    unsigned absent = 0;
    for (uintptr_t at = code.start; at < code.end; at += page) {
        uint64_t entry;
        assert_int_equal(
            pread(fd, &entry, sizeof entry, (off_t)(at / page * sizeof entry)),
            sizeof entry);
        absent += !(entry >> 63);
    }
    close(fd);
    return absent;
}

static void *
return_at_once(void *argument)
{
    return argument;
}

static void
all_code_is_mapped_in_before_a_real_time_thread_runs(void **state)
{
    (void)state;
    const struct range code = forget_code();
    assert_true(count_absent(code) > 0);
    audyn_rt_thread_t thread;
    assert_int_equal(
        audyn_rt_thread_start(&thread, "audyn-test", 1, return_at_once, NULL), AUDYN_OK);
    audyn_rt_thread_join(&thread);
    assert_int_equal(count_absent(code), 0);
}

static void
start_bench(struct bench *bench)
{
    *bench = (struct bench){0};
    thread_watch_reset();
    forget_code();
    assert_int_equal(audyn_rtp_receivers_create(&bench->receivers), AUDYN_OK);
    const audyn_input_config_t config = {.buffer_ms = 1000};
    assert_int_equal(
        audyn_input_open(&bench->inputs[TONE], "tone:997?level=-20", &config, NULL),
        AUDYN_OK);
    for (int i = STREAM; i < INPUTS; ++i) {
        bench->inputs[i] = loopback_open_l24(bench->receivers, &bench->senders[i]);
    }
    for (int i = 0; i < INPUTS; ++i) {
        create_recorder(bench, i);
    }
    assert_int_equal(audyn_worker_start(&bench->worker), AUDYN_OK);
    for (int i = 0; i < INPUTS; ++i) {
        assert_int_equal(audyn_worker_add(bench->worker, bench->recorders[i]), AUDYN_OK);
        assert_int_equal(audyn_input_start(bench->inputs[i], NULL), AUDYN_OK);
    }
}

static uint64_t
recorded(struct bench *bench, int index)
{
    audyn_recorder_progress_t progress;
    audyn_recorder_get_progress(bench->recorders[index], &progress);
    assert_int_equal(progress.status, AUDYN_OK);
    return progress.sample_frames;
}

static void
wait_until_recorded(struct bench *bench, int index, uint64_t sample_frames)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    while (recorded(bench, index) < sample_frames) {
        nanosleep(&pause, NULL);
    }
}

// Lost packets, swapped ones and doubles, in time with the tone.
static void
send_some(struct bench *bench, int index, uint16_t from, uint16_t to)
{
    for (uint16_t i = from; i < to; ++i) {
        if (i % 50 != 7) {
            loopback_send_l24(bench->senders[index], i % 20 < 2 ? i ^ 1 : i);
        }
        if (i % 100 == 30) {
            loopback_send_l24(bench->senders[index], i);
        }
        if (i % 64 == 63) {
            wait_until_recorded(bench, TONE, 48ULL * i);
        }
    }
}

struct child {
    pid_t pid;
    int pipe; // writing end: closed, the child ends
};

// A copy of the process that writes to all it has got of `memory`, again and again.
static struct child
start_child(unsigned char *memory, size_t size)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    const struct child child = {.pid = fork(), .pipe = ends[1]};
    assert_true(child.pid >= 0);
    if (child.pid == 0) {
        close(ends[1]);
        struct pollfd parent = {.fd = ends[0]};
        for (int round = 0; poll(&parent, 1, 1) == 0; ++round) {
            memset(memory, round, size);
        }
        _exit(0);
    }
    close(ends[0]);
    return child;
}

static void
end_child(const struct child *child)
{
    close(child->pipe);
    int status;
    assert_int_equal(waitpid(child->pid, &status, 0), child->pid);
    assert_int_equal(status, 0);
}

static void
stop_bench(struct bench *bench)
{
    for (int i = 0; i < INPUTS; ++i) {
        audyn_input_stop(bench->inputs[i]);
    }
    audyn_worker_stop(bench->worker);
    for (int i = 0; i < INPUTS; ++i) {
        assert_int_equal(audyn_recorder_finish(bench->recorders[i], true), AUDYN_OK);
    }
}

static void
destroy_bench(struct bench *bench)
{
    for (int i = 0; i < INPUTS; ++i) {
        audyn_recorder_destroy(bench->recorders[i]);
        audyn_input_close(bench->inputs[i]);
        unlink(bench->paths[i]);
        if (i != TONE) {
            close(bench->senders[i]);
        }
    }
    audyn_rtp_receivers_destroy(bench->receivers);
}

static void
assert_behaved(const char *name)
{
    const struct thread_watch *watch = thread_watch_find(name);
    assert_non_null(watch);
    print_message("# figure: %s: %u allocations, %u locks, %ld page faults since its "
                  "first acquire\n",
                  name, watch->allocations, watch->locks, watch->page_faults);
    assert_true(watch->complete);
    assert_int_equal(watch->allocations, 0);
    assert_int_equal(watch->locks, 0);
    assert_int_equal(watch->page_faults, 0);
}

static void
no_input_thread_of_a_recorder_allocates_locks_or_faults_beside_a_forked_child(
    void **state)
{
    (void)state;
    const size_t size = 4U << 20;
    unsigned char *memory = calloc(1, size);
    assert_non_null(memory);
    struct bench bench;
    start_bench(&bench);
    const uint16_t packets = packets_to_send();
    const uint16_t first = 500;
    send_some(&bench, STREAM, 0, first);
    send_some(&bench, SHORT_STREAM, 0, first);
    wait_until_recorded(&bench, TONE, 48);
    wait_until_recorded(&bench, STREAM, 48);

    const struct child child = start_child(memory, size);
    send_some(&bench, STREAM, first, first + 100);
    // One stream leaves while its receiver goes on serving the other.
    audyn_input_stop(bench.inputs[SHORT_STREAM]);
    send_some(&bench, STREAM, first + 100, packets);
    wait_until_recorded(&bench, TONE, 48ULL * packets);
    stop_bench(&bench);
    assert_true(recorded(&bench, STREAM) >= 48ULL * packets);
    assert_true(recorded(&bench, SHORT_STREAM) >= 48ULL * first);
    end_child(&child);

    assert_behaved("audyn-rtp");
    assert_behaved("audyn-source");
    destroy_bench(&bench);
    free(memory);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_code_is_mapped_in_before_a_real_time_thread_runs),
        cmocka_unit_test(
            no_input_thread_of_a_recorder_allocates_locks_or_faults_beside_a_forked_child),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
