// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The time of each single operation of an input thread: to acquire a buffer that another
// thread has released, and the whole way of an RTP packet.  A line for each bar of a
// histogram: "bin", condition, subject, nanoseconds, how many.

#include "latency_load.h"
#include "latency_peer.h"
#include "measure.h"
#include "peer.h"

#include "core/clock.h"
#include "core/rt_thread.h"
#include "input/rtp_stream.h"

#include <stdlib.h>
#include <string.h>

enum { BURST = 16, MOST_ON_THE_WAY = 32, PRIORITY = 80, PAYLOAD_TYPE = 98 };
enum { PACKET_SAMPLES = 48, PACKET_BYTES = AUDYN_RTP_HEADER_BYTES + PACKET_SAMPLES * 6 };
// Of the stream; so the worker may fall behind without a packet finding no frame.
enum { WINDOW_MS = 200, BUFFER_MS = 4000, MOST_PACKETS_AHEAD = 2000 };
// Up to 1,024 ns a bar for each; beyond, 512 bars for each power of two.
enum { FINE = 1024, STEPS = FINE / 2, OCTAVES = 24, BINS = FINE + OCTAVES * STEPS };

extern const struct latency_peer latency_audyn, latency_malloc, latency_mutex;

static const struct {
    const char *name;
    const struct latency_peer *calls;
} peers[] = {{"Audyn frame pool", &latency_audyn},
             {"malloc", &latency_malloc},
             {"mutex pool", &latency_mutex}};
enum { PEERS = sizeof peers / sizeof peers[0], PACKETS = PEERS, CLOCK, SUBJECTS };

struct run {
    void *peers[PEERS];
    uint64_t sent[PEERS];             // input thread's
    _Atomic uint64_t released[PEERS]; // written by the worker
    audyn_timeline_t *timeline;
    audyn_rtp_stream_t *stream;
    uint32_t packets;      // input thread's
    _Atomic uint64_t seen; // sample frames, written by the worker
    _Atomic bool stopping; // set once the input thread has ended
    uint64_t refused;      // acquires without a buffer, sends that failed
    double seconds;        // how long the input thread runs
    cpu_set_t allowed;
    uint64_t counts[AUDYN_SAMPLE_CLASSES]; // worker's
    uint64_t bins[SUBJECTS][BINS];
};

static size_t
bin_of(int64_t ns)
{
    size_t value = ns < 0 ? 0 : (size_t)ns;
    size_t octave = 0;
    for (; value >= FINE && octave < OCTAVES; value /= 2) {
        ++octave;
    }
    if (value >= FINE) {
        return BINS - 1;
    }
    return octave ? FINE + (octave - 1) * STEPS + (value - STEPS) : value;
}

static size_t
ns_of(size_t bin)
{
    return bin < FINE ? bin
                      : (STEPS + (bin - FINE) % STEPS) << ((bin - FINE) / STEPS + 1);
}

static int64_t
monotonic_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * AUDYN_NS_PER_SECOND + now.tv_nsec;
}

// Neither what comes before nor what is measured moves past it.
static inline int64_t
stamp(void)
{
    __asm__ volatile("" : : : "memory");
#ifdef __x86_64__
    __builtin_ia32_lfence();
#endif
    const int64_t now = monotonic_ns();
#ifdef __x86_64__
    __builtin_ia32_lfence();
#endif
    return now;
}

static void
note(struct run *run, int subject, int64_t start)
{
    ++run->bins[subject][bin_of(stamp() - start)];
}

static void
measure_peer(struct run *run, int which)
{
    const struct latency_peer *calls = peers[which].calls;
    if (run->sent[which] + BURST > atomic_load(&run->released[which]) + MOST_ON_THE_WAY) {
        return;
    }
    for (int i = 0; i < BURST; ++i) {
        const int64_t start = stamp();
        void *buffer = calls->acquire(run->peers[which]);
        note(run, which, start);
        const bool sent = buffer && calls->send(run->peers[which], buffer);
        run->sent[which] += sent;
        run->refused += !sent;
    }
}

static void
measure_packets(struct run *run)
{
    static uint8_t bytes[BURST][PACKET_BYTES];
    if (run->packets >= atomic_load(&run->seen) / PACKET_SAMPLES + MOST_PACKETS_AHEAD) {
        return;
    }
    // As they lie in the receiver's buffers.
    for (uint32_t i = 0; i < BURST; ++i) {
        const uint32_t number = run->packets + i;
        const audyn_rtp_packet_t header = {.payload_type = PAYLOAD_TYPE,
                                           .sequence = (uint16_t)number,
                                           .timestamp = number * PACKET_SAMPLES,
                                           .ssrc = 1};
        memset(bytes[i], (int)number & 0x7F, PACKET_BYTES);
        audyn_rtp_write_header(&header, bytes[i]);
    }
    for (uint32_t i = 0; i < BURST; ++i) {
        const int64_t ns = run->packets++ * AUDYN_NS_PER_MS;
        const audyn_arrival_t arrival = {.tai_ns = 1000 * AUDYN_NS_PER_SECOND + ns,
                                         .monotonic_ns = ns};
        audyn_rtp_packet_t packet;
        const int64_t start = stamp();
        if (audyn_rtp_parse(&packet, bytes[i], PACKET_BYTES) == AUDYN_RTP_OK) {
            audyn_rtp_stream_receive(run->stream, &packet, &arrival);
        }
        note(run, PACKETS, start);
    }
}

// Bursts of every subject in turn, with a rest in which other threads have the processor.
static void *
run_input(void *argument)
{
    struct run *run = argument;
    pin_to_processor(&run->allowed, 0);
    const int64_t end = monotonic_ns() + (int64_t)(run->seconds * AUDYN_NS_PER_SECOND);
    for (unsigned round = 0; monotonic_ns() < end; ++round) {
        for (unsigned i = 0; i < SUBJECTS; ++i) {
            const unsigned subject = (round + i) % SUBJECTS;
            if (subject == CLOCK) {
                for (int k = 0; k < BURST; ++k) {
                    note(run, CLOCK, stamp());
                }
            } else if (subject == PACKETS) {
                measure_packets(run);
            } else {
                measure_peer(run, (int)subject);
            }
        }
        const struct timespec pause = {.tv_nsec = 100000};
        nanosleep(&pause, NULL);
    }
    audyn_timeline_finish(run->timeline);
    return NULL;
}

static void
drain(struct run *run)
{
    for (int i = 0; i < PEERS; ++i) {
        void *buffer;
        while ((buffer = peers[i].calls->receive(run->peers[i]))) {
            peers[i].calls->release(run->peers[i], buffer);
            atomic_fetch_add(&run->released[i], 1);
        }
    }
    audyn_stretch_t stretch;
    while (audyn_timeline_next(run->timeline, &stretch)) {
        atomic_fetch_add(&run->seen, stretch.sample_frames);
        audyn_timeline_release(run->timeline, &stretch);
    }
    audyn_timeline_count(run->timeline, UINT64_MAX, run->counts);
}

static void *
run_worker(void *argument)
{
    struct run *run = argument;
    pin_to_processor(&run->allowed, 1);
    while (!atomic_load(&run->stopping)) {
        drain(run);
    }
    drain(run);
    return NULL;
}

static bool
create(struct run *run)
{
    const audyn_timeline_config_t timeline = {.sample_rate = 48000,
                                              .channels = 2,
                                              .window_ms = WINDOW_MS,
                                              .buffer_ms = BUFFER_MS};
    const audyn_rtp_stream_config_t stream = {
        .format = {.bits = 24, .sample_rate = 48000, .channels = 2},
        .payload_type = PAYLOAD_TYPE};
    bool good = true;
    for (int i = 0; i < PEERS; ++i) {
        run->peers[i] = peers[i].calls->create();
        good = good && run->peers[i];
    }
    return good && audyn_timeline_create(&run->timeline, &timeline) == AUDYN_OK &&
           audyn_rtp_stream_create(&run->stream, &stream, run->timeline) == AUDYN_OK;
}

static void
destroy(struct run *run)
{
    for (int i = 0; i < PEERS; ++i) {
        if (run->peers[i]) {
            peers[i].calls->destroy(run->peers[i]);
        }
    }
    audyn_rtp_stream_destroy(run->stream);
    audyn_timeline_destroy(run->timeline);
}

static bool
run_threads(struct run *run)
{
    audyn_rt_thread_t input = {0};
    pthread_t worker;
    if (pthread_create(&worker, NULL, run_worker, run)) {
        return false;
    }
    const bool good =
        audyn_rt_thread_start(&input, "latency", PRIORITY, run_input, run) == AUDYN_OK;
    printf("about\tscheduling\t%s\n", input.fifo ? "SCHED_FIFO" : "ordinary");
    audyn_rt_thread_join(&input);
    atomic_store(&run->stopping, true);
    pthread_join(worker, NULL);
    return good;
}

static void
print(const struct run *run, const char *condition)
{
    for (int subject = 0; subject < SUBJECTS; ++subject) {
        const char *name = subject == CLOCK     ? "clock"
                           : subject == PACKETS ? "RTP packet"
                                                : peers[subject].name;
        for (size_t bin = 0; bin < BINS; ++bin) {
            if (run->bins[subject][bin]) {
                printf("bin\t%s\t%s\t%zu\t%llu\n", condition, name, ns_of(bin),
                       (unsigned long long)run->bins[subject][bin]);
            }
        }
    }
    uint64_t missing = run->refused;
    for (int i = 0; i < PEERS; ++i) {
        missing += run->sent[i] - run->released[i];
    }
    printf("count\t%s\trefused or missing buffers\t%llu\n", condition,
           (unsigned long long)missing);
    printf("count\t%s\tpackets' sample frames missing\t%lld\n", condition,
           (long long)run->packets * PACKET_SAMPLES -
               (long long)run->counts[AUDYN_SAMPLE_RECEIVED]);
    audyn_frame_pool_stats_t pool;
    audyn_timeline_get_pool_stats(run->timeline, &pool);
    printf("count\t%s\tpackets' refused frames\t%llu\n", condition,
           (unsigned long long)pool.exhausted);
}

static bool
measure(enum load_kind kind, double seconds, const char *folder)
{
    static struct run run;
    memset(&run, 0, sizeof run);
    run.seconds = seconds;
    struct load load;
    bool good =
        create(&run) && sched_getaffinity(0, sizeof run.allowed, &run.allowed) == 0;
    good = load_start(&load, kind, folder) && good && run_threads(&run);
    good = load_stop(&load) && good;
    if (good) {
        print(&run, load_names[kind]);
    }
    destroy(&run);
    return good;
}

int
main(int argc, char **argv)
{
    const double seconds = argc > 1 ? atof(argv[1]) : 1;
    const char *folder = argc > 2 ? argv[2] : ".";
#ifdef __clang__
    printf("about\tcompiler\t%s\n", __VERSION__);
#else
    printf("about\tcompiler\tgcc %s\n", __VERSION__);
#endif
    for (enum load_kind kind = LOAD_IDLE; kind < LOAD_KINDS; ++kind) {
        if (!measure(kind, seconds, folder)) {
            fprintf(stderr, "bench_latency: cannot measure: %s\n", load_names[kind]);
            return EXIT_FAILURE;
        }
    }
    return fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
