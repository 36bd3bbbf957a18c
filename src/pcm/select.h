// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// Some of the channels of interleaved samples, so that only those are converted.

#ifndef AUDYN_PCM_SELECT_H
#define AUDYN_PCM_SELECT_H

#include "pcm/convert.h"

#include <stdbool.h>

#define AUDYN_SELECT_CHANNELS 64

/// Start with all zero, which selects nothing.  Channels count from 0.
typedef struct {
    uint32_t
        stride; ///< channels that the samples have, from one sample frame to the next
    uint32_t channels; ///< that are selected
    uint32_t run_count;
    struct {
        uint8_t first, count; ///< consecutive channels
    } runs[AUDYN_SELECT_CHANNELS];
} audyn_selection_t;

/// Selects one more channel, below AUDYN_SELECT_CHANNELS; false where it is selected
/// already.
bool audyn_selection_add(audyn_selection_t *selection, uint32_t channel);

/// One past the highest channel that is selected.
uint32_t audyn_selection_end(const audyn_selection_t *selection);

/// All channels of `stride` in their order: it need not be applied.
bool audyn_selection_is_whole(const audyn_selection_t *selection);

/// As `decode` for the selected channels of `sample_frames`, whose samples have `bytes`
/// each, 1 to 4.
void audyn_selection_decode(const audyn_selection_t *selection, float *restrict out,
                            const void *restrict in, size_t sample_frames, uint32_t bytes,
                            audyn_pcm_decode_t *decode) AUDYN_REALTIME;

#endif
