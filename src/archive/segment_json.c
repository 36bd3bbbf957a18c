// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The sidecar of a segment: doc/archive-format.md.

#include "archive/segment.h"
#include "core/json_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static json_t *
integer(uint64_t value)
{
    return json_integer((json_int_t)value);
}

static json_t *
stream_json(const audyn_archive_stream_t *stream)
{
    const audyn_input_format_t *format = &stream->format;
    const audyn_media_rate_t rate = audyn_input_media_rate(format);
    char fraction[32];
    snprintf(fraction, sizeof fraction, "%" PRIu32 "/%" PRIu32,
             rate.numerator ? rate.numerator : 1,
             rate.denominator ? rate.denominator : 1);
    return json_pack("{s:o, s:o, s:s, s:o, s:o}", "name", audyn_json_text(stream->name),
                     "sample_rate", integer(format->sample_rate), "media_rate", fraction,
                     "channels", integer(format->channels), "bits",
                     integer(format->bits));
}

static json_t *
utc_json(time_t utc_s, bool leap, int64_t ns)
{
    struct tm tm;
    char seconds[32];
    char text[48];
    gmtime_r(&utc_s, &tm);
    tm.tm_sec += leap;
    strftime(seconds, sizeof seconds, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text, sizeof text, "%s.%09" PRId64 "Z", seconds, ns);
    return json_string(text);
}

static json_t *
moment_json(const audyn_segment_t *segment, uint64_t position)
{
    const audyn_layout_t *layout = &audyn_archive_settings(segment->archive)->layout;
    const audyn_media_rate_t rate = audyn_input_media_rate(&segment->stream->format);
    const int64_t tai_ns = audyn_media_tai_ns(position, &rate);
    bool leap;
    const int64_t utc_s = audyn_leap_seconds_to_utc(&layout->leap_seconds,
                                                    tai_ns / AUDYN_NS_PER_SECOND, &leap);
    return json_pack("{s:o, s:o}", "tai_ns", integer((uint64_t)tai_ns), "utc",
                     utc_json(utc_s, leap, tai_ns % AUDYN_NS_PER_SECOND));
}

// What it holds of the segment is said only where that is not all.
static json_t *
file_json(const audyn_segment_t *segment, unsigned i)
{
    const audyn_segment_file_t *file = &segment->files[i];
    const char *format = audyn_archive_settings(segment->archive)->formats[i];
    char path[PATH_MAX + 8];
    snprintf(path, sizeof path, "%s.%s", strrchr(segment->base, '/') + 1, format);
    json_t *object = json_pack(
        "{s:o, s:s, s:s, s:o, s:o}", "path", audyn_json_text(path), "format", format,
        "encoding", audyn_sink_encoding_name(path, file->encoding), "bytes",
        integer(file->bytes), "sha256", audyn_json_text_or_null(file->sha256));
    if (file->growing.status) {
        json_object_set_new(object, "sample_frames", integer(file->sample_frames));
        json_object_set_new(object, "error",
                            json_string(audyn_strerror(file->growing.status)));
    }
    return object;
}

static json_t *
files_json(const audyn_segment_t *segment)
{
    json_t *files = json_array();
    for (unsigned i = 0; i < audyn_archive_settings(segment->archive)->format_count;
         ++i) {
        if (segment->files[i].created) {
            json_array_append_new(files, file_json(segment, i));
        }
    }
    return files;
}

static json_t *
audio_json(audyn_segment_t *segment)
{
    static const char *const encodings[] = {"s16le", "s24le", "f32le"};
    char sum[AUDYN_SHA256_TEXT];
    audyn_checksum_end(segment->audio, sum);
    return json_pack("{s:s, s:o}", "encoding",
                     encodings[audyn_sink_encoding("", segment->stream->format.bits)],
                     "sha256", audyn_json_text_or_null(sum));
}

static void
add_losses(json_t *object, const audyn_loss_map_t *losses)
{
    uint64_t counts[AUDYN_SAMPLE_CLASSES];
    audyn_loss_map_counts(losses, counts);
    json_object_set_new(object, "received", integer(audyn_samples_received(counts)));
    for (int i = 0; i < AUDYN_SAMPLE_RECEIVED; ++i) {
        json_object_set_new(object, audyn_sample_class_name((audyn_sample_class_t)i),
                            integer(counts[i]));
    }
    json_object_set_new(object, "spans", audyn_loss_map_json(losses));
    json_object_set_new(object, "spans_complete",
                        json_boolean(audyn_loss_map_is_exact(losses)));
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
        audyn_input_report_t report;
        audyn_input_get_report(input, &report);
        json_object_set_new(object, "clock",
                            json_string(!report.packets         ? "host"
                                        : report.on_media_clock ? "media"
                                                                : "arrival"));
        if (report.drift_known) {
            json_object_set_new(object, "drift_ppm", json_real(report.drift_ppm));
        }
        if (report.packets) {
            json_object_set_new(object, "ssrc", integer(report.ssrc));
        }
    }
    const audyn_clock_t *clock = audyn_clock_system();
    const int64_t utc_ns = clock->utc_ns(clock);
    json_object_set_new(
        object, "closed_utc",
        utc_json(utc_ns / AUDYN_NS_PER_SECOND, false, utc_ns % AUDYN_NS_PER_SECOND));
    return object;
}

char *
audyn_segment_json(audyn_segment_t *segment)
{
    const uint64_t last = segment->position + segment->sample_frames - 1;
    json_t *object = json_pack(
        "{s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o}", "audyn_sidecar", 1, "kind",
        "segment", "stream", stream_json(segment->stream), "position",
        integer(segment->position), "sample_frames", integer(segment->sample_frames),
        "first", moment_json(segment, segment->position), "last",
        moment_json(segment, last), "files", files_json(segment), "audio",
        audio_json(segment));
    add_losses(object, segment->losses);
    json_object_set_new(object, "recorder", recorder_json(segment->stream->input));
    char *text = audyn_json_lines(object);
    json_decref(object);
    return text;
}
