// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Makes an audio file whole whose recorder never came to finish it: all whole samples,
/// FLAC frames or Ogg pages that are there are kept, and what the file says of them is
/// true.  Nothing is changed in a file that is whole.

#ifndef AUDYN_ARCHIVE_RECOVER_FILE_H
#define AUDYN_ARCHIVE_RECOVER_FILE_H

#include "core/error.h"

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

typedef struct {
    uint32_t sample_rate, channels; ///< 0: the file does not say
    uint32_t bits;                  ///< of a sample, 32: float; 0: lossy
    uint64_t sample_frames;         ///< that can be read; 0: there are none
    uint64_t bytes;                 ///< of the file
    uint64_t cut_bytes;             ///< that were no whole sample, frame or page
    bool changed;                   ///< something was written to the file
    bool has_position;
    uint64_t position; ///< of the first sample on the TAI media clock
    /// Of the media clock to the sample rate.
    uint32_t rate_numerator, rate_denominator;
    char date[32]; ///< of a FLAC or Opus file: when that was, in UTC; empty: not told
} audyn_recovered_file_t;

typedef struct {
    /// Fails with AUDYN_BAD_DATA, and changes nothing, where more bytes than that would
    /// be cut off: such a file is damaged, not interrupted.
    uint64_t most_cut;
    /// The system has not gone down since: all that was ever written is in the file.
    bool is_all_there;
    /// Written by anybody: fails with AUDYN_BUSY, as soon as may be; or NULL.
    const atomic_bool *stop;
} audyn_recover_limits_t;

/// Fails with AUDYN_BUSY once it is to stop.
audyn_status_t audyn_recover_go_on(const atomic_bool *stop, audyn_error_t *error);

/// Of a file that ends in .wav, .flac or .opus.  A file without one whole sample stays as
/// it is.  Killed at any moment and done again it comes to the same.  Fails with
/// AUDYN_BUSY where a recorder has the file open, with AUDYN_BAD_DATA where it is none of
/// this format, or of another program, and with what the system says.
audyn_status_t audyn_recover_file(const char *path, const audyn_recover_limits_t *limits,
                                  audyn_recovered_file_t *out, audyn_error_t *error);

#endif
