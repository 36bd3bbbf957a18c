// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// The ordinary thread that serves recorders: each belongs to one worker, and a worker
/// serves many, which come and go while it runs.  A disk that is slow to sync holds up
/// those who record to it; one that is slow to take samples, all those of the worker.

#ifndef AUDYN_RECORDER_WORKER_H
#define AUDYN_RECORDER_WORKER_H

#include "recorder/recorder.h"

typedef struct audyn_worker audyn_worker_t;

/// Starts the thread.  One control thread calls this and all that follows.  On failure
/// `*out` is NULL.
audyn_status_t audyn_worker_start(audyn_worker_t **out);

/// The worker serves the recorder from now on; borrowed until it is removed.  Does not
/// wait for the worker.
audyn_status_t audyn_worker_add(audyn_worker_t *worker, audyn_recorder_t *recorder);

/// After the recorder's input was stopped: the worker takes what is left and completes
/// the file, and has let go of the recorder when this returns.
void audyn_worker_remove(audyn_worker_t *worker, audyn_recorder_t *recorder);

/// Readable (for poll) once a recorder has left AUDYN_RECORDER_RUNNING; to be read
/// (eventfd_read) by who wants to know of the next one.
int audyn_worker_event_fd(const audyn_worker_t *worker);

/// Removes all recorders, whose inputs were stopped, and ends the thread.  Their files
/// are completed side by side.  Accepts NULL.
void audyn_worker_stop(audyn_worker_t *worker);

#endif
