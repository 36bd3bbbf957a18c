// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The life of one recording: one input, one recorder, one file.  None of them knows of
/// the others, so that what happens to one leaves the others alone.

#ifndef AUDYN_CLI_RECORD_STREAM_H
#define AUDYN_CLI_RECORD_STREAM_H

#include "cli/record_events.h"
#include "cli/record_inputs.h"
#include "cli/record_output.h"
#include "cli/record_report.h"
#include "recorder/worker.h"

typedef enum {
    AUDYN_RECORD_WAITING, ///< for the first sample
    AUDYN_RECORD_RUNNING,
    AUDYN_RECORD_FINISHED, ///< complete, or ended on demand
    AUDYN_RECORD_FAILED,   ///< see `error`
} audyn_record_state_t;

typedef struct {
    const audyn_record_options_t *options;
    const char *name; ///< what people are told it is; unlike all others
    audyn_record_state_t state;
    audyn_input_t *input; ///< NULL once it is over, as the two below
    audyn_recorder_t *recorder;
    audyn_worker_t *worker; ///< serves the recorder
    audyn_record_output_t output;
    audyn_record_events_t *events; ///< NULL: nobody is told
    audyn_record_watch_t watch;
    int64_t started_ns;
    bool refused;   ///< it failed at its start
    bool timed_out; ///< nothing had come by then: what comes at the last moment is late
    audyn_record_report_t report;
    json_t *json;          ///< the report, once it is over; NULL: out of memory
    audyn_status_t status; ///< of a failure
    audyn_error_t error;
} audyn_record_stream_t;

/// Borrows the input, which has its name, and the options.  Opens nothing.  Fails with
/// AUDYN_NO_MEMORY, and is to be destroyed then too.
audyn_status_t audyn_record_stream_init(audyn_record_stream_t *stream,
                                        const audyn_record_input_t *input,
                                        const audyn_record_options_t *options,
                                        audyn_record_events_t *events);

/// Opens input and file, and records.  `shared` is what all streams have in common.  On
/// failure all is closed again and `error` says why.
audyn_status_t audyn_record_stream_start(audyn_record_stream_t *stream,
                                         const audyn_input_config_t *shared,
                                         audyn_worker_t *worker);

/// It runs, or waits for its first sample.
bool audyn_record_stream_is_active(const audyn_record_stream_t *stream);

/// Of an active one: brings `report` up to date; false when it has come to its end.
bool audyn_record_stream_look(audyn_record_stream_t *stream, int64_t now_ns);

/// It has finished or failed, be it at its start.
bool audyn_record_stream_is_over(const audyn_record_stream_t *stream);

/// Takes one that is not over to its end, whatever ended it: completes the file, writes
/// its report and gives back all memory but `json`.
void audyn_record_stream_finish(audyn_record_stream_t *stream);

/// Not of an active one.
void audyn_record_stream_destroy(audyn_record_stream_t *stream);

#endif
