// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What two threads may see of each other under C11's release/acquire rules.
///
/// Each atomic object has one writer.  Its history is the list of values that the other
/// thread, the reader, may still read: anything not older than what the reader has read
/// or knows of through synchronisation.  Knowledge is one number: a thread's accesses
/// are stamped with the number of its next release store, and the other thread knows
/// them once it has acquired a release with at least that number.  Plain accesses race
/// where one was made by a thread that the other does not know of.
///
/// Left out: sequentially consistent operations, fences, read-modify-writes (the code
/// under test would not link), objects with two writers (reported), reads from stores
/// that come later in the program order of a cycle (no compiler or processor does it).

#ifndef AUDYN_TESTS_MODEL_MEMORY_MODEL_H
#define AUDYN_TESTS_MODEL_MEMORY_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define THREADS 2
#define MOST_GRANULES 4096
#define MOST_OBJECTS 13
#define MOST_MESSAGES 7
#define MOST_SHARED 32
#define MOST_WRITTEN 64

/// Memory is observed in units of this many bytes.
#define GRANULE 4

/// An atomic object of the memory under test.
struct object {
    uint16_t granule;
    uint8_t size;    // bytes
    uint8_t touched; // bit per thread
    int8_t writer;   // -1: nobody yet
    bool shared;     // one thread writes, the other reads
    bool exact;      // the other must not be able to read any but the newest value
    uint64_t initially;
};

/// What is known of the memory under test, learnt while it is explored.  `grown` says
/// that something was learnt: states from before do not hold what they should.  `full`
/// says that something could not be noted.
struct registry {
    unsigned char *base;
    size_t size;                      // bytes
    size_t image_size;                // bytes at the start whose values matter
    uint8_t object_at[MOST_GRANULES]; // 1 + index of the atomic object there, or 0
    uint8_t shared_at[MOST_GRANULES]; // 1 + index of its accesses, or 0
    uint8_t touched[MOST_GRANULES];   // bit 2 × thread: read; the next: written
    struct object objects[MOST_OBJECTS];
    uint16_t shared[MOST_SHARED];   // granules that both touch and one writes
    uint16_t written[MOST_WRITTEN]; // granules of the image that change
    uint8_t object_count, shared_count, written_count;
    bool grown, full;
};

struct message {
    uint64_t value;
    uint32_t stamp;
    bool release;
};

struct history {
    uint32_t dropped; // values before messages[0], which nobody can read any more
    uint32_t count;
    struct message messages[MOST_MESSAGES];
};

/// Stamps of the latest plain accesses by each thread; 0: none that matters.
struct accesses {
    uint32_t read[THREADS], written[THREADS];
};

struct memory {
    uint32_t releases[THREADS]; // release stores made
    uint32_t known[THREADS];    // those of the other thread that happened before
    struct history histories[MOST_OBJECTS];
    struct accesses accesses[MOST_SHARED];
};

void memory_init(struct memory *memory, const struct registry *registry);

/// A release that the memory under test has nothing to do with: the stamp to join.
uint32_t memory_publish(struct memory *memory, int thread);
/// `thread` acquires what the other one published under `stamp`.
void memory_join(struct memory *memory, const struct registry *registry, int thread,
                 uint32_t stamp);

/// Values that `thread` may read, at least 1; of an exact object 0 if an older one is
/// among them.
uint32_t memory_readable(const struct memory *memory, const struct registry *registry,
                         int thread, int object);
/// Reads the value that `staleness` others are newer than.
uint64_t memory_load(struct memory *memory, const struct registry *registry, int thread,
                     int object, uint32_t staleness, bool acquire);
/// False: the history is full.
bool memory_store(struct memory *memory, const struct registry *registry, int thread,
                  int object, uint64_t value, bool release);
/// Would it race with an access of the other thread?
bool memory_races(const struct memory *memory, int thread, int shared, bool write);
void memory_access(struct memory *memory, int thread, int shared, bool write);

/// `stamp` of `thread`, as it matters: how far it is beyond what the other one knows.
uint32_t memory_beyond(const struct memory *memory, int thread, uint32_t stamp);

/// What `thread` owns it may touch at any time: takes it that it has just done so.
void memory_claim(struct memory *memory, const struct registry *registry, int thread,
                  unsigned granule);

/// The index of the atomic object at `granule`.
int registry_object(struct registry *registry, int thread, unsigned granule,
                    unsigned size, bool write, bool exact);
/// The index of the accesses to `granule`, or -1 while only one thread makes any.
int registry_plain(struct registry *registry, int thread, unsigned granule, bool write);

#endif
