// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// A stretch of a stream out of an archive, into one file: exact to the sample, silence
/// where nothing is.  Used by one thread.

#ifndef AUDYN_ARCHIVE_EXPORT_H
#define AUDYN_ARCHIVE_EXPORT_H

#include "archive/export/export_plan.h"
#include "sink/sink.h"

typedef struct audyn_export audyn_export_t;

/// Borrowed for the life of the export, but for moments and codec.
typedef struct {
    const char *archive; ///< its directory
    audyn_catalog_t *catalog;
    const char *stream;
    audyn_moment_text_t from, to; ///< `to` is the first moment that is left out
    const char *path;             ///< of the file, whose ending chooses its format
    bool has_encoding;            ///< else that of the stream, as far as the format can
    audyn_encoding_t encoding;
    bool dither; ///< when reducing to 16 or 24 bits
    bool force;  ///< replace a file
    audyn_codec_t codec;
    /// Hears once of each file of the archive that is not as it should be, and of a
    /// segment that is not complete.
    void (*tell)(void *context, const char *what);
    void *context;
} audyn_export_config_t;

/// Where samples came from.
typedef struct {
    char *name; ///< of the file, below the archive's directory
    uint64_t position, sample_frames;
} audyn_export_used_t;

/// Begins a file beside the one that is asked for.  Fails as audyn_export_plan_make(),
/// and as audyn_sink_open(); with AUDYN_INVALID where the file would lie within the
/// archive.  On failure `*out` is NULL, and no file was changed.
audyn_status_t audyn_export_open(audyn_export_t **out,
                                 const audyn_export_config_t *config,
                                 audyn_error_t *error);

/// What is missing is complete, and in order, once the export is finished.
const audyn_export_plan_t *audyn_export_plan(const audyn_export_t *export);

audyn_encoding_t audyn_export_encoding(const audyn_export_t *export);

/// In order; neighbours from one file are joined.
const audyn_export_used_t *audyn_export_used(const audyn_export_t *export, size_t *count);

/// Sample frames that are done.
uint64_t audyn_export_done(const audyn_export_t *export);

/// Does a part of a second's work; `*more` once there is nothing left.
audyn_status_t audyn_export_step(audyn_export_t *export, bool *more,
                                 audyn_error_t *error);

/// Completes the file, puts it on disk, and gives it its name.
audyn_status_t audyn_export_finish(audyn_export_t *export, audyn_error_t *error);

/// Removes what is not finished.  Accepts NULL.
void audyn_export_destroy(audyn_export_t *export);

#endif
