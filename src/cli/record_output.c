// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_output.h"

#include "cli/cli.h"
#include "cli/record_events.h"
#include "core/json_text.h"
#include "core/log.h"
#include "core/small_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

audyn_status_t
audyn_record_output_init(audyn_record_output_t *output, const char *name,
                         const audyn_record_options_t *options,
                         const audyn_archive_t *archive)
{
    *output =
        (audyn_record_output_t){.name = name, .archive = archive, .sidecar = {.fd = -1}};
    if (archive) {
        const char *path = audyn_archive_path(archive);
        output->path =
            asprintf(&output->path, "%s/%s", path, name) < 0 ? NULL : output->path;
    } else if (options->path) {
        output->path = strdup(options->path);
    } else if (asprintf(&output->path, "%s/%s.%s", options->out_dir, name,
                        options->format) < 0) {
        output->path = NULL;
    }
    const bool notes = archive && options->json_events;
    output->notes = notes ? audyn_record_notes_create() : NULL;
    if (archive && audyn_event_log_create(&output->log)) {
        return AUDYN_NO_MEMORY;
    }
    return output->path && (output->notes || !notes) ? AUDYN_OK : AUDYN_NO_MEMORY;
}

static audyn_status_t
open_sink(audyn_record_output_t *output, audyn_sink_t **sink, const char *uri,
          const audyn_input_format_t *format, const audyn_record_options_t *options,
          audyn_error_t *error)
{
    const audyn_encoding_t encoding =
        options->coding.has_encoding ? options->coding.encoding
                                     : audyn_sink_encoding(output->path, format->bits);
    output->encoding_name = audyn_sink_encoding_name(output->path, encoding);
    const bool reduces = audyn_encoding_bytes(encoding) * 8 < format->bits;
    const audyn_sink_config_t config = {
        .sample_rate = format->sample_rate,
        .channels = format->channels,
        .encoding = encoding,
        .dither = options->coding.dither && reduces && encoding != AUDYN_FLOAT32,
        .overwrite = options->force,
        .codec = options->coding.codec,
        .description = uri,
        .station = options->station,
        .source = uri,
        .sidecar = output->sidecar.path,
    };
    return audyn_sink_open(sink, output->path, &config, error);
}

// Not one of all those that are recorded may be overwritten.
static audyn_status_t
keep_inputs(const audyn_record_inputs_t *inputs, const char *path, audyn_error_t *error)
{
    audyn_status_t status = AUDYN_OK;
    const bool exists = !access(path, F_OK);
    for (size_t i = 0; exists && !status && i < inputs->count; ++i) {
        status = audyn_cli_keep_input(inputs->items[i].uri, path, error);
    }
    return status;
}

static audyn_status_t
open_file(audyn_record_output_t *output, audyn_output_t **out, const char *uri,
          const audyn_input_format_t *format, const audyn_record_options_t *options,
          audyn_error_t *error)
{
    audyn_sink_t *sink = NULL;
    audyn_status_t status = audyn_sidecar_name(&output->sidecar, output->path, error);
    if (!status) {
        status = keep_inputs(&options->inputs, output->path, error);
    }
    if (!status) {
        status = keep_inputs(&options->inputs, output->sidecar.path, error);
    }
    if (!status) {
        status = open_sink(output, &sink, uri, format, options, error);
    }
    if (!status) {
        status = audyn_sidecar_take(&output->sidecar, options->force, error);
    }
    if (!status && audyn_file_output_create(out, sink)) {
        status = audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for a file");
    }
    if (status) {
        audyn_sink_discard(sink);
    }
    return status;
}

// On the worker's thread.
static void
tell(void *context, const audyn_archive_event_t *event)
{
    const audyn_record_output_t *output = context;
    if (output->notes) {
        audyn_record_notes_put(output->notes,
                               audyn_record_events_file(output->name, event));
    }
    if (event->text && event->kind == AUDYN_ARCHIVE_RESUMED) {
        audyn_log_warning("%s: %s", output->name, event->text);
    } else if (event->text) {
        audyn_log_error("%s: %s", output->name, event->text);
    }
}

static audyn_status_t
open_archive(audyn_record_output_t *output, audyn_output_t **out,
             const audyn_input_t *input, audyn_error_t *error)
{
    const audyn_archive_stream_t stream = {
        .name = output->name,
        .format = *audyn_input_format(input),
        .input = input,
        .events = output->log,
        .tell = tell,
        .context = output,
    };
    const audyn_archive_settings_t *settings = audyn_archive_settings(output->archive);
    char name[16];
    snprintf(name, sizeof name, "x.%s", settings->formats[0]);
    output->encoding_name = audyn_sink_encoding_name(
        name, settings->has_encoding ? settings->encoding
                                     : audyn_sink_encoding(name, stream.format.bits));
    return audyn_archive_output_create(out, output->archive, &stream, error);
}

audyn_status_t
audyn_record_output_open(audyn_record_output_t *output, audyn_output_t **out,
                         const char *uri, const audyn_input_t *input,
                         const audyn_record_options_t *options, audyn_error_t *error)
{
    *out = NULL;
    return output->archive
               ? open_archive(output, out, input, error)
               : open_file(output, out, uri, audyn_input_format(input), options, error);
}

audyn_status_t
audyn_record_output_report(const audyn_record_output_t *output, const json_t *report,
                           audyn_error_t *error)
{
    char *text = audyn_json_lines(report);
    if (!text) {
        return audyn_error_set(error, AUDYN_NO_MEMORY, "no memory for the report");
    }
    audyn_error_t cause;
    const audyn_status_t status =
        audyn_small_file_write(output->sidecar.path, text, &cause);
    free(text);
    return status ? audyn_error_set(error, status, "the report beside the audio: %s",
                                    cause.text)
                  : AUDYN_OK;
}

void
audyn_record_output_close(audyn_record_output_t *output)
{
    audyn_sidecar_release(&output->sidecar);
}

void
audyn_record_output_finish(audyn_record_output_t *output)
{
    audyn_record_notes_destroy(output->notes);
    output->notes = NULL;
    audyn_event_log_destroy(output->log);
    output->log = NULL;
    free(output->path);
    output->path = NULL;
}
