// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_ATTRIBUTES_H
#define AUDYN_ATTRIBUTES_H

/// Part of libaudyn's public interface.
#define AUDYN_API __attribute__((visibility("default")))

/// Safe on a real-time thread: constant time, no allocation, lock or system call.
/// Where the compiler knows function effects (clang 20), it checks the claim.
#if defined(__clang__) && __clang_major__ >= 20
#define AUDYN_REALTIME __attribute__((nonblocking))
#else
#define AUDYN_REALTIME
#endif

#endif
