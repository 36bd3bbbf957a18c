// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How much memory there is for who asks now.

#ifndef AUDYN_CORE_AVAILABLE_MEMORY_H
#define AUDYN_CORE_AVAILABLE_MEMORY_H

#include <stdint.h>

/// Bytes that the machine can still give without taking from others (MemAvailable of
/// proc(5)); UINT64_MAX where it does not tell.
uint64_t audyn_available_memory(void);

#endif
