// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "refusals.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

// Seen by the libraries, which call these then.
#define STANDS_IN __attribute__((visibility("default")))

static _Thread_local int left = -1; // requests until one is refused; negative: none is
static _Thread_local bool from_there_on;
static _Thread_local enum refusal latest;
static _Atomic long blocks;
static _Atomic size_t mapped;

void
refuse_after(int allowed, bool for_good)
{
    latest = REFUSED_NOTHING;
    left = allowed;
    from_there_on = for_good;
}

enum refusal
refused(void)
{
    return latest;
}

static bool
must_refuse(enum refusal what, int error_number)
{
    if (left < 0 || left > 0) {
        left -= left > 0;
        return false;
    }
    left = from_there_on ? 0 : -1;
    latest = what;
    errno = error_number;
    return true;
}

static unsigned
count_entries(const char *path)
{
    unsigned count = 0;
    DIR *folder = opendir(path);
    for (struct dirent *entry; (entry = readdir(folder));) {
        count += entry->d_name[0] != '.';
    }
    closedir(folder);
    return count;
}

struct holdings
holdings_alone(void)
{
    const struct timespec pause = {.tv_nsec = 1000000};
    for (int n = 0; n < 5000 && count_entries("/proc/self/task") > 1; ++n) {
        nanosleep(&pause, NULL);
    }
    return (struct holdings){
        .blocks = atomic_load(&blocks),
        .mapped = atomic_load(&mapped),
        .descriptors = count_entries("/proc/self/fd"),
        .threads = count_entries("/proc/self/task"),
    };
}

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

static void *
counted(void *block)
{
    atomic_fetch_add(&blocks, block != NULL);
    return block;
}

static void *
resize(void *memory, size_t size)
{
    void *block = __libc_realloc(memory, size);
    atomic_fetch_add(&blocks, (block != NULL) - (memory != NULL && (block || !size)));
    return block;
}

STANDS_IN void *
malloc(size_t size)
{
    return must_refuse(REFUSED_LIBRARY_MEMORY, ENOMEM) ? NULL
                                                       : counted(__libc_malloc(size));
}

STANDS_IN void *
calloc(size_t count, size_t size)
{
    return must_refuse(REFUSED_LIBRARY_MEMORY, ENOMEM)
               ? NULL
               : counted(__libc_calloc(count, size));
}

STANDS_IN void *
realloc(void *memory, size_t size)
{
    return must_refuse(REFUSED_LIBRARY_MEMORY, ENOMEM) ? NULL : resize(memory, size);
}

STANDS_IN int
posix_memalign(void **memory, size_t alignment, size_t size)
{
    *memory = must_refuse(REFUSED_LIBRARY_MEMORY, ENOMEM)
                  ? NULL
                  : counted(__libc_memalign(alignment, size));
    return *memory ? 0 : ENOMEM;
}

STANDS_IN void
free(void *memory)
{
    atomic_fetch_sub(&blocks, memory != NULL);
    __libc_free(memory);
}

// Our own code's requests: its references are wrapped when the test is linked.

void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void *
__wrap_malloc(size_t size)
{
    return must_refuse(REFUSED_MEMORY, ENOMEM) ? NULL : counted(__libc_malloc(size));
}

void *
__wrap_calloc(size_t count, size_t size)
{
    return must_refuse(REFUSED_MEMORY, ENOMEM) ? NULL
                                               : counted(__libc_calloc(count, size));
}

void *
__wrap_realloc(void *memory, size_t size)
{
    return must_refuse(REFUSED_MEMORY, ENOMEM) ? NULL : resize(memory, size);
}

void *__real_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __real_munmap(void *address, size_t size);
int __real_socket(int domain, int type, int protocol);
int __real_eventfd(unsigned count, int flags);
int __real_open64(const char *path, int flags, ...);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
SNDFILE *__real_sf_open_fd(int fd, int mode, SF_INFO *info, int close_desc);
void *__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd,
                    off_t offset);
int __wrap_munmap(void *address, size_t size);
int __wrap_socket(int domain, int type, int protocol);
int __wrap_eventfd(unsigned count, int flags);
int __wrap_open64(const char *path, int flags, ...);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*run)(void *), void *argument);
SNDFILE *__wrap_sf_open_fd(int fd, int mode, SF_INFO *info, int close_desc);

void *
__wrap_mmap64(void *address, size_t size, int protection, int flags, int fd, off_t offset)
{
    if (must_refuse(REFUSED_MAPPING, ENOMEM)) {
        return MAP_FAILED;
    }
    void *mapping = __real_mmap64(address, size, protection, flags, fd, offset);
    atomic_fetch_add(&mapped, mapping == MAP_FAILED ? 0 : size);
    return mapping;
}

int
__wrap_munmap(void *address, size_t size)
{
    atomic_fetch_sub(&mapped, size);
    return __real_munmap(address, size);
}

int
__wrap_socket(int domain, int type, int protocol)
{
    return must_refuse(REFUSED_DESCRIPTOR, EMFILE)
               ? -1
               : __real_socket(domain, type, protocol);
}

int
__wrap_eventfd(unsigned count, int flags)
{
    return must_refuse(REFUSED_DESCRIPTOR, EMFILE) ? -1 : __real_eventfd(count, flags);
}

int
__wrap_open64(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return must_refuse(REFUSED_DESCRIPTOR, EMFILE) ? -1
                                                   : __real_open64(path, flags, mode);
}

int
__wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                      void *(*run)(void *), void *argument)
{
    return must_refuse(REFUSED_THREAD, EAGAIN)
               ? EAGAIN
               : __real_pthread_create(thread, attributes, run, argument);
}

// One request as a whole, as libsndfile 1.2.0 does not survive a refusal within it.
SNDFILE *
__wrap_sf_open_fd(int fd, int mode, SF_INFO *info, int close_desc)
{
    if (must_refuse(REFUSED_LIBRARY_MEMORY, ENOMEM)) {
        return NULL;
    }
    const int later = left;
    left = -1;
    SNDFILE *file = __real_sf_open_fd(fd, mode, info, close_desc);
    left = later;
    return file;
}
