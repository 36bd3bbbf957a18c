// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a PipeWire daemon has, as its registry tells: nodes, their ports, the links
/// between them, and which devices are the default.  Used by one thread at a time.

#ifndef AUDYN_INPUT_PIPEWIRE_GRAPH_H
#define AUDYN_INPUT_PIPEWIRE_GRAPH_H

#include "core/error.h"

#include <pipewire/properties.h>
#include <spa/utils/list.h>
#include <stdbool.h>
#include <stdint.h>

#define PIPEWIRE_MOST_CHANNELS 64

typedef enum {
    PIPEWIRE_NODE,
    PIPEWIRE_PORT,
    PIPEWIRE_LINK,
    PIPEWIRE_CLIENT,
} pipewire_kind_t;

typedef struct {
    struct spa_list link;
    uint32_t id;
    pipewire_kind_t kind;
    struct pw_properties *properties;
} pipewire_object_t;

/// Start with pipewire_graph_init().
typedef struct {
    struct spa_list objects;
    char default_source[256]; ///< node name; empty: not known
    char default_sink[256];
    uint32_t rate;        ///< Hz; 0: not known
    uint32_t forced_rate; ///< Hz; 0: none
} pipewire_graph_t;

void pipewire_graph_init(pipewire_graph_t *graph);

/// Forgets all; the graph can be used again.
void pipewire_graph_clear(pipewire_graph_t *graph);

/// A global of the registry.  Fails with AUDYN_NO_MEMORY; those of no interest are left
/// out.
audyn_status_t pipewire_graph_add(pipewire_graph_t *graph, uint32_t id, const char *type,
                                  const struct spa_dict *properties);

void pipewire_graph_remove(pipewire_graph_t *graph, uint32_t id);

/// A property of the metadata objects "default" and "settings"; `value` NULL: removed.
void pipewire_graph_set(pipewire_graph_t *graph, const char *key, const char *value);

/// A property of the object, or "".
const char *pipewire_object_get(const pipewire_object_t *object, const char *key);

/// What there is to record at a node.
typedef struct {
    uint32_t channels;                         ///< ports; 0: nothing can be recorded here
    char positions[PIPEWIRE_MOST_CHANNELS][8]; ///< "FL", "AUX0" …, in the order of ports
    uint32_t ids[PIPEWIRE_MOST_CHANNELS];
    uint32_t serial; ///< of the first port
} pipewire_ports_t;

/// The node's outputs, or those that show what a sink plays.
void pipewire_graph_ports(const pipewire_graph_t *graph, const pipewire_object_t *node,
                          bool monitor, pipewire_ports_t *ports);

/// What the node of that id takes.
void pipewire_graph_inputs(const pipewire_graph_t *graph, uint32_t node_id,
                           pipewire_ports_t *ports);

/// The node of this name, serial number or object path that has such ports; NULL: none.
const pipewire_object_t *pipewire_graph_find(const pipewire_graph_t *graph,
                                             const char *text, bool monitor);

/// The next node after `node` (NULL: the first), in the daemon's order; NULL: none.
const pipewire_object_t *pipewire_graph_next_node(const pipewire_graph_t *graph,
                                                  const pipewire_object_t *node);

/// Whether something is linked to the inputs of the node of that id.
bool pipewire_graph_is_linked(const pipewire_graph_t *graph, uint32_t node_id);

/// Whether there is a session manager, which links streams to devices.
bool pipewire_graph_has_manager(const pipewire_graph_t *graph);

/// Hz, as far as it is known; else 48000.
uint32_t pipewire_graph_rate(const pipewire_graph_t *graph);

#endif
