// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The worker's part, where nobody looks at the samples.

#ifndef AUDYN_TESTS_TAKE_H
#define AUDYN_TESTS_TAKE_H

#include "input/timeline.h"

/// Takes and gives back all that is ready; returns how many sample frames that was.
static inline uint64_t
take(audyn_timeline_t *timeline)
{
    uint64_t taken = 0;
    audyn_stretch_t stretch;
    while (audyn_timeline_next(timeline, &stretch)) {
        taken += stretch.sample_frames;
        audyn_timeline_release(timeline, &stretch);
    }
    uint64_t counts[AUDYN_SAMPLE_CLASSES] = {0};
    audyn_timeline_count(timeline, UINT64_MAX, counts);
    return taken;
}

#endif
