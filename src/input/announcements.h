// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `sap:` inputs share: one listener on all interfaces, from the first of them on.
/// One thread opens inputs.

#ifndef AUDYN_INPUT_ANNOUNCEMENTS_H
#define AUDYN_INPUT_ANNOUNCEMENTS_H

#include "input/input.h"
#include "net/sap_listener.h"

struct audyn_announcements {
    audyn_sap_directory_t *directory; ///< NULL until somebody wants to hear
    audyn_sap_listener_t *listener;
    int64_t since_ns; ///< monotonic; when listening began
};

/// Begins to listen, unless that has begun.
audyn_status_t announcements_hear(audyn_announcements_t *announcements,
                                  audyn_error_t *error);

/// All zero is accepted, and left behind.
void announcements_finish(audyn_announcements_t *announcements);

#endif
