// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn keygen`: a key that archives are signed with.

#include "archive/signing.h"
#include "cli/cli.h"
#include "core/log.h"

#include <getopt.h>
#include <stdio.h>

static const char help[] =
    "usage: audyn keygen -o FILE\n"
    "\n"
    "Makes an Ed25519 key: FILE, which only you may read, signs what is recorded with\n"
    "audyn record --archive DIR --key FILE, and FILE.pub proves it to others. Nothing "
    "is\n"
    "overwritten. There is no passphrase: who has FILE can sign.\n"
    "\n"
    "  -o, --output FILE       where the private key goes\n"
    "  -h, --help              this text\n"
    "\n"
    "exit status: 0 done, 1 failed, 2 wrong usage\n";

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    (void)option;
    (void)error;
    *(const char **)context = optarg;
    return AUDYN_OK;
}

int
audyn_cli_keygen(int argc, char **argv)
{
    static const struct option words[] = {
        {"output", required_argument, NULL, 'o'}, {"help", no_argument, NULL, 'h'}, {0}};
    static const audyn_cli_command_t command = {
        {":o:h", words, read_option}, help, 0, "nothing but -o FILE"};
    const char *path = NULL;
    int exit_status = AUDYN_EXIT_COMPLETE;
    if (!audyn_cli_start(&command, argc, argv, &path, &exit_status)) {
        return exit_status;
    }
    if (!path) {
        audyn_log_error("where to? audyn keygen -o FILE");
        return AUDYN_EXIT_USAGE;
    }
    audyn_error_t error = {""};
    if (audyn_key_create_file(path, &error)) {
        audyn_log_error("%s", error.text);
        return AUDYN_EXIT_FAILED;
    }
    printf("%s      private: keep it safe, and to yourself\n"
           "%s.pub  public: for whoever is to verify\n",
           path, path);
    return AUDYN_EXIT_COMPLETE;
}
