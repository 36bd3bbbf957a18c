// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_set.h"

#include "cli/cli.h"
#include "cli/record_summary.h"
#include "core/log.h"
#include "input/rtp_receiver.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_MS 100

// As many as there are processors for this process, and never more than streams.
static size_t
count_workers(size_t streams)
{
    cpu_set_t cpus;
    const int processors =
        sched_getaffinity(0, sizeof cpus, &cpus) ? 1 : CPU_COUNT(&cpus);
    return streams < (size_t)processors ? streams : (size_t)processors;
}

static audyn_status_t
start_workers(audyn_record_set_t *set, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const audyn_status_t status = audyn_worker_start(&set->workers[i]);
        if (status) {
            return status;
        }
        ++set->worker_count;
        set->polled[1 + i] = (struct pollfd){.fd = audyn_worker_event_fd(set->workers[i]),
                                             .events = POLLIN};
    }
    return AUDYN_OK;
}

static audyn_status_t
allocate(audyn_record_set_t *set, size_t workers)
{
    set->streams = calloc(set->count, sizeof *set->streams);
    set->workers = calloc(workers, sizeof(audyn_worker_t *));
    set->polled = calloc(1 + workers, sizeof *set->polled);
    if (!set->streams || !set->workers || !set->polled) {
        return AUDYN_NO_MEMORY;
    }
    set->signal_fd = audyn_cli_open_signals();
    set->polled[0] = (struct pollfd){.fd = set->signal_fd, .events = POLLIN};
    audyn_status_t status = audyn_announcements_create(&set->announcements);
    if (!status) {
        status = audyn_rtp_receivers_create(&set->receivers);
    }
    if (!status && set->options->json_events) {
        status = audyn_record_events_start(&set->events, STDOUT_FILENO);
    }
    return status;
}

audyn_status_t
audyn_record_set_create(audyn_record_set_t **out, const audyn_record_options_t *options,
                        const audyn_record_inputs_t *inputs, audyn_error_t *error)
{
    *out = NULL;
    const size_t workers = count_workers(inputs->count);
    audyn_record_set_t *set = calloc(1, sizeof *set);
    audyn_status_t status = AUDYN_NO_MEMORY;
    if (set) {
        *set = (audyn_record_set_t){
            .options = options, .count = inputs->count, .signal_fd = -1};
        status = allocate(set, workers);
    }
    for (size_t i = 0; !status && i < set->count; ++i) {
        status = audyn_record_stream_init(&set->streams[i], &inputs->items[i], options,
                                          set->events);
    }
    if (!status) {
        status = start_workers(set, workers);
    }
    if (status) {
        audyn_record_set_destroy(set);
        return audyn_error_set(error, status, "recording cannot be started: %s",
                               audyn_strerror(status));
    }
    *out = set;
    return AUDYN_OK;
}

static bool
is_many(const audyn_record_set_t *set)
{
    return set->options->out_dir;
}

static void
tell_failure(audyn_record_set_t *set, const audyn_record_stream_t *stream)
{
    if (is_many(set)) {
        audyn_log_error("%s: %s", stream->report.name, stream->error.text);
    } else {
        audyn_record_live_end(set);
        audyn_log_error("%s", stream->error.text);
    }
}

static void
finish(audyn_record_set_t *set, audyn_record_stream_t *stream)
{
    audyn_record_stream_finish(stream);
    if (stream->status) {
        tell_failure(set, stream);
    }
}

static bool
is_interrupted(audyn_record_set_t *set)
{
    return poll(&set->polled[0], 1, 0) > 0;
}

// Opening one that is announced may take its time.
static void
tell_waiting(const audyn_record_set_t *set, const audyn_record_stream_t *stream)
{
    if (!set->options->quiet && !strncasecmp(stream->report.input, "sap:", 4)) {
        audyn_log_info("listening for the announcement of %s", stream->report.input);
    }
}

static void
start_all(audyn_record_set_t *set)
{
    for (size_t i = 0; i < set->count && !is_interrupted(set); ++i) {
        audyn_record_stream_t *stream = &set->streams[i];
        tell_waiting(set, stream);
        const audyn_input_config_t shared = {
            .receivers = set->receivers,
            .announcements = set->announcements,
            .interrupt_fd = set->signal_fd,
        };
        const audyn_status_t status = audyn_record_stream_start(
            stream, &shared, set->workers[i % set->worker_count]);
        if (status && is_many(set)) { // a single one is refused as a whole
            tell_failure(set, stream);
        }
    }
}

static void
forget_worker_events(audyn_record_set_t *set)
{
    for (size_t i = 1; i <= set->worker_count; ++i) {
        eventfd_t count;
        if (set->polled[i].revents) {
            eventfd_read(set->polled[i].fd, &count);
        }
    }
}

// Finishes those that have come to their end.  Returns whether others go on.
static bool
look_at_all(audyn_record_set_t *set, int64_t now_ns)
{
    bool active = false;
    for (size_t i = 0; i < set->count; ++i) {
        audyn_record_stream_t *stream = &set->streams[i];
        if (!audyn_record_stream_is_active(stream)) {
            continue;
        }
        if (audyn_record_stream_look(stream, now_ns)) {
            active = true;
        } else {
            finish(set, stream);
        }
    }
    return active;
}

// Returns false when it is all over.
static bool
watch(audyn_record_set_t *set)
{
    if (poll(set->polled, 1 + set->worker_count, LOOK_MS) < 0 && errno != EINTR) {
        return false;
    }
    forget_worker_events(set);
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t now_ns = clock->monotonic_ns(clock);
    const bool active = look_at_all(set, now_ns);
    audyn_record_live_draw(set, now_ns);
    return active && !set->polled[0].revents;
}

// All inputs first, so that they end at the same time.
static void
finish_all(audyn_record_set_t *set)
{
    for (size_t i = 0; i < set->count; ++i) {
        if (audyn_record_stream_is_active(&set->streams[i])) {
            audyn_input_stop(set->streams[i].input);
        }
    }
    for (size_t i = 0; i < set->count; ++i) {
        if (!audyn_record_stream_is_over(&set->streams[i])) {
            finish(set, &set->streams[i]);
        }
    }
}

void
audyn_record_set_run(audyn_record_set_t *set)
{
    const audyn_clock_t *clock = audyn_clock_system();
    set->started_ns = clock->monotonic_ns(clock);
    start_all(set);
    audyn_record_summary_announce(set);
    while (watch(set)) {
    }
    finish_all(set);
    audyn_record_live_end(set);
}

static void
add(audyn_record_totals_t *totals, const audyn_record_stream_t *stream)
{
    size_t *const by_state[] = {
        [AUDYN_RECORD_WAITING] = &totals->waiting,
        [AUDYN_RECORD_RUNNING] = &totals->running,
        [AUDYN_RECORD_FINISHED] = &totals->finished,
        [AUDYN_RECORD_FAILED] = &totals->failed,
    };
    ++*by_state[stream->state];
    const audyn_record_report_t *report = &stream->report;
    const uint64_t missing = audyn_record_report_missing(report);
    totals->missing += missing;
    totals->lossy += missing > 0;
    const size_t bytes = report->memory_bytes;
    totals->bytes += bytes;
    totals->most_bytes = bytes > totals->most_bytes ? bytes : totals->most_bytes;
    if (bytes && (!totals->least_bytes || bytes < totals->least_bytes)) {
        totals->least_bytes = bytes;
    }
    if (audyn_record_stream_is_active(stream)) {
        const unsigned percent =
            (unsigned)((uint64_t)report->pool.in_use * 100 / report->pool.capacity);
        totals->buffer_percent =
            percent > totals->buffer_percent ? percent : totals->buffer_percent;
    }
}

void
audyn_record_set_totals(const audyn_record_set_t *set, audyn_record_totals_t *totals)
{
    *totals = (audyn_record_totals_t){.streams = set->count};
    for (size_t i = 0; i < set->count; ++i) {
        add(totals, &set->streams[i]);
    }
}

void
audyn_record_set_destroy(audyn_record_set_t *set)
{
    if (!set) {
        return;
    }
    for (size_t i = 0; set->streams && i < set->count; ++i) {
        audyn_record_stream_destroy(&set->streams[i]);
    }
    for (size_t i = 0; i < set->worker_count; ++i) {
        audyn_worker_stop(set->workers[i]);
    }
    audyn_rtp_receivers_destroy(set->receivers);
    audyn_announcements_destroy(set->announcements);
    audyn_record_events_finish(set->events, NULL);
    close(set->signal_fd);
    free(set->polled);
    free(set->workers);
    free(set->streams);
    free(set);
}
