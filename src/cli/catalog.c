// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn catalog`: what an archive is found by.

#include "archive/catalog/catalog.h"
#include "cli/cli.h"
#include "core/log.h"
#include "core/plural.h"

#include <getopt.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

static const char help[] =
    "usage: audyn catalog rebuild DIR\n"
    "\n"
    "Makes the catalog of the archive DIR anew (DIR/.audyn/catalog.sqlite), from the\n"
    "sidecars and the other entries of its chains, and puts it into the place of the "
    "old\n"
    "one. What is no entry is named and left out. Not while a recorder runs.\n"
    "\n"
    "  -h, --help              this text\n"
    "\n"
    "exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but entries were left out\n";

typedef struct {
    uint64_t streams, segments;
} sum_t;

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    (void)context;
    (void)option;
    (void)error;
    return AUDYN_OK;
}

static void
tell(void *context, const char *what)
{
    ++*(unsigned *)context;
    audyn_log_warning("%s", what);
}

static bool
add_stream(void *context, const audyn_catalog_stream_t *stream)
{
    sum_t *sum = context;
    ++sum->streams;
    sum->segments += stream->segments;
    return true;
}

static audyn_status_t
print_sum(const char *archive, audyn_error_t *error)
{
    audyn_catalog_t *catalog;
    audyn_status_t status = audyn_catalog_open(&catalog, archive, error);
    if (!status) {
        sum_t sum = {0};
        status = audyn_catalog_streams(catalog, add_stream, &sum);
        audyn_catalog_close(catalog);
        printf("%s: %" PRIu64 " segment%s of %" PRIu64 " stream%s\n", archive,
               sum.segments, audyn_plural(sum.segments), sum.streams,
               audyn_plural(sum.streams));
    }
    return status;
}

int
audyn_cli_catalog(int argc, char **argv)
{
    static const struct option words[] = {{"help", no_argument, NULL, 'h'}, {0}};
    static const audyn_cli_command_t command = {
        {":h", words, read_option}, help, 2, "audyn catalog rebuild DIR"};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, NULL, &exit_status);
    if (!operands) {
        return exit_status;
    }
    if (strcmp(operands[0], "rebuild") != 0) {
        audyn_log_error("audyn catalog does not know %s; audyn catalog rebuild DIR",
                        operands[0]);
        return AUDYN_EXIT_USAGE;
    }
    unsigned left_out = 0;
    audyn_error_t error = {""};
    audyn_status_t status = audyn_catalog_rebuild(operands[1], tell, &left_out, &error);
    status = status ? status : print_sum(operands[1], &error);
    if (status) {
        audyn_log_error("%s", error.text);
        return AUDYN_EXIT_FAILED;
    }
    return left_out ? AUDYN_EXIT_MISSING : AUDYN_EXIT_COMPLETE;
}
