// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What `audyn discover` prints on standard output: sessions in the order of their names,
/// each with the URI that `audyn record` takes.  Both return false where that failed.

#ifndef AUDYN_CLI_DISCOVER_REPORT_H
#define AUDYN_CLI_DISCOVER_REPORT_H

#include "net/sap_directory.h"

/// Prints nothing where there is no session.
bool audyn_discover_print_table(const audyn_sap_directory_t *directory);

bool audyn_discover_print_json(const audyn_sap_directory_t *directory);

#endif
