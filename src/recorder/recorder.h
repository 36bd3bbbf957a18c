// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// One input's timeline into an output: a file, or an archive.

#ifndef AUDYN_RECORDER_RECORDER_H
#define AUDYN_RECORDER_RECORDER_H

#include "archive/output.h"
#include "input/input.h"
#include "pcm/meter.h"
#include "recorder/syncer.h"

typedef struct audyn_recorder audyn_recorder_t;

/// Borrowed for the life of the recorder, but for `output`.
typedef struct {
    audyn_input_t *input;
    audyn_output_t *output; ///< the recorder's from now on
    uint64_t sample_frames; ///< how many to record from the first one; 0: no limit
    bool metering;          ///< measure levels
    bool keeps_spans;       ///< audyn_recorder_losses() will be asked for
} audyn_recorder_config_t;

typedef enum {
    AUDYN_RECORDER_RUNNING,
    AUDYN_RECORDER_FULL,   ///< has all the sample frames it was to record
    AUDYN_RECORDER_ENDED,  ///< the input has finished, and all of it is recorded
    AUDYN_RECORDER_FAILED, ///< the file cannot be written: see `status`
} audyn_recorder_state_t;

/// A snapshot.
typedef struct {
    audyn_recorder_state_t state;
    audyn_status_t status;                 ///< of a failure
    bool started;                          ///< `position` is known
    uint64_t position;                     ///< of the first sample, on the media clock
    uint64_t sample_frames;                ///< written
    uint64_t counts[AUDYN_SAMPLE_CLASSES]; ///< of those, whose class is final
    audyn_unwritten_t unwritten;           ///< of those, what the disk did not take
    float peaks[AUDYN_METER_CHANNELS];     ///< since the last snapshot
    bool missing;          ///< since the last snapshot samples were lost, late or without
                           ///< a frame, the first of them at `missing_from`
    uint64_t missing_from; ///< position
} audyn_recorder_progress_t;

/// On failure `*out` is NULL, and the output is still the caller's.
audyn_status_t audyn_recorder_create(audyn_recorder_t **out,
                                     const audyn_recorder_config_t *config);

/// Worker.  Takes what the timeline has decided, and brings the file's header up to date
/// once a sync is done.  A recorder that is full or has failed goes on taking, so that
/// the input never starves.  Returns how many sample frames it took.
uint64_t audyn_recorder_step(audyn_recorder_t *recorder);

/// Worker.  It has not taken all that there is, since its output waits for the disk.
bool audyn_recorder_is_held_up(const audyn_recorder_t *recorder);

/// Worker.  After the last step: if it still runs, it has ended.
void audyn_recorder_end(audyn_recorder_t *recorder);

/// Worker.  Has the file synced, unless it is already under way.  To be called at once
/// and then several times a second: what is on disk after one call is counted after the
/// next. Of a recorder that is not running this completes the file.
void audyn_recorder_sync(audyn_recorder_t *recorder, audyn_syncer_t *syncer);

/// Worker.
bool audyn_recorder_is_running(const audyn_recorder_t *recorder);

/// Worker.  Not running any more, and its file is complete on disk, or has failed.
bool audyn_recorder_is_complete(const audyn_recorder_t *recorder);

/// Any thread.  Starts a new interval of peak levels.
void audyn_recorder_get_progress(audyn_recorder_t *recorder,
                                 audyn_recorder_progress_t *progress);

/// After the input was stopped and the worker has taken its last step.  Closes the file,
/// completing it if need be, or removes it where not one sample was recorded, or none
/// that is worth keeping.  Returns the first failure of all.
audyn_status_t audyn_recorder_finish(audyn_recorder_t *recorder, bool keep);

/// After the worker has taken its last step.  Owned by the recorder; NULL where no spans
/// were to be kept.
const audyn_loss_map_t *audyn_recorder_losses(const audyn_recorder_t *recorder);

/// Accepts NULL.
void audyn_recorder_destroy(audyn_recorder_t *recorder);

#endif
