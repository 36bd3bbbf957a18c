// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How much the code under test reads from files, by a program linked with --wrap=read.

#ifndef AUDYN_TESTS_COUNTED_READS_H
#define AUDYN_TESTS_COUNTED_READS_H

#include <stdint.h>
#include <unistd.h>

static uint64_t bytes_read;

ssize_t __real_read(int fd, void *bytes, size_t size);
ssize_t __wrap_read(int fd, void *bytes, size_t size);

ssize_t
__wrap_read(int fd, void *bytes, size_t size)
{
    const ssize_t got = __real_read(fd, bytes, size);
    bytes_read += got > 0 ? (uint64_t)got : 0;
    return got;
}

#endif
