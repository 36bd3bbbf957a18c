// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn info`: what a recording is, and whether it is complete.

#include "cli/info.h"

#include "cli/cli.h"
#include "core/clock.h"
#include "core/json_text.h"
#include "core/log.h"
#include "core/ordinary_file.h"
#include "sink/wav_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define HEAD_BYTES 12 // that tell what a file is

static const char help[] =
    "usage: audyn info FILE [options]\n"
    "\n"
    "Says what a WAV, RF64, BW64, FLAC or Opus file holds: format, length, Broadcast "
    "Wave\n"
    "metadata or comments, the position of its first sample on the media clock, and\n"
    "whether it is complete.  Of a segment's sidecar (.json) in an archive, what that\n"
    "says.\n"
    "\n"
    "      --json   in JSON\n"
    "  -h, --help   this text\n"
    "\n"
    "exit status: 0 the file is whole, 1 it cannot be read, 2 wrong usage,\n"
    "             3 it can be read, but its recording was interrupted or it is cut off\n";

static const char *
completeness_name(audyn_wav_completeness_t completeness)
{
    switch (completeness) {
    case AUDYN_WAV_COMPLETE:
        return "complete";
    case AUDYN_WAV_IN_PROGRESS:
        return "in progress";
    case AUDYN_WAV_INTERRUPTED:
        return "interrupted";
    case AUDYN_WAV_TRUNCATED:
        return "truncated";
    case AUDYN_WAV_UNKNOWN_LENGTH:
        return "of unknown length";
    }
    return "unknown";
}

static int
exit_status_for(const audyn_wav_info_t *info)
{
    const bool whole = info->completeness == AUDYN_WAV_COMPLETE ||
                       info->completeness == AUDYN_WAV_IN_PROGRESS;
    return whole ? AUDYN_EXIT_COMPLETE : AUDYN_EXIT_MISSING;
}

// Whose offset from UTC was: recorded with the file, or today's.
static int64_t
tai_offset_of(const audyn_wav_info_t *info)
{
    const audyn_clock_t *clock = audyn_clock_system();
    return info->has_recording ? info->recording.tai_offset_s
                               : clock->tai_offset_s(clock);
}

// A date and time alone count by the sample rate.
static audyn_media_rate_t
media_rate_of(const audyn_wav_info_t *info)
{
    const audyn_wav_recording_t *recording = &info->recording;
    return info->position_source == AUDYN_WAV_POSITION_RECORDED
               ? (audyn_media_rate_t){info->sample_rate, recording->rate_numerator,
                                      recording->rate_denominator}
               : (audyn_media_rate_t){info->sample_rate, 1, 1};
}

// "2026-11-22T10:24:00.123456Z", to the microsecond.
static void
format_start(char *text, size_t size, const audyn_wav_info_t *info)
{
    const audyn_media_rate_t rate = media_rate_of(info);
    const int64_t utc_ns = audyn_media_tai_ns(info->position, &rate) -
                           tai_offset_of(info) * AUDYN_NS_PER_SECOND;
    const time_t seconds = utc_ns / AUDYN_NS_PER_SECOND;
    struct tm utc;
    gmtime_r(&seconds, &utc);
    const size_t used = strftime(text, size, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(text + used, size - used, ".%06dZ",
             (int)(utc_ns % AUDYN_NS_PER_SECOND / 1000));
}

bool
audyn_info_print_json(json_t *object)
{
    const bool printed = object && !json_dumpf(object, stdout, JSON_INDENT(2)) &&
                         putchar('\n') != EOF && !fflush(stdout);
    json_decref(object);
    if (!printed) {
        audyn_log_error("the report cannot be written to standard output");
    }
    return printed;
}

void
audyn_info_print_length(uint64_t sample_frames, uint32_t sample_rate)
{
    const uint64_t ms = sample_frames * 1000 / sample_rate;
    printf("  %-12s %02" PRIu64 ":%02u:%02u.%03u, %" PRIu64 " sample frames\n", "length",
           ms / 3600000, (unsigned)(ms / 60000 % 60), (unsigned)(ms / 1000 % 60),
           (unsigned)(ms % 1000), sample_frames);
}

static json_t *
bext_json(const audyn_bext_t *bext)
{
    return json_pack("{s:o, s:o, s:o, s:o, s:o, s:I, s:i, s:o}", "description",
                     audyn_json_text(bext->description), "originator",
                     audyn_json_text(bext->originator), "originator_reference",
                     audyn_json_text(bext->originator_reference), "origination_date",
                     audyn_json_text(bext->origination_date), "origination_time",
                     audyn_json_text(bext->origination_time), "time_reference",
                     (json_int_t)bext->time_reference, "version", (int)bext->version,
                     "coding_history", audyn_json_text(bext->coding_history));
}

static int
print_json(const char *path, const audyn_wav_info_t *info)
{
    json_t *object = json_pack(
        "{s:o, s:s, s:i, s:i, s:i, s:b, s:I, s:I, s:s, s:b}", "path",
        audyn_json_text(path), "container", info->container, "sample_rate",
        (int)info->sample_rate, "channels", (int)info->channels, "bits", (int)info->bits,
        "float", info->is_float, "sample_frames", (json_int_t)info->sample_frames,
        "present_frames", (json_int_t)info->present_frames, "state",
        completeness_name(info->completeness), "complete",
        info->completeness == AUDYN_WAV_COMPLETE);
    if (info->position_source != AUDYN_WAV_NO_POSITION) {
        char start[64];
        format_start(start, sizeof start, info);
        json_object_set_new(object, "position", json_integer((json_int_t)info->position));
        json_object_set_new(
            object, "position_exact",
            json_boolean(info->position_source == AUDYN_WAV_POSITION_RECORDED));
        json_object_set_new(object, "start", json_string(start));
        const audyn_media_rate_t rate = media_rate_of(info);
        json_object_set_new(object, "media_rate",
                            json_sprintf("%u/%u", rate.numerator, rate.denominator));
    }
    if (info->has_bext) {
        json_object_set_new(object, "bext", bext_json(&info->bext));
    }
    return audyn_info_print_json(object) ? exit_status_for(info) : AUDYN_EXIT_FAILED;
}

void
audyn_info_print_text(const char *name, const char *text)
{
    if (*text) {
        printf("  %-12s %s\n", name, text);
    }
}

// The history is lines that end in CR LF (EBU R 98).
static void
print_history(const char *history)
{
    while (*history) {
        const size_t length = strcspn(history, "\r\n");
        if (length) {
            printf("  %-12s %.*s\n", "history", (int)length, history);
        }
        history += length + strspn(history + length, "\r\n");
    }
}

static void
print_bext(const audyn_bext_t *bext)
{
    audyn_info_print_text("description", bext->description);
    audyn_info_print_text("originator", bext->originator);
    audyn_info_print_text("reference", bext->originator_reference);
    printf("  %-12s %s %s, %" PRIu64 " sample frames after midnight\n", "bext date",
           bext->origination_date, bext->origination_time, bext->time_reference);
    print_history(bext->coding_history);
}

static void
print_completeness(const audyn_wav_info_t *info)
{
    const uint64_t counted = info->sample_frames;
    const uint64_t present = info->present_frames;
    printf("  %-12s %s", "state", completeness_name(info->completeness));
    if (info->completeness == AUDYN_WAV_INTERRUPTED && present > counted) {
        printf(": %" PRIu64 " sample frames lie behind those that the header counts",
               present - counted);
    } else if (info->completeness == AUDYN_WAV_TRUNCATED) {
        printf(": %" PRIu64 " of %" PRIu64 " sample frames are there", present, counted);
    }
    putchar('\n');
}

static int
print_info(const char *path, const audyn_wav_info_t *info)
{
    printf("%s\n", path);
    printf("  %-12s %u-bit %s, %u Hz, %u channel%s, %s%s\n", "format", info->bits,
           info->is_float ? "float" : "PCM", info->sample_rate, info->channels,
           info->channels == 1 ? "" : "s", info->container,
           info->has_bext ? " (Broadcast Wave)" : "");
    audyn_info_print_length(info->sample_frames, info->sample_rate);
    if (info->position_source != AUDYN_WAV_NO_POSITION) {
        char start[64];
        format_start(start, sizeof start, info);
        printf("  %-12s %s\n", "start", start);
        printf("  %-12s %" PRIu64 "%s\n", "position", info->position,
               info->position_source == AUDYN_WAV_POSITION_RECORDED
                   ? ""
                   : " (if the file's date and time are UTC)");
        const audyn_media_rate_t rate = media_rate_of(info);
        if (rate.numerator != rate.denominator) {
            printf("  %-12s %u/%u of %u Hz\n", "media clock", rate.numerator,
                   rate.denominator, info->sample_rate);
        }
    }
    if (info->has_bext) {
        print_bext(&info->bext);
    }
    print_completeness(info);
    return exit_status_for(info);
}

static audyn_status_t
read_option(void *context, int option, audyn_error_t *error)
{
    (void)option;
    (void)error;
    *(bool *)context = true;
    return AUDYN_OK;
}

static bool
has_ending(const char *path, const char *ending)
{
    const char *dot = strrchr(path, '.');
    return dot && !strcasecmp(dot, ending);
}

static int
tell_wav(const char *path, bool json)
{
    audyn_error_t error = {""};
    audyn_wav_info_t info;
    if (audyn_wav_read_info(path, &info, &error)) {
        audyn_log_error("%s", error.text);
        return AUDYN_EXIT_FAILED;
    }
    return json ? print_json(path, &info) : print_info(path, &info);
}

int
audyn_info_refuse(const char *path, const char *is)
{
    audyn_log_error("%s %s no audio file that Audyn knows (WAV, RF64, BW64, FLAC or Ogg "
                    "Opus), and no sidecar",
                    path, is);
    return AUDYN_EXIT_FAILED;
}

// A file is what its first bytes say, whatever its name.
static int
tell(const char *path, const char head[HEAD_BYTES], bool json)
{
    const bool is_riff =
        !memcmp(head, "RIFF", 4) || !memcmp(head, "RF64", 4) || !memcmp(head, "BW64", 4);
    if (is_riff && !memcmp(head + 8, "WAVE", 4)) {
        return tell_wav(path, json);
    }
    if (!memcmp(head, "fLaC", 4) || !memcmp(head, "OggS", 4) || !memcmp(head, "ID3", 3)) {
        return audyn_info_codec(path, json);
    }
    if (*head == '{' || has_ending(path, ".json")) {
        return audyn_info_entry(path, json);
    }
    return audyn_info_refuse(path, "is");
}

int
audyn_cli_info(int argc, char **argv)
{
    static const struct option words[] = {
        {"json", no_argument, NULL, 'j'}, {"help", no_argument, NULL, 'h'}, {0}};
    static const audyn_cli_command_t command = {
        {":h", words, read_option}, help, 1, "one file at a time: audyn info FILE"};
    bool json = false;
    int exit_status = AUDYN_EXIT_COMPLETE;
    char **operands = audyn_cli_start(&command, argc, argv, &json, &exit_status);
    if (!operands) {
        return exit_status;
    }
    const char *path = operands[0];
    char head[HEAD_BYTES] = {0};
    audyn_error_t error = {""};
    int fd;
    if (audyn_ordinary_file_open(&fd, path, "a file of audio or a sidecar", &error)) {
        audyn_log_error("%s", error.text);
        return AUDYN_EXIT_FAILED;
    }
    const ssize_t n = read(fd, head, sizeof head);
    const int cause = errno;
    close(fd);
    if (n < 0) {
        audyn_log_error("%s cannot be read: %s", path, strerror(cause));
        return AUDYN_EXIT_FAILED;
    }
    return n ? tell(path, head, json) : audyn_info_refuse(path, "is empty, and");
}
