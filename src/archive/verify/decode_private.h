// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What each format brings to audyn_decode_check().

#ifndef AUDYN_ARCHIVE_DECODE_PRIVATE_H
#define AUDYN_ARCHIVE_DECODE_PRIVATE_H

#include "archive/verify/decode_check.h"

/// Fills what is zero so far, but for `samples_sha256`; samples go into `samples`.
typedef audyn_status_t audyn_decode_t(audyn_file_pass_t *pass, audyn_decoded_t *decoded,
                                      audyn_checksum_t *samples);

audyn_decode_t audyn_decode_flac;
audyn_decode_t audyn_decode_opus;
audyn_decode_t audyn_decode_wav;

/// Notes a fault, of which the first one counts.
void audyn_decoded_fault(audyn_decoded_t *decoded, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
