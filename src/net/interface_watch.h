// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Tells when network interfaces come, go or change (rtnetlink(7)).

#ifndef AUDYN_NET_INTERFACE_WATCH_H
#define AUDYN_NET_INTERFACE_WATCH_H

#include <audyn/status.h>

#include <stdbool.h>

typedef struct {
    int events; ///< of the kernel
    int stop;   ///< readable once audyn_interface_watch_stop() was called
} audyn_interface_watch_t;

/// From here on nothing is missed.  On failure there is nothing to close.
audyn_status_t audyn_interface_watch_open(audyn_interface_watch_t *watch);
void audyn_interface_watch_close(audyn_interface_watch_t *watch);

/// Returns true when something has changed, false once it is to stop.
bool audyn_interface_watch_wait(const audyn_interface_watch_t *watch);

/// Any thread.
void audyn_interface_watch_stop(const audyn_interface_watch_t *watch);

#endif
