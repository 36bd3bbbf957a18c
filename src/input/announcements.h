// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `sap:` inputs share: one listener on all interfaces, from the first of them on.

#ifndef AUDYN_INPUT_ANNOUNCEMENTS_H
#define AUDYN_INPUT_ANNOUNCEMENTS_H

#include "input/input.h"
#include "net/sap_listener.h"

#include <pthread.h>

struct audyn_announcements {
    pthread_mutex_t mutex;            // guards what follows
    audyn_sap_directory_t *directory; ///< NULL until somebody wants to hear
    audyn_sap_listener_t *listener;
    int64_t since_ns; ///< monotonic; when listening began
};

/// Holding the mutex.  Begins to listen, unless that has begun, and takes what has
/// arrived.
audyn_status_t announcements_hear(audyn_announcements_t *announcements,
                                  audyn_error_t *error);

#endif
