// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Stands in for ThreadSanitizer's runtime.  Code compiled with -fsanitize=thread calls
// these before each access to memory, and for each atomic operation.  What is absent
// here, read-modify-writes and fences above all, does not link.

#include "execution.h"

// The compiler's calls carry no context.
static struct execution *watched;

void
tsan_hooks_watch(struct execution *execution)
{
    watched = execution;
}

void __tsan_init(void);
void __tsan_func_entry(void *address);
void __tsan_func_exit(void);

void
__tsan_init(void)
{
}

void
__tsan_func_entry(void *address)
{
    (void)address;
}

void
__tsan_func_exit(void)
{
}

#define PLAIN(size)                                                                      \
    void __tsan_read##size(void *address);                                               \
    void __tsan_write##size(void *address);                                              \
    void __tsan_read##size(void *address)                                                \
    {                                                                                    \
        execution_plain(watched, address, size, false);                                  \
    }                                                                                    \
    void __tsan_write##size(void *address)                                               \
    {                                                                                    \
        execution_plain(watched, address, size, true);                                   \
    }

PLAIN(1)
PLAIN(2)
PLAIN(4)
PLAIN(8)
PLAIN(16)

void __tsan_read_range(void *address, size_t size);
void __tsan_write_range(void *address, size_t size);
void *model_memcpy(void *to, const void *from, size_t size);

void
__tsan_read_range(void *address, size_t size)
{
    execution_plain(watched, address, size, false);
}

void
__tsan_write_range(void *address, size_t size)
{
    execution_plain(watched, address, size, true);
}

// clang copies structs with memcpy; the calls are renamed to this.
void *
model_memcpy(void *to, const void *from, size_t size)
{
    execution_plain(watched, from, size, false);
    execution_plain(watched, to, size, true);
    return __builtin_memcpy(to, from, size);
}

#define ATOMIC(bits, type)                                                               \
    type __tsan_atomic##bits##_load(const volatile void *address, int order);            \
    void __tsan_atomic##bits##_store(volatile void *address, type value, int order);     \
    type __tsan_atomic##bits##_load(const volatile void *address, int order)             \
    {                                                                                    \
        return (type)execution_load(watched, address, sizeof(type), order);              \
    }                                                                                    \
    void __tsan_atomic##bits##_store(volatile void *address, type value, int order)      \
    {                                                                                    \
        execution_store(watched, address, sizeof(type), (uint64_t)value, order);         \
    }

ATOMIC(32, uint32_t)
ATOMIC(64, uint64_t)
