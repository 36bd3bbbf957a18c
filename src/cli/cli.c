// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/cli.h"

#include "core/log.h"

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/signalfd.h>

int
audyn_cli_open_signals(void)
{
    // A file that may not grow any more is an error like any other, not the end.
    signal(SIGXFSZ, SIG_IGN);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGINT);
    sigaddset(&signals, SIGTERM);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

int
audyn_cli_refuse(audyn_status_t status, const audyn_error_t *error)
{
    audyn_log_error("%s", error->text);
    const bool usage = status == AUDYN_INVALID || status == AUDYN_NOT_SUPPORTED;
    return usage ? AUDYN_EXIT_USAGE : AUDYN_EXIT_FAILED;
}
