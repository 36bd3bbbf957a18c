// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire.h"
#include "input/pipewire_client.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

// Escapes what has a meaning in a URI (RFC 3986, 2.2).
static void
write_uri(const audyn_pipewire_source_t *source, const char *node, char *uri, size_t size)
{
    static const char suffix[] = "?monitor=1";
    size_t used = (size_t)snprintf(uri, size, "pipewire:");
    for (const char *c = node; *c && used + sizeof suffix + 4 < size; ++c) {
        const bool plain = isalnum((unsigned char)*c) || strchr("._~:@/-", *c);
        used += (size_t)snprintf(uri + used, size - used, plain ? "%c" : "%%%02X",
                                 (unsigned char)*c);
    }
    if (source->monitor) {
        strcpy(uri + used, suffix);
    }
}

// Nothing where they are not known, as of a JACK client's.
static void
join_positions(const pipewire_ports_t *ports, char *text, size_t size)
{
    size_t used = 0;
    const bool known = ports->positions[0][0];
    for (uint32_t i = 0; known && i < ports->channels && used < size; ++i) {
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? "," : "",
                                 ports->positions[i]);
    }
}

#define COPY(field, node, key)                                                           \
    snprintf(field, sizeof(field), "%s", pipewire_object_get(node, key))

static void
describe(const pipewire_graph_t *graph, const pipewire_object_t *node,
         const pipewire_ports_t *ports, audyn_pipewire_source_t *source)
{
    COPY(source->name, node, PW_KEY_NODE_NAME);
    COPY(source->description, node, PW_KEY_NODE_DESCRIPTION);
    COPY(source->media_class, node, PW_KEY_MEDIA_CLASS);
    COPY(source->object_path, node, PW_KEY_OBJECT_PATH);
    COPY(source->serial, node, PW_KEY_OBJECT_SERIAL);
    const char *preferred = source->monitor ? graph->default_sink : graph->default_source;
    source->is_default = source->name[0] && !strcmp(source->name, preferred);
    source->channels = ports->channels;
    join_positions(ports, source->positions, sizeof source->positions);
    // Where others have that name, or it has none, only the serial number is its own.
    const bool is_found =
        pipewire_graph_find(graph, source->name, source->monitor) == node;
    write_uri(source, is_found ? source->name : source->serial, source->uri,
              sizeof source->uri);
}

static audyn_status_t
append(const pipewire_graph_t *graph, const pipewire_object_t *node, bool monitor,
       audyn_pipewire_sources_t *sources)
{
    pipewire_ports_t ports;
    pipewire_graph_ports(graph, node, monitor, &ports);
    if (!ports.channels) {
        return AUDYN_OK;
    }
    audyn_pipewire_source_t *more =
        realloc(sources->sources, (sources->count + 1) * sizeof *more);
    if (!more) {
        return AUDYN_NO_MEMORY;
    }
    sources->sources = more;
    more[sources->count] = (audyn_pipewire_source_t){.monitor = monitor};
    describe(graph, node, &ports, &more[sources->count++]);
    return AUDYN_OK;
}

static audyn_status_t
list(const pipewire_graph_t *graph, audyn_pipewire_sources_t *sources,
     audyn_error_t *error)
{
    sources->sample_rate = pipewire_graph_rate(graph);
    const pipewire_object_t *node = NULL;
    audyn_status_t status = AUDYN_OK;
    while (!status && (node = pipewire_graph_next_node(graph, node))) {
        status = append(graph, node, false, sources);
        if (!status) {
            status = append(graph, node, true, sources);
        }
    }
    return status ? audyn_error_set(error, status, "no memory for a list of nodes")
                  : AUDYN_OK;
}

audyn_status_t
audyn_pipewire_sources_find(audyn_pipewire_sources_t *sources, audyn_error_t *error)
{
    *sources = (audyn_pipewire_sources_t){0};
    pipewire_client_t client = {0};
    audyn_status_t status = pipewire_client_open(&client, error);
    if (!status) {
        pw_thread_loop_lock(client.loop);
        status = pipewire_client_connect(&client, error);
        if (!status) {
            status = pipewire_client_learn(&client, error);
        }
        if (!status) {
            status = list(&client.graph, sources, error);
        }
        pw_thread_loop_unlock(client.loop);
    }
    pipewire_client_close(&client);
    return status;
}

void
audyn_pipewire_sources_free(audyn_pipewire_sources_t *sources)
{
    free(sources->sources);
    *sources = (audyn_pipewire_sources_t){0};
}
