// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Whether an audio file can be decoded from its first sample to its last, and what comes
/// out, in one pass over its bytes: nothing is sought.

#ifndef AUDYN_ARCHIVE_DECODE_CHECK_H
#define AUDYN_ARCHIVE_DECODE_CHECK_H

#include "archive/verify/file_pass.h"

typedef struct {
    uint32_t sample_rate, channels; ///< 0: not even that could be found out
    uint64_t sample_frames; ///< before the fault, or in the whole file, at `sample_rate`
    bool lossless;
    audyn_encoding_t encoding;              ///< of the samples, where lossless
    char samples_sha256[AUDYN_SHA256_TEXT]; ///< of them in that encoding, where lossless
    /// Its recorder never finished it: its header does not tell its length.
    bool unfinished;
    char fault[200]; ///< the first one, for people; empty: there is none
} audyn_decoded_t;

/// Whether files of this format ("wav", "flac", "opus") can be decoded here.
bool audyn_decode_check_knows(const char *format);

/// Pulls all that it needs.  Fails where the file cannot be read, or without memory; that
/// it cannot be decoded is no failure but a fault.
audyn_status_t audyn_decode_check(audyn_file_pass_t *pass, const char *format,
                                  audyn_decoded_t *decoded);

#endif
