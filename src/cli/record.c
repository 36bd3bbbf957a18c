// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn record`: wires input, recorder, worker and file, and waits.

#include "cli/cli.h"
#include "cli/live_line.h"
#include "cli/record_options.h"
#include "cli/record_report.h"
#include "cli/sidecar.h"
#include "core/log.h"
#include "core/small_file.h"
#include "input/rtp_receiver.h"
#include "recorder/worker.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define LOOK_MS 100
#define LIVE_LINE_FORCED_NS AUDYN_NS_PER_SECOND

// All that lives while one recording runs.
struct session {
    audyn_record_options_t options;
    audyn_rtp_receivers_t *receivers;
    audyn_input_t *input;
    audyn_sink_t *sink; // until the recorder has it
    audyn_recorder_t *recorder;
    audyn_worker_t *worker;
    audyn_sidecar_t sidecar;
    int signal_fd;
    int64_t started_ns;
    bool timed_out; // nothing had come by then: what comes at the last moment is too late
    int64_t live_line_ns; // when the live line was last drawn
    audyn_record_report_t report;
    audyn_error_t error;
};

static audyn_status_t
open_input(struct session *session)
{
    audyn_status_t status = audyn_rtp_receivers_create(&session->receivers);
    if (status) {
        return audyn_error_set(&session->error, status, "%s", audyn_strerror(status));
    }
    const audyn_input_config_t config = {
        .window_ms = session->options.window_ms,
        .buffer_ms = session->options.buffer_ms,
        .receivers = session->receivers,
    };
    status = audyn_input_open(&session->input, session->options.input, &config,
                              &session->error);
    if (!status) {
        session->report.format = *audyn_input_format(session->input);
    }
    return status;
}

static audyn_encoding_t
encoding_for(const struct session *session)
{
    if (session->options.has_encoding) {
        return session->options.encoding;
    }
    switch (session->report.format.bits) {
    case 16:
        return AUDYN_PCM16;
    case 24:
        return AUDYN_PCM24;
    default:
        return AUDYN_FLOAT32;
    }
}

static audyn_status_t
open_sink(struct session *session)
{
    const audyn_input_format_t *format = &session->report.format;
    const audyn_encoding_t encoding = encoding_for(session);
    session->report.encoding = encoding;
    const bool reduces = audyn_encoding_bytes(encoding) * 8 < format->bits;
    const audyn_sink_config_t config = {
        .sample_rate = format->sample_rate,
        .channels = format->channels,
        .encoding = encoding,
        .dither = session->options.dither && reduces && encoding != AUDYN_FLOAT32,
        .overwrite = session->options.force,
        .description = session->options.input,
        .source = session->options.input,
        .sidecar = session->sidecar.path,
    };
    return audyn_sink_open(&session->sink, session->options.path, &config,
                           &session->error);
}

// Before anything is recorded: neither audio nor report may meet a file that is needed,
// or somebody else's.
static audyn_status_t
open_outputs(struct session *session)
{
    const audyn_record_options_t *options = &session->options;
    audyn_error_t *error = &session->error;
    audyn_status_t status = audyn_sidecar_name(&session->sidecar, options->path, error);
    if (!status) {
        status = audyn_cli_keep_input(options->input, options->path, error);
    }
    if (!status) {
        status = audyn_cli_keep_input(options->input, session->sidecar.path, error);
    }
    if (!status) {
        status = open_sink(session);
    }
    if (!status) {
        status = audyn_sidecar_take(&session->sidecar, options->force, error);
    }
    return status;
}

static uint64_t
sample_frames_to_record(const struct session *session)
{
    const int64_t duration_ns = session->options.duration_ns;
    const uint64_t count =
        audyn_clock_position(duration_ns, session->report.format.sample_rate);
    return duration_ns && !count ? 1 : count;
}

static audyn_status_t
start(struct session *session)
{
    const audyn_recorder_config_t config = {
        .input = session->input,
        .sink = session->sink,
        .sample_frames = sample_frames_to_record(session),
        .metering = !session->options.quiet,
    };
    audyn_status_t status = audyn_recorder_create(&session->recorder, &config);
    if (!status) {
        session->sink = NULL;
        status = audyn_worker_start(&session->worker);
    }
    if (!status) {
        status = audyn_worker_add(session->worker, session->recorder);
    }
    if (status) {
        return audyn_error_set(&session->error, status, "recording cannot be started: %s",
                               audyn_strerror(status));
    }
    const audyn_clock_t *clock = audyn_clock_system();
    session->started_ns = clock->monotonic_ns(clock);
    return audyn_input_start(session->input, &session->error);
}

static void
announce(const struct session *session)
{
    audyn_frame_pool_stats_t pool;
    audyn_timeline_get_pool_stats(audyn_input_timeline(session->input), &pool);
    if (!pool.locked && !session->options.quiet) {
        audyn_log_warning("the audio memory (%zu MiB) could not be locked into RAM; see "
                          "`ulimit -l` and limits.conf(5)",
                          pool.bytes >> 20);
    }
    if (!session->options.quiet) {
        audyn_log_info("waiting for %s", session->options.input);
    }
}

static void
update(struct session *session)
{
    audyn_recorder_get_progress(session->recorder, &session->report.progress);
    audyn_input_get_report(session->input, &session->report.packets);
    audyn_timeline_get_pool_stats(audyn_input_timeline(session->input),
                                  &session->report.pool);
}

static unsigned
terminal_width(void)
{
    struct winsize size;
    return ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col
                                                                       : 100;
}

static void
draw_live_line(struct session *session, int64_t now_ns)
{
    const bool terminal = isatty(STDERR_FILENO);
    const bool due = terminal || now_ns - session->live_line_ns >= LIVE_LINE_FORCED_NS;
    if (session->options.quiet || !(terminal || session->options.live) || !due ||
        !session->report.progress.started) {
        return;
    }
    session->live_line_ns = now_ns;
    char line[512];
    audyn_live_line_format(line, sizeof line, terminal_width() - 1,
                           &session->report.format, &session->report.progress,
                           &session->report.pool);
    fprintf(stderr, terminal ? "\r%s\033[K" : "%s\n", line);
}

// Nothing has come for so long that somebody should look.
static bool
has_timed_out(struct session *session, int64_t now_ns)
{
    session->timed_out = session->options.timeout_ns &&
                         !session->report.progress.started &&
                         !session->report.packets.packets &&
                         now_ns - session->started_ns >= session->options.timeout_ns;
    return session->timed_out;
}

// Returns false when the recording is over.
static bool
watch(struct session *session)
{
    struct pollfd events[] = {
        {.fd = session->signal_fd, .events = POLLIN},
        {.fd = audyn_worker_event_fd(session->worker), .events = POLLIN},
    };
    if (poll(events, 2, LOOK_MS) < 0 && errno != EINTR) {
        return false;
    }
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t now_ns = clock->monotonic_ns(clock);
    update(session);
    draw_live_line(session, now_ns);
    return !events[0].revents &&
           session->report.progress.state == AUDYN_RECORDER_RUNNING &&
           !session->report.packets.status && !has_timed_out(session, now_ns);
}

// Takes the recording to its end, whatever ended it.
static audyn_status_t
finish(struct session *session)
{
    audyn_input_stop(session->input);
    audyn_worker_stop(session->worker);
    session->worker = NULL;
    update(session);
    session->report.losses = audyn_recorder_losses(session->recorder);
    // What was taken for samples by a wrong format is noise.
    const bool keep =
        !session->timed_out && session->report.packets.status != AUDYN_INVALID;
    const audyn_status_t closed = audyn_recorder_finish(session->recorder, keep);
    if (!keep) {
        session->report.progress.sample_frames = 0;
    }
    const audyn_recorder_progress_t *progress = &session->report.progress;
    const audyn_status_t status = progress->status ? progress->status : closed;
    if (status) {
        return audyn_error_set(
            &session->error, status,
            "%s cannot be written any more: %s; the %.3f s recorded before are kept",
            session->options.path, audyn_strerror(status),
            (double)progress->sample_frames / session->report.format.sample_rate);
    }
    if (session->report.packets.status || !progress->started || session->timed_out) {
        audyn_input_explain(session->input, &session->error);
        return AUDYN_NO_SIGNAL;
    }
    return AUDYN_OK;
}

// Beside the audio where there is any, and on standard output if asked for.
static audyn_status_t
write_reports(struct session *session)
{
    char *json = audyn_record_report_json(&session->report);
    if (!json) {
        audyn_log_error("no memory for the report");
        return AUDYN_NO_MEMORY;
    }
    audyn_status_t status = AUDYN_OK;
    audyn_error_t error;
    if (session->report.progress.sample_frames &&
        audyn_small_file_write(session->sidecar.path, json, &error)) {
        audyn_log_error("the report beside the audio: %s", error.text);
        status = AUDYN_IO;
    }
    if (session->options.json && (fputs(json, stdout) == EOF || fflush(stdout))) {
        audyn_log_error("the report cannot be written to standard output");
        status = AUDYN_IO;
    }
    free(json);
    return status;
}

static int
conclude(struct session *session, audyn_status_t status)
{
    audyn_record_report_t *report = &session->report;
    report->error = status ? session->error.text : NULL;
    if (isatty(STDERR_FILENO) && !session->options.quiet && report->progress.started) {
        fputc('\n', stderr);
    }
    if (status) {
        audyn_log_error("%s", session->error.text);
    }
    if (!session->options.quiet) {
        audyn_record_report_print(report);
    }
    if (write_reports(session) || status) {
        return AUDYN_EXIT_FAILED;
    }
    return audyn_record_report_missing(report) ? AUDYN_EXIT_MISSING : AUDYN_EXIT_COMPLETE;
}

static void
clean_up(struct session *session)
{
    audyn_sink_discard(session->sink);
    if (session->worker) {
        audyn_input_stop(session->input);
        audyn_worker_stop(session->worker);
        audyn_recorder_finish(session->recorder, false);
    }
    audyn_recorder_destroy(session->recorder);
    audyn_input_close(session->input);
    audyn_rtp_receivers_destroy(session->receivers);
    audyn_sidecar_release(&session->sidecar);
    close(session->signal_fd);
}

static int
record(struct session *session)
{
    audyn_status_t status = open_input(session);
    if (!status) {
        status = open_outputs(session);
    }
    if (!status) {
        status = start(session);
    }
    if (status) {
        return audyn_cli_refuse(status, &session->error);
    }
    announce(session);
    while (watch(session)) {
    }
    return conclude(session, finish(session));
}

int
audyn_cli_record(int argc, char **argv)
{
    struct session session = {.sidecar = {.fd = -1}};
    if (audyn_record_options_parse(&session.options, argc, argv, &session.error)) {
        audyn_log_error("%s; see audyn record --help", session.error.text);
        return AUDYN_EXIT_USAGE;
    }
    if (session.options.help) {
        audyn_record_options_print_help();
        return AUDYN_EXIT_COMPLETE;
    }
    session.report.input = session.options.input;
    session.report.path = session.options.path;
    session.signal_fd = audyn_cli_open_signals();
    const int exit_status = record(&session);
    clean_up(&session);
    return exit_status;
}
