// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// How loud a recording is: sample peak, true peak (ITU-R BS.1770-5, annex 2), integrated
/// loudness (EBU R 128) and loudness range (EBU Tech 3342), by libebur128.

#ifndef AUDYN_ARCHIVE_LEVELS_H
#define AUDYN_ARCHIVE_LEVELS_H

#include "archive/entry.h"

/// What is measured; doc/benchmarks.md shows what that costs.
typedef enum {
    AUDYN_LEVELS_FULL,
    AUDYN_LEVELS_PEAK, ///< sample peaks
    AUDYN_LEVELS_NONE,
} audyn_levels_mode_t;

/// Holds 2 MB for each channel at 48 kHz where loudness is measured.  Used by one
/// thread at a time.
typedef struct audyn_levels audyn_levels_t;

/// Not for AUDYN_LEVELS_NONE.  A single channel is one loudspeaker, two are left and
/// right; of more nobody says where they are played: each counts as one in front.  On
/// failure `*out` is NULL; AUDYN_NOT_SUPPORTED: so many channels cannot be measured.
audyn_status_t audyn_levels_create(audyn_levels_t **out, audyn_levels_mode_t mode,
                                   uint32_t sample_rate, uint32_t channels);

/// Interleaved samples, or silence where `samples` is NULL, of which hours cost no more
/// than seconds do.
void audyn_levels_add(audyn_levels_t *levels, const float *samples,
                      uint64_t sample_frames);

/// Of all that was added.  Undefined are the peaks of silence, loudness where nothing was
/// as loud as -70 LUFS for 400 ms, the range of less than three seconds, and loudness of
/// what is no number.  On failure `*out` is all zero, else its arrays are the caller's.
audyn_status_t audyn_levels_read(const audyn_levels_t *levels, audyn_entry_levels_t *out);

/// Accepts NULL.
void audyn_levels_destroy(audyn_levels_t *levels);

#endif
