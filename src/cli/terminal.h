// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The terminal that standard error may be.

#ifndef AUDYN_CLI_TERMINAL_H
#define AUDYN_CLI_TERMINAL_H

/// Columns; 100 where standard error is none, or does not say.
unsigned audyn_terminal_width(void);

#endif
