// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "recorder/recorder.h"

#include <pthread.h>
#include <stdlib.h>

// With the window, what the worker has not seen yet and the time that a sync takes, less
// than a second is at stake.
#define SYNC_INTERVAL_NS (500 * AUDYN_NS_PER_MS)

struct audyn_recorder {
    audyn_input_t *input;
    audyn_timeline_t *timeline;
    audyn_sink_t *sink;
    const audyn_clock_t *clock;
    uint64_t limit; // sample frames; UINT64_MAX: none
    bool metering;
    int64_t synced_ns;        // when the file was last synced
    audyn_loss_map_t *losses; // the worker's own

    // Shared between the worker and those who watch.
    pthread_mutex_t mutex;
    audyn_recorder_progress_t progress;
    audyn_meter_t meter;
};

audyn_status_t
audyn_recorder_create(audyn_recorder_t **out, const audyn_recorder_config_t *config)
{
    *out = NULL;
    audyn_recorder_t *recorder = calloc(1, sizeof *recorder);
    if (!recorder || audyn_loss_map_create(&recorder->losses)) {
        free(recorder);
        return AUDYN_NO_MEMORY;
    }
    recorder->input = config->input;
    recorder->timeline = audyn_input_timeline(config->input);
    recorder->sink = config->sink;
    recorder->clock = config->clock ? config->clock : audyn_clock_system();
    recorder->limit = config->sample_frames ? config->sample_frames : UINT64_MAX;
    recorder->metering = config->metering;
    recorder->meter.channels = audyn_input_format(config->input)->channels;
    recorder->synced_ns = recorder->clock->monotonic_ns(recorder->clock);
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
    pthread_mutex_lock(&recorder->mutex);
    recorder->progress.started = true;
    recorder->progress.position = stretch->position;
    pthread_mutex_unlock(&recorder->mutex);
    const audyn_input_format_t *format = audyn_input_format(recorder->input);
    const audyn_sink_start_t start = {.position = stretch->position,
                                      .tai_offset_s = audyn_clock_tai_offset(),
                                      .rate_numerator = format->rate_numerator,
                                      .rate_denominator = format->rate_denominator};
    return audyn_sink_begin(recorder->sink, &start);
}

static audyn_status_t
write_stretch(audyn_recorder_t *recorder, const audyn_stretch_t *stretch, uint64_t count)
{
    if (!stretch->samples) {
        return audyn_sink_write_silence(recorder->sink, count);
    }
    if (recorder->metering) {
        pthread_mutex_lock(&recorder->mutex);
        audyn_meter_add(&recorder->meter, stretch->samples, (size_t)count);
        pthread_mutex_unlock(&recorder->mutex);
    }
    return audyn_sink_write(recorder->sink, stretch->samples, (size_t)count);
}

static void
note_progress(audyn_recorder_t *recorder, uint64_t written, audyn_status_t status)
{
    pthread_mutex_lock(&recorder->mutex);
    audyn_recorder_progress_t *progress = &recorder->progress;
    progress->sample_frames += written;
    if (status) {
        progress->state = AUDYN_RECORDER_FAILED;
        progress->status = status;
        progress->sample_frames = audyn_sink_sample_frames(recorder->sink);
    } else if (progress->sample_frames == recorder->limit) {
        progress->state = AUDYN_RECORDER_FULL;
    }
    pthread_mutex_unlock(&recorder->mutex);
}

static void
record_stretch(audyn_recorder_t *recorder, const audyn_stretch_t *stretch)
{
    audyn_status_t status = begin_if_first(recorder, stretch);
    const uint64_t room = recorder->limit - recorder->progress.sample_frames;
    const uint64_t count = stretch->sample_frames < room ? stretch->sample_frames : room;
    if (!status) {
        status = write_stretch(recorder, stretch, count);
    }
    note_progress(recorder, status ? 0 : count, status);
}

// Notes the classes of what stands in the file.
static void
count_classes(audyn_recorder_t *recorder)
{
    const audyn_recorder_progress_t *progress = &recorder->progress;
    const bool done = progress->state != AUDYN_RECORDER_RUNNING;
    const uint64_t until =
        done ? progress->position + progress->sample_frames : UINT64_MAX;
    audyn_span_t span;
    while (audyn_timeline_next_span(recorder->timeline, until, &span)) {
        audyn_loss_map_add(recorder->losses, &span);
    }
    pthread_mutex_lock(&recorder->mutex);
    audyn_loss_map_counts(recorder->losses, recorder->progress.counts);
    pthread_mutex_unlock(&recorder->mutex);
}

static void
sync_if_due(audyn_recorder_t *recorder)
{
    const int64_t now_ns = recorder->clock->monotonic_ns(recorder->clock);
    if (!recorder->progress.started || now_ns - recorder->synced_ns < SYNC_INTERVAL_NS) {
        return;
    }
    recorder->synced_ns = now_ns;
    note_progress(recorder, 0, audyn_sink_sync(recorder->sink));
}

// The worker is the only one that writes `progress`, so it may read without the mutex.
uint64_t
audyn_recorder_step(audyn_recorder_t *recorder)
{
    uint64_t taken = 0;
    audyn_stretch_t stretch;
    while (audyn_timeline_next(recorder->timeline, &stretch)) {
        taken += stretch.sample_frames;
        if (recorder->progress.state == AUDYN_RECORDER_RUNNING) {
            record_stretch(recorder, &stretch);
        }
        audyn_timeline_release(recorder->timeline, &stretch);
    }
    count_classes(recorder);
    if (recorder->progress.state != AUDYN_RECORDER_RUNNING) {
        return taken;
    }
    sync_if_due(recorder);
    if (audyn_timeline_ended(recorder->timeline)) {
        pthread_mutex_lock(&recorder->mutex);
        recorder->progress.state = AUDYN_RECORDER_ENDED;
        pthread_mutex_unlock(&recorder->mutex);
    }
    return taken;
}

bool
audyn_recorder_is_running(const audyn_recorder_t *recorder)
{
    return recorder->progress.state == AUDYN_RECORDER_RUNNING;
}

void
audyn_recorder_get_progress(audyn_recorder_t *recorder,
                            audyn_recorder_progress_t *progress)
{
    pthread_mutex_lock(&recorder->mutex);
    *progress = recorder->progress;
    for (uint32_t c = 0; c < recorder->meter.channels; ++c) {
        progress->peaks[c] = recorder->meter.peak[c];
    }
    audyn_meter_reset(&recorder->meter);
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
    audyn_sink_t *sink = recorder->sink;
    recorder->sink = NULL;
    if (!keep || !recorder->progress.sample_frames) {
        audyn_sink_discard(sink);
        return AUDYN_OK;
    }
    return audyn_sink_close(sink);
}

void
audyn_recorder_destroy(audyn_recorder_t *recorder)
{
    if (recorder) {
        audyn_sink_close(recorder->sink);
        audyn_loss_map_destroy(recorder->losses);
        pthread_mutex_destroy(&recorder->mutex);
        free(recorder);
    }
}
