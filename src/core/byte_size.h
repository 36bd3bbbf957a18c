// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Amounts of data as people write and read them.

#ifndef AUDYN_CORE_BYTE_SIZE_H
#define AUDYN_CORE_BYTE_SIZE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// "20G", "1.5T", "500M": powers of 1024, as df -h prints them, also with "iB" behind;
/// with "B", as on disks ("20GB"), powers of 1000.  A plain number is bytes.  False, with
/// `*bytes` left alone, where the text is no such size, or above 2⁶³.
bool audyn_byte_size_parse(const char *text, uint64_t *bytes);

#define AUDYN_BYTE_SIZE_TEXT 16

/// "1.5 GiB".
void audyn_byte_size_text(char text[AUDYN_BYTE_SIZE_TEXT], uint64_t bytes);

#endif
