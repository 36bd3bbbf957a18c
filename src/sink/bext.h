// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The `bext` chunk of Broadcast Wave (EBU Tech 3285 v2): what a file holds, and when
/// its first sample was.

#ifndef AUDYN_SINK_BEXT_H
#define AUDYN_SINK_BEXT_H

#include "sink/sink.h"

/// Bytes before the coding history.
#define AUDYN_BEXT_FIXED_BYTES 602
/// The most of a coding history that is written, or kept when read.
#define AUDYN_BEXT_HISTORY_BYTES 1024

/// Texts are ASCII when we write them, whatever was found when read; each ends in NUL.
typedef struct {
    char description[256 + 1];
    char originator[32 + 1];
    char originator_reference[32 + 1]; ///< EBU R 99
    char origination_date[10 + 1];     ///< yyyy-mm-dd of the first sample; ours is UTC
    char origination_time[8 + 1];      ///< hh:mm:ss
    uint64_t time_reference;           ///< sample frames since midnight
    uint16_t version;
    char coding_history[AUDYN_BEXT_HISTORY_BYTES + 1]; ///< EBU R 98, lines end in CR LF
} audyn_bext_t;

/// All that does not depend on the first sample's time.  What ASCII cannot say becomes
/// "?"; what does not fit is cut.
void audyn_bext_init(audyn_bext_t *bext, const audyn_sink_config_t *config);

/// Date, time, time reference and originator reference of the first sample; `position` is
/// its index on a clock of exactly `sample_rate`.  They follow from the stream alone, so
/// that two recorders of one stream write the same bytes.  Where the date has no
/// four-digit year, they stay as they are.
void audyn_bext_set_start(audyn_bext_t *bext, uint32_t sample_rate, uint64_t position,
                          int64_t tai_offset_s);

/// Of the chunk, without its header.  Even.
uint32_t audyn_bext_bytes(const audyn_bext_t *bext);

/// Writes audyn_bext_bytes() and returns the end.
uint8_t *audyn_bext_encode(uint8_t *at, const audyn_bext_t *bext);

/// False where `size` is too small for a `bext` chunk.
bool audyn_bext_decode(audyn_bext_t *bext, const uint8_t *bytes, size_t size);

/// The first sample's index on the TAI media clock, provided that the chunk tells the
/// time in UTC, as ours do.  False where the date is no date or before 2017, since when
/// TAI − UTC is 37 s, and where the time reference is more than a day.
bool audyn_bext_position(const audyn_bext_t *bext, uint32_t sample_rate,
                         uint64_t *position);

#endif
