// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Texts from outside, such as file names, in JSON, which is UTF-8 (RFC 8259).

#ifndef AUDYN_CORE_JSON_TEXT_H
#define AUDYN_CORE_JSON_TEXT_H

#include <jansson.h>

/// Of the character at `text`, which ends in NUL; 0 where it is none (RFC 3629).
size_t audyn_utf8_bytes(const char *text);

/// A new reference, for "s:o"; NULL: out of memory.  Each byte that is not part of UTF-8
/// becomes U+FFFD.
json_t *audyn_json_text(const char *text);

/// Null where nothing is said.
json_t *audyn_json_text_or_null(const char *text);

/// Indented, for people too, with a newline at its end; the caller frees it.  Numbers
/// have up to 15 digits, so that what was read is written as it was.  NULL: out of
/// memory, or `json` is NULL.
char *audyn_json_lines(const json_t *json);

#endif
