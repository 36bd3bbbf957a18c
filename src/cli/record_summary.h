// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn record` says of all its streams together, at the start and at the end.

#ifndef AUDYN_CLI_RECORD_SUMMARY_H
#define AUDYN_CLI_RECORD_SUMMARY_H

#include "cli/record_set.h"

/// Once, when the first have started: what runs in which memory, and what is not as it
/// should be.
void audyn_record_summary_announce(audyn_record_set_t *set);

/// At the end, for people and for programs, as asked for.  Returns the exit status.
int audyn_record_summary_report(audyn_record_set_t *set);

#endif
