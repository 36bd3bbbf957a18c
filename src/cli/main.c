// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/cli.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
    "usage: audyn COMMAND …\n"
    "\n"
    "Audyn records professional audio from the network into files that can be trusted.\n"
    "\n"
    "  audyn record INPUT -o FILE.wav     record a stream, a tone or a file\n"
    "  audyn record INPUT... --out-dir D  record many at once, one file each\n"
    "  audyn send SOURCE rtp://…          send a file or a tone as an AES67 stream\n"
    "  audyn discover                     the streams that are announced on the network\n"
    "  audyn export DIR … -o FILE         a stretch of a stream out of an archive\n"
    "  audyn info FILE                    what a recording is, and whether it is "
    "complete\n"
    "  audyn ls ARCHIVE                   what is in an archive, and what is missing\n"
    "  audyn hold ARCHIVE …               keep a stretch of a stream from being deleted\n"
    "  audyn release ARCHIVE HOLD …       end that\n"
    "  audyn retain ARCHIVE --retain 42d  delete what was kept for long enough\n"
    "  audyn bag ARCHIVE … -o BAG         pack a stretch of a stream (BagIt)\n"
    "  audyn recover DIR                  make an archive whole after a crash\n"
    "  audyn merge A B -o C               one archive of what two recorders have\n"
    "  audyn verify ARCHIVE               whether an archive is as its sidecars say\n"
    "  audyn keygen -o FILE               a key that archives are signed with\n"
    "  audyn catalog rebuild DIR          make the catalog of an archive anew\n"
    "  audyn COMMAND --help               more about a command\n"
    "  audyn --version\n";

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"record", audyn_cli_record},     {"send", audyn_cli_send},
    {"discover", audyn_cli_discover}, {"info", audyn_cli_info},
    {"export", audyn_cli_export},     {"ls", audyn_cli_ls},
    {"hold", audyn_cli_hold},         {"release", audyn_cli_release},
    {"retain", audyn_cli_retain},     {"bag", audyn_cli_bag},
    {"recover", audyn_cli_recover},   {"merge", audyn_cli_merge},
    {"verify", audyn_cli_verify},     {"keygen", audyn_cli_keygen},
    {"catalog", audyn_cli_catalog},
};

// Where one of these is closed, the next file that is opened would be taken for it.
static void
keep_standard_files(void)
{
    int fd;
    do {
        fd = open("/dev/null", O_RDONLY);
    } while (fd >= 0 && fd <= STDERR_FILENO);
    close(fd);
}

int
main(int argc, char **argv)
{
    keep_standard_files();
    const char *name = argc > 1 ? argv[1] : "";
    for (size_t i = 0; i < sizeof commands / sizeof *commands; ++i) {
        if (!strcmp(name, commands[i].name)) {
            return commands[i].run(argc - 1, argv + 1);
        }
    }
    if (!strcmp(name, "--help") || !strcmp(name, "-h")) {
        fputs(help, stdout);
        return AUDYN_EXIT_COMPLETE;
    }
    if (!strcmp(name, "--version")) {
        puts("audyn " AUDYN_VERSION);
        return AUDYN_EXIT_COMPLETE;
    }
    if (*name) {
        fprintf(stderr, "audyn: error: %s is not a command; see audyn --help\n", name);
    } else {
        fputs(help, stderr);
    }
    return AUDYN_EXIT_USAGE;
}
