// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The subcommands of `audyn`: each gets its own arguments, `argv[0]` being its name,
/// and returns the exit status of the process.

#ifndef AUDYN_CLI_CLI_H
#define AUDYN_CLI_CLI_H

#include "archive/chain.h"
#include "core/error.h"

#include <getopt.h>
#include <stdbool.h>

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
int audyn_cli_export(int argc, char **argv);
int audyn_cli_ls(int argc, char **argv);
int audyn_cli_hold(int argc, char **argv);
int audyn_cli_release(int argc, char **argv);
int audyn_cli_retain(int argc, char **argv);
int audyn_cli_bag(int argc, char **argv);
int audyn_cli_recover(int argc, char **argv);
int audyn_cli_merge(int argc, char **argv);
int audyn_cli_verify(int argc, char **argv);
int audyn_cli_keygen(int argc, char **argv);
int audyn_cli_catalog(int argc, char **argv);

/// From here on SIGINT, SIGTERM and SIGHUP, unless that is ignored, are to be read from
/// this descriptor, which the caller closes.  Before any thread is started.
int audyn_cli_open_signals(void);

/// Whether one of those signals has come since it was asked last.
bool audyn_cli_is_interrupted(int signal_fd);

/// Prints why a command cannot start, and returns the exit status that says so.
int audyn_cli_refuse(audyn_status_t status, const audyn_error_t *error);

/// Fails with AUDYN_INVALID where writing to `output` would destroy what `input`, a URI,
/// is read from.
audyn_status_t audyn_cli_keep_input(const char *input, const char *output,
                                    audyn_error_t *error);

/// Says what was wrong with the catalog, if anything was, and closes the chain.  Accepts
/// NULL.
void audyn_cli_close_chain(audyn_chain_t *chain);

/// Options as getopt_long() takes them, of the command `argv[0]`.
typedef struct {
    const char *letters; ///< begins with ':'
    const struct option *words;
    /// Takes up one of them, whose value is `optarg`.
    audyn_status_t (*read)(void *context, int option, audyn_error_t *error);
} audyn_cli_options_t;

/// Has each option taken up, until one is refused; `optind` is where the operands begin.
/// Fails with AUDYN_INVALID, having said what is wrong with which option, and as `read`
/// does.
audyn_status_t audyn_cli_parse_options(const audyn_cli_options_t *options, int argc,
                                       char **argv, void *context, audyn_error_t *error);

/// What a command says before it begins.
typedef struct {
    audyn_cli_options_t options;
    const char *help;  ///< for -h and --help, which are among the options as 'h'
    int operands;      ///< how many it takes
    const char *wants; ///< "one file: audyn info FILE", where there are more or less
} audyn_cli_command_t;

/// Takes up its options; prints its help where that is asked for, or what is wrong.
/// Returns its operands; NULL where there is nothing more to do but to return
/// `*exit_status`.
char **audyn_cli_start(const audyn_cli_command_t *command, int argc, char **argv,
                       void *context, int *exit_status);

#endif
