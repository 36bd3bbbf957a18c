// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Between integer PCM on the wire or in a file and the pool's 32-bit float samples.
///
/// An integer of B bits stands for value / 2^(B−1), so that every 16- and 24-bit integer
/// has an exact float and comes back unchanged, −2^(B−1) included.

#ifndef AUDYN_PCM_CONVERT_H
#define AUDYN_PCM_CONVERT_H

#include <audyn/attributes.h>

#include <stddef.h>
#include <stdint.h>

/// How samples are stored in a file: little-endian, interleaved.
typedef enum {
    AUDYN_PCM16,
    AUDYN_PCM24,
    AUDYN_FLOAT32,
} audyn_encoding_t;

/// Bytes of one sample.
static inline uint32_t
audyn_encoding_bytes(audyn_encoding_t encoding)
{
    return (uint32_t)encoding + 2;
}

/// "pcm16", "pcm24" or "float32".
const char *audyn_encoding_name(audyn_encoding_t encoding);

/// Integer samples, packed, of any alignment, to float.
typedef void audyn_pcm_decode_t(float *restrict out, const void *restrict in,
                                size_t samples) AUDYN_REALTIME;
/// Float to the nearest integer sample (ties to even); what is out of range is clipped,
/// NaN becomes zero.
typedef void audyn_pcm_encode_t(void *restrict out, const float *restrict in,
                                size_t samples);

/// Takes float samples, of any alignment, as they are.
audyn_pcm_decode_t audyn_pcm_copy;

/// One implementation of all conversions.  "l" is big-endian as on the wire (RFC 3190,
/// RFC 3551), "le" is little-endian as in WAV.
typedef struct {
    const char *name; ///< "avx2" or "c"
    audyn_pcm_decode_t *decode_l16, *decode_l24;
    audyn_pcm_encode_t *encode_l16, *encode_l24;
    audyn_pcm_encode_t *encode_s16le, *encode_s24le;
} audyn_pcm_t;

/// The fastest implementation that this processor runs.  Static.
const audyn_pcm_t *audyn_pcm_best(void);

/// Plain C, for every processor.  Static.
const audyn_pcm_t *audyn_pcm_plain(void) AUDYN_REALTIME;

/// As `encode_s16le` (bits 16) or `encode_s24le` (bits 24), with triangular dither of
/// ±1 least significant bit added before rounding.  The dither is a function of the
/// sample's index alone (`position × channels + channel`), so that two recorders of one
/// stream write the same file.
void audyn_pcm_encode_dithered(void *restrict out, const float *restrict in,
                               size_t samples, unsigned bits, uint64_t first_sample);

#endif
