// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The header of a FLAC frame (RFC 9639, section 9.1), written anew so that the frame
/// can stand in another file.

#ifndef AUDYN_ARCHIVE_FLAC_FRAME_H
#define AUDYN_ARCHIVE_FLAC_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A header becomes longer by so many bytes at most.
#define FLAC_FRAME_GROWTH 6

/// Numbers the frame of `*size` bytes by its first sample, as files whose blocks are of
/// several sizes do, and sums it up again.  `bytes` has room for FLAC_FRAME_GROWTH more.
/// False where it is no frame, or `sample` has more than 36 bits.
bool flac_frame_renumber(uint8_t *bytes, size_t *size, uint64_t sample);

#endif
