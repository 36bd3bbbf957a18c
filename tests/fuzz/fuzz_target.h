// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the fuzz targets share: the entry point that libFuzzer, or replay.c, calls, and
/// a reader of its bytes.

#ifndef AUDYN_TESTS_FUZZ_TARGET_H
#define AUDYN_TESTS_FUZZ_TARGET_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

/// Returns 0, or does not return: a broken expectation ends the program.
int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

#define EXPECT(condition)                                                                \
    ((condition) ? (void)0 : broken_expectation(__FILE__, __LINE__, #condition))

static inline void
broken_expectation(const char *file, int line, const char *condition)
{
    fprintf(stderr, "%s:%d: broken expectation: %s\n", file, line, condition);
    abort();
}

struct fuzz_bytes {
    const uint8_t *next;
    size_t left;
};

/// 0 once they are used up.
static inline uint8_t
next_byte(struct fuzz_bytes *bytes)
{
    if (!bytes->left) {
        return 0;
    }
    --bytes->left;
    return *bytes->next++;
}

#endif
