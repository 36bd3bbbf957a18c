// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire_stream.h"

#include <errno.h>
#include <spa/debug/types.h>
#include <spa/param/audio/format-utils.h>
#include <spa/param/audio/type-info.h>
#include <spa/param/props.h>
#include <stdio.h>
#include <string.h>

// Data thread: takes what is there and gives the buffers back.  The two calls to
// PipeWire move an index in a ring.
static void
on_process(void *data)
{
    pipewire_stream_t *stream = data;
    struct pw_buffer *buffer;
    while ((buffer = pw_stream_dequeue_buffer(stream->stream))) {
        pipewire_flow_take(stream->flow, buffer->buffer);
        pw_stream_queue_buffer(stream->stream, buffer);
    }
}

static int
set_clock(struct spa_loop *loop, bool async, uint32_t sequence, const void *data,
          size_t size, void *user_data)
{
    (void)loop;
    (void)async;
    (void)sequence;
    (void)size;
    const struct spa_io_position *const *position = data;
    pipewire_flow_set_clock(user_data, *position ? &(*position)->clock : NULL);
    return 0;
}

// Waits for the data thread, since the memory that it has read so far goes away.
static void
on_io_changed(void *data, uint32_t id, void *area, uint32_t size)
{
    pipewire_stream_t *stream = data;
    if (id == SPA_IO_Position) {
        const bool usable = area && size >= sizeof(struct spa_io_position);
        const struct spa_io_position *position = usable ? area : NULL;
        pw_data_loop_invoke(stream->data_loop, set_clock, 0, &position, sizeof position,
                            true, stream->flow);
    }
}

static void
on_state_changed(void *data, enum pw_stream_state old, enum pw_stream_state state,
                 const char *error)
{
    pipewire_stream_t *stream = data;
    if (old == PW_STREAM_STATE_STREAMING) {
        pipewire_flow_note_pause(stream->flow);
    }
    if (state == PW_STREAM_STATE_ERROR || state == PW_STREAM_STATE_UNCONNECTED) {
        stream->failed = true;
        snprintf(stream->problem, sizeof stream->problem, "%s",
                 error ? error : "it was removed");
    }
}

// Where somebody, or a session manager that remembers, sets a volume or mutes the stream,
// that is undone: an archive holds what the source gave.
static void
on_control_info(void *data, uint32_t id, const struct pw_stream_control *control)
{
    pipewire_stream_t *stream = data;
    const bool is_volume = id == SPA_PROP_volume || id == SPA_PROP_channelVolumes;
    if (!is_volume && id != SPA_PROP_mute) {
        return;
    }
    float neutral[PIPEWIRE_MOST_CHANNELS];
    const uint32_t count = SPA_MIN(control->n_values, (uint32_t)PIPEWIRE_MOST_CHANNELS);
    bool changed = false;
    for (uint32_t i = 0; i < count; ++i) {
        neutral[i] = is_volume ? 1 : 0;
        changed |= control->values[i] < neutral[i] || control->values[i] > neutral[i];
    }
    if (changed) {
        ++stream->scaled;
        pw_stream_set_control(stream->stream, id, count, neutral, 0);
    }
}

static const struct pw_stream_events events = {
    .version = PW_VERSION_STREAM_EVENTS,
    .state_changed = on_state_changed,
    .control_info = on_control_info,
    .io_changed = on_io_changed,
    .process = on_process,
};

static struct pw_properties *
make_properties(const pipewire_stream_config_t *config)
{
    const pipewire_options_t *options = config->options;
    const char *name = config->target_name;
    // auto-port-config: has ports even where no session manager makes them.
    struct pw_properties *properties = pw_properties_new(
        PW_KEY_MEDIA_TYPE, "Audio", PW_KEY_MEDIA_CATEGORY, "Capture", PW_KEY_MEDIA_ROLE,
        "Production", PW_KEY_MEDIA_NAME, "recording", PW_KEY_APP_NAME, "Audyn",
        "adapter.auto-port-config", "{ mode = dsp position = preserve }",
        "channelmix.lock-volumes", "true", NULL);
    if (!properties) {
        return NULL;
    }
    pw_properties_setf(properties, PW_KEY_NODE_NAME, "audyn%s%s", *name ? "." : "", name);
    pw_properties_setf(properties, PW_KEY_NODE_DESCRIPTION, "Audyn%s%s",
                       *name ? " recording " : "", name);
    pw_properties_setf(properties, PW_KEY_NODE_LATENCY, "%u/%u", options->latency[0],
                       options->latency[1]);
    if (options->rate) {
        pw_properties_setf(properties, PW_KEY_NODE_RATE, "1/%u", options->rate);
    }
    if (options->monitor) {
        pw_properties_set(properties, PW_KEY_STREAM_CAPTURE_SINK, "true");
    }
    if (!options->reconnect) {
        pw_properties_set(properties, PW_KEY_NODE_DONT_RECONNECT, "true");
    }
    if (*name) {
        pw_properties_set(properties, PW_KEY_TARGET_OBJECT,
                          config->target_serial ? config->target_serial : name);
    }
    return properties;
}

static uint32_t
find_position(const char *name)
{
    for (const struct spa_type_info *type = spa_type_audio_channel; type->name; ++type) {
        if (!strcmp(spa_debug_type_short_name(type->name), name)) {
            return type->type;
        }
    }
    return SPA_AUDIO_CHANNEL_UNKNOWN;
}

// The target's own where there are as many, so that PipeWire mixes nothing.  JACK clients
// do not say.
static void
set_positions(struct spa_audio_info_raw *info, const pipewire_ports_t *ports)
{
    if (ports->channels == info->channels && ports->positions[0][0]) {
        for (uint32_t i = 0; i < info->channels; ++i) {
            info->position[i] = find_position(ports->positions[i]);
        }
    } else if (info->channels == 1) {
        info->position[0] = SPA_AUDIO_CHANNEL_MONO;
    } else if (info->channels == 2) {
        info->position[0] = SPA_AUDIO_CHANNEL_FL;
        info->position[1] = SPA_AUDIO_CHANNEL_FR;
    } else {
        for (uint32_t i = 0; i < info->channels; ++i) {
            info->position[i] = SPA_AUDIO_CHANNEL_AUX0 + i;
        }
    }
}

static int
connect_stream(pipewire_stream_t *stream, const pipewire_stream_config_t *config)
{
    uint8_t bytes[2][1024];
    const struct spa_pod *parameters[2];
    struct spa_audio_info_raw info = {
        .rate = config->format.sample_rate,
        .channels = config->format.channels,
    };
    set_positions(&info, config->ports);
    static const enum spa_audio_format formats[] = {SPA_AUDIO_FORMAT_F32,
                                                    SPA_AUDIO_FORMAT_F32P};
    for (size_t i = 0; i < SPA_N_ELEMENTS(formats); ++i) {
        struct spa_pod_builder builder;
        spa_pod_builder_init(&builder, bytes[i], sizeof bytes[i]);
        info.format = formats[i];
        parameters[i] = spa_format_audio_raw_build(&builder, SPA_PARAM_EnumFormat, &info);
    }
    enum pw_stream_flags flags = PW_STREAM_FLAG_MAP_BUFFERS | PW_STREAM_FLAG_RT_PROCESS;
    if (config->autoconnect) {
        flags |= PW_STREAM_FLAG_AUTOCONNECT;
    }
    return pw_stream_connect(stream->stream, PW_DIRECTION_INPUT, PW_ID_ANY, flags,
                             parameters, SPA_N_ELEMENTS(formats));
}

audyn_status_t
pipewire_stream_open(pipewire_stream_t *stream, pipewire_client_t *client,
                     const pipewire_stream_config_t *config, audyn_error_t *error)
{
    stream->failed = false;
    stream->flow = config->flow;
    stream->data_loop = pw_context_get_data_loop(client->context);
    struct pw_properties *properties = make_properties(config);
    stream->stream =
        properties ? pw_stream_new(client->core, "recording", properties) : NULL;
    if (!stream->stream) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "PipeWire's client library makes no stream: %s",
                               strerror(errno));
    }
    pw_stream_add_listener(stream->stream, &stream->listener, &events, stream);
    const int result = connect_stream(stream, config);
    if (result < 0) {
        pipewire_stream_close(stream);
        return audyn_error_set(error, audyn_status_from_errno(-result),
                               "PipeWire's client library connects no stream: %s",
                               strerror(-result));
    }
    return AUDYN_OK;
}

void
pipewire_stream_close(pipewire_stream_t *stream)
{
    if (!stream->stream) {
        return;
    }
    pw_stream_destroy(stream->stream);
    stream->stream = NULL;
    pipewire_flow_note_pause(stream->flow);
    const struct spa_io_position *none = NULL;
    pw_data_loop_invoke(stream->data_loop, set_clock, 0, &none, sizeof none, true,
                        stream->flow);
}
