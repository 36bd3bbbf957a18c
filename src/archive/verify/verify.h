// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Whether an archive is what its sidecars say: chains, signatures, files, samples.  What
/// there is comes from the directory; the catalog is not believed but compared.  Nothing
/// is changed, and a recorder may go on meanwhile.

#ifndef AUDYN_ARCHIVE_VERIFY_H
#define AUDYN_ARCHIVE_VERIFY_H

#include "archive/checksum.h"
#include "core/error.h"
#include "core/time_text.h"

#include <stdint.h>

/// Of one file, or of a stretch of a stream.
typedef struct {
    bool damage;        ///< else known, or unfinished, and no failure
    const char *kind;   ///< a word for programs: audyn-verify(1) lists them
    const char *path;   ///< below the archive's directory; NULL: of no single file
    const char *stream; ///< NULL: of none
    const char *text;   ///< a sentence for people, which does not repeat the path
    bool has_bytes;
    uint64_t byte, end_byte; ///< what is wrong lies from the one to before the other
    uint8_t flipped;         ///< bits of `byte` that are not as they were; 0: not known
    bool has_position;
    uint64_t position, sample_frames; ///< of the first sample concerned; how many, or 0
} audyn_verify_finding_t;

typedef struct {
    const char *name;
    uint64_t entries, segments, files, deleted_files;
    uint64_t missing_frames; ///< known to be lost, late and so on
    uint64_t end_sequence;   ///< of the last entry, with its hash: for who wants to
    char end_sha256[AUDYN_SHA256_TEXT]; ///< note it elsewhere
    uint64_t signed_entries;
} audyn_verify_stream_t;

typedef struct {
    const char *archive; ///< its directory
    const char *stream;  ///< only the files of this one; NULL: of all
    bool has_from, has_to;
    audyn_moment_text_t from, to; ///< only files of segments that have samples in between
    const char *const *keys;      ///< public keys in PEM; none: those of the archive
    unsigned key_count;
    bool decode;      ///< the samples too, not only the files' sums
    unsigned threads; ///< 0: one for each processor
    /// Hears of each finding as it comes up, and how far it is: never two at a time.
    void (*tell)(void *context, const audyn_verify_finding_t *finding);
    void (*progress)(void *context, uint64_t done_bytes, uint64_t total_bytes);
    /// At the end, of each stream by name.
    void (*summary)(void *context, const audyn_verify_stream_t *stream);
    void *context;
} audyn_verify_config_t;

typedef struct {
    uint64_t damages;
    uint64_t segments;     ///< of the stream and range asked for
    uint64_t files, bytes; ///< that were read
    bool has_key;
    unsigned keys; ///< that have signed entries
} audyn_verify_report_t;

/// Fails where the archive cannot be read, or a key; damage is no failure of this.
audyn_status_t audyn_verify(const audyn_verify_config_t *config,
                            audyn_verify_report_t *report, audyn_error_t *error);

#endif
