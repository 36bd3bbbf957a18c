// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Watches each thread that acquires frames, from its first acquire to the moment it
/// finishes a timeline: does it allocate, lock, or fault a page?
///
/// The program stands in for the C library's allocator and locks; it is linked with
/// `-Wl,--wrap=audyn_frame_acquire,--wrap=audyn_timeline_finish`.

#ifndef AUDYN_TESTS_THREAD_WATCH_H
#define AUDYN_TESTS_THREAD_WATCH_H

#include <stdbool.h>

struct thread_watch {
    char name[16]; // as top shows it
    bool complete; // it has finished a timeline; up to there the counts go
    unsigned allocations, locks;
    long page_faults;
};

/// What was seen of the thread of that name, which has finished; NULL: it never acquired.
const struct thread_watch *thread_watch_find(const char *name);

/// A thread that is another library's is watched only between these two calls, which may
/// be repeated.
void thread_watch_enter(void);
void thread_watch_leave(void);

/// Forgets all threads, which have ended.
void thread_watch_reset(void);

#endif
