// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn record` says of the sender and the network: clock, delay, legs.

#ifndef AUDYN_CLI_RECORD_NETWORK_H
#define AUDYN_CLI_RECORD_NETWORK_H

#include "cli/record_report.h"

#include <jansson.h>

/// Adds `ssrc`, `drift_ppm`, `leaves_late` and `legs`; nothing for inputs without
/// packets.
void audyn_record_network_add(json_t *json, const audyn_record_report_t *report);

/// A few lines for a person, on standard error: of a single recording always, of one of
/// many where something is wrong.
void audyn_record_network_print(const audyn_record_report_t *report);

#endif
