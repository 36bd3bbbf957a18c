// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "cli/record_set.h"

#include "cli/cli.h"
#include "core/log.h"
#include "input/rtp_receiver.h"

#include <assert.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

// For each stream its file, that file's report, an input or a port, a directory at times;
// in an archive the files of two segments; and what all share.
#define FILES_OF_STREAM 4
#define FILES_OF_ARCHIVED 8
#define FILES_OF_ALL 64

// As many as there are processors for this process, and never more than streams.
static size_t
count_workers(size_t streams)
{
    cpu_set_t cpus;
    const int processors =
        sched_getaffinity(0, sizeof cpus, &cpus) ? 1 : CPU_COUNT(&cpus);
    return streams < (size_t)processors ? streams : (size_t)processors;
}

// Raises the limit as far as is permitted.  Returns how many of the streams that is
// enough for, at least one.
static size_t
allow_files(size_t streams, rlim_t files_of_stream)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit)) {
        return streams;
    }
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    const rlim_t files = limit.rlim_max;
    if (files >= FILES_OF_ALL + files_of_stream * (rlim_t)streams) {
        return streams;
    }
    const rlim_t most =
        files > FILES_OF_ALL ? (files - FILES_OF_ALL) / files_of_stream : 0;
    if (streams > 1) {
        audyn_log_warning("%ju open files are permitted, which is enough for %ju of %zu "
                          "streams; see `ulimit -Hn`, limits.conf(5) and LimitNOFILE=",
                          (uintmax_t)files, (uintmax_t)(most ? most : 1), streams);
    }
    return most ? (size_t)most : 1;
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
    set->some = calloc(set->count, sizeof *set->some);
    set->workers = calloc(workers, sizeof(audyn_worker_t *));
    set->polled = calloc(1 + workers, sizeof *set->polled);
    if (!set->streams || !set->some || !set->workers || !set->polled) {
        return AUDYN_NO_MEMORY;
    }
    set->signal_fd = audyn_cli_open_signals();
    set->polled[0] = (struct pollfd){.fd = set->signal_fd, .events = POLLIN};
    audyn_status_t status = audyn_announcements_create(&set->shared.announcements);
    if (!status) {
        status = audyn_rtp_receivers_create(&set->shared.receivers);
    }
    if (!status && set->options->json_events) {
        status = audyn_record_events_start(&set->events, STDOUT_FILENO);
    }
    return status;
}

audyn_status_t
audyn_record_set_create(audyn_record_set_t **out, const audyn_record_options_t *options,
                        const audyn_archive_t *archive,
                        const audyn_record_inputs_t *inputs, audyn_error_t *error)
{
    assert(inputs->count);
    *out = NULL;
    const size_t workers = count_workers(inputs->count);
    audyn_record_set_t *set = calloc(1, sizeof *set);
    audyn_status_t status = AUDYN_NO_MEMORY;
    if (set) {
        *set = (audyn_record_set_t){
            .options = options,
            .archive = archive,
            .count = inputs->count,
            .most =
                allow_files(inputs->count, archive ? FILES_OF_ARCHIVED : FILES_OF_STREAM),
            .signal_fd = -1,
        };
        status = allocate(set, workers);
    }
    const audyn_record_shared_t shared = {.options = options,
                                          .archive = archive,
                                          .input = &set->shared,
                                          .events = set->events};
    for (size_t i = 0; !status && i < set->count; ++i) {
        status = audyn_record_stream_init(&set->streams[i], &inputs->items[i], &shared);
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
    totals->lossy += missing > 0 || report->progress.unwritten.files > 0;
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
    audyn_rtp_receivers_destroy(set->shared.receivers);
    audyn_announcements_destroy(set->shared.announcements);
    audyn_record_events_finish(set->events, NULL);
    close(set->signal_fd);
    free(set->polled);
    free(set->workers);
    free(set->some);
    free(set->streams);
    free(set);
}
