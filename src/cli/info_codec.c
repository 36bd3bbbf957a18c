// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// `audyn info` of FLAC and Ogg Opus files: what their headers and comments say, and
// whether their end is there.

#include "archive/audio_reader.h"
#include "cli/cli.h"
#include "cli/info.h"
#include "core/file_lock.h"
#include "core/json_text.h"
#include "core/log.h"
#include "core/ordinary_file.h"

#include <FLAC/metadata.h>
#include <opusfile.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

// RFC 3533, section 6.
#define OGG_FLAGS_AT 5
#define OGG_END_OF_STREAM 4
#define OGG_MOST_BYTES (27 + 255 + 255 * 255)

typedef struct {
    const char *container;
    uint32_t sample_rate, channels;
    uint32_t bits;          // 0: lossy
    uint64_t sample_frames; // 0: not told
    const char *state;
    json_t *comments; // by name; of several of one name the last
} codec_info_t;

// "KEY=value", of that many bytes.
static void
add_comment(codec_info_t *info, const char *comment, size_t size)
{
    char *text = strndup(comment, size);
    char *value = text ? strchr(text, '=') : NULL;
    if (value) {
        *value = '\0';
        json_object_set_new(info->comments, text, audyn_json_text(value + 1));
    }
    free(text);
}

static bool
read_flac(const char *path, codec_info_t *info)
{
    FLAC__StreamMetadata head;
    FLAC__StreamMetadata *tags = NULL;
    static const FLAC__byte none[16];
    if (!FLAC__metadata_get_streaminfo(path, &head)) {
        return false;
    }
    const FLAC__StreamMetadata_StreamInfo *stream = &head.data.stream_info;
    info->container = "FLAC";
    info->sample_rate = stream->sample_rate;
    info->channels = stream->channels;
    info->bits = stream->bits_per_sample;
    info->sample_frames = stream->total_samples;
    // An encoder that has come to its end knows both.
    info->state = stream->total_samples && memcmp(stream->md5sum, none, sizeof none) != 0
                      ? "complete"
                      : "interrupted";
    if (FLAC__metadata_get_tags(path, &tags)) {
        const FLAC__StreamMetadata_VorbisComment *comment = &tags->data.vorbis_comment;
        for (uint32_t i = 0; i < comment->num_comments; ++i) {
            add_comment(info, (const char *)comment->comments[i].entry,
                        comment->comments[i].length);
        }
        FLAC__metadata_object_delete(tags);
    }
    return true;
}

// Whether the last page in the file says that it is the last of the stream.
static bool
has_last_page(int fd)
{
    static uint8_t bytes[OGG_MOST_BYTES];
    struct stat about;
    if (fstat(fd, &about)) {
        return false;
    }
    const off_t from =
        about.st_size > OGG_MOST_BYTES ? about.st_size - OGG_MOST_BYTES : 0;
    const ssize_t size = pread(fd, bytes, sizeof bytes, from);
    for (ssize_t at = size - OGG_FLAGS_AT - 1; at >= 0; --at) {
        if (!memcmp(bytes + at, "OggS", 4)) {
            return bytes[at + OGG_FLAGS_AT] & OGG_END_OF_STREAM;
        }
    }
    return false;
}

static bool
read_opus(const char *path, int fd, codec_info_t *info)
{
    OggOpusFile *file = op_open_file(path, NULL);
    if (!file) {
        return false;
    }
    const OpusHead *head = op_head(file, -1);
    const OpusTags *tags = op_tags(file, -1);
    const ogg_int64_t total = op_pcm_total(file, -1);
    info->container = "Ogg Opus";
    info->sample_rate = head->input_sample_rate ? head->input_sample_rate : 48000;
    info->channels = (uint32_t)head->channel_count;
    info->sample_frames = total > 0 ? (uint64_t)total * info->sample_rate / 48000 : 0;
    info->state = has_last_page(fd) ? "complete" : "interrupted";
    for (int i = 0; tags && i < tags->comments; ++i) {
        add_comment(info, tags->user_comments[i], (size_t)tags->comment_lengths[i]);
    }
    op_free(file);
    return true;
}

// Reads the last sample: the header may count more than there is.
static bool
has_end(const char *path)
{
    audyn_audio_reader_t *reader;
    if (audyn_audio_reader_open(&reader, path, NULL)) {
        return false;
    }
    const audyn_audio_format_t *format = audyn_audio_reader_format(reader);
    float frame[256];
    size_t done = 0;
    const bool found =
        format->sample_frames && format->channels <= sizeof frame / sizeof *frame &&
        !audyn_audio_reader_seek(reader, format->sample_frames - 1, NULL) &&
        !audyn_audio_reader_read(reader, frame, 1, &done, NULL) && done == 1;
    audyn_audio_reader_close(reader);
    return found;
}

static const char *
comment_of(const codec_info_t *info, const char *name)
{
    return json_string_value(json_object_get(info->comments, name));
}

static bool
print_json(const char *path, const codec_info_t *info)
{
    const char *position = comment_of(info, "POSITION");
    json_t *object = json_pack(
        "{s:o, s:s, s:i, s:i, s:o, s:I, s:s, s:b, s:O}", "path", audyn_json_text(path),
        "container", info->container, "sample_rate", (int)info->sample_rate, "channels",
        (int)info->channels, "bits",
        info->bits ? json_integer((json_int_t)info->bits) : json_null(), "sample_frames",
        (json_int_t)info->sample_frames, "state", info->state, "complete",
        !strcmp(info->state, "complete"), "comments", info->comments);
    if (position) {
        json_object_set_new(object, "position",
                            json_integer((json_int_t)strtoull(position, NULL, 10)));
        json_object_set_new(object, "position_exact", json_true());
    }
    if (comment_of(info, "DATE")) {
        json_object_set_new(object, "start", json_string(comment_of(info, "DATE")));
    }
    return audyn_info_print_json(object);
}

static void
print_info(const char *path, const codec_info_t *info)
{
    static const struct {
        const char *name, *comment;
    } rows[] = {
        {"start", "DATE"},
        {"position", "POSITION"},
        {"stream", "DESCRIPTION"},
        {"station", "STATION"},
        {"originator", "ORIGINATOR"},
        {"reference", "ORIGINATOR_REFERENCE"},
        {"source", "SOURCE"},
        {"encoder", "ENCODER"},
    };
    char bits[16] = "";
    if (info->bits) {
        snprintf(bits, sizeof bits, "%u-bit ", info->bits);
    }
    printf("%s\n  %-12s %s%s, %u Hz, %u channel%s\n", path, "format", bits,
           info->container, info->sample_rate, info->channels,
           info->channels == 1 ? "" : "s");
    if (info->sample_frames) {
        audyn_info_print_length(info->sample_frames, info->sample_rate);
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; ++i) {
        const char *text = comment_of(info, rows[i].comment);
        audyn_info_print_text(rows[i].name, text ? text : "");
    }
    audyn_info_print_text("state", info->state);
}

static int
tell(const char *path, int fd, bool json)
{
    codec_info_t info = {.comments = json_object()};
    if (!read_flac(path, &info) && !read_opus(path, fd, &info)) {
        json_decref(info.comments);
        return audyn_info_refuse(path, "is");
    }
    if (audyn_file_is_locked(fd)) {
        info.state = "in progress";
    } else if (!strcmp(info.state, "complete") && !has_end(path)) {
        info.state = "truncated";
    }
    const bool whole =
        !strcmp(info.state, "complete") || !strcmp(info.state, "in progress");
    bool printed = true;
    if (json) {
        printed = print_json(path, &info);
    } else {
        print_info(path, &info);
    }
    json_decref(info.comments);
    return !printed ? AUDYN_EXIT_FAILED
           : whole  ? AUDYN_EXIT_COMPLETE
                    : AUDYN_EXIT_MISSING;
}

int
audyn_info_codec(const char *path, bool json)
{
    audyn_error_t error = {""};
    int fd;
    if (audyn_ordinary_file_open(&fd, path, "a file of audio", &error)) {
        audyn_log_error("%s", error.text);
        return AUDYN_EXIT_FAILED;
    }
    const int exit_status = tell(path, fd, json);
    close(fd);
    return exit_status;
}
