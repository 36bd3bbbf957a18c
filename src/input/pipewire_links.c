// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire_links.h"

bool
pipewire_links_are_ours(const pipewire_object_t *node)
{
    return !*pipewire_object_get(node, PW_KEY_MEDIA_CLASS);
}

static void
make_link(pipewire_client_t *client, uint32_t output, uint32_t input)
{
    struct pw_properties *properties =
        pw_properties_new(PW_KEY_OBJECT_LINGER, "true", NULL);
    if (!properties) {
        return;
    }
    pw_properties_setf(properties, PW_KEY_LINK_OUTPUT_PORT, "%u", output);
    pw_properties_setf(properties, PW_KEY_LINK_INPUT_PORT, "%u", input);
    struct pw_proxy *proxy =
        pw_core_create_object(client->core, "link-factory", PW_TYPE_INTERFACE_Link,
                              PW_VERSION_LINK, &properties->dict, 0);
    pw_properties_free(properties);
    if (proxy) {
        pw_proxy_destroy(proxy); // the link lingers
    }
}

void
pipewire_links_keep(pipewire_linked_t *linked, pipewire_client_t *client,
                    const pipewire_object_t *target, bool monitor, uint32_t stream_id,
                    uint32_t channels)
{
    pipewire_ports_t outputs;
    pipewire_ports_t inputs;
    pipewire_graph_ports(&client->graph, target, monitor, &outputs);
    pipewire_graph_inputs(&client->graph, stream_id, &inputs);
    const bool complete = outputs.channels && inputs.channels == channels;
    const bool same = outputs.serial == linked->output && inputs.serial == linked->input;
    if (!complete || same) {
        return;
    }
    // A session manager that begins to look after the stream may give it new ports.
    *linked = (pipewire_linked_t){.output = outputs.serial, .input = inputs.serial};
    for (uint32_t i = 0; i < channels; ++i) {
        make_link(client, outputs.ids[i % outputs.channels], inputs.ids[i]);
    }
}
