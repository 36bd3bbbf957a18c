// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// One stream of a merge, block by block: read from both, choose, write.

#include "archive/merge/merge_private.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_FRAMES 32768
#define SYNC_BYTES (UINT64_C(16) << 20)

static merge_job_t *
job_of(void *context)
{
    return context;
}

static const merge_part_t *
part_at(const merge_job_t *job, uint64_t position)
{
    size_t low = 0;
    for (size_t high = job->plan.count; high - low > 1;) {
        const size_t middle = (low + high) / 2;
        *(job->plan.parts[middle].position <= position ? &low : &high) = middle;
    }
    return &job->plan.parts[low];
}

static void
place(void *context, uint64_t position, uint64_t *end, char name[AUDYN_LAYOUT_PATH])
{
    const merge_part_t *part = part_at(job_of(context), position);
    *end = part->end;
    snprintf(name, AUDYN_LAYOUT_PATH, "%s", part->name);
}

// Where nothing was recorded before it says so.
static void
add_hole(const merge_job_t *job, audyn_entry_segment_t *segment)
{
    const merge_part_t *part = part_at(job, segment->first.position);
    if (part == job->plan.parts || segment->hole.sample_frames ||
        part->position != segment->first.position || part[-1].end == part->position) {
        return;
    }
    segment->hole =
        (audyn_entry_span_t){part[-1].end, part->position - part[-1].end, "not_recorded"};
}

static audyn_status_t
describe(void *context, audyn_entry_t *entry)
{
    add_hole(job_of(context), &entry->segment);
    return merge_trace_describe(job_of(context), entry);
}

static void
on_event(void *context, const audyn_archive_event_t *event)
{
    merge_job_t *job = job_of(context);
    if (!job->unwritten) {
        job->unwritten = event->status;
    }
    if (event->text && job->config->tell) {
        job->config->tell(job->config->context, event->text);
    }
}

static void
sync_round(merge_job_t *job)
{
    job->unsynced_bytes = 0;
    if (audyn_output_flush(job->output, false)) {
        audyn_output_sync(job->output);
        audyn_output_commit(job->output);
    }
}

// A recorder would go on without a file that fails.
static audyn_status_t
check_written(merge_job_t *job)
{
    const audyn_status_t status = job->unwritten;
    return status ? audyn_error_set(
                        job->error, status,
                        "%s does not take all that is to be written: %s; %sremove %s "
                        "and begin again",
                        job->config->out, audyn_strerror(status),
                        status == AUDYN_NO_SPACE ? "make room, " : "", job->config->out)
                  : AUDYN_OK;
}

static bool
is_interrupted(merge_job_t *job)
{
    const audyn_merge_config_t *config = job->config;
    job->interrupted = config->is_interrupted && config->is_interrupted(config->context);
    return job->interrupted;
}

static audyn_status_t
close_output(merge_job_t *job)
{
    const audyn_status_t closed = audyn_output_close(job->output);
    job->unwritten = job->unwritten ? job->unwritten : closed;
    job->output = NULL;
    audyn_archive_close(job->archive);
    job->archive = NULL;
    return check_written(job);
}

static audyn_status_t
open_output(merge_job_t *job, const audyn_archive_settings_t *settings, uint64_t position)
{
    job->settings = *settings;
    job->settings.station = settings->station ? job->station : NULL;
    job->settings.key = job->config->key_path;
    audyn_status_t status =
        audyn_archive_open(&job->archive, job->config->out, &job->settings, job->error);
    if (!status) {
        status = audyn_archive_output_create(&job->output, job->archive, &job->stream,
                                             job->error);
    }
    if (!status) {
        const audyn_sink_start_t start = {.position = position};
        job->position = position;
        status = audyn_output_begin(job->output, &start);
    }
    return status;
}

// A gap, or other settings, need another output.
static audyn_status_t
prepare_output(merge_job_t *job, const merge_part_t *part)
{
    char station[AUDYN_ENTRY_NAME];
    audyn_archive_settings_t settings;
    audyn_status_t status = merge_settings_choose(job, part, &settings, station);
    if (status || (job->output && job->position == part->position &&
                   merge_settings_are_same(&settings, &job->settings))) {
        return status;
    }
    status = close_output(job);
    strcpy(job->station, station);
    return status ? status : open_output(job, &settings, part->position);
}

static void
note_difference(audyn_merge_stream_t *told, uint64_t position)
{
    ++told->differing;
    audyn_merge_span_t *last =
        told->difference_count ? &told->differences[told->difference_count - 1] : NULL;
    if (last && last->position + last->sample_frames == position) {
        ++last->sample_frames;
    } else if (told->difference_count < AUDYN_MERGE_DIFFERENCES) {
        told->differences[told->difference_count++] = (audyn_merge_span_t){position, 1};
    }
}

// Both have received these.
static void
compare(merge_job_t *job, uint64_t position, size_t from, size_t count)
{
    const uint32_t channels = job->stream.format.channels;
    const size_t bytes = channels * sizeof(float);
    const float *a = job->samples[0] + from * channels;
    const float *b = job->samples[1] + from * channels;
    if (!memcmp(a, b, count * bytes)) {
        return;
    }
    for (size_t i = 0; i < count; ++i) {
        if (memcmp(a + i * channels, b + i * channels, bytes) != 0) {
            note_difference(job->told, position + i);
        }
    }
}

// From which source to take a sample; 2: from none.
static unsigned
choose(uint8_t a, uint8_t b)
{
    const uint8_t best = a > b ? a : b;
    return best < MERGE_UNKNOWN ? 2 : a == best ? 0 : 1;
}

// What becomes of one that has none.
static audyn_sample_class_t
class_of(uint8_t a, uint8_t b)
{
    const uint8_t state = a != MERGE_ABSENT ? a : b;
    return state == MERGE_ABSENT ? AUDYN_SAMPLE_LOST
                                 : (audyn_sample_class_t)(state - MERGE_MISSING);
}

// Neighbours that are alike in both sources.  The samples are put in samples[0], their
// classes in states[0].
static audyn_status_t
take_stretch(merge_job_t *job, uint64_t position, size_t from, size_t count)
{
    const uint8_t a = job->states[0][from];
    const uint8_t b = job->states[1][from];
    const uint32_t channels = job->stream.format.channels;
    const size_t bytes = count * channels * sizeof(float);
    const unsigned side = choose(a, b);
    float *samples = job->samples[0] + from * channels;
    memset(job->states[0] + from, side == 2 ? (int)class_of(a, b) : AUDYN_SAMPLE_RECEIVED,
           count);
    if (side == 2) {
        memset(samples, 0, bytes);
        job->told->missing += count;
        return AUDYN_OK;
    }
    if (side == 1) {
        memcpy(samples, job->samples[1] + from * channels, bytes);
    } else if (a == MERGE_RECEIVED && b == MERGE_RECEIVED) {
        compare(job, position, from, count);
    }
    job->told->from[side] += count;
    const merge_run_t run = {.position = position,
                             .sample_frames = count,
                             .side = side,
                             .unknown = (side ? b : a) == MERGE_UNKNOWN};
    return merge_trace_add(&job->trace, job->sources, &run);
}

static audyn_status_t
take_block(merge_job_t *job, uint64_t position, size_t count)
{
    audyn_status_t status = AUDYN_OK;
    for (size_t from = 0, to; !status && from < count; from = to) {
        for (to = from + 1; to < count && job->states[0][to] == job->states[0][from] &&
                            job->states[1][to] == job->states[1][from];) {
            ++to;
        }
        status = take_stretch(job, position + from, from, to - from);
    }
    return status;
}

static void
classify_block(merge_job_t *job, uint64_t position, size_t count)
{
    const uint8_t *classes = job->states[0];
    for (size_t from = 0, to; from < count; from = to) {
        for (to = from + 1; to < count && classes[to] == classes[from];) {
            ++to;
        }
        const audyn_span_t span = {position + from, to - from,
                                   (audyn_sample_class_t)classes[from]};
        audyn_output_classify(job->output, &span);
    }
}

static audyn_status_t
write_block(merge_job_t *job, size_t count)
{
    const uint64_t position = job->position;
    const audyn_input_format_t *format = &job->stream.format;
    const uint64_t bytes = (uint64_t)count * format->channels * format->bits / 8;
    audyn_output_write(job->output, job->samples[0], count);
    classify_block(job, position, count);
    job->position += count;
    job->unsynced_bytes += bytes;
    if (job->unsynced_bytes >= SYNC_BYTES || !audyn_output_has_room(job->output)) {
        sync_round(job);
    }
    *job->done_bytes += bytes;
    if (job->config->progress) {
        job->config->progress(job->config->context, *job->done_bytes, job->total_bytes);
    }
    return check_written(job);
}

static audyn_status_t
merge_part(merge_job_t *job, const merge_part_t *part)
{
    audyn_status_t status = prepare_output(job, part);
    while (!status && job->position < part->end) {
        if (is_interrupted(job)) {
            return AUDYN_BUSY;
        }
        const uint64_t left = part->end - job->position;
        const size_t count = left < BLOCK_FRAMES ? (size_t)left : BLOCK_FRAMES;
        for (int side = 0; !status && side < 2; ++side) {
            status = merge_source_read(&job->sources[side], job->position, count,
                                       job->samples[side], job->states[side], job->error);
        }
        if (!status && (status = take_block(job, job->position, count))) {
            audyn_error_set(job->error, status, "out of memory for what %s is made of",
                            job->name);
        }
        status = status ? status : write_block(job, count);
    }
    if (!status) {
        ++job->told->segments;
        job->told->sample_frames += part->end - part->position;
    }
    return status;
}

static bool
make_room(merge_job_t *job)
{
    bool made = true;
    for (int side = 0; side < 2; ++side) {
        job->samples[side] = reallocarray(
            NULL, (size_t)BLOCK_FRAMES * job->stream.format.channels, sizeof(float));
        job->states[side] = malloc(BLOCK_FRAMES);
        made = made && job->samples[side] && job->states[side];
    }
    return made;
}

audyn_status_t
merge_stream(merge_job_t *job)
{
    job->hooks =
        (audyn_archive_plan_t){.context = job, .place = place, .describe = describe};
    job->stream = (audyn_archive_stream_t){.name = job->name,
                                           .format = job->sources[0].segments->format,
                                           .tell = on_event,
                                           .context = job,
                                           .plan = &job->hooks};
    audyn_status_t status = AUDYN_OK;
    if (!make_room(job)) {
        status =
            audyn_error_set(job->error, AUDYN_NO_MEMORY, "out of memory for a merge");
    }
    for (size_t i = 0; !status && i < job->plan.count; ++i) {
        const merge_part_t *part = &job->plan.parts[i];
        job->told->missing += i ? part->position - part[-1].end : 0;
        status = merge_part(job, part);
    }
    audyn_error_t *const error = job->error;
    job->error = status ? NULL : error; // the first failure is told
    const audyn_status_t closed = close_output(job);
    job->error = error;
    for (int side = 0; side < 2; ++side) {
        free(job->samples[side]);
        free(job->states[side]);
    }
    return status ? status : closed;
}
