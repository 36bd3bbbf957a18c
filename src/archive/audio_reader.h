// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The samples of a file: WAV, RF64, FLAC, Ogg Opus, all that libsndfile reads.  Used by
/// one thread at a time.

#ifndef AUDYN_ARCHIVE_AUDIO_READER_H
#define AUDYN_ARCHIVE_AUDIO_READER_H

#include "core/error.h"
#include "pcm/convert.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct audyn_audio_reader audyn_audio_reader_t;

typedef struct {
    uint32_t sample_rate; ///< Hz; of Opus what it is decoded to, mostly 48 000
    uint32_t channels;
    audyn_encoding_t encoding; ///< the smallest that holds each sample as it is
    bool lossy;                ///< the samples come close to what was recorded, no more
    uint64_t sample_frames;    ///< as the file says
} audyn_audio_format_t;

/// On success the caller owns `*out`; on failure it is NULL.  Fails with AUDYN_BAD_DATA
/// where the file is no audio, and as audyn_ordinary_file_open().
audyn_status_t audyn_audio_reader_open(audyn_audio_reader_t **out, const char *path,
                                       audyn_error_t *error);

const audyn_audio_format_t *audyn_audio_reader_format(const audyn_audio_reader_t *reader);

/// The next read begins with this sample frame, or at the end.  FLAC is sought by its
/// table of points, as far as it has one.  Fails with AUDYN_INVALID beyond the end, and
/// with AUDYN_BAD_DATA.
audyn_status_t audyn_audio_reader_seek(audyn_audio_reader_t *reader,
                                       uint64_t sample_frame, audyn_error_t *error);

/// Reads interleaved samples, exact where the file is not lossy: `*done` frames, fewer
/// than were asked for only at the end.  Fails with AUDYN_BAD_DATA where samples are
/// missing or damaged, which are among those after the last read; those `*done` may be
/// among them.
audyn_status_t audyn_audio_reader_read(audyn_audio_reader_t *reader, float *samples,
                                       size_t sample_frames, size_t *done,
                                       audyn_error_t *error);

/// Accepts NULL.
void audyn_audio_reader_close(audyn_audio_reader_t *reader);

#endif
