// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#ifndef AUDYN_CORE_DECIMAL_H
#define AUDYN_CORE_DECIMAL_H

#include <stdbool.h>

/// Digits, with a point among or behind them, at `*text`, which moves past them; false
/// where there are none.  No sign, no exponent, nothing hexadecimal.
bool audyn_decimal_read(const char **text, double *number);

#endif
