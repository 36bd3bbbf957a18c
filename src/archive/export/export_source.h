// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The samples of one segment after the other, from whichever of its files has them: what
/// is exact before what is lossy, and the next best where one is deleted, damaged or
/// cannot be read.  Used by one thread at a time.

#ifndef AUDYN_ARCHIVE_EXPORT_SOURCE_H
#define AUDYN_ARCHIVE_EXPORT_SOURCE_H

#include "archive/export/export_plan.h"
#include "pcm/convert.h"

/// Samples, of all channels together, that are converted at once, at most.
#define AUDYN_EXPORT_SAMPLES 65536U

typedef struct audyn_export_source audyn_export_source_t;

/// Borrowed for the life of the source.
typedef struct {
    const char *archive; ///< its directory
    audyn_catalog_t *catalog;
    const audyn_export_plan_t *plan;
    /// Hears once of each file that is not as it should be.
    void (*tell)(void *context, const char *what);
    void *context;
} audyn_export_source_config_t;

/// Samples, converted or as they are stored in a WAV file.
typedef struct {
    uint64_t sample_frames; ///< at least 1
    const float *samples;   ///< borrowed until the next call; NULL: stored
    int fd;                 ///< in this file; -1: there are none
    uint64_t offset;        ///< from this byte on
    const char *class;      ///< why there are none, or why they may be wrong: "damaged",
                            ///< "deleted", "other_rate"; NULL: all is well
    const char *name;       ///< of the file, below the archive's directory
} audyn_export_stretch_t;

/// On failure `*out` is NULL.
audyn_status_t audyn_export_source_create(audyn_export_source_t **out,
                                          const audyn_export_source_config_t *config);

/// The samples of a segment of the plan from `position` on: at most so many.  Those that
/// a WAV file has in the encoding `stored` are left there; NULL: all are converted.
/// Fails only where the catalog cannot be read, or memory runs out.
audyn_status_t audyn_export_source_get(audyn_export_source_t *source, size_t segment,
                                       uint64_t position, uint64_t sample_frames,
                                       const audyn_encoding_t *stored,
                                       audyn_export_stretch_t *stretch);

/// The path of a segment's FLAC file, borrowed until the next call, and in `*name` that
/// below the archive's directory; NULL where there is none that has the whole segment.
const char *audyn_export_source_flac(audyn_export_source_t *source, size_t segment,
                                     const char **name);

/// Accepts NULL.
void audyn_export_source_destroy(audyn_export_source_t *source);

#endif
