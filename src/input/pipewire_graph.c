// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire_graph.h"

#include <pipewire/pipewire.h>
#include <spa/utils/json.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define USUAL_RATE 48000

void
pipewire_graph_init(pipewire_graph_t *graph)
{
    *graph = (pipewire_graph_t){0};
    spa_list_init(&graph->objects);
}

static void
free_object(pipewire_object_t *object)
{
    spa_list_remove(&object->link);
    pw_properties_free(object->properties);
    free(object);
}

void
pipewire_graph_clear(pipewire_graph_t *graph)
{
    while (!spa_list_is_empty(&graph->objects)) {
        free_object(spa_list_first(&graph->objects, pipewire_object_t, link));
    }
    pipewire_graph_init(graph);
}

static bool
find_kind(const char *type, pipewire_kind_t *kind)
{
    static const char *const types[] = {
        [PIPEWIRE_NODE] = PW_TYPE_INTERFACE_Node,
        [PIPEWIRE_PORT] = PW_TYPE_INTERFACE_Port,
        [PIPEWIRE_LINK] = PW_TYPE_INTERFACE_Link,
        [PIPEWIRE_CLIENT] = PW_TYPE_INTERFACE_Client,
    };
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
        if (!strcmp(type, types[i])) {
            *kind = (pipewire_kind_t)i;
            return true;
        }
    }
    return false;
}

audyn_status_t
pipewire_graph_add(pipewire_graph_t *graph, uint32_t id, const char *type,
                   const struct spa_dict *properties)
{
    pipewire_kind_t kind;
    if (!properties || !find_kind(type, &kind)) {
        return AUDYN_OK;
    }
    pipewire_object_t *object = calloc(1, sizeof *object);
    struct pw_properties *copy = pw_properties_new_dict(properties);
    if (!object || !copy) {
        free(object);
        pw_properties_free(copy);
        return AUDYN_NO_MEMORY;
    }
    *object = (pipewire_object_t){.id = id, .kind = kind, .properties = copy};
    spa_list_append(&graph->objects, &object->link);
    return AUDYN_OK;
}

void
pipewire_graph_remove(pipewire_graph_t *graph, uint32_t id)
{
    pipewire_object_t *object;
    spa_list_for_each(object, &graph->objects, link)
    {
        if (object->id == id) {
            free_object(object);
            return;
        }
    }
}

// A default device is told as { "name": "alsa_input.usb" }.
static void
read_name(const char *json, char *name, size_t size)
{
    struct spa_json outer;
    struct spa_json inner;
    char key[64];
    name[0] = '\0';
    if (!json) {
        return;
    }
    spa_json_init(&outer, json, strlen(json));
    if (spa_json_enter_object(&outer, &inner) <= 0) {
        return;
    }
    while (spa_json_get_string(&inner, key, sizeof key) > 0) {
        const char *value;
        const int length = spa_json_next(&inner, &value);
        if (length <= 0) {
            return;
        }
        if (!strcmp(key, "name") && spa_json_is_string(value, length)) {
            spa_json_parse_stringn(value, length, name, (int)size);
            return;
        }
    }
}

void
pipewire_graph_set(pipewire_graph_t *graph, const char *key, const char *value)
{
    if (!key) {
        return;
    }
    if (!strcmp(key, "default.audio.source")) {
        read_name(value, graph->default_source, sizeof graph->default_source);
    } else if (!strcmp(key, "default.audio.sink")) {
        read_name(value, graph->default_sink, sizeof graph->default_sink);
    } else if (!strcmp(key, "clock.rate")) {
        graph->rate = value ? (uint32_t)strtoul(value, NULL, 10) : 0;
    } else if (!strcmp(key, "clock.force-rate")) {
        graph->forced_rate = value ? (uint32_t)strtoul(value, NULL, 10) : 0;
    }
}

const char *
pipewire_object_get(const pipewire_object_t *object, const char *key)
{
    const char *value = pw_properties_get(object->properties, key);
    return value ? value : "";
}

static uint32_t
number(const pipewire_object_t *object, const char *key)
{
    const char *value = pw_properties_get(object->properties, key);
    return value ? (uint32_t)strtoul(value, NULL, 10) : PW_ID_ANY;
}

// MIDI and video ports have other formats.
static bool
is_audio(const pipewire_object_t *port, const char *direction, bool monitor)
{
    const bool shows_sink =
        !strcmp(pipewire_object_get(port, PW_KEY_PORT_MONITOR), "true");
    return !strcmp(pipewire_object_get(port, PW_KEY_PORT_DIRECTION), direction) &&
           shows_sink == monitor &&
           strstr(pipewire_object_get(port, PW_KEY_FORMAT_DSP), "audio");
}

static void
list_ports(const pipewire_graph_t *graph, uint32_t node_id, const char *direction,
           bool monitor, pipewire_ports_t *ports)
{
    *ports = (pipewire_ports_t){0};
    const pipewire_object_t *object;
    spa_list_for_each(object, &graph->objects, link)
    {
        const uint32_t i = ports->channels;
        if (object->kind == PIPEWIRE_PORT && number(object, PW_KEY_NODE_ID) == node_id &&
            is_audio(object, direction, monitor) && i < PIPEWIRE_MOST_CHANNELS) {
            snprintf(ports->positions[i], sizeof ports->positions[i], "%s",
                     pipewire_object_get(object, PW_KEY_AUDIO_CHANNEL));
            ports->ids[i] = object->id;
            ports->serial = i ? ports->serial : number(object, PW_KEY_OBJECT_SERIAL);
            ++ports->channels;
        }
    }
}

void
pipewire_graph_ports(const pipewire_graph_t *graph, const pipewire_object_t *node,
                     bool monitor, pipewire_ports_t *ports)
{
    list_ports(graph, node->id, "out", monitor, ports);
}

void
pipewire_graph_inputs(const pipewire_graph_t *graph, uint32_t node_id,
                      pipewire_ports_t *ports)
{
    list_ports(graph, node_id, "in", false, ports);
}

static bool
is_named(const pipewire_object_t *node, const char *text)
{
    return *text && (!strcmp(pipewire_object_get(node, PW_KEY_NODE_NAME), text) ||
                     !strcmp(pipewire_object_get(node, PW_KEY_OBJECT_SERIAL), text) ||
                     !strcmp(pipewire_object_get(node, PW_KEY_OBJECT_PATH), text));
}

const pipewire_object_t *
pipewire_graph_find(const pipewire_graph_t *graph, const char *text, bool monitor)
{
    const pipewire_object_t *node = NULL;
    while ((node = pipewire_graph_next_node(graph, node))) {
        pipewire_ports_t ports;
        if (!is_named(node, text)) {
            continue;
        }
        pipewire_graph_ports(graph, node, monitor, &ports);
        if (ports.channels) {
            return node;
        }
    }
    return NULL;
}

const pipewire_object_t *
pipewire_graph_next_node(const pipewire_graph_t *graph, const pipewire_object_t *node)
{
    const struct spa_list *next = node ? node->link.next : graph->objects.next;
    for (; next != &graph->objects; next = next->next) {
        const pipewire_object_t *object = SPA_CONTAINER_OF(next, pipewire_object_t, link);
        if (object->kind == PIPEWIRE_NODE) {
            return object;
        }
    }
    return NULL;
}

bool
pipewire_graph_is_linked(const pipewire_graph_t *graph, uint32_t node_id)
{
    const pipewire_object_t *object;
    spa_list_for_each(object, &graph->objects, link)
    {
        if (object->kind == PIPEWIRE_LINK &&
            number(object, PW_KEY_LINK_INPUT_NODE) == node_id) {
            return true;
        }
    }
    return false;
}

bool
pipewire_graph_has_manager(const pipewire_graph_t *graph)
{
    static const char *const names[] = {"WirePlumber", "pipewire-media-session"};
    const pipewire_object_t *object;
    spa_list_for_each(object, &graph->objects, link)
    {
        const char *name = pipewire_object_get(object, PW_KEY_APP_NAME);
        for (size_t i = 0; i < sizeof names / sizeof *names; ++i) {
            if (object->kind == PIPEWIRE_CLIENT &&
                !strncmp(name, names[i], strlen(names[i]))) {
                return true;
            }
        }
    }
    return false;
}

uint32_t
pipewire_graph_rate(const pipewire_graph_t *graph)
{
    if (graph->forced_rate) {
        return graph->forced_rate;
    }
    return graph->rate ? graph->rate : USUAL_RATE;
}
