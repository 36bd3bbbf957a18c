// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The command line of `audyn discover`.

#ifndef AUDYN_CLI_DISCOVER_OPTIONS_H
#define AUDYN_CLI_DISCOVER_OPTIONS_H

#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *what;      ///< what is looked for: "sap" unless said otherwise
    const char *interface; ///< by name or address; NULL: all
    int64_t duration_ns;
    bool json, help;
} audyn_discover_options_t;

/// Fails with AUDYN_INVALID and a sentence that says what would be right.
audyn_status_t audyn_discover_options_parse(audyn_discover_options_t *options, int argc,
                                            char **argv, audyn_error_t *error);

void audyn_discover_options_print_help(void);

#endif
