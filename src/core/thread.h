// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A thread that no signal disturbs.

#ifndef AUDYN_CORE_THREAD_H
#define AUDYN_CORE_THREAD_H

#include <pthread.h>

/// As pthread_create(); all signals are blocked in the thread from its first instruction
/// on.  Returns 0 or an errno value.
int audyn_thread_create(pthread_t *thread, const pthread_attr_t *attributes,
                        void *(*run)(void *), void *argument);

#endif
