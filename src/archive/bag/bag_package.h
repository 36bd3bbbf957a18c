// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A BagIt package (RFC 8493, version 1.0) with SHA-256: a directory that says of each
/// file in it what its sum is.  Used by one thread.

#ifndef AUDYN_ARCHIVE_BAG_PACKAGE_H
#define AUDYN_ARCHIVE_BAG_PACKAGE_H

#include "core/error.h"

#include <stdint.h>

typedef struct audyn_bag_package audyn_bag_package_t;

/// What bag-info.txt says beside dates and sizes (section 2.2.2).
typedef struct {
    const char *source_organization; ///< NULL: not known
    const char *external_description;
    int64_t utc_ns; ///< when it is made
} audyn_bag_info_t;

/// Beside `path`, which is to be the package and must not exist.  On failure `*out` is
/// NULL.
audyn_status_t audyn_bag_package_create(audyn_bag_package_t **out, const char *path,
                                        audyn_error_t *error);

/// Copies the file `from` to `name` in the payload directory.  Fails with AUDYN_BAD_DATA
/// where its SHA-256 is not this; NULL or empty: whatever it is.  `added`, which may be
/// NULL, hears of each stretch of bytes.
audyn_status_t audyn_bag_package_add(audyn_bag_package_t *package, const char *from,
                                     const char *name, const char *sha256,
                                     void (*added)(void *context, uint64_t bytes),
                                     void *context, audyn_error_t *error);

/// Writes the file `name` in the payload directory.
audyn_status_t audyn_bag_package_put(audyn_bag_package_t *package, const char *name,
                                     const char *text, audyn_error_t *error);

/// Payload, so far.
uint64_t audyn_bag_package_bytes(const audyn_bag_package_t *package);
uint64_t audyn_bag_package_files(const audyn_bag_package_t *package);

/// Writes the tag files, puts all on disk, and gives it its name.
audyn_status_t audyn_bag_package_finish(audyn_bag_package_t *package,
                                        const audyn_bag_info_t *info,
                                        audyn_error_t *error);

/// Removes what was not finished.  Accepts NULL.
void audyn_bag_package_destroy(audyn_bag_package_t *package);

#endif
