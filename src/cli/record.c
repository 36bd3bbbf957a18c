// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn record`: what is asked for becomes a set of recordings, which runs.

#include "cli/cli.h"
#include "cli/record_archive.h"
#include "cli/record_names.h"
#include "cli/record_options.h"
#include "cli/record_retention.h"
#include "cli/record_run.h"
#include "cli/record_summary.h"
#include "core/log.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>

static audyn_status_t
read_list(audyn_record_options_t *options, audyn_error_t *error)
{
    const char *path = options->list_path;
    const bool standard = !strcmp(path, "-");
    FILE *list = standard ? stdin : fopen(path, "re");
    if (!list) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "the list '%s' cannot be read: %s", path, strerror(errno));
    }
    audyn_error_t problem;
    const audyn_status_t status =
        audyn_record_inputs_read(&options->inputs, list, &problem);
    if (!standard) {
        fclose(list);
    }
    if (status) {
        return audyn_error_set(error, status, "the list '%s': %s", path, problem.text);
    }
    return options->inputs.count
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_INVALID,
                                 "the list '%s' has no input; write one a line", path);
}

// All of them, so that nobody has to mend one after the other.
static void
tell_faults(const audyn_record_options_t *options)
{
    for (size_t i = 0; i < options->inputs.count; ++i) {
        const audyn_record_input_t *item = &options->inputs.items[i];
        if (!*item->fault.text) {
            continue;
        }
        if (item->line) {
            audyn_log_error("%s:%u: %s", options->list_path, item->line,
                            item->fault.text);
        } else if (audyn_record_options_are_for_many(options)) {
            audyn_log_error("%s: %s", item->uri, item->fault.text);
        } else {
            audyn_log_error("%s", item->fault.text);
        }
    }
}

static audyn_status_t
check_directory(const audyn_record_options_t *options, audyn_error_t *error)
{
    struct stat about;
    const char *option = options->out_dir ? "--out-dir" : "--archive";
    const char *path = options->out_dir ? options->out_dir : options->archive.path;
    if (path && stat(path, &about)) {
        return audyn_error_set(error, audyn_status_from_errno(errno),
                               "%s %s: %s; create it first", option, path,
                               strerror(errno));
    }
    return !path || S_ISDIR(about.st_mode)
               ? AUDYN_OK
               : audyn_error_set(error, AUDYN_IO, "%s %s is no directory", option, path);
}

// Ends the keeper before the report, which is the last that is told.
static int
record_into(const audyn_record_teller_t *teller, const audyn_archive_t *archive,
            audyn_retention_keeper_t *keeper)
{
    audyn_error_t error;
    audyn_record_set_t *set;
    const audyn_record_options_t *options = teller->options;
    const audyn_status_t status =
        audyn_record_set_create(&set, options, archive, &options->inputs, &error);
    if (status) {
        audyn_retention_keeper_stop(keeper);
        return audyn_cli_refuse(status, &error);
    }
    set->notes = teller->notes;
    audyn_record_run(set);
    audyn_retention_keeper_stop(keeper);
    audyn_record_events_tell_notes(set->events, NULL, set->notes);
    const audyn_record_stream_t *only = &set->streams[0];
    const bool refused = !audyn_record_options_are_for_many(options) && only->refused;
    const int exit_status = refused ? audyn_cli_refuse(only->status, &only->error)
                                    : audyn_record_summary_report(set);
    audyn_record_set_destroy(set);
    return exit_status;
}

static int
record(const audyn_record_options_t *options)
{
    audyn_error_t error;
    audyn_archive_t *archive = NULL;
    audyn_retention_keeper_t *keeper = NULL;
    audyn_record_teller_t teller = {.options = options};
    audyn_status_t status = AUDYN_OK;
    if (options->archive.path && options->json_events) {
        teller.notes = audyn_record_notes_create();
        status = teller.notes ? AUDYN_OK : AUDYN_NO_MEMORY;
        audyn_error_set(&error, status, "no memory for events");
    }
    if (!status && options->archive.path) {
        status = audyn_record_archive_open(&archive, &teller, &error);
    }
    if (!status) {
        status = audyn_record_retention_start(&keeper, &teller, archive, &error);
    }
    const int exit_status =
        status ? audyn_cli_refuse(status, &error) : record_into(&teller, archive, keeper);
    audyn_archive_close(archive);
    audyn_record_notes_destroy(teller.notes);
    return exit_status;
}

// Whatever is wrong with what was asked for is told before anything is touched.
static int
prepare_and_record(audyn_record_options_t *options)
{
    audyn_error_t error;
    audyn_status_t status = options->list_path ? read_list(options, &error) : AUDYN_OK;
    if (status) {
        return audyn_cli_refuse(status, &error);
    }
    if (audyn_record_inputs_check(&options->inputs)) {
        tell_faults(options);
        return AUDYN_EXIT_USAGE;
    }
    status = check_directory(options, &error);
    if (!status && audyn_record_names_make(&options->inputs)) {
        status = audyn_error_set(&error, AUDYN_NO_MEMORY, "no memory for the names");
    }
    if (status) {
        return audyn_cli_refuse(status, &error);
    }
    return record(options);
}

int
audyn_cli_record(int argc, char **argv)
{
    audyn_record_options_t options;
    audyn_error_t error;
    int exit_status = AUDYN_EXIT_COMPLETE;
    if (audyn_record_options_parse(&options, argc, argv, &error)) {
        audyn_log_error("%s; see audyn record --help", error.text);
        exit_status = AUDYN_EXIT_USAGE;
    } else if (options.help) {
        audyn_record_options_print_help();
    } else {
        exit_status = prepare_and_record(&options);
    }
    audyn_record_options_finish(&options);
    return exit_status;
}
