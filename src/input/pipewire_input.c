// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `pipewire:`: the life of a recording from PipeWire.  PipeWire's data thread is the
// input thread; its other thread, which serves the connection, looks a few times a second
// whether the daemon, the target and the stream are still there.

#include "input/input_private.h"
#include "input/pipewire_links.h"
#include "input/pipewire_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_NS (250 * AUDYN_NS_PER_MS)
// Between attempts to reach a daemon, or to make a stream that was refused.
#define RETRY_NS (500 * AUDYN_NS_PER_MS)

struct pipewire_input {
    audyn_input_t input;
    pipewire_options_t options;
    const audyn_clock_t *clock;
    pipewire_flow_t *flow;

    // Under the loop's lock, or on its thread.
    pipewire_client_t client;
    pipewire_stream_t stream;
    struct spa_source *timer;
    char target_name[256]; // empty: whatever the stream is linked to
    char target_path[256];
    char target_serial[32]; // of this daemon; several nodes may have one name
    pipewire_ports_t ports; // of the target
    bool links;             // the stream is linked by us
    pipewire_linked_t linked;
    int64_t retry_ns; // not before
    bool stopped;
    audyn_error_t last_words; // once stopped: what explained it before

    audyn_counter_t reconnections; // written by the loop's thread
};

// The very node, as long as it is there; else the one that has taken its place.
static const pipewire_object_t *
find_target(const struct pipewire_input *pipewire)
{
    const char *const texts[] = {pipewire->target_serial, pipewire->target_name,
                                 pipewire->target_path};
    const pipewire_object_t *node = NULL;
    for (size_t i = 0; !node && i < sizeof texts / sizeof *texts; ++i) {
        node = pipewire_graph_find(&pipewire->client.graph, texts[i],
                                   pipewire->options.monitor);
    }
    return node;
}

static void
remember_target(struct pipewire_input *pipewire, const pipewire_object_t *node)
{
    snprintf(pipewire->target_serial, sizeof pipewire->target_serial, "%s",
             pipewire_object_get(node, PW_KEY_OBJECT_SERIAL));
}

// As many as the text holds: "a, b?monitor=1".
static void
list_nodes(const pipewire_graph_t *graph, char *text, size_t size)
{
    const pipewire_object_t *node = NULL;
    size_t used = 0;
    snprintf(text, size, "none");
    while ((node = pipewire_graph_next_node(graph, node))) {
        for (int monitor = 0; monitor <= 1; ++monitor) {
            pipewire_ports_t ports;
            pipewire_graph_ports(graph, node, monitor, &ports);
            const char *name = pipewire_object_get(node, PW_KEY_NODE_NAME);
            if (ports.channels && used + strlen(name) + 20 < size) {
                used +=
                    (size_t)snprintf(text + used, size - used, "%s%s%s", used ? ", " : "",
                                     name, monitor ? "?monitor=1" : "");
            }
        }
    }
}

static audyn_status_t
refuse_node(const struct pipewire_input *pipewire, audyn_error_t *error)
{
    const pipewire_options_t *options = &pipewire->options;
    const pipewire_graph_t *graph = &pipewire->client.graph;
    if (pipewire_graph_find(graph, options->node, !options->monitor)) {
        return audyn_error_set(error, AUDYN_NOT_FOUND,
                               options->monitor
                                   ? "'%s' is a source, not a sink: leave out monitor=1"
                                   : "'%s' is a sink: to record what it plays, add "
                                     "?monitor=1",
                               options->node);
    }
    char nodes[300];
    list_nodes(graph, nodes, sizeof nodes);
    return audyn_error_set(error, AUDYN_NOT_FOUND,
                           "PipeWire has no node '%s'; there are: %s (see audyn discover "
                           "pipewire).  With channels= and rate= it is waited for",
                           options->node, nodes);
}

// Which node it is, how many channels it has, and at which rate the graph runs.
static audyn_status_t
choose_target(struct pipewire_input *pipewire, audyn_error_t *error)
{
    const pipewire_options_t *options = &pipewire->options;
    const pipewire_graph_t *graph = &pipewire->client.graph;
    const char *preferred =
        options->monitor ? graph->default_sink : graph->default_source;
    const char *wanted = options->node[0] ? options->node : preferred;
    const pipewire_object_t *node =
        wanted[0] ? pipewire_graph_find(graph, wanted, options->monitor) : NULL;
    if (node) {
        pipewire_graph_ports(graph, node, options->monitor, &pipewire->ports);
        snprintf(pipewire->target_name, sizeof pipewire->target_name, "%s",
                 pipewire_object_get(node, PW_KEY_NODE_NAME));
        snprintf(pipewire->target_path, sizeof pipewire->target_path, "%s",
                 pipewire_object_get(node, PW_KEY_OBJECT_PATH));
        remember_target(pipewire, node);
    } else if (options->node[0] && options->channels && options->rate) {
        strcpy(pipewire->target_name, options->node);
        strcpy(pipewire->target_path, options->node);
    } else if (options->node[0]) {
        return refuse_node(pipewire, error);
    }
    const uint32_t channels = pipewire->ports.channels ? pipewire->ports.channels : 2;
    pipewire->input.format = (audyn_input_format_t){
        .sample_rate = options->rate ? options->rate : pipewire_graph_rate(graph),
        .channels = options->channels ? options->channels : channels,
        .bits = 32,
    };
    return AUDYN_OK;
}

static audyn_status_t
ask_daemon(struct pipewire_input *pipewire, audyn_error_t *error)
{
    pipewire_client_t *client = &pipewire->client;
    audyn_status_t status = pipewire_client_open(client, error);
    if (status) {
        return status;
    }
    pw_thread_loop_lock(client->loop);
    status = pipewire_client_connect(client, error);
    if (!status) {
        status = pipewire_client_learn(client, error);
    }
    if (!status) {
        status = choose_target(pipewire, error);
    }
    pw_thread_loop_unlock(client->loop);
    return status;
}

static audyn_status_t
create_flow(struct pipewire_input *pipewire, audyn_error_t *error)
{
    const audyn_clock_t *clock = pipewire->clock;
    const pipewire_flow_config_t config = {
        .timeline = pipewire->input.timeline,
        .format = pipewire->input.format,
        .tai_offset_ns = audyn_clock_tai_now_ns(clock) - clock->monotonic_ns(clock),
    };
    const audyn_status_t status = pipewire_flow_create(&pipewire->flow, &config);
    return status ? audyn_error_set(error, status, "no memory for a block of samples")
                  : AUDYN_OK;
}

static void
close_pipewire(audyn_input_t *input)
{
    struct pipewire_input *pipewire = (struct pipewire_input *)input;
    pipewire_client_close(&pipewire->client);
    pipewire_flow_destroy(pipewire->flow);
    free(pipewire);
}

static audyn_status_t
open_pipewire(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
              audyn_error_t *error)
{
    struct pipewire_input *pipewire = calloc(1, sizeof *pipewire);
    if (!pipewire) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for an input");
    }
    pipewire->clock = config->clock ? config->clock : audyn_clock_system();
    audyn_status_t status = pipewire_options_read(&pipewire->options, uri, error);
    if (!status) {
        status = ask_daemon(pipewire, error);
    }
    if (!status) {
        status = input_create_timeline(&pipewire->input, 0, config, error);
    }
    if (!status) {
        status = create_flow(pipewire, error);
    }
    if (status) {
        audyn_timeline_t *timeline = pipewire->input.timeline;
        close_pipewire(&pipewire->input);
        audyn_timeline_destroy(timeline);
        return status;
    }
    *out = &pipewire->input;
    return AUDYN_OK;
}

static audyn_status_t
check_pipewire(audyn_uri_t *uri, audyn_error_t *error)
{
    pipewire_options_t options;
    return pipewire_options_read(&options, uri, error);
}

// Data thread.
static int
idle(struct spa_loop *loop, bool async, uint32_t sequence, const void *data, size_t size,
     void *user_data)
{
    (void)loop;
    (void)async;
    (void)sequence;
    (void)size;
    const int64_t *now_ns = data;
    pipewire_flow_idle(user_data, *now_ns);
    return 0;
}

// `wait`: until that, and all that was asked for before, is done.
static void
let_idle(struct pipewire_input *pipewire, int64_t now_ns, bool wait)
{
    pw_data_loop_invoke(pw_context_get_data_loop(pipewire->client.context), idle, 0,
                        &now_ns, sizeof now_ns, wait, pipewire->flow);
}

// Closes what will not come to life again.
static void
let_go(struct pipewire_input *pipewire, int64_t now_ns)
{
    const bool lost = pipewire->client.lost;
    if (pipewire->stream.stream && (lost || pipewire->stream.failed)) {
        pipewire_stream_close(&pipewire->stream);
        pipewire->retry_ns = now_ns + RETRY_NS;
    }
    if (lost) {
        pipewire_client_disconnect(&pipewire->client);
        pipewire->client.lost = false;
        pipewire->target_serial[0] = '\0'; // the next daemon counts anew
    }
}

static audyn_status_t
open_stream(struct pipewire_input *pipewire, audyn_error_t *error)
{
    const pipewire_object_t *target = find_target(pipewire);
    const bool stays = !pipewire->options.reconnect;
    if (!target && stays && pipewire->target_name[0]) {
        return AUDYN_OK; // it is waited for
    }
    // By its name a session manager that may move the stream finds it again.
    const bool is_named =
        target == pipewire_graph_find(&pipewire->client.graph, pipewire->target_name,
                                      pipewire->options.monitor);
    if (target) {
        remember_target(pipewire, target);
    }
    pipewire->links = target && pipewire_links_are_ours(target);
    pipewire->linked = (pipewire_linked_t){0};
    const pipewire_stream_config_t config = {
        .options = &pipewire->options,
        .format = pipewire->input.format,
        .ports = &pipewire->ports,
        .target_name = pipewire->target_name,
        .target_serial = target && (stays || !is_named) ? pipewire->target_serial : NULL,
        .autoconnect = !pipewire->links,
        .flow = pipewire->flow,
    };
    return pipewire_stream_open(&pipewire->stream, &pipewire->client, &config, error);
}

static void
keep_links(struct pipewire_input *pipewire)
{
    const pipewire_object_t *target = pipewire->links ? find_target(pipewire) : NULL;
    if (target) {
        remember_target(pipewire, target);
        pipewire_links_keep(&pipewire->linked, &pipewire->client, target,
                            pipewire->options.monitor,
                            pw_stream_get_node_id(pipewire->stream.stream),
                            pipewire->input.format.channels);
    }
}

// Loop's thread, a few times a second.
static void
look_after(void *data, uint64_t expirations)
{
    (void)expirations;
    struct pipewire_input *pipewire = data;
    const int64_t now_ns = pipewire->clock->monotonic_ns(pipewire->clock);
    audyn_error_t error;
    if (pipewire_flow_has_dried_up(pipewire->flow, now_ns)) {
        let_idle(pipewire, now_ns, false);
    }
    let_go(pipewire, now_ns);
    if (pipewire->stream.stream) {
        keep_links(pipewire);
        return;
    }
    if (now_ns < pipewire->retry_ns) {
        return;
    }
    if (!pipewire->client.core) {
        pipewire->retry_ns = now_ns + RETRY_NS;
        if (pipewire_client_connect(&pipewire->client, &error)) {
            return;
        }
        audyn_counter_add(&pipewire->reconnections, 1);
    }
    if (open_stream(pipewire, &error)) {
        pipewire->retry_ns = now_ns + RETRY_NS;
    }
}

static audyn_status_t
start_pipewire(audyn_input_t *input, audyn_error_t *error)
{
    struct pipewire_input *pipewire = (struct pipewire_input *)input;
    pw_thread_loop_lock(pipewire->client.loop);
    audyn_status_t status = open_stream(pipewire, error);
    struct pw_loop *loop = pw_thread_loop_get_loop(pipewire->client.loop);
    if (!status) {
        pipewire->timer = pw_loop_add_timer(loop, look_after, pipewire);
        status = pipewire->timer ? AUDYN_OK
                                 : audyn_error_set(error, AUDYN_NO_RESOURCES,
                                                   "no timer could be had for PipeWire");
    }
    if (!status) {
        struct timespec interval = {.tv_nsec = LOOK_NS};
        pw_loop_update_timer(loop, pipewire->timer, &interval, &interval, false);
    }
    pw_thread_loop_unlock(pipewire->client.loop);
    return status;
}

static void
explain_missing_target(const struct pipewire_input *pipewire, audyn_error_t *explanation)
{
    char nodes[300];
    list_nodes(&pipewire->client.graph, nodes, sizeof nodes);
    audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                    "PipeWire has no node '%s'; there are: %s", pipewire->target_name,
                    nodes);
}

static void
explain_stream(const struct pipewire_input *pipewire, audyn_error_t *explanation)
{
    const pipewire_graph_t *graph = &pipewire->client.graph;
    struct pw_stream *stream = pipewire->stream.stream;
    const char *name =
        pw_properties_get(pw_stream_get_properties(stream), PW_KEY_NODE_NAME);
    const char *state = pw_stream_state_as_string(pw_stream_get_state(stream, NULL));
    if (pipewire_graph_is_linked(graph, pw_stream_get_node_id(stream))) {
        audyn_error_set(explanation, AUDYN_NO_SIGNAL,
                        "PipeWire has linked '%s', but no samples come (it is %s); look "
                        "at the source and at what drives it: pw-top",
                        name, state);
        return;
    }
    audyn_error_set(
        explanation, AUDYN_NO_SIGNAL,
        "nothing is linked to '%s'; %s: pw-link -o lists the outputs, pw-link "
        "OUTPUT %s:input_FL links one",
        name,
        pipewire_graph_has_manager(graph) ? "the session manager found no source for it"
                                          : "no session manager runs that would do that",
        name);
}

static void
explain_now(const struct pipewire_input *pipewire, audyn_error_t *explanation)
{
    if (!pipewire->client.core) {
        audyn_error_set(
            explanation, AUDYN_NO_SIGNAL,
            "PipeWire has gone; look at it: systemctl --user status pipewire");
    } else if (pipewire->target_name[0] && !find_target(pipewire)) {
        explain_missing_target(pipewire, explanation);
    } else if (pipewire->stream.stream) {
        explain_stream(pipewire, explanation);
    } else {
        audyn_error_set(explanation, AUDYN_NO_SIGNAL, "PipeWire gives no stream: %s",
                        pipewire->stream.problem);
    }
}

static void
stop_pipewire(audyn_input_t *input)
{
    struct pipewire_input *pipewire = (struct pipewire_input *)input;
    if (pipewire->stopped) {
        return;
    }
    pipewire->stopped = true;
    pw_thread_loop_lock(pipewire->client.loop);
    if (pipewire->timer) {
        pw_loop_destroy_source(pw_thread_loop_get_loop(pipewire->client.loop),
                               pipewire->timer);
    }
    explain_now(pipewire, &pipewire->last_words);
    pipewire_stream_close(&pipewire->stream);
    let_idle(pipewire, pipewire->clock->monotonic_ns(pipewire->clock), true);
    pw_thread_loop_unlock(pipewire->client.loop);
    audyn_timeline_finish(input->timeline);
}

static void
report_pipewire(const audyn_input_t *input, audyn_input_report_t *report)
{
    const struct pipewire_input *pipewire = (const struct pipewire_input *)input;
    pipewire_flow_get_report(pipewire->flow, &report->graph);
    report->lacks_priority = !pipewire_client_is_prompt(&pipewire->client);
    report->graph.reconnections = audyn_counter_get(&pipewire->reconnections);
}

static bool
next_event(audyn_input_t *input, audyn_event_t *event)
{
    return pipewire_flow_next_event(((struct pipewire_input *)input)->flow, event);
}

static void
explain_pipewire(const audyn_input_t *input, audyn_error_t *explanation)
{
    const struct pipewire_input *pipewire = (const struct pipewire_input *)input;
    if (pipewire->stopped) {
        *explanation = pipewire->last_words;
        return;
    }
    pw_thread_loop_lock(pipewire->client.loop);
    explain_now(pipewire, explanation);
    pw_thread_loop_unlock(pipewire->client.loop);
}

const audyn_input_type_t audyn_pipewire_input = {
    .scheme = "pipewire",
    .check = check_pipewire,
    .open = open_pipewire,
    .start = start_pipewire,
    .stop = stop_pipewire,
    .get_report = report_pipewire,
    .next_event = next_event,
    .explain = explain_pipewire,
    .close = close_pipewire,
};
