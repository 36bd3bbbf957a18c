// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What a finished segment has to say of itself.

#include "archive/segment.h"

#include "archive/input_json.h"
#include "archive/segment_place.h"
#include "core/json_text.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
name_file(const audyn_segment_t *segment, unsigned i, audyn_entry_file_t *out)
{
    const char *format = audyn_archive_settings(segment->archive)->formats[i];
    snprintf(out->path, sizeof out->path, "%s.%s", strrchr(segment->base, '/') + 1,
             format);
    snprintf(out->format, sizeof out->format, "%s", format);
    snprintf(out->encoding, sizeof out->encoding, "%s",
             audyn_sink_encoding_name(out->path, segment->files[i].encoding));
    char whole[PATH_MAX];
    audyn_segment_path(segment->base, format, whole);
    out->dithered =
        audyn_segment_sink_config(segment->archive, segment->stream, whole).dither;
    out->codec_known = true;
    out->codec = audyn_archive_settings(segment->archive)->codec;
}

static void
fill_file(audyn_segment_t *segment, unsigned i, audyn_entry_file_t *out)
{
    audyn_segment_file_t *file = &segment->files[i];
    name_file(segment, i, out);
    out->bytes = file->bytes;
    strcpy(out->sha256, file->sha256);
    if (*file->sha256) {
        out->block_bytes = AUDYN_BLOCK_BYTES;
        out->block_crc32 =
            audyn_checksum_take_blocks(file->sum.checksum, &out->block_count);
    }
    out->partial = file->growing.status;
    if (out->partial) {
        out->sample_frames = file->sample_frames;
        snprintf(out->error, sizeof out->error, "%s",
                 audyn_strerror(file->growing.status));
    }
}

static audyn_status_t
fill_losses(const audyn_loss_map_t *losses, audyn_entry_t *entry)
{
    audyn_entry_segment_t *out = &entry->segment;
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    audyn_loss_map_counts(losses, counts);
    out->received = audyn_samples_received(counts);
    memcpy(out->missing, counts, sizeof out->missing);
    out->spans_complete = audyn_loss_map_is_exact(losses);
    size_t count;
    const audyn_span_t *spans = audyn_loss_map_spans(losses, &count);
    audyn_status_t status = AUDYN_OK;
    for (size_t i = 0; !status && i < count; ++i) {
        status = audyn_entry_add_span(entry, spans[i].position, spans[i].sample_frames,
                                      audyn_sample_class_name(spans[i].class));
    }
    return status;
}

static void
set_input(json_t *object, const audyn_input_t *input)
{
    audyn_input_report_t report;
    audyn_input_get_report(input, &report);
    json_object_set_new(object, "clock", json_string(audyn_input_clock_name(&report)));
    if (report.drift_known) {
        json_object_set_new(object, "drift_ppm", json_real(report.drift_ppm));
    }
    if (report.packets) {
        json_object_set_new(object, "ssrc", json_integer(report.ssrc));
        json_object_set_new(object, "restarts",
                            json_integer((json_int_t)report.restarts));
    }
    json_t *legs = report.leg_count ? json_array() : NULL;
    for (unsigned i = 0; i < report.leg_count; ++i) {
        json_array_append_new(legs, audyn_input_leg_json(&report, i));
    }
    json_object_set_new(object, "legs", legs);
}

// All that depends on who recorded.
static json_t *
recorder_json(const audyn_input_t *input)
{
    char host[256] = "";
    gethostname(host, sizeof host - 1);
    json_t *object =
        json_pack("{s:o, s:s}", "host", audyn_json_text(host), "version", AUDYN_VERSION);
    if (input) {
        set_input(object, input);
    }
    const audyn_clock_t *clock = audyn_clock_system();
    char closed[48];
    audyn_entry_utc_text(closed, clock->utc_ns(clock));
    json_object_set_new(object, "closed_utc", json_string(closed));
    return object;
}

static void
outline(const audyn_segment_t *segment, uint64_t sample_frames, audyn_entry_t *entry)
{
    const audyn_archive_settings_t *settings = audyn_archive_settings(segment->archive);
    const audyn_archive_stream_t *stream = segment->stream;
    const audyn_leap_seconds_t *leap_seconds = &settings->layout.leap_seconds;
    audyn_entry_init(entry, AUDYN_ENTRY_SEGMENT, stream->name, &stream->format);
    snprintf(entry->station, sizeof entry->station, "%s",
             settings->station ? settings->station : "");
    audyn_entry_segment_t *out = &entry->segment;
    out->sample_frames = sample_frames;
    out->first = audyn_entry_moment(leap_seconds, &stream->format, segment->position);
    out->last = audyn_entry_moment(leap_seconds, &stream->format,
                                   segment->position + sample_frames - 1);
    strcpy(out->audio_encoding, audyn_entry_audio_encoding(stream->format.bits));
    out->recorder = recorder_json(stream->input);
}

void
audyn_segment_outline(const audyn_segment_t *segment, audyn_entry_t *entry)
{
    outline(segment, 1, entry);
    audyn_entry_segment_t *out = &entry->segment;
    out->file_count = audyn_archive_settings(segment->archive)->format_count;
    for (unsigned i = 0; i < out->file_count; ++i) {
        name_file(segment, i, &out->files[i]);
    }
}

audyn_status_t
audyn_segment_describe(audyn_segment_t *segment, audyn_entry_t *entry)
{
    outline(segment, segment->sample_frames, entry);
    audyn_entry_segment_t *out = &entry->segment;
    for (unsigned i = 0; i < AUDYN_ARCHIVE_FORMATS; ++i) {
        if (segment->files[i].created) {
            fill_file(segment, i, &out->files[out->file_count++]);
        }
    }
    audyn_checksum_end(segment->audio, out->audio_sha256);
    if (segment->cut_short) {
        *out->audio_sha256 = '\0'; // it covers more than the files have, as levels do
    }
    if (segment->hole) {
        out->hole.position = segment->position - segment->hole;
        out->hole.sample_frames = segment->hole;
        snprintf(out->hole.class, sizeof out->hole.class, "%s", segment->hole_class);
    }
    json_object_set_new(out->recorder, "events",
                        audyn_event_log_take(segment->stream->events, segment->end));
    audyn_status_t status = fill_losses(segment->losses, entry);
    if (!status && segment->levels && !segment->cut_short) {
        status = audyn_levels_read(segment->levels, &out->levels);
    }
    const audyn_archive_plan_t *plan = segment->stream->plan;
    if (!status && plan) {
        status = plan->describe(plan->context, entry);
    }
    if (status) {
        audyn_entry_finish(entry);
    }
    return status;
}
