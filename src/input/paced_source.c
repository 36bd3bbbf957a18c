// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "input/paced_source.h"

#include <stdatomic.h>
#include <string.h>

#define PERIOD_NS (10 * AUDYN_NS_PER_MS)
// As soon as the worker, which looks every few tens of milliseconds, has made room.
#define ROOM_POLL_NS (2 * AUDYN_NS_PER_MS)
// Below the receivers of streams, which lose what they do not fetch in time.
#define CLOCKED_PRIORITY 60
// Ordinary: it runs as fast as it can, and nothing is lost where it has to wait.
#define FREE_PRIORITY 0

audyn_status_t
paced_source_read_pace(paced_source_t *source, audyn_uri_t *uri,
                       const audyn_input_config_t *config, audyn_error_t *error)
{
    const char *pace = audyn_uri_option(uri, "pace");
    source->free_running = pace ? !strcmp(pace, "free") : config->free_running;
    if (pace && strcmp(pace, "free") != 0 && strcmp(pace, "clock") != 0) {
        return audyn_error_set(error, AUDYN_INVALID,
                               "pace=%s: this must be 'clock' (in real time) or 'free' "
                               "(as fast as it is taken)",
                               pace);
    }
    return AUDYN_OK;
}

static uint32_t
block_sample_frames(const paced_source_t *source)
{
    return (uint32_t)(source->input.format.sample_rate * PERIOD_NS / AUDYN_NS_PER_SECOND);
}

audyn_status_t
paced_source_init(paced_source_t *source, paced_produce_t *produce,
                  const audyn_input_config_t *config, audyn_error_t *error)
{
    source->produce = produce;
    source->clock = config->clock ? config->clock : audyn_clock_system();
    source->block_pool = audyn_frame_pool_create(1, source->input.format.channels,
                                                 block_sample_frames(source));
    if (source->block_pool) {
        source->block = audyn_frame_acquire(source->block_pool);
    }
    if (!source->block) {
        return audyn_error_set(error, AUDYN_NO_MEMORY,
                               "no memory for a block of samples");
    }
    return input_create_timeline(&source->input, 0, config, error);
}

void
paced_source_finish(paced_source_t *source)
{
    audyn_frame_pool_destroy(source->block_pool);
}

// False once the source is at its end.
static bool
make(paced_source_t *source, uint32_t sample_frames)
{
    float *samples = source->block->data;
    const uint32_t made = source->produce(source, samples, source->made, sample_frames);
    if (made) {
        const audyn_samples_t block = {
            .position = source->start + source->made,
            .sample_frames = made,
            .bytes = sizeof *samples,
            .data = samples,
            .decode = audyn_pcm_copy,
        };
        audyn_placement_t placement;
        audyn_timeline_place(source->input.timeline, &block, &placement);
        source->made += made;
    }
    return made == sample_frames;
}

static bool
must_quit(const paced_source_t *source)
{
    return atomic_load_explicit(&source->quit, memory_order_relaxed);
}

// In real time: what is due is made whether or not there is room, as a sound card would.
// False once the source is at its end.
static bool
make_until(paced_source_t *source, uint64_t position)
{
    const uint32_t most = block_sample_frames(source);
    bool more = true;
    while (more && source->start + source->made < position && !must_quit(source)) {
        const uint64_t due = position - source->start - source->made;
        more = make(source, due < most ? (uint32_t)due : most);
    }
    return more;
}

// False once the source is at its end; true where it was to stop before.
static bool
run_clocked(paced_source_t *source)
{
    const audyn_clock_t *clock = source->clock;
    const int64_t begin_ns = clock->monotonic_ns(clock);
    const int64_t tai_ns = audyn_clock_tai_now_ns(clock);
    const uint32_t sample_rate = source->input.format.sample_rate;
    source->start = audyn_clock_position(tai_ns, sample_rate);
    bool more = true;
    while (more && !must_quit(source)) {
        // The monotonic clock carries on, so that a clock that is set makes no hole.
        const int64_t now_ns = clock->monotonic_ns(clock);
        more = make_until(
            source, audyn_clock_position(tai_ns + (now_ns - begin_ns), sample_rate));
        if (more) {
            clock->sleep_until(clock, now_ns + PERIOD_NS);
        }
    }
    return more;
}

// As run_clocked().
static bool
run_free(paced_source_t *source)
{
    const audyn_clock_t *clock = source->clock;
    source->start = audyn_clock_position(audyn_clock_tai_now_ns(clock),
                                         source->input.format.sample_rate);
    const uint32_t most = block_sample_frames(source);
    bool more = true;
    while (more && !must_quit(source)) {
        if (audyn_timeline_has_room(source->input.timeline, most)) {
            more = make(source, most);
        } else {
            clock->sleep_until(clock, clock->monotonic_ns(clock) + ROOM_POLL_NS);
        }
    }
    return more;
}

static void *
run(void *argument)
{
    paced_source_t *source = argument;
    const bool more = source->free_running ? run_free(source) : run_clocked(source);
    audyn_timeline_finish(source->input.timeline);
    atomic_store_explicit(&source->finished, !more, memory_order_release);
    return NULL;
}

audyn_status_t
paced_source_start(audyn_input_t *input, audyn_error_t *error)
{
    paced_source_t *source = (paced_source_t *)input;
    const int priority = source->free_running ? FREE_PRIORITY : CLOCKED_PRIORITY;
    const audyn_status_t status =
        audyn_rt_thread_start(&source->thread, "audyn-source", priority, run, source);
    if (status) {
        return audyn_error_set(error, status, "no thread could be started for '%s:': %s",
                               input->type->scheme, audyn_strerror(status));
    }
    return AUDYN_OK;
}

void
paced_source_ask_to_stop(audyn_input_t *input)
{
    paced_source_t *source = (paced_source_t *)input;
    atomic_store_explicit(&source->quit, true, memory_order_relaxed);
}

void
paced_source_stop(audyn_input_t *input)
{
    paced_source_t *source = (paced_source_t *)input;
    paced_source_ask_to_stop(input);
    audyn_rt_thread_join(&source->thread);
    audyn_timeline_finish(input->timeline);
}

void
paced_source_get_report(const audyn_input_t *input, audyn_input_report_t *report)
{
    const paced_source_t *source = (const paced_source_t *)input;
    report->memory_bytes = AUDYN_RT_THREAD_STACK_BYTES;
    report->finished = atomic_load_explicit(&source->finished, memory_order_acquire);
    report->status = report->finished ? source->status : AUDYN_OK;
}

void
paced_source_explain(const audyn_input_t *input, audyn_error_t *explanation)
{
    audyn_input_report_t report = {0};
    paced_source_get_report(input, &report);
    if (report.status) {
        audyn_error_set(explanation, report.status, "'%s:' could not be read on: %s",
                        input->type->scheme, audyn_strerror(report.status));
    } else {
        audyn_error_set(explanation, AUDYN_NO_SIGNAL, "'%s:' %s", input->type->scheme,
                        report.finished ? "is at its end" : "has given nothing yet");
    }
}
