// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Creation of pools at every limit.  Linked with `--wrap` for audyn_memory_map and
/// audyn_memory_unmap.

#ifndef AUDYN_TESTS_POOL_LIMITS_H
#define AUDYN_TESTS_POOL_LIMITS_H

#include "fuzz_target.h"

/// Asks for a pool of sizes that the bytes choose among the limits, checks the status
/// against arithmetic in 128 bits, and the pool, if there is one, for its layout.
void try_limits(struct fuzz_bytes *bytes);

/// Mappings that the library holds.
unsigned live_mappings(void);

#endif
