// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "core/memory.h"

#include <string.h>
#include <sys/mman.h>

audyn_status_t
audyn_memory_map(audyn_memory_t *memory, size_t size, audyn_lock_t lock, bool huge_pages)
{
    *memory = (audyn_memory_t){0};
    if (!size) {
        return AUDYN_INVALID;
    }
    void *address =
        mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (address == MAP_FAILED) {
        return AUDYN_NO_MEMORY;
    }
    // A fork would otherwise make every page copy-on-write, and the next write a fault.
    madvise(address, size, MADV_DONTFORK);
    if (huge_pages) {
        madvise(address, size, MADV_HUGEPAGE);
    }
    const bool locked = lock != AUDYN_LOCK_NEVER && mlock(address, size) == 0;
    if (!locked && lock == AUDYN_LOCK_REQUIRED) {
        munmap(address, size);
        return AUDYN_NOT_LOCKED;
    }
    memset(address, 0, size);
    *memory = (audyn_memory_t){.address = address, .size = size, .locked = locked};
    return AUDYN_OK;
}

void
audyn_memory_unmap(audyn_memory_t *memory)
{
    if (memory->address) {
        munmap(memory->address, memory->size);
    }
    *memory = (audyn_memory_t){0};
}

size_t
audyn_memory_plan_add(audyn_memory_plan_t *plan, size_t count, size_t element_size,
                      size_t alignment)
{
    size_t offset = 0;
    size_t bytes = 0;
    plan->overflow |= __builtin_add_overflow(plan->size, alignment - 1, &offset);
    offset &= ~(alignment - 1);
    plan->overflow |= __builtin_mul_overflow(count, element_size, &bytes);
    plan->overflow |= __builtin_add_overflow(offset, bytes, &plan->size);
    return offset;
}
