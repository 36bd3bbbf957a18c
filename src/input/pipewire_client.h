// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A connection to the PipeWire daemon, with a thread that serves it, and what the daemon
/// has.  The daemon may go and come back.

#ifndef AUDYN_INPUT_PIPEWIRE_CLIENT_H
#define AUDYN_INPUT_PIPEWIRE_CLIENT_H

#include "input/pipewire_graph.h"

#include <pipewire/pipewire.h>

/// All but `loop` is to be used under pw_thread_loop_lock() or on the loop's own thread.
typedef struct {
    struct pw_thread_loop *loop;
    struct pw_context *context;
    struct pw_core *core; ///< NULL: not connected
    pipewire_graph_t graph;
    bool lost; ///< the daemon has gone: to be disconnected

    struct pw_registry *registry;
    struct spa_list bound; ///< metadata objects that are listened to
    struct spa_hook core_listener, registry_listener;
    int pending;   ///< the sync that was asked for
    bool answered; ///< it has been
} pipewire_client_t;

/// Starts the thread; connects nothing.  Takes an all-zero `*client`; after a failure it
/// is still to be closed.
audyn_status_t pipewire_client_open(pipewire_client_t *client, audyn_error_t *error);

/// Ends the thread.  Accepts an all-zero `*client`.
void pipewire_client_close(pipewire_client_t *client);

/// Begins to learn what the daemon has.  AUDYN_NOT_FOUND: there is none.
audyn_status_t pipewire_client_connect(pipewire_client_t *client, audyn_error_t *error);

/// Waits until all that there is now is known.  Not on the loop's thread.
audyn_status_t pipewire_client_learn(pipewire_client_t *client, audyn_error_t *error);

/// Whether its data thread runs under a real-time policy.  Any thread.
bool pipewire_client_is_prompt(const pipewire_client_t *client);

/// Whatever else was made of the connection must be gone.
void pipewire_client_disconnect(pipewire_client_t *client);

#endif
