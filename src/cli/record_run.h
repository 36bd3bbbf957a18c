// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_CLI_RECORD_RUN_H
#define AUDYN_CLI_RECORD_RUN_H

#include "cli/record_set.h"

/// Once.  Records until each stream has come to its end, or until a signal.
void audyn_record_run(audyn_record_set_t *set);

#endif
