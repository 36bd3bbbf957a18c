// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn recover`: what a crash has left of an archive becomes whole.

#include "archive/recover/recover.h"

#include "archive/archive_lock.h"
#include "cli/cli.h"
#include "core/json_text.h"
#include "core/log.h"
#include "core/plural.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: audyn recover DIR [options]\n"
    "\n"
    "Makes an archive whole after a crash or a power cut: audio files that were being\n"
    "recorded, their sidecars, and the catalog.  audyn record does the same for what it\n"
    "was recording itself; this looks at all there is.  Refused while somebody records\n"
    "to the archive.\n"
    "\n"
    "options:\n"
    "      --key FILE   sign what is added with this private key\n"
    "      --json       report as JSON\n"
    "  -h, --help       this text\n"
    "\n"
    "exit status: 0 all is whole, 1 something is not, which is told, 2 wrong usage\n";

typedef struct {
    const char *key;
    bool json;
} options_t;

typedef struct {
    bool json;
    unsigned counts[AUDYN_NOT_RECOVERED + 1]; // of each kind
    json_t *lists[AUDYN_NOT_RECOVERED + 1];
} report_t;

static json_t *
describe(const audyn_recovered_t *what)
{
    json_t *object = json_pack("{s:o, s:o}", "path", audyn_json_text(what->path), "text",
                               audyn_json_text(what->text));
    if (what->kind == AUDYN_RECOVERED_SEGMENT) {
        json_object_set_new(object, "position", json_integer((json_int_t)what->position));
    }
    if (what->sample_frames) {
        json_object_set_new(object, "sample_frames",
                            json_integer((json_int_t)what->sample_frames));
    }
    if (what->kind == AUDYN_RECOVERED_FILE) {
        json_object_set_new(object, "cut_bytes",
                            json_integer((json_int_t)what->cut_bytes));
    }
    return object;
}

static void
tell(void *context, const audyn_recovered_t *what)
{
    report_t *report = context;
    ++report->counts[what->kind];
    if (report->json) {
        json_array_append_new(report->lists[what->kind], describe(what));
    }
    if (what->kind == AUDYN_NOT_RECOVERED) {
        audyn_log_error("%s", what->text);
    } else if (!report->json) {
        puts(what->text);
    }
}

static int
print_json(report_t *report)
{
    static const char *const names[] = {
        [AUDYN_RECOVERED_FILE] = "files",        [AUDYN_RECOVERED_SEGMENT] = "segments",
        [AUDYN_RECOVERED_ENTRY] = "entries",     [AUDYN_RECOVERED_NOTHING] = "removed",
        [AUDYN_NOT_RECOVERED] = "not_recovered",
    };
    json_t *object = json_object();
    for (int i = 0; i <= AUDYN_NOT_RECOVERED; ++i) {
        json_object_set(object, names[i], report->lists[i]);
    }
    const int failed = json_dumpf(object, stdout, JSON_INDENT(2));
    json_decref(object);
    return failed || putchar('\n') == EOF;
}

static int
print_text(const report_t *report)
{
    const unsigned *counts = report->counts;
    return printf("%u segment%s recovered, %u file%s made whole, %u removed, %u %s "
                  "told to the catalog, %u left as they are\n",
                  counts[AUDYN_RECOVERED_SEGMENT],
                  audyn_plural(counts[AUDYN_RECOVERED_SEGMENT]),
                  counts[AUDYN_RECOVERED_FILE],
                  audyn_plural(counts[AUDYN_RECOVERED_FILE]),
                  counts[AUDYN_RECOVERED_NOTHING], counts[AUDYN_RECOVERED_ENTRY],
                  counts[AUDYN_RECOVERED_ENTRY] == 1 ? "entry" : "entries",
                  counts[AUDYN_NOT_RECOVERED]) < 0;
}

static int
print(report_t *report)
{
    const int failed = report->json ? print_json(report) : print_text(report);
    if (failed || fflush(stdout)) {
        audyn_log_error("the report cannot be written to standard output");
        return AUDYN_EXIT_FAILED;
    }
    return report->counts[AUDYN_NOT_RECOVERED] ? AUDYN_EXIT_FAILED : AUDYN_EXIT_COMPLETE;
}

// Files that look like a recorder's are changed: not in any directory that is named by
// mistake.
static audyn_status_t
check_archive(const char *path, audyn_error_t *error)
{
    char inside[PATH_MAX];
    snprintf(inside, sizeof inside, "%s/.audyn", path);
    return access(inside, F_OK)
               ? audyn_error_set(error, audyn_status_from_errno(errno),
                                 "%s is no archive: %s: %s; if it is one, create that",
                                 path, inside, strerror(errno))
               : AUDYN_OK;
}

static int
recover(const char *path, const options_t *options)
{
    audyn_error_t error = {""};
    audyn_chain_t *chain = NULL;
    report_t report = {.json = options->json};
    for (int i = 0; i <= AUDYN_NOT_RECOVERED; ++i) {
        report.lists[i] = json_array();
    }
    int lock = -1;
    audyn_status_t status = check_archive(path, &error);
    if (!status) {
        status = audyn_archive_lock(&lock, path, &error);
    }
    if (!status) {
        status = audyn_chain_open(&chain, path, options->key, &error);
    }
    if (!status) {
        status = audyn_recover_archive(
            &(audyn_recovery_t){.chain = chain, .tell = tell, .context = &report},
            &error);
    }
    audyn_cli_close_chain(chain);
    if (lock >= 0) {
        close(lock);
    }
    const int exit_status = status ? audyn_cli_refuse(AUDYN_IO, &error) : print(&report);
    for (int i = 0; i <= AUDYN_NOT_RECOVERED; ++i) {
        json_decref(report.lists[i]);
    }
    return exit_status;
}

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    (void)error;
    options_t *options = context;
    if (option == 'k') {
        options->key = optarg;
    } else {
        options->json = true;
    }
    return AUDYN_OK;
}

int
audyn_cli_recover(int argc, char **argv)
{
    static const struct option words[] = {{"key", required_argument, NULL, 'k'},
                                          {"json", no_argument, NULL, 'j'},
                                          {"help", no_argument, NULL, 'h'},
                                          {0}};
    static const audyn_cli_command_t command = {
        {":h", words, read_option}, help, 1, "one archive: audyn recover DIR"};
    options_t options = {NULL, false};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &options, &exit_status);
    return operands ? recover(operands[0], &options) : exit_status;
}
