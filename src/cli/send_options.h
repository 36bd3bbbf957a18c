// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The command line of `audyn send`.

#ifndef AUDYN_CLI_SEND_OPTIONS_H
#define AUDYN_CLI_SEND_OPTIONS_H

#include "core/error.h"

#include <stdbool.h>
#include <stdint.h>

typedef struct {
    const char *source;
    const char *destination;
    const char *packet_time;
    const char *sdp_path;  ///< NULL: no description is written
    const char *name;      ///< of the session
    const char *ts_refclk; ///< NULL: the interface's hardware address
    int64_t duration_ns;   ///< 0: until the source ends or somebody stops it
    bool sap;              ///< the stream is announced
    bool loop, json, quiet, help;
} audyn_send_options_t;

/// Fails with AUDYN_INVALID and a sentence that says what would be right.
audyn_status_t audyn_send_options_parse(audyn_send_options_t *options, int argc,
                                        char **argv, audyn_error_t *error);

void audyn_send_options_print_help(void);

#endif
