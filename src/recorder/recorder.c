// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "recorder/recorder.h"

#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct audyn_recorder {
    // The worker's.
    audyn_input_t *input;
    audyn_timeline_t *timeline;
    audyn_output_t *output;
    audyn_loss_map_t *losses; // NULL: not kept
    uint64_t limit;           // sample frames; UINT64_MAX: none
    bool metering;
    audyn_meter_t meter;                // since the last step
    audyn_recorder_progress_t progress; // but for the peaks
    audyn_file_sync_t sync;
    bool syncing; // flushed, and to be committed once `sync` is done
    bool held_up; // in the last step

    // What others see of it, after each step.
    pthread_mutex_t mutex;
    audyn_recorder_progress_t shown;
};

audyn_status_t
audyn_recorder_create(audyn_recorder_t **out, const audyn_recorder_config_t *config)
{
    *out = NULL;
    audyn_recorder_t *recorder = calloc(1, sizeof *recorder);
    if (!recorder || (config->keeps_spans && audyn_loss_map_create(&recorder->losses))) {
        free(recorder);
        return AUDYN_NO_MEMORY;
    }
    recorder->input = config->input;
    recorder->timeline = audyn_input_timeline(config->input);
    recorder->output = config->output;
    recorder->limit = config->sample_frames ? config->sample_frames : UINT64_MAX;
    recorder->metering = config->metering;
    recorder->meter.channels = audyn_input_format(config->input)->channels;
    pthread_mutex_init(&recorder->mutex, NULL);
    *out = recorder;
    return AUDYN_OK;
}

static audyn_status_t
begin_if_first(audyn_recorder_t *recorder, const audyn_stretch_t *stretch)
{
    if (recorder->progress.started) {
        return AUDYN_OK;
    }
    recorder->progress.started = true;
    recorder->progress.position = stretch->position;
    const audyn_input_format_t *format = audyn_input_format(recorder->input);
    const audyn_clock_t *clock = audyn_clock_system();
    const audyn_sink_start_t start = {.position = stretch->position,
                                      .tai_offset_s = clock->tai_offset_s(clock),
                                      .rate_numerator = format->rate_numerator,
                                      .rate_denominator = format->rate_denominator};
    return audyn_output_begin(recorder->output, &start);
}

static audyn_status_t
write_stretch(audyn_recorder_t *recorder, const audyn_stretch_t *stretch, uint64_t count)
{
    if (recorder->metering && stretch->samples) {
        audyn_meter_add(&recorder->meter, stretch->samples, (size_t)count);
    }
    return audyn_output_write(recorder->output, stretch->samples, count);
}

// The first failure is the one to tell.
static void
note_failure(audyn_recorder_t *recorder, audyn_status_t status)
{
    audyn_recorder_progress_t *progress = &recorder->progress;
    if (status && !progress->status) {
        progress->state = AUDYN_RECORDER_FAILED;
        progress->status = status;
        progress->sample_frames = audyn_output_sample_frames(recorder->output);
    }
}

static void
record_stretch(audyn_recorder_t *recorder, const audyn_stretch_t *stretch)
{
    audyn_recorder_progress_t *progress = &recorder->progress;
    audyn_status_t status = begin_if_first(recorder, stretch);
    const uint64_t room = recorder->limit - progress->sample_frames;
    const uint64_t count = stretch->sample_frames < room ? stretch->sample_frames : room;
    if (!status) {
        status = write_stretch(recorder, stretch, count);
    }
    if (status) {
        note_failure(recorder, status);
        return;
    }
    progress->sample_frames += count;
    if (progress->sample_frames == recorder->limit) {
        progress->state = AUDYN_RECORDER_FULL;
    }
}

// Notes the classes of what was written.
static void
count_classes(audyn_recorder_t *recorder)
{
    audyn_recorder_progress_t *progress = &recorder->progress;
    const uint64_t until = progress->position + progress->sample_frames;
    audyn_span_t span;
    while (audyn_timeline_next_span(recorder->timeline, until, &span)) {
        progress->counts[span.class] += span.sample_frames;
        if (recorder->losses) {
            audyn_loss_map_add(recorder->losses, &span);
        }
        audyn_output_classify(recorder->output, &span);
        if (!progress->missing && span.class < AUDYN_SAMPLE_NO_SIGNAL) {
            progress->missing = true;
            progress->missing_from = span.position;
        }
    }
}

// Takes up the outcome of a sync that is done.
static void
commit(audyn_recorder_t *recorder)
{
    if (!recorder->syncing || audyn_file_sync_is_under_way(&recorder->sync)) {
        return;
    }
    recorder->syncing = false;
    audyn_output_commit(recorder->output);
    note_failure(recorder, audyn_output_status(recorder->output));
}

static void
show(audyn_recorder_t *recorder)
{
    audyn_meter_t *meter = &recorder->meter;
    audyn_recorder_progress_t *shown = &recorder->shown;
    audyn_output_get_unwritten(recorder->output, &recorder->progress.unwritten);
    pthread_mutex_lock(&recorder->mutex);
    memcpy(recorder->progress.peaks, shown->peaks, sizeof shown->peaks);
    if (shown->missing) {
        recorder->progress.missing = true;
        recorder->progress.missing_from = shown->missing_from;
    }
    *shown = recorder->progress;
    recorder->progress.missing = false;
    for (uint32_t c = 0; c < meter->channels; ++c) {
        shown->peaks[c] = fmaxf(shown->peaks[c], meter->peak[c]);
    }
    pthread_mutex_unlock(&recorder->mutex);
    audyn_meter_reset(meter);
}

// The timeline keeps what is not taken yet, as long as it has frames.
static bool
is_to_wait(audyn_recorder_t *recorder)
{
    recorder->held_up = recorder->progress.state == AUDYN_RECORDER_RUNNING &&
                        !audyn_output_has_room(recorder->output);
    return recorder->held_up;
}

uint64_t
audyn_recorder_step(audyn_recorder_t *recorder)
{
    uint64_t taken = 0;
    audyn_stretch_t stretch;
    commit(recorder);
    while (!is_to_wait(recorder) && audyn_timeline_next(recorder->timeline, &stretch)) {
        taken += stretch.sample_frames;
        if (recorder->progress.state == AUDYN_RECORDER_RUNNING) {
            record_stretch(recorder, &stretch);
        }
        audyn_timeline_release(recorder->timeline, &stretch);
    }
    count_classes(recorder);
    if (audyn_timeline_ended(recorder->timeline)) {
        audyn_recorder_end(recorder);
    }
    show(recorder);
    return taken;
}

void
audyn_recorder_end(audyn_recorder_t *recorder)
{
    if (recorder->progress.state == AUDYN_RECORDER_RUNNING) {
        recorder->progress.state = AUDYN_RECORDER_ENDED;
    }
}

void
audyn_recorder_sync(audyn_recorder_t *recorder, audyn_syncer_t *syncer)
{
    if (recorder->syncing) {
        return;
    }
    const bool running = audyn_recorder_is_running(recorder);
    recorder->syncing = audyn_output_flush(recorder->output, !running);
    note_failure(recorder, audyn_output_status(recorder->output));
    if (recorder->syncing) {
        recorder->sync.output = recorder->output;
        recorder->sync.urgent = !running || recorder->held_up;
        audyn_syncer_start(syncer, &recorder->sync);
    }
}

bool
audyn_recorder_is_held_up(const audyn_recorder_t *recorder)
{
    return recorder->held_up;
}

bool
audyn_recorder_is_running(const audyn_recorder_t *recorder)
{
    return recorder->progress.state == AUDYN_RECORDER_RUNNING;
}

bool
audyn_recorder_is_complete(const audyn_recorder_t *recorder)
{
    return !audyn_recorder_is_running(recorder) && !recorder->syncing &&
           audyn_output_is_complete(recorder->output);
}

void
audyn_recorder_get_progress(audyn_recorder_t *recorder,
                            audyn_recorder_progress_t *progress)
{
    audyn_recorder_progress_t *shown = &recorder->shown;
    pthread_mutex_lock(&recorder->mutex);
    *progress = *shown;
    memset(shown->peaks, 0, sizeof shown->peaks);
    shown->missing = false;
    pthread_mutex_unlock(&recorder->mutex);
}

const audyn_loss_map_t *
audyn_recorder_losses(const audyn_recorder_t *recorder)
{
    return recorder->losses;
}

audyn_status_t
audyn_recorder_finish(audyn_recorder_t *recorder, bool keep)
{
    audyn_output_t *output = recorder->output;
    recorder->output = NULL;
    if (!keep || !recorder->progress.sample_frames) {
        audyn_output_discard(output);
        return AUDYN_OK;
    }
    const audyn_status_t status = audyn_output_close(output);
    return recorder->progress.status ? recorder->progress.status : status;
}

void
audyn_recorder_destroy(audyn_recorder_t *recorder)
{
    if (recorder) {
        audyn_output_close(recorder->output);
        audyn_loss_map_destroy(recorder->losses);
        pthread_mutex_destroy(&recorder->mutex);
        free(recorder);
    }
}
