// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A file that is read once, from its first byte to its last: all sums come from the same
/// bytes that a decoder gets.  Used by one thread.

#ifndef AUDYN_ARCHIVE_FILE_PASS_H
#define AUDYN_ARCHIVE_FILE_PASS_H

#include "archive/checksum.h"
#include "core/error.h"

#include <stdatomic.h>

typedef struct audyn_file_pass audyn_file_pass_t;

typedef struct {
    const char *path;       ///< borrowed
    bool wants_blocks;      ///< CRC-32 of each, too
    _Atomic uint64_t *done; ///< grows by the bytes that were read; may be NULL
} audyn_file_pass_config_t;

typedef struct {
    uint64_t bytes;
    char sha256[AUDYN_SHA256_TEXT]; ///< empty where it could not be read to its end
    uint32_t *crc32;                ///< of each block, where wanted; owned, malloc()
    size_t block_count;
} audyn_file_sums_t;

/// Fails where there is no ordinary file, or it cannot be read.  On failure `*out` is
/// NULL.
audyn_status_t audyn_file_pass_open(audyn_file_pass_t **out,
                                    const audyn_file_pass_config_t *config);

const char *audyn_file_pass_path(const audyn_file_pass_t *pass);

/// The next bytes, borrowed until the next call; `*size` is 0 at the end.
audyn_status_t audyn_file_pass_next(audyn_file_pass_t *pass, const uint8_t **bytes,
                                    size_t *size);

/// Copies the next `size` bytes, or fewer at the end.
audyn_status_t audyn_file_pass_read(audyn_file_pass_t *pass, void *bytes, size_t size,
                                    size_t *got);

/// Reads what is left.  The caller frees `sums->crc32`; after a failure it is NULL.
audyn_status_t audyn_file_pass_end(audyn_file_pass_t *pass, audyn_file_sums_t *sums);

/// Accepts NULL.
void audyn_file_pass_close(audyn_file_pass_t *pass);

#endif
