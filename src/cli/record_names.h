// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the files of many inputs are called.

#ifndef AUDYN_CLI_RECORD_NAMES_H
#define AUDYN_CLI_RECORD_NAMES_H

#include "cli/record_inputs.h"

/// Bytes, so that "-9999" and an ending still fit in a file name.
#define AUDYN_RECORD_NAME_BYTES 200

/// Fails with AUDYN_INVALID where a file cannot, or should not, have this name.  Cuts off
/// an ending such as ".wav".
audyn_status_t audyn_record_name_check(char *name, audyn_error_t *error);

/// Gives each input a name of its own: the one it was given, or one that comes from what
/// it records.  Those that agree, but for upper and lower case, get -2, -3 and so on.
/// Fails with AUDYN_NO_MEMORY.
audyn_status_t audyn_record_names_make(audyn_record_inputs_t *inputs);

#endif
