// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Stands in for PipeWire's files where Audyn is built without it.

#include "input/input_private.h"
#include "input/pipewire.h"

static audyn_status_t
refuse(audyn_error_t *error)
{
    return audyn_error_set(error, AUDYN_NOT_SUPPORTED,
                           "this audyn was built without PipeWire; install "
                           "libpipewire-0.3-dev and build it anew: meson setup "
                           "--reconfigure -Dpipewire=enabled build");
}

static audyn_status_t
check(audyn_uri_t *uri, audyn_error_t *error)
{
    (void)uri;
    return refuse(error);
}

static audyn_status_t
open(audyn_input_t **out, audyn_uri_t *uri, const audyn_input_config_t *config,
     audyn_error_t *error)
{
    (void)out;
    (void)uri;
    (void)config;
    return refuse(error);
}

// It never opens: the rest is not called.
const audyn_input_type_t audyn_pipewire_input = {
    .scheme = "pipewire",
    .check = check,
    .open = open,
};

audyn_status_t
audyn_pipewire_sources_find(audyn_pipewire_sources_t *sources, audyn_error_t *error)
{
    *sources = (audyn_pipewire_sources_t){0};
    return refuse(error);
}

void
audyn_pipewire_sources_free(audyn_pipewire_sources_t *sources)
{
    *sources = (audyn_pipewire_sources_t){0};
}
