// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn retain`: deletes what has been kept for long enough.

#include "cli/cli.h"
#include "cli/retention_options.h"
#include "core/byte_size.h"
#include "core/log.h"
#include "core/plural.h"

#include <inttypes.h>
#include <stdio.h>

static const char help[] =
    "usage: audyn retain DIR --retain RULE [options]\n"
    "\n"
    "Deletes audio files of the archive DIR that have been kept for long enough.  "
    "Sidecars\n"
    "stay, each deletion is noted in the chain, and what is held (audyn hold) is left "
    "alone.\n"
    "\n"
    "options:\n" AUDYN_RETENTION_HELP
    "      --dry-run           only say what would be deleted\n"
    "      --key FILE          the private key to sign with: see audyn keygen\n"
    "      --quiet             do not list what is deleted\n"
    "  -h, --help              this text\n"
    "\n"
    "exit status: 0 done, 1 failed, 2 wrong usage, 3 done, but some files were left\n";

struct options {
    audyn_retention_policy_t policy;
    const char *key;
    bool dry_run, quiet;
};

enum {
    OPTION_DRY_RUN = 256,
    OPTION_KEY,
    OPTION_QUIET,
};

static const struct option words[] = {
    AUDYN_RETENTION_WORDS,
    {"dry-run", no_argument, NULL, OPTION_DRY_RUN},
    {"key", required_argument, NULL, OPTION_KEY},
    {"quiet", no_argument, NULL, OPTION_QUIET},
    {"help", no_argument, NULL, 'h'},
    {0},
};

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    struct options *options = (struct options *)context;
    switch (option) {
    case OPTION_DRY_RUN:
        options->dry_run = true;
        return AUDYN_OK;
    case OPTION_KEY:
        options->key = optarg;
        return AUDYN_OK;
    case OPTION_QUIET:
        options->quiet = true;
        return AUDYN_OK;
    default:
        return audyn_retention_option_read(&options->policy, option, error);
    }
}

struct work {
    const struct options *options;
    uint64_t files, bytes, left;
};

static void
on_deleted(void *context, const audyn_retention_deletion_t *deletion)
{
    struct work *work = (struct work *)context;
    ++work->files;
    work->bytes += deletion->bytes;
    if (!work->options->quiet) {
        printf("%s (%s)\n", deletion->path, deletion->why);
    }
}

static void
on_left(void *context, const char *what)
{
    struct work *work = (struct work *)context;
    ++work->left;
    audyn_log_warning("%s", what);
}

static audyn_status_t
retain(struct work *work, const char *archive, audyn_error_t *error)
{
    const struct options *options = work->options;
    audyn_retention_t retention = {
        .archive = archive,
        .policy = &options->policy,
        .clock = audyn_clock_system(),
        .deleted = on_deleted,
        .left = on_left,
        .context = work,
    };
    // What is no archive is not made one.
    audyn_catalog_t *catalog;
    audyn_status_t status = audyn_catalog_open(&catalog, archive, error);
    audyn_catalog_close(catalog);
    if (!status && !options->dry_run) {
        status = audyn_chain_open(&retention.chain, archive, options->key, error);
    }
    if (!status) {
        status = audyn_retention_apply(&retention, error);
    }
    audyn_cli_close_chain(retention.chain);
    return status;
}

int
audyn_cli_retain(int argc, char **argv)
{
    static const audyn_cli_command_t command = {
        {":h", words, read_option}, help, 1, "one archive at a time: audyn retain DIR"};
    struct options options = {0};
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &options, &exit_status);
    if (!operands) {
        return exit_status;
    }
    audyn_error_t error = {""};
    struct work work = {.options = &options};
    audyn_status_t status = audyn_retention_check(&options.policy, &error);
    if (!status) {
        status = retain(&work, operands[0], &error);
    }
    char size[AUDYN_BYTE_SIZE_TEXT];
    audyn_byte_size_text(size, work.bytes);
    if (!status || work.files) {
        printf("%" PRIu64 " file%s, %s, %s\n", work.files, audyn_plural(work.files), size,
               options.dry_run ? "would be deleted" : "deleted");
    }
    return status      ? audyn_cli_refuse(status, &error)
           : work.left ? AUDYN_EXIT_MISSING
                       : AUDYN_EXIT_COMPLETE;
}
