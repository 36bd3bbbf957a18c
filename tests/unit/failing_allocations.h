// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Makes one allocation of the code under test fail.  A test that includes this is
/// linked with failing_allocations.c and `--wrap` for malloc, calloc, mmap64 and munmap.

#ifndef AUDYN_TESTS_FAILING_ALLOCATIONS_H
#define AUDYN_TESTS_FAILING_ALLOCATIONS_H

#include <stdbool.h>
#include <stddef.h>

/// The allocation after `allowed` more fails, once.  Negative: none.
void failing_allocations_after(int allowed);

/// Whether that has happened.
bool failing_allocations_happened(void);

/// Bytes mapped and not unmapped by the code under test.
size_t failing_allocations_mapped(void);

#endif
