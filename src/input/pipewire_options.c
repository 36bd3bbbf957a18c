// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/pipewire_options.h"

#include <stdio.h>
#include <string.h>

// A recorder is in no hurry, and every cycle that is not needed spares the whole graph.
#define DEFAULT_LATENCY                                                                  \
    {                                                                                    \
        4096, 48000                                                                      \
    }

static const char known_options[] = "monitor, channels, rate, latency, reconnect";

static audyn_status_t
read_switch(audyn_uri_t *uri, const char *key, bool *on, audyn_error_t *error)
{
    uint32_t value = 0;
    const audyn_status_t status = audyn_uri_integer(uri, key, 0, 1, &value, error);
    *on = value;
    return status;
}

// As PIPEWIRE_LATENCY is given to other programs.
static audyn_status_t
read_latency(audyn_uri_t *uri, uint32_t latency[2], audyn_error_t *error)
{
    const char *text = audyn_uri_option(uri, "latency");
    if (!text) {
        return AUDYN_OK;
    }
    char rest;
    if (sscanf(text, "%7u/%7u%c", &latency[0], &latency[1], &rest) != 2 ||
        latency[0] < 16 || latency[0] > 65536 || latency[1] < 8000 ||
        latency[1] > 384000) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "latency=%s must be sample frames and Hz, such as "
                               "1024/48000",
                               text);
    }
    return AUDYN_OK;
}

audyn_status_t
pipewire_options_read(pipewire_options_t *options, audyn_uri_t *uri, audyn_error_t *error)
{
    *options = (pipewire_options_t){.latency = DEFAULT_LATENCY};
    if (strlen(uri->body) >= sizeof options->node) {
        return audyn_error_set(error, AUDYN_INVALID, "no node of PipeWire's is called %s",
                               uri->body);
    }
    strcpy(options->node, uri->body);
    audyn_status_t status = read_switch(uri, "monitor", &options->monitor, error);
    if (!status) {
        status = audyn_uri_integer(uri, "channels", 1, 64, &options->channels, error);
    }
    if (!status) {
        status = audyn_uri_integer(uri, "rate", 8000, 384000, &options->rate, error);
    }
    if (!status) {
        status = read_latency(uri, options->latency, error);
    }
    if (!status) {
        status = read_switch(uri, "reconnect", &options->reconnect, error);
    }
    return status ? status : audyn_uri_reject_unknown(uri, known_options, error);
}
