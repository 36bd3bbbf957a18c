// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Measures every peer in turn, again and again, so that whatever disturbs the machine
// disturbs all of them.  A line for each measurement: what, which peer, nanoseconds.

#include "measure.h"
#include "peer.h"
#include "peers.h"

#include <pthread.h>
#include <stdlib.h>

#define PEER(identifier, name, version) extern const struct peer_interface identifier;
PEERS
#undef PEER

struct entry {
    const char *name;
    const char *version;
    const struct peer_interface *calls;
    void *peer;
};

static struct entry entries[] = {
#define PEER(identifier, name, version) {name, version, &identifier, NULL},
    PEERS
#undef PEER
};
enum { ENTRIES = sizeof entries / sizeof entries[0] };

enum { ONE_THREAD_COUNT = 500000, TWO_THREADS_COUNT = 100000 };

// In processor time, which leaves out what other processes take.
static double
measure_one_thread(const struct entry *entry)
{
    const double start = clock_seconds(CLOCK_THREAD_CPUTIME_ID);
    entry->calls->acquire_and_release(entry->peer, ONE_THREAD_COUNT);
    return (clock_seconds(CLOCK_THREAD_CPUTIME_ID) - start) * 1e9 / ONE_THREAD_COUNT;
}

struct receiver {
    const struct entry *entry;
    const cpu_set_t *allowed;
    pthread_barrier_t both_ready;
    double seconds;
};

static void *
run_receiver(void *argument)
{
    struct receiver *receiver = argument;
    pin_to_processor(receiver->allowed, 1);
    pthread_barrier_wait(&receiver->both_ready);
    const double start = clock_seconds(CLOCK_MONOTONIC);
    receiver->entry->calls->receive_and_release(receiver->entry->peer, TWO_THREADS_COUNT);
    receiver->seconds = clock_seconds(CLOCK_MONOTONIC) - start;
    return NULL;
}

// Negative when there is no second thread to be had.
static double
measure_two_threads(const struct entry *entry, const cpu_set_t *allowed)
{
    struct receiver receiver = {.entry = entry, .allowed = allowed};
    pthread_barrier_init(&receiver.both_ready, NULL, 2);
    pthread_t thread;
    if (pthread_create(&thread, NULL, run_receiver, &receiver)) {
        return -1;
    }
    pthread_barrier_wait(&receiver.both_ready);
    entry->calls->acquire_and_send(entry->peer, TWO_THREADS_COUNT);
    pthread_join(thread, NULL);
    pthread_barrier_destroy(&receiver.both_ready);
    return receiver.seconds * 1e9 / TWO_THREADS_COUNT;
}

static bool
create_peers(void)
{
    static const char *const kinds[] = {[PEER_AUDYN] = "audyn",
                                        [PEER_POOL] = "pool",
                                        [PEER_FIFO] = "fifo",
                                        [PEER_BATCHED] = "batched",
                                        [PEER_INLINED] = "inlined"};
    for (struct entry *entry = entries; entry < entries + ENTRIES; ++entry) {
        entry->peer = entry->calls->create();
        if (!entry->peer && entry->calls->kind != PEER_AUDYN) {
            continue;
        }
        if (!entry->peer || !entry->calls->works(entry->peer)) {
            fprintf(stderr, "bench_pool: %s does not work\n", entry->name);
            return false;
        }
        printf("peer\t%s\t%s\t%s\n", entry->name, kinds[entry->calls->kind],
               entry->version);
    }
    return true;
}

// Those that were not there to be built, and those that cannot be started here.
static void
print_absent(void)
{
    printf("absent\t%s", ABSENT_PEERS);
    const char *separator = ABSENT_PEERS[0] ? "; " : "";
    for (const struct entry *entry = entries; entry < entries + ENTRIES; ++entry) {
        if (!entry->peer) {
            printf("%s%s (does not start)", separator, entry->name);
            separator = "; ";
        }
    }
    putchar('\n');
}

static bool
measure_one(const struct entry *entry, const cpu_set_t *allowed, bool print)
{
    const bool two_processors = CPU_COUNT(allowed) > 1;
    const double one = measure_one_thread(entry);
    rest();
    const double two = two_processors ? measure_two_threads(entry, allowed) : 0;
    rest();
    if (two < 0) {
        fputs("bench_pool: cannot start a thread\n", stderr);
        return false;
    }
    if (print) {
        printf("one thread\t%s\t%.4f\n", entry->name, one);
    }
    if (print && two_processors) {
        printf("two threads\t%s\t%.4f\n", entry->name, two);
    }
    return true;
}

// The first of the repetitions only warms up and is not printed.
static bool
measure_all(int repetitions, const cpu_set_t *allowed)
{
    for (int repetition = 0; repetition <= repetitions; ++repetition) {
        for (const struct entry *entry = entries; entry < entries + ENTRIES; ++entry) {
            if (entry->peer && !measure_one(entry, allowed, repetition > 0)) {
                return false;
            }
        }
    }
    return true;
}

int
main(int argc, char **argv)
{
    const int repetitions = argc > 1 ? atoi(argv[1]) : 1;
    cpu_set_t allowed;
    if (sched_getaffinity(0, sizeof allowed, &allowed)) {
        perror("bench_pool: sched_getaffinity");
        return EXIT_FAILURE;
    }
    prepare_process();
    bool good = create_peers();
    print_absent();
    good = good && pin_to_processor(&allowed, 0) && measure_all(repetitions, &allowed);
    for (int i = 0; i < ENTRIES; ++i) {
        if (entries[i].peer) {
            entries[i].calls->destroy(entries[i].peer);
        }
    }
    return good && fflush(stdout) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
