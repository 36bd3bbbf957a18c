// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/discover_pipewire.h"

#include "cli/cli.h"
#include "core/json_text.h"
#include "core/log.h"
#include "input/pipewire.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

static bool
print_table(const audyn_pipewire_sources_t *sources)
{
    for (size_t i = 0; i < sources->count; ++i) {
        const audyn_pipewire_source_t *source = &sources->sources[i];
        printf("%s\n    %s, %u channel%s%s%s%s%s\n", source->uri,
               source->description[0] ? source->description : source->name,
               source->channels, source->channels == 1 ? "" : "s",
               source->positions[0] ? " " : "", source->positions,
               source->monitor ? ", what this sink plays" : "",
               source->is_default ? ", the default" : "");
    }
    printf("The graph runs at %u Hz.\n", sources->sample_rate);
    return !fflush(stdout);
}

static json_t *
source_json(const audyn_pipewire_source_t *source)
{
    return json_pack(
        "{s:o, s:o, s:o, s:o, s:o, s:o, s:i, s:o, s:b, s:b}", "record",
        audyn_json_text(source->uri), "name", audyn_json_text_or_null(source->name),
        "description", audyn_json_text_or_null(source->description), "media_class",
        audyn_json_text_or_null(source->media_class), "object_path",
        audyn_json_text_or_null(source->object_path), "serial",
        audyn_json_text_or_null(source->serial), "channels", (int)source->channels,
        "positions", audyn_json_text_or_null(source->positions), "monitor",
        source->monitor, "default", source->is_default);
}

static bool
print_json(const audyn_pipewire_sources_t *sources)
{
    json_t *list = json_array();
    for (size_t i = 0; i < sources->count; ++i) {
        json_array_append_new(list, source_json(&sources->sources[i]));
    }
    json_t *object = json_pack("{s:i, s:o}", "sample_rate", (int)sources->sample_rate,
                               "sources", list);
    char *lines = audyn_json_lines(object);
    const bool written = lines && fputs(lines, stdout) != EOF && !fflush(stdout);
    json_decref(object);
    free(lines);
    return written;
}

int
audyn_discover_pipewire(const audyn_discover_options_t *options)
{
    audyn_pipewire_sources_t sources;
    audyn_error_t error = {""};
    const audyn_status_t status = audyn_pipewire_sources_find(&sources, &error);
    if (status) {
        audyn_pipewire_sources_free(&sources);
        return audyn_cli_refuse(status, &error);
    }
    int exit_status = AUDYN_EXIT_COMPLETE;
    if (!(options->json ? print_json : print_table)(&sources)) {
        audyn_log_error("the list cannot be written to standard output");
        exit_status = AUDYN_EXIT_FAILED;
    } else if (!sources.count) {
        audyn_log_error(
            "PipeWire runs, but has nothing to record; look whether a session "
            "manager runs, which finds devices: systemctl --user status "
            "wireplumber");
        exit_status = AUDYN_EXIT_FAILED;
    }
    audyn_pipewire_sources_free(&sources);
    return exit_status;
}
