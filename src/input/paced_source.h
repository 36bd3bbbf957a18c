// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// What inputs share that make their samples themselves: a thread that puts as many of
/// them into the timeline as the clock says are due, or as many as there is room for.

#ifndef AUDYN_INPUT_PACED_SOURCE_H
#define AUDYN_INPUT_PACED_SOURCE_H

#include "core/rt_thread.h"
#include "input/input_private.h"

typedef struct paced_source paced_source_t;

/// Writes the next `sample_frames`, of which `first` is the source's own index, and
/// returns how many there were.  Fewer: the source is at its end, or `source->status`
/// says why it failed.  Called on the source's thread.
typedef uint32_t paced_produce_t(paced_source_t *source, float *samples, uint64_t first,
                                 uint32_t sample_frames);

/// Embedded first by an input, which zeroes it.
struct paced_source {
    struct audyn_input input;

    // Read-only once the thread runs.
    paced_produce_t *produce;
    const audyn_clock_t *clock;
    bool free_running;
    audyn_frame_pool_t *block_pool; // of one frame
    audyn_audio_frame_t *block;     // 10 ms of samples, before they have their place
    audyn_rt_thread_t thread;

    // The source thread's own.
    uint64_t start; // position of the first sample
    uint64_t made;  // sample frames so far

    _Atomic bool quit; // written by the controlling thread: the source's thread may end

    audyn_status_t status; // the source thread's, published by `finished`
    _Atomic bool finished; // written by the source's thread: at the end, or failed
};

/// Reads `pace=clock|free`.
audyn_status_t paced_source_read_pace(paced_source_t *source, audyn_uri_t *uri,
                                      const audyn_input_config_t *config,
                                      audyn_error_t *error);

/// For the format that `source->input` has by then: timeline and memory.
audyn_status_t paced_source_init(paced_source_t *source, paced_produce_t *produce,
                                 const audyn_input_config_t *config,
                                 audyn_error_t *error);

/// Frees what paced_source_init() created, apart from the timeline, which the input's
/// caller destroys.  The thread has ended.
void paced_source_finish(paced_source_t *source);

/// For the table of an input's functions.
audyn_status_t paced_source_start(audyn_input_t *input, audyn_error_t *error);
void paced_source_ask_to_stop(audyn_input_t *input);
void paced_source_stop(audyn_input_t *input);
void paced_source_get_report(const audyn_input_t *input, audyn_input_report_t *report);
void paced_source_explain(const audyn_input_t *input, audyn_error_t *explanation);

#endif
