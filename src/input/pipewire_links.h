// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Links of our own making.  Session managers link nodes of a media class; JACK clients
/// and other filters have none.

#ifndef AUDYN_INPUT_PIPEWIRE_LINKS_H
#define AUDYN_INPUT_PIPEWIRE_LINKS_H

#include "input/pipewire_client.h"

/// Whether no session manager would link a stream to this node.
bool pipewire_links_are_ours(const pipewire_object_t *node);

/// Serial numbers of the first ports that were linked; 0: none.
typedef struct {
    uint32_t output, input;
} pipewire_linked_t;

/// Under the loop's lock or on its thread, now and then: asks for links from the outputs
/// of `target` to the `channels` inputs of the node `stream_id`, from its first output on
/// again where it has fewer.  They go with either end; where its ports are others than
/// those in `*linked` new links are made.  Links that somebody removes stay removed.
void pipewire_links_keep(pipewire_linked_t *linked, pipewire_client_t *client,
                         const pipewire_object_t *target, bool monitor,
                         uint32_t stream_id, uint32_t channels);

#endif
