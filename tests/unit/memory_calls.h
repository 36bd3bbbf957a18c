// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The system calls behind core/memory, counted and made to fail on demand.  A test
/// that includes this is linked with memory_calls.c and `--wrap` for each of them.

#ifndef AUDYN_TESTS_MEMORY_CALLS_H
#define AUDYN_TESTS_MEMORY_CALLS_H

#include <stdbool.h>
#include <stddef.h>

struct memory_calls {
    bool fail_mmap, fail_mlock; // set by the test
    bool skip_mlock;            // succeed without the system, whatever its limits are
    unsigned mmaps, mlocks, munmaps;
    size_t asked, mapped, unmapped; // bytes; asked: by the latest mmap
    bool kept_from_children, wiped_in_children, huge_pages;
};

extern struct memory_calls memory_calls;

/// Sets all to zero.  Fits as a test case's setup, before each case.
int memory_calls_forget(void **state);

#endif
