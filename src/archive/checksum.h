// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// SHA-256 (FIPS 180-4) of samples and files, and of files also the CRC-32 of each block,
/// which tells where one is damaged.

#ifndef AUDYN_ARCHIVE_CHECKSUM_H
#define AUDYN_ARCHIVE_CHECKSUM_H

#include "pcm/convert.h"

#include <audyn/status.h>

#include <stdbool.h>

#define AUDYN_SHA256_TEXT 65

/// Each block has so many bytes but for the last, which may be shorter.
#define AUDYN_BLOCK_BYTES 262144U

/// Of `size` bytes at once.  False, and an empty text, where there is no memory.
bool audyn_checksum_of(const void *bytes, size_t size, char text[AUDYN_SHA256_TEXT]);

/// A sum in the making.  Used by one thread at a time.
typedef struct audyn_checksum audyn_checksum_t;

/// On failure `*out` is NULL.
audyn_status_t audyn_checksum_create(audyn_checksum_t **out);

/// Before the first byte: CRCs are to be made in the same pass.
void audyn_checksum_want_blocks(audyn_checksum_t *checksum);

/// The next bytes; zeros where `bytes` is NULL.
void audyn_checksum_add(audyn_checksum_t *checksum, const void *bytes, uint64_t size);

/// As samples of this encoding, little-endian, which those of an input of so many bits
/// are without loss.  `samples` NULL: zeros.
void audyn_checksum_add_samples(audyn_checksum_t *checksum, audyn_encoding_t encoding,
                                const float *samples, uint64_t count);

/// Reads a file on, at most so many bytes of it; `*done` once that was all.  The first
/// call opens it.
audyn_status_t audyn_checksum_read_file(audyn_checksum_t *checksum, const char *path,
                                        uint64_t most_bytes, bool *done);

/// Added or read so far.
uint64_t audyn_checksum_bytes(const audyn_checksum_t *checksum);

/// Once.  False, and an empty text, after a failure.
bool audyn_checksum_end(audyn_checksum_t *checksum, char text[AUDYN_SHA256_TEXT]);

/// Once ended well: the CRC-32 (ISO 3309, as of zlib) of each block, in order, `*count`
/// of them, which the caller frees; a second call, or where none were wanted: NULL.
uint32_t *audyn_checksum_take_blocks(audyn_checksum_t *checksum, size_t *count);

/// Accepts NULL.
void audyn_checksum_destroy(audyn_checksum_t *checksum);

#endif
