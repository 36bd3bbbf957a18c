// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What a worker gets out of an input's timeline.

#ifndef AUDYN_TESTS_COLLECTION_H
#define AUDYN_TESTS_COLLECTION_H

#include "input/input.h"

/// All zero is empty.
struct collection {
    uint64_t start;         // position of the first sample
    uint64_t sample_frames; // so far
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    bool keep;      // set by the test: samples are kept
    float *samples; // interleaved; free() them
};

/// Takes all that has been decided; fails where a stretch does not continue the last.
void collect(struct collection *collection, audyn_input_t *input);

/// Collects until the input has ended.
void collect_all(struct collection *collection, audyn_input_t *input);

#endif
