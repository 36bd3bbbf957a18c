// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Where a segment lies: in time, up to the next cut, and on disk, under a name that no
/// other one has.

#ifndef AUDYN_ARCHIVE_SEGMENT_PLACE_H
#define AUDYN_ARCHIVE_SEGMENT_PLACE_H

#include "archive/chain.h"
#include "archive/layout.h"
#include "core/clock.h"

#include <limits.h>

/// Room behind a base name for "-99999" and ".json.sig".
#define AUDYN_SEGMENT_ENDING 16

/// The first sample after `position` that was not taken before the next cut.
uint64_t audyn_segment_cut(const audyn_layout_t *layout, const audyn_media_rate_t *rate,
                           uint64_t position);

/// The path of a segment's files without their ending, below the stream's folder: the
/// layout's, or that with "-2", "-3" … where a file of any format or a sidecar has it, or
/// the catalog of `chain`, which may be NULL, knows it.  Makes its directories.  Fails
/// where no name can be had.
audyn_status_t audyn_segment_choose_base(audyn_chain_t *chain,
                                         const audyn_layout_t *layout,
                                         const audyn_media_rate_t *rate,
                                         const char *folder, uint64_t position,
                                         char base[PATH_MAX]);

/// The same of a name that is known: "FOLDER/NAME", or that with "-2" …
audyn_status_t audyn_segment_number_base(audyn_chain_t *chain, const char *folder,
                                         const char *name, char base[PATH_MAX]);

/// "BASE.ENDING"
void audyn_segment_path(const char *base, const char *ending, char path[PATH_MAX]);

#endif
