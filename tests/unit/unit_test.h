// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What every unit test includes first: cmocka and what it needs before it.

#ifndef AUDYN_TESTS_UNIT_TEST_H
#define AUDYN_TESTS_UNIT_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
