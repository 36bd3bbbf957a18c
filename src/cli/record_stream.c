// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_stream.h"

audyn_status_t
audyn_record_stream_init(audyn_record_stream_t *stream, const audyn_record_input_t *input,
                         const audyn_record_shared_t *shared)
{
    const bool many = audyn_record_options_are_for_many(shared->options);
    *stream = (audyn_record_stream_t){
        .options = shared->options,
        .shared = shared->input,
        .events = shared->events,
        .name = input->name,
        .report = {.input = input->uri,
                   .name = many ? input->name : NULL,
                   .is_archive = shared->archive},
    };
    const audyn_status_t status = audyn_record_output_init(
        &stream->output, input->name, shared->options, shared->archive);
    stream->report.path = stream->output.path;
    return status;
}

bool
audyn_record_stream_is_pending(const audyn_record_stream_t *stream)
{
    return stream->state == AUDYN_RECORD_WAITING && !stream->input;
}

bool
audyn_record_stream_is_active(const audyn_record_stream_t *stream)
{
    return stream->input;
}

static audyn_status_t
open_input(audyn_record_stream_t *stream)
{
    audyn_input_config_t config = *stream->shared;
    config.window_ms = stream->options->window_ms;
    config.buffer_ms = stream->options->buffer_ms;
    config.stall_ms = stream->options->stall_ms;
    const audyn_status_t status =
        audyn_input_open(&stream->input, stream->report.input, &config, &stream->error);
    if (stream->input) {
        stream->report.format = *audyn_input_format(stream->input);
        stream->report.description = audyn_input_description(stream->input);
    }
    return status;
}

static uint64_t
sample_frames_to_record(const audyn_record_stream_t *stream)
{
    const int64_t duration_ns = stream->options->duration_ns;
    const audyn_media_rate_t rate = audyn_input_media_rate(&stream->report.format);
    const uint64_t count = audyn_media_position(duration_ns, &rate);
    return duration_ns && !count ? 1 : count;
}

static audyn_status_t
cannot_start(audyn_record_stream_t *stream, audyn_status_t status)
{
    return audyn_error_set(&stream->error, status, "recording cannot be started: %s",
                           audyn_strerror(status));
}

static audyn_status_t
create_recorder(audyn_record_stream_t *stream)
{
    audyn_output_t *output;
    audyn_status_t status =
        audyn_record_output_open(&stream->output, &output, stream->report.input,
                                 stream->input, stream->options, &stream->error);
    if (status) {
        return status;
    }
    stream->report.encoding = stream->output.encoding_name;
    const audyn_recorder_config_t config = {
        .input = stream->input,
        .output = output,
        .sample_frames = sample_frames_to_record(stream),
        .metering = !stream->options->quiet,
        .keeps_spans = !stream->report.is_archive,
    };
    status = audyn_recorder_create(&stream->recorder, &config);
    if (status) {
        audyn_output_discard(output);
        return cannot_start(stream, status);
    }
    return AUDYN_OK;
}

void
audyn_record_stream_open(audyn_record_stream_t *stream)
{
    stream->status = open_input(stream);
    if (stream->input) {
        stream->status = create_recorder(stream);
    }
}

static audyn_status_t
start_input(audyn_record_stream_t *stream, audyn_worker_t *worker)
{
    const audyn_status_t status = audyn_worker_add(worker, stream->recorder);
    if (status) {
        return cannot_start(stream, status);
    }
    stream->worker = worker;
    const audyn_clock_t *clock = audyn_clock_system();
    stream->started_ns = clock->monotonic_ns(clock);
    return audyn_input_start(stream->input, &stream->error);
}

static void
close_all(audyn_record_stream_t *stream)
{
    audyn_recorder_destroy(stream->recorder);
    stream->recorder = NULL;
    stream->report.losses = NULL;
    stream->report.description = NULL;
    audyn_input_close(stream->input);
    stream->input = NULL;
    audyn_record_output_close(&stream->output);
}

static void
update(audyn_record_stream_t *stream)
{
    audyn_recorder_get_progress(stream->recorder, &stream->report.progress);
    audyn_input_get_report(stream->input, &stream->report.packets);
    const audyn_timeline_t *timeline = audyn_input_timeline(stream->input);
    audyn_timeline_get_pool_stats(timeline, &stream->report.pool);
    // Its thread gives its stack back at the end.
    const size_t bytes = stream->report.packets.memory_bytes;
    if (bytes > stream->report.memory_bytes) {
        stream->report.memory_bytes = bytes;
    }
    if (stream->report.progress.started) {
        stream->state = AUDYN_RECORD_RUNNING;
    }
    audyn_record_events_look(stream->events, &stream->watch, stream->name, stream->input,
                             stream->output.log, &stream->report);
    audyn_record_events_tell_notes(stream->events, stream->name, stream->output.notes);
}

void
audyn_record_stream_stop(audyn_record_stream_t *stream)
{
    audyn_input_stop(stream->input);
    update(stream); // the last sidecars tell of all that happened
    if (stream->worker) {
        audyn_worker_remove(stream->worker, stream->recorder);
        stream->worker = NULL;
    }
    update(stream);
}

static void
tell_end(audyn_record_stream_t *stream)
{
    audyn_record_events_tell_notes(stream->events, stream->name, stream->output.notes);
    audyn_record_events_end(stream->events, &stream->watch, stream->name,
                            &stream->report);
}

static void
fail(audyn_record_stream_t *stream, audyn_status_t status)
{
    stream->state = AUDYN_RECORD_FAILED;
    stream->status = status;
    stream->report.error = stream->error.text;
    stream->json = audyn_record_report_json(&stream->report);
    tell_end(stream);
}

audyn_status_t
audyn_record_stream_start(audyn_record_stream_t *stream, audyn_worker_t *worker)
{
    audyn_status_t status = stream->status;
    if (!status && !stream->input) {
        return AUDYN_OK;
    }
    if (!status) {
        status = start_input(stream, worker);
    }
    if (!status) {
        update(stream);
        return AUDYN_OK;
    }
    if (stream->recorder) {
        audyn_record_stream_stop(stream);
        audyn_recorder_finish(stream->recorder, false);
    }
    close_all(stream);
    fail(stream, status);
    stream->refused = true;
    return status;
}

// Nothing has come for so long that somebody should look.
static bool
has_timed_out(audyn_record_stream_t *stream, int64_t now_ns)
{
    const int64_t timeout_ns = stream->options->timeout_ns;
    stream->timed_out = timeout_ns && !stream->report.progress.started &&
                        !stream->report.packets.packets &&
                        now_ns - stream->started_ns >= timeout_ns;
    return stream->timed_out;
}

bool
audyn_record_stream_look(audyn_record_stream_t *stream, int64_t now_ns)
{
    update(stream);
    return stream->report.progress.state == AUDYN_RECORDER_RUNNING &&
           !stream->report.packets.status && !has_timed_out(stream, now_ns);
}

// Why what is in the file, if anything, is not what was asked for.
static audyn_status_t
judge(audyn_record_stream_t *stream, audyn_status_t closed)
{
    const audyn_recorder_progress_t *progress = &stream->report.progress;
    const audyn_status_t status = progress->status ? progress->status : closed;
    if (status && stream->report.is_archive) {
        return audyn_error_set(&stream->error, status,
                               "some of %s could not be written: %s; messages above say "
                               "which files",
                               stream->output.path, audyn_strerror(status));
    }
    if (status) {
        return audyn_error_set(
            &stream->error, status,
            "%s cannot be written any more: %s; the %.3f s recorded before are kept",
            stream->output.path, audyn_strerror(status),
            (double)progress->sample_frames / stream->report.format.sample_rate);
    }
    if (stream->report.packets.status || !progress->started || stream->timed_out) {
        audyn_input_explain(stream->input, &stream->error);
        return AUDYN_NO_SIGNAL;
    }
    return AUDYN_OK;
}

// Beside the audio, where there is any.
static void
write_report(audyn_record_stream_t *stream)
{
    audyn_record_report_t *report = &stream->report;
    report->error = stream->status ? stream->error.text : NULL;
    stream->json = audyn_record_report_json(report);
    if (!report->progress.sample_frames || report->is_archive) {
        return;
    }
    audyn_error_t error;
    const audyn_status_t status =
        audyn_record_output_report(&stream->output, stream->json, &error);
    if (status && !stream->status) {
        stream->status = status;
        stream->error = error;
        report->error = stream->error.text;
        audyn_record_report_json_error(stream->json, report->error);
    }
}

void
audyn_record_stream_complete(audyn_record_stream_t *stream)
{
    stream->report.losses = audyn_recorder_losses(stream->recorder);
    // What was taken for samples by a wrong format is noise, which no archive deletes.
    const bool keep =
        !stream->timed_out && stream->report.packets.status != AUDYN_INVALID;
    const audyn_status_t closed = audyn_recorder_finish(stream->recorder, keep);
    if (!keep && !stream->report.is_archive) {
        stream->report.progress.sample_frames = 0;
    }
    stream->status = judge(stream, closed);
    write_report(stream);
}

void
audyn_record_stream_close(audyn_record_stream_t *stream)
{
    stream->state = stream->status ? AUDYN_RECORD_FAILED : AUDYN_RECORD_FINISHED;
    tell_end(stream);
    close_all(stream);
}

void
audyn_record_stream_refuse(audyn_record_stream_t *stream, audyn_status_t status,
                           const char *why)
{
    if (!*stream->error.text) {
        audyn_error_set(&stream->error, status, "%s", why);
    }
    fail(stream, status);
}

void
audyn_record_stream_destroy(audyn_record_stream_t *stream)
{
    json_decref(stream->json);
    audyn_record_output_finish(&stream->output);
}
