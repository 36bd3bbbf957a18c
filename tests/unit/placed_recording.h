// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// An input whose samples the test places itself, recorded into a file.

#ifndef AUDYN_TESTS_PLACED_RECORDING_H
#define AUDYN_TESTS_PLACED_RECORDING_H

#include "input/input_private.h"
#include "recorder/recorder.h"
#include "sink/wav_reader.h"

#define PLACED_RATE 48000U
#define PLACED_START (UINT64_C(1790000000) * PLACED_RATE)

struct placed_recording {
    struct audyn_input input;
    audyn_recorder_t *recorder;
    char path[96];
};

/// Mono, 24 bits.  `sample_frames` as of audyn_recorder_config_t.
void placed_recording_start(struct placed_recording *recording, const char *name,
                            uint64_t sample_frames);

/// Input thread.  Samples of 0.25, a second of them at most.
void placed_recording_add(struct placed_recording *recording, uint64_t position,
                          uint32_t count);

audyn_recorder_progress_t placed_recording_progress(struct placed_recording *recording);

/// Of the file.
audyn_wav_info_t placed_recording_info(const struct placed_recording *recording);

/// Removes the file too.
void placed_recording_end(struct placed_recording *recording);

#endif
