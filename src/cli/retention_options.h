// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How long files of an archive are kept: --retain, --least-free and --trust-clock.

#ifndef AUDYN_CLI_RETENTION_OPTIONS_H
#define AUDYN_CLI_RETENTION_OPTIONS_H

#include "archive/retention/retention.h"

enum {
    AUDYN_OPTION_RETAIN = 1024,
    AUDYN_OPTION_LEAST_FREE,
    AUDYN_OPTION_TRUST_CLOCK,
};

/// For a table of `struct option`.
#define AUDYN_RETENTION_WORDS                                                            \
    {"retain", required_argument, NULL, AUDYN_OPTION_RETAIN},                            \
        {"least-free", required_argument, NULL, AUDYN_OPTION_LEAST_FREE},                \
    {                                                                                    \
        "trust-clock", no_argument, NULL, AUDYN_OPTION_TRUST_CLOCK                       \
    }

/// And for the help of the command.
#define AUDYN_RETENTION_HELP                                                             \
    "      --retain RULE       how long files are kept: 42d of all formats, or\n"        \
    "                          wav=7d,flac=90d of these; others for good\n"              \
    "      --least-free SIZE   where less than this is free (20G), the oldest files "    \
    "of those\n"                                                                         \
    "                          formats go too, whatever their age\n"                     \
    "      --trust-clock       delete though the clock is days away from the newest "    \
    "segments\n"

/// Takes up one of the options above, whose value is `optarg`.  Fails with AUDYN_INVALID.
audyn_status_t audyn_retention_option_read(audyn_retention_policy_t *policy, int option,
                                           audyn_error_t *error);

#endif
