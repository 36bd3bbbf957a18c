// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Messages for the person at the terminal, on standard error.

#ifndef AUDYN_CORE_LOG_H
#define AUDYN_CORE_LOG_H

/// Something failed and somebody has to act.
void audyn_log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// The work goes on, but not as well as it could.
void audyn_log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
/// Worth knowing.
void audyn_log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
