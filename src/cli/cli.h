// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The subcommands of `audyn`: each gets its own arguments, `argv[0]` being its name,
/// and returns the exit status of the process.

#ifndef AUDYN_CLI_CLI_H
#define AUDYN_CLI_CLI_H

enum audyn_exit {
    AUDYN_EXIT_COMPLETE = 0,
    AUDYN_EXIT_FAILED = 1,
    AUDYN_EXIT_USAGE = 2,
    AUDYN_EXIT_MISSING = 3, ///< done, but samples are missing
};

int audyn_cli_record(int argc, char **argv);
int audyn_cli_send(int argc, char **argv);
int audyn_cli_info(int argc, char **argv);

#endif
