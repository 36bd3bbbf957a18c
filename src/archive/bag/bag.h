// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A stretch of a stream as a BagIt package: the segments that have samples of it, with
/// all that is needed to check them.

#ifndef AUDYN_ARCHIVE_BAG_H
#define AUDYN_ARCHIVE_BAG_H

#include "archive/catalog/catalog.h"

#include <stdatomic.h>

typedef struct {
    const char *archive; ///< its directory
    const char *stream;
    audyn_catalog_range_t range; ///< by TAI, with an end
    const char *path;            ///< of the package
    const char *organization;    ///< NULL: not known
    int64_t utc_ns;              ///< when it is made
    /// So many bytes of the audio files of all are packed; may be NULL.
    void (*progress)(void *context, uint64_t done, uint64_t total);
    /// Asked before each file; may be NULL.
    bool (*is_interrupted)(void *context);
    void *context;
} audyn_bag_t;

typedef struct {
    uint64_t segments;
    uint64_t files, bytes;  ///< of the payload
    uint64_t deleted;       ///< audio files that retention has deleted before
    uint64_t sample_frames; ///< what two segments have counts once
    uint64_t missing;       ///< in the segments, between them, and of `range` around them
} audyn_bag_result_t;

/// Fails with AUDYN_NOT_FOUND where there are no segments, with AUDYN_INVALID where
/// `path` would lie within the archive, with AUDYN_BUSY where it is interrupted, with
/// AUDYN_EXISTS where `path` is there, with AUDYN_BAD_DATA where a file is not what its
/// sidecar says: then no package is made.
audyn_status_t audyn_bag_write(const audyn_bag_t *bag, audyn_bag_result_t *result,
                               audyn_error_t *error);

#endif
