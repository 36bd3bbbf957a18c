// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// SHA-256 (FIPS 180-4) of samples as they are written, and of files that are finished.

#ifndef AUDYN_ARCHIVE_CHECKSUM_H
#define AUDYN_ARCHIVE_CHECKSUM_H

#include "pcm/convert.h"

#include <audyn/status.h>

#include <stdbool.h>

#define AUDYN_SHA256_TEXT 65

/// A sum in the making.  Used by one thread at a time.
typedef struct audyn_checksum audyn_checksum_t;

/// On failure `*out` is NULL.
audyn_status_t audyn_checksum_create(audyn_checksum_t **out);

/// As samples of this encoding, little-endian, which those of an input of so many bits
/// are without loss.  `samples` NULL: zeros.
void audyn_checksum_add_samples(audyn_checksum_t *checksum, audyn_encoding_t encoding,
                                const float *samples, uint64_t count);

/// Reads a file on, at most so many bytes of it; `*done` once that was all.  The first
/// call opens it.
audyn_status_t audyn_checksum_read_file(audyn_checksum_t *checksum, const char *path,
                                        uint64_t most_bytes, bool *done);

/// Bytes read from the file.
uint64_t audyn_checksum_bytes(const audyn_checksum_t *checksum);

/// Once.  False, and an empty text, after a failure.
bool audyn_checksum_end(audyn_checksum_t *checksum, char text[AUDYN_SHA256_TEXT]);

/// Accepts NULL.
void audyn_checksum_destroy(audyn_checksum_t *checksum);

#endif
