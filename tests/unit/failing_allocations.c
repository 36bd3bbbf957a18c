// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "failing_allocations.h"

#include <errno.h>
#include <stdatomic.h>
#include <stddef.h>
#include <sys/mman.h>

// Allocations until one fails; negative: none does.  Any thread may allocate.
static _Atomic int left = -1;
static _Atomic bool happened;
static _Atomic size_t mapped; // bytes

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __real_munmap(void *address, size_t size);

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __wrap_munmap(void *address, size_t size);

void
failing_allocations_after(int allowed)
{
    atomic_store(&happened, false);
    atomic_store(&left, allowed);
}

bool
failing_allocations_happened(void)
{
    return atomic_load(&happened);
}

size_t
failing_allocations_mapped(void)
{
    return atomic_load(&mapped);
}

static bool
must_fail(void)
{
    const int before = atomic_load(&left);
    if (before < 0) {
        return false;
    }
    atomic_store(&left, before - 1);
    if (before == 0) {
        atomic_store(&happened, true);
        errno = ENOMEM;
    }
    return before == 0;
}

void *
__wrap_malloc(size_t size)
{
    return must_fail() ? NULL : __real_malloc(size);
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return must_fail() ? NULL : __real_calloc(count, size);
}

void *
__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (must_fail()) {
        return MAP_FAILED;
    }
    atomic_fetch_add(&mapped, size);
    return __real_mmap64(address, size, protection, flags, fd, offset);
}

int
__wrap_munmap(void *address, size_t size)
{
    atomic_fetch_sub(&mapped, size);
    return __real_munmap(address, size);
}
