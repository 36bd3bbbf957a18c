// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the tests of all inputs check alike.

#ifndef AUDYN_TESTS_INPUT_CHECKS_H
#define AUDYN_TESTS_INPUT_CHECKS_H

#include "input/input.h"

/// Fails with the input's own message.
audyn_input_t *open_input(const char *uri, const audyn_input_config_t *config);

/// Opening `uri` must fail with this status, and a message that contains `because`.
void assert_input_refused(const char *uri, audyn_status_t status, const char *because);

/// Opens and starts the input again and again, each time with another allocation that
/// fails, until none does.
void assert_each_allocation_may_fail(const char *uri);

#endif
