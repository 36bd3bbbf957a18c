// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "memory_calls.h"

#include <errno.h>
#include <sys/mman.h>

struct memory_calls memory_calls;

int
memory_calls_forget(void **state)
{
    (void)state;
    memory_calls = (struct memory_calls){0};
    return 0;
}

// Meson builds with 64-bit file offsets, so that the library calls mmap64().

void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __real_munmap(void *address, size_t size);
int __real_mlock(const void *address, size_t size);
int __real_madvise(void *address, size_t size, int advice);

void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __wrap_munmap(void *address, size_t size);
int __wrap_mlock(const void *address, size_t size);
int __wrap_madvise(void *address, size_t size, int advice);

void *
__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    ++memory_calls.mmaps;
    memory_calls.asked = size;
    if (memory_calls.fail_mmap) {
        errno = ENOMEM;
        return MAP_FAILED;
    }
    void *mapping = __real_mmap64(address, size, protection, flags, fd, offset);
    memory_calls.mapped += mapping == MAP_FAILED ? 0 : size;
    return mapping;
}

int
__wrap_munmap(void *address, size_t size)
{
    ++memory_calls.munmaps;
    memory_calls.unmapped += size;
    return __real_munmap(address, size);
}

int
__wrap_mlock(const void *address, size_t size)
{
    ++memory_calls.mlocks;
    if (memory_calls.fail_mlock) {
        errno = ENOMEM;
        return -1;
    }
    return memory_calls.skip_mlock ? 0 : __real_mlock(address, size);
}

int
__wrap_madvise(void *address, size_t size, int advice)
{
    memory_calls.kept_from_children |= advice == MADV_DONTFORK;
    memory_calls.wiped_in_children |= advice == MADV_WIPEONFORK;
    memory_calls.huge_pages |= advice == MADV_HUGEPAGE;
    return __real_madvise(address, size, advice);
}
