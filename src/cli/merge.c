// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn merge`: one archive of what two recorders of the same streams have.

#include "archive/merge/merge.h"

#include "cli/cli.h"
#include "cli/progress.h"
#include "core/json_text.h"
#include "core/log.h"
#include "core/plural.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOST_STREAMS 64
#define PRINTED_DIFFERENCES 10

static const char help[] =
    "usage: audyn merge A B -o C [options]\n"
    "\n"
    "Makes of two recorders' archives of the same streams a third one, in which each\n"
    "sample comes from where it was received; where both have it, from A.  A and B are "
    "only\n"
    "read.  C has the lossless formats that both have, and Opus where A has it.\n"
    "\n"
    "  -o, --output C       an empty directory, or one that does not exist\n"
    "      --stream S       only this stream, in B by the same name; or S=T, where it "
    "is\n"
    "                       T in B; several times for several\n"
    "      --offset N       streams without a media clock: a sample's position in B, and "
    "N,\n"
    "                       is its position in A\n"
    "      --key FILE       sign what is written: see audyn keygen\n"
    "      --json           a report on standard output at the end\n"
    "      --quiet          nothing but errors\n"
    "  -h, --help           this text\n"
    "\n"
    "exit status: 0 every sample is there, 1 failed, or samples that both have differ, "
    "or "
    "a\n"
    "             file is damaged, 2 wrong usage, 3 done but samples are missing\n";

enum {
    OPTION_STREAM = 256,
    OPTION_OFFSET,
    OPTION_KEY,
    OPTION_JSON,
    OPTION_QUIET,
};

static const struct option words[] = {
    {"output", required_argument, NULL, 'o'},
    {"stream", required_argument, NULL, OPTION_STREAM},
    {"offset", required_argument, NULL, OPTION_OFFSET},
    {"key", required_argument, NULL, OPTION_KEY},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct options {
    audyn_merge_config_t config;
    audyn_merge_names_t streams[MOST_STREAMS];
    bool json, quiet;
    audyn_progress_t progress;
    int signal_fd;
};

static audyn_status_t
read_stream(struct options *options, audyn_error_t *error)
{
    size_t *count = &options->config.stream_count;
    char *equals = strchr(optarg, '=');
    const char *second = equals ? equals + 1 : optarg;
    if (*count == MOST_STREAMS) {
        return audyn_error_set(error, AUDYN_INVALID, "there are more than %d --stream",
                               MOST_STREAMS);
    }
    if (!*optarg || equals == optarg || !*second) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--stream %s is no name of a stream, or two of them, such "
                               "as studio=studio-b",
                               optarg);
    }
    if (equals) {
        *equals = '\0';
    }
    options->streams[(*count)++] = (audyn_merge_names_t){{optarg, second}};
    return AUDYN_OK;
}

static audyn_status_t
read_offset(audyn_merge_config_t *config, audyn_error_t *error)
{
    char *end;
    errno = 0;
    config->offset = strtoll(optarg, &end, 10);
    config->has_offset = true;
    if (errno || end == optarg || *end) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "--offset %s is not a number of sample frames", optarg);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    struct options *options = (struct options *)context;
    switch (option) {
    case 'o':
        options->config.out = optarg;
        return AUDYN_OK;
    case OPTION_STREAM:
        return read_stream(options, error);
    case OPTION_OFFSET:
        return read_offset(&options->config, error);
    case OPTION_KEY:
        options->config.key_path = optarg;
        return AUDYN_OK;
    case OPTION_JSON:
        options->json = true;
        return AUDYN_OK;
    default:
        options->quiet = true;
        return AUDYN_OK;
    }
}

static void
tell(void *context, const char *what)
{
    struct options *options = (struct options *)context;
    audyn_progress_clear(&options->progress);
    audyn_log_warning("%s", what);
}

static void
draw(void *context, uint64_t done, uint64_t total)
{
    struct options *options = (struct options *)context;
    options->progress.total = total;
    audyn_progress_draw(&options->progress, done);
}

static bool
is_interrupted(void *context)
{
    return audyn_cli_is_interrupted(((struct options *)context)->signal_fd);
}

static void
print_differences(const audyn_merge_stream_t *stream)
{
    for (size_t i = 0; i < stream->difference_count && i < PRINTED_DIFFERENCES; ++i) {
        const audyn_merge_span_t *span = &stream->differences[i];
        audyn_log_warning("%s: at position %" PRIu64 " %" PRIu64
                          " sample frames differ, those of the first archive are taken",
                          stream->name, span->position, span->sample_frames);
    }
    if (stream->difference_count > PRINTED_DIFFERENCES) {
        audyn_log_warning("%s: %" PRIu64 " sample frames differ in all; --json lists %s",
                          stream->name, stream->differing,
                          stream->difference_count < AUDYN_MERGE_DIFFERENCES
                              ? "them"
                              : "the first of them");
    }
}

static void
print_report(const audyn_merge_report_t *report, bool quiet)
{
    for (size_t i = 0; i < report->stream_count; ++i) {
        const audyn_merge_stream_t *stream = &report->streams[i];
        print_differences(stream);
        if (!quiet) {
            audyn_log_info("%s: %" PRIu64 " segment%s, %" PRIu64
                           " sample frames, %" PRIu64
                           " of them from the second archive, %" PRIu64 " missing",
                           stream->name, stream->segments, audyn_plural(stream->segments),
                           stream->sample_frames, stream->from[1], stream->missing);
        }
    }
}

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
left_out_json(const audyn_merge_stream_t *stream, const char *const archives[2])
{
    json_t *left_out = json_array();
    for (size_t i = 0; i < stream->overlap_count; ++i) {
        const audyn_merge_overlap_t *overlap = &stream->overlaps[i];
        json_array_append_new(
            left_out, json_pack("{s:o, s:o, s:o}", "archive",
                                audyn_json_text(archives[overlap->side]), "sidecar",
                                audyn_json_text(overlap->sidecar), "sample_frames",
                                integer(overlap->sample_frames)));
    }
    return left_out;
}

static json_t *
stream_json(const audyn_merge_stream_t *stream, const char *const archives[2])
{
    json_t *differences = json_array();
    for (size_t i = 0; i < stream->difference_count; ++i) {
        json_array_append_new(
            differences,
            json_pack("{s:o, s:o}", "position", integer(stream->differences[i].position),
                      "sample_frames", integer(stream->differences[i].sample_frames)));
    }
    return json_pack("{s:o, s:o, s:o, s:[o,o], s:o, s:o, s:o, s:o}", "stream",
                     audyn_json_text(stream->name), "segments", integer(stream->segments),
                     "sample_frames", integer(stream->sample_frames), "from",
                     integer(stream->from[0]), integer(stream->from[1]), "missing",
                     integer(stream->missing), "differing", integer(stream->differing),
                     "differences", differences, "left_out",
                     left_out_json(stream, archives));
}

static bool
print_json(const audyn_merge_report_t *report, const char *const archives[2])
{
    json_t *streams = json_array();
    for (size_t i = 0; i < report->stream_count; ++i) {
        json_array_append_new(streams, stream_json(&report->streams[i], archives));
    }
    json_t *object = json_pack("{s:o, s:o}", "streams", streams, "damaged_files",
                               integer(report->damaged));
    char *text = audyn_json_lines(object);
    const bool printed = text && fputs(text, stdout) >= 0 && !fflush(stdout);
    free(text);
    json_decref(object);
    return printed;
}

static int
exit_status(const audyn_merge_report_t *report)
{
    bool differs = report->damaged;
    bool missing = false;
    for (size_t i = 0; i < report->stream_count; ++i) {
        differs |= report->streams[i].differing > 0;
        missing |= report->streams[i].missing > 0;
    }
    return differs   ? AUDYN_EXIT_FAILED
           : missing ? AUDYN_EXIT_MISSING
                     : AUDYN_EXIT_COMPLETE;
}

static int
finish(const struct options *options, audyn_merge_report_t *report)
{
    int status = exit_status(report);
    print_report(report, options->quiet);
    if (options->json && !print_json(report, options->config.archives)) {
        audyn_log_error("the report cannot be written to standard output");
        status = AUDYN_EXIT_FAILED;
    }
    return status;
}

int
audyn_cli_merge(int argc, char **argv)
{
    static const audyn_cli_command_t command = {
        .options = {":ho:", words, read_option},
        .help = help,
        .operands = 2,
        .wants = "two archives: audyn merge A B -o C",
    };
    struct options options = {.quiet = false};
    int status;
    char **archives = audyn_cli_start(&command, argc, argv, &options, &status);
    if (!archives) {
        return status;
    }
    audyn_error_t error = {""};
    if (!options.config.out) {
        audyn_error_set(&error, AUDYN_INVALID,
                        "nowhere to merge to: name a new directory with -o");
        return audyn_cli_refuse(AUDYN_INVALID, &error);
    }
    audyn_merge_config_t *config = &options.config;
    config->archives[0] = archives[0];
    config->archives[1] = archives[1];
    config->streams = options.streams;
    config->tell = tell;
    config->progress = draw;
    config->is_interrupted = is_interrupted;
    config->context = &options;
    options.signal_fd = audyn_cli_open_signals();
    audyn_progress_begin(&options.progress, 0, options.quiet);
    audyn_merge_report_t report;
    const audyn_status_t merged = audyn_merge(config, &report, &error);
    close(options.signal_fd);
    audyn_progress_clear(&options.progress);
    status = merged ? audyn_cli_refuse(merged, &error) : finish(&options, &report);
    audyn_merge_report_finish(&report);
    return status;
}
