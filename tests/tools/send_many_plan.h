// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `send-many` tells those who receive from it.

#ifndef AUDYN_TESTS_SEND_MANY_PLAN_H
#define AUDYN_TESTS_SEND_MANY_PLAN_H

#include "send_many_options.h"

/// A session description for each stream, FOLDER/0001.sdp and so on.
audyn_status_t send_many_write_sdp(const send_many_options_t *options,
                                   audyn_error_t *error);

/// A URI a line, of the descriptions where those are written, too, and behind it a name:
/// 0001 and so on.
audyn_status_t send_many_write_inputs(const send_many_options_t *options,
                                      audyn_error_t *error);

/// What will be sent from TAI sample index `position` on.
audyn_status_t send_many_write_plan(const send_many_options_t *options, uint64_t position,
                                    audyn_error_t *error);

#endif
