// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What the repairs of each format share.

#ifndef AUDYN_ARCHIVE_RECOVER_FILE_PRIVATE_H
#define AUDYN_ARCHIVE_RECOVER_FILE_PRIVATE_H

#include "archive/recover/recover_file.h"

#include <stddef.h>

/// A file that is being repaired.
typedef struct {
    const char *path;
    int fd; ///< for reading and writing
    audyn_recover_limits_t limits;
    audyn_recovered_file_t *out; ///< whose `bytes` is the length of the file
    audyn_error_t *error;
} recover_file_t;

audyn_status_t recover_wav(recover_file_t *file);
audyn_status_t recover_flac(recover_file_t *file);
audyn_status_t recover_opus(recover_file_t *file);

/// Takes one comment of the file (src/sink/comments.h).
void recover_comment(recover_file_t *file, const char *key, const char *value);

/// Reads what is there, up to `size` bytes, which `*got` tells.
audyn_status_t recover_read(recover_file_t *file, void *bytes, size_t size,
                            uint64_t offset, size_t *got);

/// Makes the file end there and puts that on disk.
audyn_status_t recover_end_at(recover_file_t *file, uint64_t end);

/// Corrects bytes in the file and puts that on disk.
audyn_status_t recover_write(recover_file_t *file, const void *bytes, size_t size,
                             uint64_t offset);

audyn_status_t recover_sync(recover_file_t *file);

/// Refuses what no recorder of ours has made, before anything is changed.
audyn_status_t recover_check_origin(recover_file_t *file);

/// Says why it is left as it is.
audyn_status_t recover_refuse(recover_file_t *file, const char *what);

#endif
