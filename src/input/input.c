// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/input_private.h"

#include "core/available_memory.h"

#include <inttypes.h>
#include <string.h>

#define DEFAULT_BUFFER_MS 10000

// Left to others.
#define SPARED_BYTES (64U << 20)

static const audyn_input_type_t *const types[] = {
    &audyn_rtp_input,  &audyn_sdp_input,  &audyn_sap_input,
    &audyn_tone_input, &audyn_file_input, &audyn_pipewire_input,
};

static const audyn_input_type_t *
find_type(const char *scheme)
{
    for (size_t i = 0; i < sizeof types / sizeof *types; ++i) {
        if (!strcmp(types[i]->scheme, scheme)) {
            return types[i];
        }
    }
    return NULL;
}

static audyn_status_t
parse(audyn_uri_t *parsed, const char *uri, const audyn_input_type_t **type,
      audyn_error_t *error)
{
    const audyn_status_t status = audyn_uri_parse(parsed, uri, error);
    if (status) {
        return status;
    }
    *type = find_type(parsed->scheme);
    if (!*type) {
        return audyn_error_set(
            error, AUDYN_INVALID,
            "'%s:' is not an input; there are rtp:, sdp:, sap:, pipewire:, tone: and "
            "file:",
            parsed->scheme);
    }
    return AUDYN_OK;
}

audyn_status_t
audyn_input_check(const char *uri, audyn_error_t *error)
{
    audyn_uri_t parsed;
    const audyn_input_type_t *type = NULL;
    const audyn_status_t status = parse(&parsed, uri, &type, error);
    return status ? status : type->check(&parsed, error);
}

audyn_status_t
audyn_input_open(audyn_input_t **out, const char *uri, const audyn_input_config_t *config,
                 audyn_error_t *error)
{
    *out = NULL;
    audyn_uri_t parsed;
    const audyn_input_type_t *type = NULL;
    audyn_status_t status = parse(&parsed, uri, &type, error);
    if (status) {
        return status;
    }
    status = type->open(out, &parsed, config, error);
    if (!status && *out && !(*out)->type) {
        (*out)->type = type;
    }
    return status;
}

// Nearly: samples, and two bytes for what became of each sample frame.
static uint64_t
bytes_of(const audyn_timeline_config_t *config)
{
    const uint64_t sample_frames =
        (uint64_t)config->sample_rate * (config->buffer_ms + config->window_ms) / 1000;
    return sample_frames * (config->channels * sizeof(float) + 2);
}

// All of its memory is touched at once.  Were there not enough, the kernel would end a
// process, and with it every recording: hence the look beforehand.
audyn_status_t
input_create_timeline(audyn_input_t *input, uint32_t window_ms,
                      const audyn_input_config_t *config, audyn_error_t *error)
{
    const audyn_timeline_config_t timeline_config = {
        .sample_rate = input->format.sample_rate,
        .channels = input->format.channels,
        .window_ms = window_ms,
        .buffer_ms = config->buffer_ms ? config->buffer_ms : DEFAULT_BUFFER_MS,
    };
    const uint64_t bytes = bytes_of(&timeline_config);
    const audyn_status_t status =
        audyn_available_memory() < bytes + SPARED_BYTES
            ? AUDYN_NO_MEMORY
            : audyn_timeline_create(&input->timeline, &timeline_config);
    if (status == AUDYN_NO_MEMORY) {
        return audyn_error_set(error, status,
                               "there are no %" PRIu64 " MiB of memory for %u ms of %u "
                               "channels at %u Hz; ask for less time (--buffer), or for "
                               "fewer streams at once",
                               (bytes >> 20) + 1, timeline_config.buffer_ms,
                               timeline_config.channels, timeline_config.sample_rate);
    }
    if (status) {
        return audyn_error_set(error, status,
                               "%u channels at %u Hz cannot be buffered for %u ms with a "
                               "window of %u ms",
                               timeline_config.channels, timeline_config.sample_rate,
                               timeline_config.buffer_ms, window_ms);
    }
    return AUDYN_OK;
}

const audyn_input_format_t *
audyn_input_format(const audyn_input_t *input)
{
    return &input->format;
}

const audyn_sdp_media_t *
audyn_input_description(const audyn_input_t *input)
{
    return input->described ? &input->description : NULL;
}

audyn_timeline_t *
audyn_input_timeline(audyn_input_t *input)
{
    return input->timeline;
}

audyn_status_t
audyn_input_start(audyn_input_t *input, audyn_error_t *error)
{
    return input->type->start(input, error);
}

void
audyn_input_ask_to_stop(audyn_input_t *input)
{
    if (input->type->ask_to_stop) {
        input->type->ask_to_stop(input);
    }
}

void
audyn_input_stop(audyn_input_t *input)
{
    input->type->stop(input);
}

void
audyn_input_get_report(const audyn_input_t *input, audyn_input_report_t *report)
{
    *report = (audyn_input_report_t){0};
    input->type->get_report(input, report);
    report->memory_bytes += audyn_timeline_bytes(input->timeline);
}

bool
audyn_input_next_event(audyn_input_t *input, audyn_event_t *event)
{
    return input->type->next_event && input->type->next_event(input, event);
}

void
audyn_input_explain(const audyn_input_t *input, audyn_error_t *explanation)
{
    input->type->explain(input, explanation);
}

void
audyn_input_close(audyn_input_t *input)
{
    if (!input) {
        return;
    }
    audyn_input_stop(input);
    audyn_timeline_t *timeline = input->timeline;
    input->type->close(input);
    audyn_timeline_destroy(timeline);
}
