// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Takes up groups again.  The kernel keeps a membership while the interface is down or
// without an address, but not when it is removed: a network adapter that was unplugged,
// or a VLAN that was set up anew, comes back under the same name as another interface.

#include "input/rtp_receiver_private.h"

static void *
watch_run(void *argument)
{
    audyn_rtp_receivers_t *receivers = argument;
    while (audyn_interface_watch_wait(&receivers->watch)) {
        pthread_mutex_lock(&receivers->mutex);
        for (const struct receiver *r = receivers->first; r; r = r->next) {
            for (const struct listener *l = r->listeners; l; l = l->next) {
                listener_rejoin(l);
            }
        }
        pthread_mutex_unlock(&receivers->mutex);
    }
    return NULL;
}

audyn_status_t
watch_start(audyn_rtp_receivers_t *receivers, audyn_error_t *error)
{
    if (receivers->watcher.stack.address ||
        audyn_interface_watch_open(&receivers->watch)) {
        return AUDYN_OK; // where netlink is not permitted, nothing is taken up again
    }
    const audyn_status_t status = audyn_rt_thread_start(
        &receivers->watcher, "audyn-interface", 0, watch_run, receivers);
    if (status) {
        audyn_interface_watch_close(&receivers->watch);
        return audyn_error_set(error, status,
                               "the thread that watches the network interfaces cannot "
                               "be started: %s",
                               audyn_strerror(status));
    }
    return AUDYN_OK;
}

void
watch_stop(audyn_rtp_receivers_t *receivers)
{
    if (receivers->watcher.stack.address) {
        audyn_interface_watch_stop(&receivers->watch);
        audyn_rt_thread_join(&receivers->watcher);
        audyn_interface_watch_close(&receivers->watch);
    }
}
