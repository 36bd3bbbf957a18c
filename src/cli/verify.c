// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn verify`: whether an archive is what its sidecars say.

#include "cli/archive_range.h"
#include "cli/verify_report.h"
#include "core/log.h"

#include <string.h>

#define MOST_KEYS 8

static const char help[] =
    "usage: audyn verify DIR [options]\n"
    "\n"
    "Reads all of the archive DIR and says whether it is what its sidecars say: the\n"
    "SHA-256 of each file and of its samples, that each can be decoded, the chain of\n"
    "sidecars, its signatures, gaps and overlaps, the catalog, files that do not belong\n"
    "there.  Names the file and the first byte or sample that is wrong.  Changes "
    "nothing.\n"
    "\n"
    "      --stream S      only files of this stream\n"
    "      --from TIME     only files with samples from then on:\n"
    "                      2026-11-22T14:00:00Z, '2026-11-22 14:00 Europe/Dublin',\n"
    "                      2026-11-22 (midnight), @POSITION\n"
    "      --to TIME       and before this; chains are always read as a whole\n"
    "      --tz ZONE       of times that name none: UTC (default), local, Europe/Dublin\n"
    "      --key FILE      the public key that is trusted (PEM), instead of those in\n"
    "                      the archive; can be repeated\n"
    "      --no-decode     only sums of the files, not what their samples are\n"
    "      --json          a report on standard output, nothing else\n"
    "      --quiet         only what is damaged\n"
    "  -h, --help          this text\n"
    "\n"
    "exit status: 0 all is as the sidecars say (what they tell to be lost or deleted is\n"
    "             listed), 1 something is damaged, 2 wrong usage\n";

enum {
    OPTION_KEY = 256,
    OPTION_NO_DECODE,
    OPTION_JSON,
    OPTION_QUIET,
};

static const struct option words[] = {
    AUDYN_ARCHIVE_RANGE_WORDS,
    {"key", required_argument, NULL, OPTION_KEY},
    {"no-decode", no_argument, NULL, OPTION_NO_DECODE},
    {"json", no_argument, NULL, OPTION_JSON},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, 'h'},
    {0},
};

struct options {
    audyn_archive_range_t range;
    const char *keys[MOST_KEYS];
    unsigned key_count;
    bool no_decode, json, quiet;
};

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    struct options *options = (struct options *)context;
    switch (option) {
    case OPTION_KEY:
        if (options->key_count == MOST_KEYS) {
            return audyn_error_set(error, AUDYN_INVALID, "--key: at most %d of them",
                                   MOST_KEYS);
        }
        options->keys[options->key_count++] = optarg;
        break;
    case OPTION_NO_DECODE:
        options->no_decode = true;
        break;
    case OPTION_JSON:
        options->json = true;
        break;
    case OPTION_QUIET:
        options->quiet = true;
        break;
    default:
        audyn_archive_range_read(&options->range, option);
    }
    return AUDYN_OK;
}

static audyn_status_t
read_times(const struct options *options, audyn_verify_config_t *config,
           audyn_error_t *error)
{
    const audyn_archive_range_t *range = &options->range;
    config->has_from = range->from;
    config->has_to = range->to;
    return audyn_archive_range_moments(range, &config->from, &config->to, error);
}

static int
verify(char *archive, const struct options *options)
{
    for (size_t length = strlen(archive); length > 1 && archive[length - 1] == '/';) {
        archive[--length] = '\0';
    }
    audyn_error_t error = {""};
    audyn_verify_reporter_t reporter = {
        .archive = archive, .json = options->json, .quiet = options->quiet};
    audyn_verify_config_t config = {
        .archive = archive,
        .stream = options->range.stream,
        .keys = options->keys,
        .key_count = options->key_count,
        .decode = !options->no_decode,
        .tell = audyn_verify_reporter_tell,
        .progress = audyn_verify_reporter_progress,
        .summary = audyn_verify_reporter_summary,
        .context = &reporter,
    };
    audyn_verify_report_t report = {0};
    audyn_status_t status = read_times(options, &config, &error);
    if (!status) {
        status = audyn_verify(&config, &report, &error);
    }
    int exit_status = AUDYN_EXIT_COMPLETE;
    if (status) {
        audyn_progress_clear(&reporter.progress);
        exit_status = audyn_cli_refuse(status, &error);
    } else if (!audyn_verify_reporter_end(&reporter, &report)) {
        audyn_log_error("the report cannot be written to standard output");
        exit_status = AUDYN_EXIT_FAILED;
    } else if (report.damages) {
        exit_status = AUDYN_EXIT_FAILED;
    }
    if (!status && (config.has_from || config.has_to) && !report.segments) {
        audyn_log_warning("%s has no segment of that time: no file was read; audyn ls "
                          "shows which there are",
                          archive);
    }
    audyn_verify_reporter_finish(&reporter);
    return exit_status;
}

int
audyn_cli_verify(int argc, char **argv)
{
    static const audyn_cli_command_t command = {
        {":h", words, read_option}, help, 1, "one archive: audyn verify DIR"};
    struct options options = {0};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &options, &exit_status);
    return operands ? verify(operands[0], &options) : exit_status;
}
