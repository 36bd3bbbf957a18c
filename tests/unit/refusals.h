// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Refuses one request after another for memory, a mapping, a descriptor or a thread, and
/// counts what the process holds.  Stands in for the C library's allocator, so that the
/// requests of libraries are refused and counted too.  A test that includes this is
/// linked with refusals.c and the wraps that its line in meson.build names.

#ifndef AUDYN_TESTS_REFUSALS_H
#define AUDYN_TESTS_REFUSALS_H

#include <stdbool.h>
#include <stddef.h>

enum refusal {
    REFUSED_NOTHING,
    REFUSED_MEMORY,         ///< ENOMEM, asked for by our own code
    REFUSED_LIBRARY_MEMORY, ///< ENOMEM, asked for by a library that it called
    REFUSED_MAPPING,        ///< ENOMEM
    REFUSED_DESCRIPTOR,     ///< EMFILE
    REFUSED_THREAD,         ///< EAGAIN
};

/// Of the calling thread's requests, the one after `allowed` more is refused, or, for
/// good, each one from there on.  Negative: none.
void refuse_after(int allowed, bool for_good);

/// What was refused last since refuse_after().
enum refusal refused(void);

/// What the process holds.
struct holdings {
    long blocks;          ///< of the heap
    size_t mapped;        ///< bytes, by our own code
    unsigned descriptors; ///< open
    unsigned threads;
};

/// Waits a while for all threads but the calling one to be gone: one that was joined
/// leaves the system's list a moment later.
struct holdings holdings_alone(void);

#endif
