// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn export`: a stretch of a stream out of an archive, into one file.

#include "archive/export/export.h"
#include "cli/archive_range.h"
#include "cli/coding.h"
#include "cli/export_report.h"
#include "cli/progress.h"
#include "core/log.h"

#include <stdio.h>
#include <unistd.h>

static const char help[] =
    "usage: audyn export DIR --stream S --from TIME --to TIME -o FILE [options]\n"
    "\n"
    "Writes what the archive DIR has of the stream S from the first sample at or after\n"
    "--from until before --to into FILE.wav, FILE.flac or FILE.opus: exact to the "
    "sample,\n"
    "across segments, with silence where nothing was recorded.  Of the formats that are\n"
    "there, the best is read, and the next where that is damaged.\n"
    "\n"
    "      --stream S          which stream\n"
    "      --from TIME         2026-11-22T14:00:00.25Z, with +01:00 instead of Z, or\n"
    "      --to TIME           '2026-11-22 14:00 Europe/Dublin', 2026-11-22 (midnight),\n"
    "                          @POSITION (a sample's index on the media clock)\n"
    "      --tz ZONE           of times that name none: UTC (default), local, or such "
    "as\n"
    "                          Europe/Dublin\n"
    "  -o, --output FILE       the ending chooses the format\n"
    "      --force             replace FILE\n"
    "      --encoding E        pcm16, pcm24 or float32 (default: as it was "
    "recorded)\n" AUDYN_CODING_HELP
    "      --json              a report on standard output at the end\n"
    "      --quiet             nothing but errors\n"
    "  -h, --help              this text\n"
    "\n"
    "exit status: 0 complete, 1 failed, 2 wrong usage, 3 done but samples are missing\n";

enum {
    OPTION_FORCE = 256,
    OPTION_JSON,
    OPTION_QUIET,
};

static const struct option words[] = {
    AUDYN_ARCHIVE_RANGE_WORDS,
    {"output", required_argument, NULL, 'o'},
    {"force", no_argument, NULL, OPTION_FORCE},
    AUDYN_CODING_WORDS,
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct options {
    audyn_archive_range_t range;
    const char *path;
    audyn_coding_t coding;
    bool force, json, quiet;
};

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    struct options *options = (struct options *)context;
    switch (option) {
    case 'o':
        options->path = optarg;
        return AUDYN_OK;
    case OPTION_FORCE:
        options->force = true;
        return AUDYN_OK;
    case OPTION_JSON:
        options->json = true;
        return AUDYN_OK;
    case OPTION_QUIET:
        options->quiet = true;
        return AUDYN_OK;
    default:
        return audyn_archive_range_read(&options->range, option)
                   ? AUDYN_OK
                   : audyn_coding_read(&options->coding, option, error);
    }
}

static audyn_status_t
read_times(const struct options *options, audyn_export_config_t *config,
           audyn_error_t *error)
{
    const audyn_archive_range_t *range = &options->range;
    audyn_status_t status = audyn_archive_range_require(range, error);
    if (!status && !options->path) {
        status = audyn_error_set(error, AUDYN_INVALID,
                                 "nowhere to export to: name a file, such as "
                                 "-o hour.flac");
    }
    if (!status) {
        status = audyn_archive_range_moment(range, range->from, &config->from, error);
    }
    return status ? status
                  : audyn_archive_range_moment(range, range->to, &config->to, error);
}

static audyn_status_t
run(audyn_export_t *export, bool quiet, int signal_fd, audyn_progress_t *progress,
    audyn_error_t *error)
{
    const audyn_export_plan_t *plan = audyn_export_plan(export);
    const uint64_t frame_bytes =
        plan->format.channels * audyn_encoding_bytes(audyn_export_encoding(export));
    audyn_status_t status = AUDYN_OK;
    audyn_progress_begin(progress, (plan->to - plan->from) * frame_bytes, quiet);
    for (bool more = true; more && !status;) {
        status = audyn_export_step(export, &more, error);
        audyn_progress_draw(progress, audyn_export_done(export) * frame_bytes);
        if (!status && audyn_cli_is_interrupted(signal_fd)) {
            status = audyn_error_set(error, AUDYN_BUSY,
                                     "interrupted; what was written is removed");
        }
    }
    if (!status) {
        status = audyn_export_finish(export, error);
    }
    audyn_progress_clear(progress);
    return status;
}

static int
report(const audyn_export_t *export, const struct options *options, const char *archive)
{
    if (!options->quiet) {
        audyn_export_report_print(export, options->path);
    }
    if (options->json && !audyn_export_report_json(export, archive, options->path)) {
        audyn_log_error("the report cannot be written to standard output");
        return AUDYN_EXIT_FAILED;
    }
    return audyn_export_report_missing(audyn_export_plan(export)) ? AUDYN_EXIT_MISSING
                                                                  : AUDYN_EXIT_COMPLETE;
}

static void
tell(void *context, const char *what)
{
    audyn_progress_clear(context);
    audyn_log_warning("%s", what);
}

static int
export_from(const char *archive, const struct options *options)
{
    audyn_error_t error = {""};
    audyn_progress_t progress = {0};
    audyn_catalog_t *catalog = NULL;
    audyn_export_t *export = NULL;
    audyn_export_config_t config = {
        .archive = archive,
        .stream = options->range.stream,
        .path = options->path,
        .has_encoding = options->coding.has_encoding,
        .encoding = options->coding.encoding,
        .dither = options->coding.dither,
        .force = options->force,
        .codec = options->coding.codec,
        .tell = tell,
        .context = &progress,
    };
    const int signal_fd = audyn_cli_open_signals(); // before there is a file to remove
    audyn_status_t status = read_times(options, &config, &error);
    if (!status) {
        status = audyn_catalog_open(&catalog, archive, &error);
    }
    if (!status) {
        config.catalog = catalog;
        status = audyn_export_open(&export, &config, &error);
    }
    if (!status) {
        status = run(export, options->quiet, signal_fd, &progress, &error);
    }
    close(signal_fd);
    const int exit_status =
        status ? audyn_cli_refuse(status, &error) : report(export, options, archive);
    audyn_export_destroy(export);
    audyn_catalog_close(catalog);
    return exit_status;
}

int
audyn_cli_export(int argc, char **argv)
{
    static const audyn_cli_command_t command = {
        {":ho:", words, read_option},
        help,
        1,
        "one archive: audyn export DIR --stream S --from TIME --to TIME -o FILE"};
    struct options options = {.coding = AUDYN_CODING_DEFAULT};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &options, &exit_status);
    return operands ? export_from(operands[0], &options) : exit_status;
}
