// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// Streams start, are looked at and end, each for itself.  What waits for the disk is done
// for several at a time.

#include "cli/record_run.h"

#include "cli/record_summary.h"
#include "cli/side_by_side.h"
#include "core/log.h"

#include <errno.h>
#include <sys/eventfd.h>

#define LOOK_MS 100

// How many are opened before they are started: what arrives in between lies unread.
#define OPENED_AT_ONCE 8

static bool
is_many(const audyn_record_set_t *set)
{
    return audyn_record_options_are_for_many(set->options);
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

static bool
is_interrupted(audyn_record_set_t *set)
{
    return poll(&set->polled[0], 1, 0) > 0;
}

static void
open_one(void *stream)
{
    audyn_record_stream_open(stream);
}

// The first `count` of some.
static void
start_some(audyn_record_set_t *set, size_t count)
{
    audyn_side_by_side(open_one, set->some, count);
    for (size_t i = 0; i < count; ++i) {
        audyn_record_stream_t *stream = set->some[i];
        const size_t index = (size_t)(stream - set->streams);
        const audyn_status_t status =
            audyn_record_stream_start(stream, set->workers[index % set->worker_count]);
        if (status && is_many(set)) { // a single one is refused as a whole
            tell_failure(set, stream);
        }
    }
}

static void
start_pending(audyn_record_set_t *set)
{
    size_t count = 0;
    for (size_t i = 0; i < set->count && !is_interrupted(set); ++i) {
        if (audyn_record_stream_is_pending(&set->streams[i])) {
            set->some[count++] = &set->streams[i];
        }
        if (count == OPENED_AT_ONCE || (count && i + 1 == set->count)) {
            start_some(set, count);
            count = 0;
        }
    }
}

// Were they to start all the same, they would take the descriptors that the others need
// to go on.
static void
refuse_surplus(audyn_record_set_t *set)
{
    for (size_t i = set->most; i < set->count; ++i) {
        audyn_record_stream_refuse(
            &set->streams[i], AUDYN_NO_RESOURCES,
            "no file descriptors are left for it; see `ulimit -Hn`");
        tell_failure(set, &set->streams[i]);
    }
}

static void
tell_pending(const audyn_record_set_t *set)
{
    for (size_t i = 0; !set->options->quiet && i < set->count; ++i) {
        if (audyn_record_stream_is_pending(&set->streams[i])) {
            audyn_log_info("listening for the announcement of %s",
                           set->streams[i].report.input);
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

static void
complete_one(void *stream)
{
    audyn_record_stream_complete(stream);
}

// Sidecars wait for what is recovered.
static bool
is_recovering(const audyn_record_set_t *set)
{
    return set->archive && !audyn_archive_is_recovered(set->archive);
}

// People may not want to wait.
static void
await_recovery(const audyn_record_set_t *set)
{
    struct pollfd *signals = set->polled;
    while (is_recovering(set) && !signals->revents) {
        poll(signals, 1, LOOK_MS);
    }
    if (set->archive && signals->revents) {
        audyn_archive_stop_recovery(set->archive);
    }
}

// The first `count` of some.
static void
finish_some(audyn_record_set_t *set, size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        const audyn_record_stream_t *stream = set->some[i];
        audyn_input_ask_to_stop(stream->input);
    }
    if (count) {
        await_recovery(set);
    }
    for (size_t i = 0; i < count; ++i) {
        audyn_record_stream_stop(set->some[i]);
    }
    audyn_side_by_side(complete_one, set->some, count);
    for (size_t i = 0; i < count; ++i) {
        audyn_record_stream_t *stream = set->some[i];
        audyn_record_stream_close(stream);
        if (stream->status) {
            tell_failure(set, stream);
        }
    }
}

// Finishes those that have come to their end.  Returns whether others go on.
static bool
look_at_all(audyn_record_set_t *set, int64_t now_ns)
{
    bool going_on = false;
    size_t over = 0;
    for (size_t i = 0; i < set->count; ++i) {
        audyn_record_stream_t *stream = &set->streams[i];
        if (!audyn_record_stream_is_active(stream)) {
            going_on = going_on || audyn_record_stream_is_pending(stream);
        } else if (audyn_record_stream_look(stream, now_ns)) {
            going_on = true;
        } else {
            set->some[over++] = stream;
        }
    }
    // Who goes on, or is to start, does not wait for what is recovered.
    if (!going_on || !is_recovering(set)) {
        finish_some(set, over);
    }
    return going_on;
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
    start_pending(set);
    audyn_record_summary_announce(set);
    audyn_record_events_tell_notes(set->events, NULL, set->notes);
    const bool going_on = look_at_all(set, now_ns);
    audyn_record_live_draw(set, now_ns);
    return going_on && !set->polled[0].revents;
}

// All inputs first, so that they end at the same time; then the workers, which complete
// all files together.
static void
stop_all(audyn_record_set_t *set, size_t active)
{
    for (size_t i = 0; i < active; ++i) {
        const audyn_record_stream_t *stream = set->some[i];
        audyn_input_ask_to_stop(stream->input);
    }
    for (size_t i = 0; i < active; ++i) {
        audyn_record_stream_t *stream = set->some[i];
        audyn_input_stop(stream->input);
        stream->worker = NULL;
    }
    await_recovery(set);
    for (size_t i = 0; i < set->worker_count; ++i) {
        audyn_worker_stop(set->workers[i]);
        set->workers[i] = NULL;
    }
}

static void
finish_all(audyn_record_set_t *set)
{
    size_t active = 0;
    for (size_t i = 0; i < set->count; ++i) {
        audyn_record_stream_t *stream = &set->streams[i];
        if (audyn_record_stream_is_active(stream)) {
            set->some[active++] = stream;
        } else if (audyn_record_stream_is_pending(stream)) {
            audyn_record_stream_refuse(stream, AUDYN_NO_SIGNAL,
                                       "stopped before it could start");
            tell_failure(set, stream);
        }
    }
    stop_all(set, active);
    finish_some(set, active);
}

void
audyn_record_run(audyn_record_set_t *set)
{
    const audyn_clock_t *clock = audyn_clock_system();
    set->started_ns = clock->monotonic_ns(clock);
    refuse_surplus(set);
    start_pending(set);
    tell_pending(set);
    audyn_record_summary_announce(set);
    while (watch(set)) {
    }
    finish_all(set);
    audyn_record_live_end(set);
}
