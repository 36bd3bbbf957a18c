// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The subcommands of `audyn`: each gets its own arguments, `argv[0]` being its name,
/// and returns the exit status of the process.

#ifndef AUDYN_CLI_CLI_H
#define AUDYN_CLI_CLI_H

#include "core/error.h"

enum audyn_exit {
    AUDYN_EXIT_COMPLETE = 0,
    AUDYN_EXIT_FAILED = 1,
    AUDYN_EXIT_USAGE = 2,
    AUDYN_EXIT_MISSING = 3, ///< done, but samples are missing
};

int audyn_cli_record(int argc, char **argv);
int audyn_cli_send(int argc, char **argv);
int audyn_cli_discover(int argc, char **argv);
int audyn_cli_info(int argc, char **argv);

/// From here on SIGINT, SIGTERM and SIGHUP, unless that is ignored, are to be read from
/// this descriptor, which the caller closes.  Before any thread is started.
int audyn_cli_open_signals(void);

/// Prints why a command cannot start, and returns the exit status that says so.
int audyn_cli_refuse(audyn_status_t status, const audyn_error_t *error);

/// Fails with AUDYN_INVALID where writing to `output` would destroy what `input`, a URI,
/// is read from.
audyn_status_t audyn_cli_keep_input(const char *input, const char *output,
                                    audyn_error_t *error);

/// Where getopt_long() has returned ':' or '?': what is wrong with which option of the
/// command `argv[0]`.  Returns AUDYN_INVALID.
audyn_status_t audyn_cli_explain_option(audyn_error_t *error, int returned,
                                        const char *short_options, char **argv);

#endif
