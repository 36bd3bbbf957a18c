// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The seek table of a FLAC file (RFC 9639, section 8.5): a point every ten seconds, for
/// six hours.

#ifndef AUDYN_SINK_FLAC_POINTS_H
#define AUDYN_SINK_FLAC_POINTS_H

#include <FLAC/metadata.h>
#include <stdbool.h>

/// Fills a table that is empty, or was filled by this, with points that are to be found
/// yet; one of another program stays.  False: out of memory.
bool flac_points_plan(FLAC__StreamMetadata *table, uint32_t sample_rate);

/// Sets the points that lie in a frame, from the one numbered `next` on, as libFLAC's
/// encoder does; `frame` is where that begins.  Returns the next one.
uint32_t flac_points_set(FLAC__StreamMetadata *table, uint32_t next,
                         const FLAC__StreamMetadata_SeekPoint *frame);

/// Empties the points that the file has not reached: some readers believe each.
void flac_points_end(FLAC__StreamMetadata *table, uint64_t sample_frames);

#endif
