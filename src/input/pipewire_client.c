// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire_client.h"

#include <errno.h>
#include <pipewire/extensions/metadata.h>
#include <pthread.h>
#include <sched.h>
#include <string.h>

// How long a daemon that is alive may take to answer.
#define ANSWER_S 5

// A metadata object of the daemon's, which tells of its settings.
struct metadata {
    struct spa_list link;
    struct pw_proxy *proxy;
    struct spa_hook listener, proxy_listener;
    pipewire_client_t *client;
};

static int
on_property(void *data, uint32_t subject, const char *key, const char *type,
            const char *value)
{
    (void)type;
    struct metadata *metadata = data;
    if (subject == PW_ID_CORE) {
        pipewire_graph_set(&metadata->client->graph, key, value);
    }
    return 0;
}

static const struct pw_metadata_events metadata_events = {
    .version = PW_VERSION_METADATA_EVENTS,
    .property = on_property,
};

static void
forget_metadata(struct metadata *metadata)
{
    spa_list_remove(&metadata->link);
    spa_hook_remove(&metadata->listener);
    spa_hook_remove(&metadata->proxy_listener);
}

static void
on_removed(void *data)
{
    struct metadata *metadata = data;
    struct pw_proxy *proxy = metadata->proxy;
    forget_metadata(metadata);
    pw_proxy_destroy(proxy);
}

static const struct pw_proxy_events proxy_events = {
    .version = PW_VERSION_PROXY_EVENTS,
    .removed = on_removed,
};

static void
bind_metadata(pipewire_client_t *client, uint32_t id)
{
    struct pw_proxy *proxy =
        pw_registry_bind(client->registry, id, PW_TYPE_INTERFACE_Metadata,
                         PW_VERSION_METADATA, sizeof(struct metadata));
    if (!proxy) {
        return;
    }
    struct metadata *metadata = pw_proxy_get_user_data(proxy);
    *metadata = (struct metadata){.proxy = proxy, .client = client};
    spa_list_append(&client->bound, &metadata->link);
    pw_proxy_add_listener(proxy, &metadata->proxy_listener, &proxy_events, metadata);
    pw_metadata_add_listener((struct pw_metadata *)proxy, &metadata->listener,
                             &metadata_events, metadata);
}

static void
on_global(void *data, uint32_t id, uint32_t permissions, const char *type,
          uint32_t version, const struct spa_dict *properties)
{
    (void)permissions;
    (void)version;
    pipewire_client_t *client = data;
    if (!strcmp(type, PW_TYPE_INTERFACE_Metadata)) {
        bind_metadata(client, id);
    } else if (pipewire_graph_add(&client->graph, id, type, properties)) {
        // What is not known completely must not be believed.
        client->lost = true;
    }
}

static void
on_global_remove(void *data, uint32_t id)
{
    pipewire_client_t *client = data;
    pipewire_graph_remove(&client->graph, id);
}

static const struct pw_registry_events registry_events = {
    .version = PW_VERSION_REGISTRY_EVENTS,
    .global = on_global,
    .global_remove = on_global_remove,
};

static void
on_done(void *data, uint32_t id, int sequence)
{
    pipewire_client_t *client = data;
    if (id == PW_ID_CORE && sequence == client->pending) {
        client->answered = true;
        pw_thread_loop_signal(client->loop, false);
    }
}

static void
on_error(void *data, uint32_t id, int sequence, int error, const char *message)
{
    (void)sequence;
    (void)message;
    pipewire_client_t *client = data;
    if (id == PW_ID_CORE && error == -EPIPE) {
        client->lost = true;
        pw_thread_loop_signal(client->loop, false);
    }
}

static const struct pw_core_events core_events = {
    .version = PW_VERSION_CORE_EVENTS,
    .done = on_done,
    .error = on_error,
};

audyn_status_t
pipewire_client_open(pipewire_client_t *client, audyn_error_t *error)
{
    pw_init(NULL, NULL);
    pipewire_graph_init(&client->graph);
    spa_list_init(&client->bound);
    client->loop = pw_thread_loop_new("audyn-pipewire", NULL);
    if (!client->loop) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "PipeWire's client library cannot be set up: %s",
                               strerror(errno));
    }
    // Its data thread gets real-time priority where that is permitted.
    client->context =
        pw_context_new(pw_thread_loop_get_loop(client->loop),
                       pw_properties_new(PW_KEY_CONFIG_NAME, "client-rt.conf", NULL), 0);
    if (!client->context) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "PipeWire's client library cannot be set up: %s; is its "
                               "client-rt.conf there (package pipewire-bin)?",
                               strerror(errno));
    }
    const int result = pw_thread_loop_start(client->loop);
    return result ? audyn_error_set(error, AUDYN_NO_RESOURCES,
                                    "no thread could be started for PipeWire: %s",
                                    strerror(-result))
                  : AUDYN_OK;
}

void
pipewire_client_close(pipewire_client_t *client)
{
    if (!client->bound.next) {
        return;
    }
    if (client->loop) {
        pw_thread_loop_stop(client->loop);
    }
    pipewire_client_disconnect(client);
    if (client->context) {
        pw_context_destroy(client->context);
    }
    if (client->loop) {
        pw_thread_loop_destroy(client->loop);
    }
    pw_deinit();
    *client = (pipewire_client_t){0};
}

static audyn_status_t
explain_no_daemon(int error_number, audyn_error_t *error)
{
    return audyn_error_set(
        error, AUDYN_NOT_FOUND,
        "PipeWire cannot be reached: %s; look whether it runs for this user (systemctl "
        "--user status pipewire) and whether XDG_RUNTIME_DIR is set, which names the "
        "directory of its socket, or PIPEWIRE_REMOTE for another one",
        strerror(error_number));
}

audyn_status_t
pipewire_client_connect(pipewire_client_t *client, audyn_error_t *error)
{
    struct pw_properties *properties =
        pw_properties_new(PW_KEY_APP_NAME, "Audyn", PW_KEY_APP_ID, "audyn",
                          PW_KEY_APP_ICON_NAME, "audio-input-microphone", NULL);
    client->lost = false;
    client->core = pw_context_connect(client->context, properties, 0);
    if (!client->core) {
        return explain_no_daemon(errno, error);
    }
    pw_core_add_listener(client->core, &client->core_listener, &core_events, client);
    client->registry = pw_core_get_registry(client->core, PW_VERSION_REGISTRY, 0);
    if (!client->registry) {
        const int error_number = errno;
        pipewire_client_disconnect(client);
        return explain_no_daemon(error_number, error);
    }
    pw_registry_add_listener(client->registry, &client->registry_listener,
                             &registry_events, client);
    return AUDYN_OK;
}

static bool
wait_for_answer(pipewire_client_t *client)
{
    client->answered = false;
    client->pending = pw_core_sync(client->core, PW_ID_CORE, 0);
    struct timespec deadline;
    pw_thread_loop_get_time(client->loop, &deadline, ANSWER_S * SPA_NSEC_PER_SEC);
    while (!client->answered && !client->lost) {
        if (pw_thread_loop_timed_wait_full(client->loop, &deadline)) {
            return false;
        }
    }
    return client->answered;
}

audyn_status_t
pipewire_client_learn(pipewire_client_t *client, audyn_error_t *error)
{
    // Once for the objects; once more for the properties of those that were bound then.
    for (int round = 0; round < 2; ++round) {
        if (!wait_for_answer(client)) {
            return audyn_error_set(error, AUDYN_NO_SIGNAL,
                                   "PipeWire does not answer; restart it: systemctl "
                                   "--user restart pipewire");
        }
    }
    return AUDYN_OK;
}

bool
pipewire_client_is_prompt(const pipewire_client_t *client)
{
    // PipeWire's thread is a POSIX thread: see pw_thread_utils.
    struct spa_thread *thread =
        pw_data_loop_get_thread(pw_context_get_data_loop(client->context));
    int policy;
    struct sched_param parameters;
    return thread && !pthread_getschedparam((pthread_t)thread, &policy, &parameters) &&
           (policy & ~SCHED_RESET_ON_FORK) != SCHED_OTHER;
}

void
pipewire_client_disconnect(pipewire_client_t *client)
{
    if (!client->core) {
        return;
    }
    while (!spa_list_is_empty(&client->bound)) {
        struct metadata *metadata = spa_list_first(&client->bound, struct metadata, link);
        struct pw_proxy *proxy = metadata->proxy;
        forget_metadata(metadata);
        pw_proxy_destroy(proxy);
    }
    if (client->registry) {
        spa_hook_remove(&client->registry_listener);
        pw_proxy_destroy((struct pw_proxy *)client->registry);
        client->registry = NULL;
    }
    spa_hook_remove(&client->core_listener);
    pw_core_disconnect(client->core);
    client->core = NULL;
    pipewire_graph_clear(&client->graph);
}
