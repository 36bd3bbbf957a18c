// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/cli.h"

#include "core/log.h"
#include "input/uri.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <unistd.h>

// False under nohup(1): a signal that is ignored would be read all the same once blocked.
static bool
is_heeded(int number)
{
    struct sigaction action;
    return !sigaction(number, NULL, &action) && action.sa_handler != SIG_IGN;
}

int
audyn_cli_open_signals(void)
{
    // A file that may not grow any more, or a reader of our messages that has gone, is an
    // error like any other, not the end.
    signal(SIGXFSZ, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    if (is_heeded(SIGHUP)) {
        sigaddset(&signals, SIGHUP);
    }
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

bool
audyn_cli_is_interrupted(int signal_fd)
{
    struct signalfd_siginfo info;
    return signal_fd >= 0 && read(signal_fd, &info, sizeof info) > 0;
}

int
audyn_cli_refuse(audyn_status_t status, const audyn_error_t *error)
{
    audyn_log_error("%s", error->text);
    const bool usage = status == AUDYN_INVALID || status == AUDYN_NOT_SUPPORTED;
    return usage ? AUDYN_EXIT_USAGE : AUDYN_EXIT_FAILED;
}

audyn_status_t
audyn_cli_keep_input(const char *input, const char *output, audyn_error_t *error)
{
    struct stat to;
    if (stat(output, &to)) {
        return AUDYN_OK;
    }
    audyn_uri_t uri;
    const audyn_status_t status = audyn_uri_parse(&uri, input, error);
    const bool is_file = !strcmp(uri.scheme, "file") || !strcmp(uri.scheme, "sdp");
    if (status || !is_file) {
        return status;
    }
    struct stat from;
    const bool same =
        !stat(uri.body, &from) && from.st_dev == to.st_dev && from.st_ino == to.st_ino;
    return same
               ? audyn_error_set(error, AUDYN_INVALID,
                                 "%s is the file that %s: reads, and would be destroyed; "
                                 "choose another name",
                                 output, uri.scheme)
               : AUDYN_OK;
}

// Where getopt_long() has returned ':' or '?'.
static audyn_status_t
explain_option(int returned, const char *letters, char **argv, audyn_error_t *error)
{
    const char *word = argv[optind - 1];
    if (returned == ':') {
        return audyn_error_set(error, AUDYN_INVALID, "%s needs a value", word);
    }
    // Of several letters in one word, getopt() has not moved past that word yet.
    const bool is_short = optopt > 0 && optopt < 128 && !strchr(letters, optopt);
    if (is_short) {
        return audyn_error_set(error, AUDYN_INVALID, "-%c is not an option of audyn %s",
                               optopt, argv[0]);
    }
    return optopt ? audyn_error_set(error, AUDYN_INVALID, "%s: this takes no value", word)
                  : audyn_error_set(error, AUDYN_INVALID,
                                    "%s is not an option of audyn %s", word, argv[0]);
}

audyn_status_t
audyn_cli_parse_options(const audyn_cli_options_t *options, int argc, char **argv,
                        void *context, audyn_error_t *error)
{
    opterr = 0;
    optind = 0; // unlike 1, also forgets a word that was refused half-way
    for (int option; (option = getopt_long(argc, argv, options->letters, options->words,
                                           NULL)) != -1;) {
        const audyn_status_t status =
            option == ':' || option == '?'
                ? explain_option(option, options->letters, argv, error)
                : options->read(context, option, error);
        if (status) {
            return status;
        }
    }
    return AUDYN_OK;
}

void
audyn_cli_close_chain(audyn_chain_t *chain)
{
    audyn_error_t trouble;
    if (chain && audyn_chain_take_trouble(chain, &trouble)) {
        audyn_log_warning("%s", trouble.text);
    }
    audyn_chain_close(chain);
}

// Stands between a command's options and itself.
struct start {
    const audyn_cli_options_t *options;
    void *context;
    bool help;
};

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    struct start *start = (struct start *)context;
    start->help |= option == 'h';
    return option == 'h' ? AUDYN_OK : start->options->read(start->context, option, error);
}

char **
audyn_cli_start(const audyn_cli_command_t *command, int argc, char **argv, void *context,
                int *exit_status)
{
    struct start start = {&command->options, context, false};
    audyn_cli_options_t options = command->options;
    options.read = read_option;
    audyn_error_t error = {""};
    audyn_status_t status = audyn_cli_parse_options(&options, argc, argv, &start, &error);
    if (!status && start.help) {
        fputs(command->help, stdout);
        *exit_status = AUDYN_EXIT_COMPLETE;
        return NULL;
    }
    if (!status && argc - optind != command->operands) {
        status = audyn_error_set(&error, AUDYN_INVALID, "%s", command->wants);
    }
    if (status) {
        audyn_log_error("%s; see audyn %s --help", error.text, argv[0]);
        *exit_status = AUDYN_EXIT_USAGE;
        return NULL;
    }
    return argv + optind;
}
