// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One open output file.  Used by one thread, normally the worker.

#ifndef AUDYN_SINK_SINK_H
#define AUDYN_SINK_SINK_H

#include "core/error.h"
#include "pcm/convert.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct audyn_sink audyn_sink_t;

/// How hard the encoders of FLAC and Opus files try.
typedef struct {
    uint32_t flac_level;      ///< 0 (fast) to 8 (small)
    uint32_t opus_bit_rate;   ///< bits per second, of all channels; 0: 64 000 each
    uint32_t opus_complexity; ///< 0 (fast) to 10 (good)
} audyn_codec_t;

#define AUDYN_CODEC_DEFAULT ((audyn_codec_t){.flac_level = 5, .opus_complexity = 10})

/// Fixed for the life of a sink; copied by audyn_sink_open().
typedef struct {
    uint32_t sample_rate;      ///< Hz
    uint32_t channels;         ///< interleaved, at least 1
    audyn_encoding_t encoding; ///< of the samples in the file
    bool dither;               ///< TPDF when reducing to 16 or 24 bits
    bool overwrite;            ///< replace an existing file
    audyn_codec_t codec;
    const char *description; ///< what is recorded, for people; copied
    const char *source;      ///< where it came from, e.g. "L24 rtp://…"; copied
    const char *station;     ///< whose programme it is; copied; NULL: not told
    /// An existing file that tells of what is replaced: emptied with it.  NULL: none;
    /// borrowed.
    const char *sidecar;
} audyn_sink_config_t;

/// What a file of this name holds when nothing else is asked for, of an input of so many
/// bits: the same, as far as its format can.
audyn_encoding_t audyn_sink_encoding(const char *path, uint32_t bits);

/// How people call what such a file holds: the encoding's name, or that of a codec that
/// has none.
const char *audyn_sink_encoding_name(const char *path, audyn_encoding_t encoding);

/// How many bytes at the end of a file's name choose its format, such as ".wav"; 0: none
/// do.
size_t audyn_sink_ending_bytes(const char *path);

/// Whether such a file can hold this.  Touches none.
audyn_status_t audyn_sink_check(const char *path, const audyn_sink_config_t *config,
                                audyn_error_t *error);

/// Creates the file, named with the ending of its format (".wav"); a first sync is to
/// follow soon.  A file that is to be overwritten stays as it is until
/// audyn_sink_begin(). On success the caller owns `*out`; on failure `*out` is NULL and
/// nothing was changed on disk.
audyn_status_t audyn_sink_open(audyn_sink_t **out, const char *path,
                               const audyn_sink_config_t *config, audyn_error_t *error);

/// When the first sample was, from which date and time of the file's metadata follow.
typedef struct {
    uint64_t position;    ///< its index on the media clock (TAI)
    int64_t tai_offset_s; ///< TAI − UTC then, in seconds
    /// The media clock runs at this fraction of the sample rate; 0/0: 1/1.
    uint32_t rate_numerator, rate_denominator;
    uint64_t sample_frames; ///< that the file will have, as far as is known; 0: nothing
} audyn_sink_start_t;

/// Who sums up a file while it is written.
typedef struct {
    /// Called by the thread that writes, for each piece of what the file will have once
    /// it is complete: the first one is at 0, and each follows the one before.  `bytes`
    /// NULL: zeros.  A piece that follows none takes back all of it: the file is not what
    /// was told.  So does any failure, and nothing is told where the format does not know
    /// its first bytes before its last ones.
    void (*tell)(void *context, uint64_t offset, const void *bytes, uint64_t size);
    void *context;
} audyn_sink_observer_t;

/// Before audyn_sink_begin().
void audyn_sink_observe(audyn_sink_t *sink, const audyn_sink_observer_t *observer);

/// Once, before the first sample.
audyn_status_t audyn_sink_begin(audyn_sink_t *sink, const audyn_sink_start_t *start);

/// Appends interleaved samples, borrowed for the call.  After a failure, here or of a
/// sync, all that was written before stays valid, nothing more is added, each further
/// call returns the same, and the sink can still be closed.
audyn_status_t audyn_sink_write(audyn_sink_t *sink, const float *samples,
                                size_t sample_frames);

/// Appends zeros.
audyn_status_t audyn_sink_write_silence(audyn_sink_t *sink, uint64_t sample_frames);

/// Whether audyn_sink_copy() can be used: the file holds its samples as they are.
bool audyn_sink_can_copy(const audyn_sink_t *sink);

/// Appends samples that the file `fd` has from `offset` on just as this one stores them:
/// of the same encoding, interleaved, little-endian.  No observer hears of them.  Fails
/// with AUDYN_BAD_DATA where that file ends before.
audyn_status_t audyn_sink_copy(audyn_sink_t *sink, int fd, uint64_t offset,
                               uint64_t sample_frames);

/// Hands all that was written to the kernel.  Then comes a sync, and audyn_sink_commit()
/// is told how that went; samples may be written meanwhile.
audyn_status_t audyn_sink_flush(audyn_sink_t *sink);

/// Any thread, beside the one that writes.  Puts on disk what was flushed, and what the
/// last commit wrote; the first time also the name of a new file.  May block for as long
/// as the disk takes.
audyn_status_t audyn_sink_sync(audyn_sink_t *sink);

/// `synced`: how the sync went that was begun after the last flush.  If well, writes a
/// header that counts the samples flushed then; if not, it stays as it is for good.
/// `finished`: nothing was written since, and nothing will be; one more sync puts on disk
/// that the file is complete.
audyn_status_t audyn_sink_commit(audyn_sink_t *sink, audyn_status_t synced,
                                 bool finished);

/// Sample frames in the file so far, as its header will say.
uint64_t audyn_sink_sample_frames(const audyn_sink_t *sink);

/// Completes the file and syncs it, unless a commit has finished it, and frees the sink
/// whatever the outcome, which tells the first failure of all.  Accepts NULL.
audyn_status_t audyn_sink_close(audyn_sink_t *sink);

/// Frees the sink and removes the file, unless it was there before: nothing was recorded.
/// Accepts NULL.
void audyn_sink_discard(audyn_sink_t *sink);

#endif
