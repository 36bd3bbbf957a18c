// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A page that lies between two which must not be touched.

#ifndef AUDYN_TESTS_FENCE_H
#define AUDYN_TESTS_FENCE_H

#include <stddef.h>
#include <sys/mman.h>
#include <unistd.h>

struct fence {
    unsigned char *page;
    size_t size;
};

/// Returns 0 on success.
static inline int
put_up_fence(struct fence *fence)
{
    fence->size = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *map =
        mmap(NULL, 3 * fence->size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (map == MAP_FAILED) {
        return -1;
    }
    fence->page = map + fence->size;
    return mprotect(fence->page, fence->size, PROT_READ | PROT_WRITE);
}

/// Returns 0 on success.
static inline int
take_down_fence(const struct fence *fence)
{
    return munmap(fence->page - fence->size, 3 * fence->size);
}

#endif
