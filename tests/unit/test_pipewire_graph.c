// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What is known of a daemon's nodes, from what its registry tells.

#include "unit_test.h"

#include "failing_allocations.h"
#include "input/pipewire_graph.h"

#include <pipewire/pipewire.h>
#include <string.h>

static void
add(pipewire_graph_t *graph, uint32_t id, const char *type, const char *properties)
{
    struct pw_properties *parsed = pw_properties_new_string(properties);
    assert_non_null(parsed);
    assert_int_equal(pipewire_graph_add(graph, id, type, &parsed->dict), AUDYN_OK);
    pw_properties_free(parsed);
}

static void
add_port(pipewire_graph_t *graph, uint32_t id, uint32_t node, const char *more)
{
    char properties[256];
    snprintf(properties, sizeof properties,
             "node.id=%u format.dsp=\"32 bit float mono audio\" %s", node, more);
    add(graph, id, PW_TYPE_INTERFACE_Port, properties);
}

// A device with two inputs, a sink of one channel, and another sink of that name.
static void
set_up(pipewire_graph_t *graph)
{
    pipewire_graph_init(graph);
    add(graph, 30, PW_TYPE_INTERFACE_Node,
        "node.name=card object.serial=301 object.path=\"alsa:pcm:0\"");
    add(graph, 31, PW_TYPE_INTERFACE_Node, "node.name=speaker object.serial=302");
    add(graph, 32, PW_TYPE_INTERFACE_Node, "node.name=card object.serial=303");
    add_port(graph, 40, 30, "port.direction=out audio.channel=FL");
    add_port(graph, 41, 30, "port.direction=out audio.channel=FR");
    add_port(graph, 42, 31, "port.direction=in audio.channel=MONO");
    add_port(graph, 43, 31, "port.direction=out port.monitor=true audio.channel=MONO");
    add_port(graph, 44, 32, "port.direction=out port.monitor=true audio.channel=AUX0");
    add(graph, 45, PW_TYPE_INTERFACE_Port,
        "node.id=30 port.direction=out format.dsp=\"8 bit raw midi\"");
}

static uint32_t
found(const pipewire_graph_t *graph, const char *text, bool monitor)
{
    const pipewire_object_t *node = pipewire_graph_find(graph, text, monitor);
    return node ? node->id : 0;
}

static void
a_node_is_found_by_name_serial_number_and_path(void **state)
{
    (void)state;
    pipewire_graph_t graph;
    set_up(&graph);
    assert_int_equal(found(&graph, "card", false), 30);
    assert_int_equal(found(&graph, "301", false), 30);
    assert_int_equal(found(&graph, "alsa:pcm:0", false), 30);
    // Of the same name: what has such ports.
    assert_int_equal(found(&graph, "card", true), 32);
    assert_int_equal(found(&graph, "speaker", true), 31);
    assert_int_equal(found(&graph, "speaker", false), 0);
    assert_int_equal(found(&graph, "30", false), 0);
    assert_int_equal(found(&graph, "", false), 0);
    pipewire_graph_remove(&graph, 30);
    pipewire_graph_remove(&graph, 9999);
    assert_int_equal(found(&graph, "301", false), 0);
    pipewire_graph_clear(&graph);
    assert_int_equal(found(&graph, "speaker", true), 0);
}

static void
only_audio_outputs_of_the_node_are_channels(void **state)
{
    (void)state;
    pipewire_graph_t graph;
    set_up(&graph);
    pipewire_ports_t ports;
    pipewire_graph_ports(&graph, pipewire_graph_find(&graph, "301", false), false,
                         &ports);
    assert_int_equal(ports.channels, 2);
    assert_string_equal(ports.positions[0], "FL");
    assert_string_equal(ports.positions[1], "FR");
    assert_int_equal(ports.ids[1], 41);
    pipewire_graph_inputs(&graph, 31, &ports);
    assert_int_equal(ports.channels, 1);
    assert_int_equal(ports.ids[0], 42);
    pipewire_graph_inputs(&graph, 30, &ports);
    assert_int_equal(ports.channels, 0);
    for (uint32_t id = 100; id < 200; ++id) {
        add_port(&graph, id, 30, "port.direction=out audio.channel=A_VERY_LONG_NAME");
    }
    pipewire_graph_ports(&graph, pipewire_graph_find(&graph, "301", false), false,
                         &ports);
    assert_int_equal(ports.channels, PIPEWIRE_MOST_CHANNELS);
    assert_string_equal(ports.positions[63], "A_VERY_");
    pipewire_graph_clear(&graph);
}

static void
links_and_session_managers_are_seen(void **state)
{
    (void)state;
    pipewire_graph_t graph;
    set_up(&graph);
    assert_false(pipewire_graph_is_linked(&graph, 31));
    add(&graph, 50, PW_TYPE_INTERFACE_Link, "link.output.node=30 link.input.node=31");
    assert_true(pipewire_graph_is_linked(&graph, 31));
    assert_false(pipewire_graph_is_linked(&graph, 30));
    assert_false(pipewire_graph_has_manager(&graph));
    add(&graph, 51, PW_TYPE_INTERFACE_Client,
        "application.name=\"WirePlumber [export]\"");
    assert_true(pipewire_graph_has_manager(&graph));
    pipewire_graph_clear(&graph);
}

static void
settings_and_defaults_are_read_from_whatever_the_daemon_says(void **state)
{
    (void)state;
    pipewire_graph_t graph;
    pipewire_graph_init(&graph);
    assert_int_equal(pipewire_graph_rate(&graph), 48000);
    pipewire_graph_set(&graph, "clock.rate", "44100");
    assert_int_equal(pipewire_graph_rate(&graph), 44100);
    pipewire_graph_set(&graph, "clock.force-rate", "96000");
    assert_int_equal(pipewire_graph_rate(&graph), 96000);
    pipewire_graph_set(&graph, "clock.force-rate", "0");
    assert_int_equal(pipewire_graph_rate(&graph), 44100);
    pipewire_graph_set(&graph, "clock.rate", NULL);
    pipewire_graph_set(&graph, NULL, NULL);
    assert_int_equal(pipewire_graph_rate(&graph), 48000);

    pipewire_graph_set(&graph, "default.audio.source",
                       "{ \"x\": 1, \"name\": \"card\" }");
    assert_string_equal(graph.default_source, "card");
    pipewire_graph_set(&graph, "default.audio.sink", "{\"name\":\"speaker\"}");
    assert_string_equal(graph.default_sink, "speaker");
    static const char *const unusable[] = {
        "", "card", "{", "{ \"name\"", "{}", "[ 1 ]", "{ \"x\" ", "{ \"name\": { } }"};
    for (size_t i = 0; i < sizeof unusable / sizeof *unusable; ++i) {
        pipewire_graph_set(&graph, "default.audio.source", "{ \"name\": \"card\" }");
        pipewire_graph_set(&graph, "default.audio.source", unusable[i]);
        assert_string_equal(graph.default_source, "");
    }
    pipewire_graph_set(&graph, "default.audio.sink", NULL);
    assert_string_equal(graph.default_sink, "");
    pipewire_graph_clear(&graph);
}

static void
what_finds_no_memory_or_is_of_no_interest_is_not_there(void **state)
{
    (void)state;
    pipewire_graph_t graph;
    pipewire_graph_init(&graph);
    struct pw_properties *properties = pw_properties_new("node.name", "card", NULL);
    failing_allocations_after(0);
    const audyn_status_t status =
        pipewire_graph_add(&graph, 1, PW_TYPE_INTERFACE_Node, &properties->dict);
    failing_allocations_after(-1);
    assert_int_equal(status, AUDYN_NO_MEMORY);
    assert_null(pipewire_graph_next_node(&graph, NULL));
    add(&graph, 2, "PipeWire:Interface:Module", "node.name=card");
    assert_int_equal(pipewire_graph_add(&graph, 3, PW_TYPE_INTERFACE_Node, NULL),
                     AUDYN_OK);
    assert_true(spa_list_is_empty(&graph.objects));
    pw_properties_free(properties);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_node_is_found_by_name_serial_number_and_path),
        cmocka_unit_test(only_audio_outputs_of_the_node_are_channels),
        cmocka_unit_test(links_and_session_managers_are_seen),
        cmocka_unit_test(settings_and_defaults_are_read_from_whatever_the_daemon_says),
        cmocka_unit_test(what_finds_no_memory_or_is_of_no_interest_is_not_there),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
