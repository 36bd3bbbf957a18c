// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_CORE_PLURAL_H
#define AUDYN_CORE_PLURAL_H

#include <stdint.h>

/// What stands behind a noun of so many.
static inline const char *
audyn_plural(uint64_t count)
{
    return count == 1 ? "" : "s";
}

#endif
