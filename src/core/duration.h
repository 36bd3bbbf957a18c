// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Times as people write them.

#ifndef AUDYN_CORE_DURATION_H
#define AUDYN_CORE_DURATION_H

#include <stdbool.h>
#include <stdint.h>

/// "10s", "500ms", "2m", "1h30m", "42d", "1.5s"; a plain number is seconds.  At most a
/// century. False, with `*ns` left alone, where the text is no such time.
bool audyn_duration_parse(const char *text, int64_t *ns);

#endif
