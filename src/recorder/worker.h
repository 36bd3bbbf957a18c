// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The ordinary thread that serves recorders: each belongs to one worker, and a worker
/// serves many.

#ifndef AUDYN_RECORDER_WORKER_H
#define AUDYN_RECORDER_WORKER_H

#include "recorder/recorder.h"

typedef struct audyn_worker audyn_worker_t;

/// Borrows the recorders until it is destroyed.  On failure `*out` is NULL.
audyn_status_t audyn_worker_start(audyn_worker_t **out,
                                  audyn_recorder_t *const *recorders, size_t count);

/// Readable (for poll) once a recorder has left AUDYN_RECORDER_RUNNING.
int audyn_worker_event_fd(const audyn_worker_t *worker);

/// After the inputs were stopped: takes what is left and ends the thread.  Accepts NULL.
void audyn_worker_stop(audyn_worker_t *worker);

#endif
