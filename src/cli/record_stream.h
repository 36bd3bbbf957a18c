// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The life of one recording: one input, one recorder, one output.  None of them knows of
/// the others, so that what happens to one leaves the others alone.

#ifndef AUDYN_CLI_RECORD_STREAM_H
#define AUDYN_CLI_RECORD_STREAM_H

#include "cli/record_events.h"
#include "cli/record_inputs.h"
#include "cli/record_output.h"
#include "cli/record_report.h"
#include "recorder/worker.h"

typedef enum {
    AUDYN_RECORD_WAITING, ///< for the input to be there, or for its first sample
    AUDYN_RECORD_RUNNING,
    AUDYN_RECORD_FINISHED, ///< complete, or ended on demand
    AUDYN_RECORD_FAILED,   ///< see `error`
} audyn_record_state_t;

typedef struct {
    const audyn_record_options_t *options;
    const audyn_input_config_t *shared; ///< by all inputs
    const char *name;                   ///< what people are told it is; unlike all others
    audyn_record_state_t state;
    audyn_input_t *input; ///< NULL while it is not open, as the two below
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

/// What all streams of a set have from it; borrowed.
typedef struct {
    const audyn_record_options_t *options;
    const audyn_archive_t *archive; ///< or NULL
    const audyn_input_config_t *input;
    audyn_record_events_t *events; ///< or NULL
} audyn_record_shared_t;

/// Borrows the input, which has its name, and what is shared.  Opens nothing.  Fails with
/// AUDYN_NO_MEMORY, and is to be destroyed then too.
audyn_status_t audyn_record_stream_init(audyn_record_stream_t *stream,
                                        const audyn_record_input_t *input,
                                        const audyn_record_shared_t *shared);

/// Neither active nor over: to be opened, and then started.
bool audyn_record_stream_is_pending(const audyn_record_stream_t *stream);

/// It runs, or waits for its first sample.
bool audyn_record_stream_is_active(const audyn_record_stream_t *stream);

/// Any thread.  Of a pending one: opens input and file, or notes why that cannot be.
void audyn_record_stream_open(audyn_record_stream_t *stream);

/// Of one that was opened.  It stays pending where the input is not there yet.  On
/// failure all is closed again and `error` says why.
audyn_status_t audyn_record_stream_start(audyn_record_stream_t *stream,
                                         audyn_worker_t *worker);

/// Of an active one: brings `report` up to date; false when it has come to its end.
bool audyn_record_stream_look(audyn_record_stream_t *stream, int64_t now_ns);

/// Takes an active one to its end, whatever ended it: nothing flows any more, and what
/// had arrived is in the recorder's hands.  The worker may have been stopped before:
/// NULL.
void audyn_record_stream_stop(audyn_record_stream_t *stream);

/// Any thread.  Of one that was stopped: completes the file and writes its report.
void audyn_record_stream_complete(audyn_record_stream_t *stream);

/// Of one that is complete: gives back all memory but `json`, and says how it went.
void audyn_record_stream_close(audyn_record_stream_t *stream);

/// Of a pending one: it has failed, for what it was still waiting for, or else for `why`.
void audyn_record_stream_refuse(audyn_record_stream_t *stream, audyn_status_t status,
                                const char *why);

/// Not of an active one.
void audyn_record_stream_destroy(audyn_record_stream_t *stream);

#endif
