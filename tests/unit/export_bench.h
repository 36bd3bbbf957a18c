// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

/// An archive of one stream "s", whose samples tell their position and who recorded them,
/// and exports of it that are compared with them.

#ifndef AUDYN_TESTS_EXPORT_BENCH_H
#define AUDYN_TESTS_EXPORT_BENCH_H

#include "wav_files.h"

#include "archive/audio_reader.h"
#include "archive/chain.h"
#include "archive/export/export.h"
#include "archive_files.h"

#define CHANNELS 2
#define BEGIN (START_POSITION - 17) // 10:20:30 UTC
#define SECOND 48000
// 2017-01-01 00:00:00 UTC
#define LEAP_POSITION (UINT64_C(1483228837) * SECOND)

static const audyn_input_format_t format = {
    .sample_rate = 48000, .channels = CHANNELS, .bits = 16};
static audyn_chain_t *chain;
static audyn_catalog_t *catalog;
static char last_told[512];
static unsigned told;

// What the segments hold: `take` tells two recordings of one time apart.
static inline float
sample_of(uint64_t position, unsigned channel, unsigned take)
{
    return signal_at((position * CHANNELS + channel) * 2 + take);
}

static inline int
begin(void **state)
{
    (void)state;
    audyn_error_t error = {""};
    char folder_of_stream[PATH_MAX];
    name_in_archive(folder_of_stream, "s");
    assert_int_equal(mkdir(folder_of_stream, 0777), 0);
    if (audyn_chain_open(&chain, archive_folder, NULL, &error) ||
        audyn_catalog_open(&catalog, archive_folder, &error)) {
        fail_msg("%s", error.text);
    }
    told = 0;
    return 0;
}

static inline int
end(void **state)
{
    audyn_catalog_close(catalog);
    audyn_chain_close(chain);
    unlink(in_folder("x.wav"));
    unlink(in_folder("x.flac"));
    return archive_bench_clear_folder(state);
}

static inline audyn_sink_config_t
sink_config(void)
{
    return (audyn_sink_config_t){.sample_rate = 48000,
                                 .channels = CHANNELS,
                                 .encoding = AUDYN_PCM16,
                                 .codec = AUDYN_CODEC_DEFAULT,
                                 .description = "s"};
}

static inline void
write_audio(const char *path, uint64_t position, uint64_t sample_frames, unsigned take)
{
    const audyn_sink_config_t config = sink_config();
    const bool later = position > LEAP_POSITION;
    const audyn_sink_start_t start = {.position = position,
                                      .tai_offset_s = later ? 37 : 36};
    audyn_sink_t *sink;
    assert_int_equal(audyn_sink_open(&sink, path, &config, NULL), AUDYN_OK);
    assert_int_equal(audyn_sink_begin(sink, &start), AUDYN_OK);
    for (uint64_t i = 0; i < sample_frames; ++i) {
        const float frame[CHANNELS] = {sample_of(position + i, 0, take),
                                       sample_of(position + i, 1, take)};
        assert_int_equal(audyn_sink_write(sink, frame, 1), AUDYN_OK);
    }
    assert_int_equal(audyn_sink_close(sink), AUDYN_OK);
}

static inline void
sum_up(audyn_entry_file_t *file, const char *path)
{
    audyn_checksum_t *sum;
    bool done = false;
    assert_int_equal(audyn_checksum_create(&sum), AUDYN_OK);
    audyn_checksum_want_blocks(sum);
    while (!done) {
        assert_int_equal(audyn_checksum_read_file(sum, path, 1 << 20, &done), AUDYN_OK);
    }
    file->bytes = audyn_checksum_bytes(sum);
    assert_true(audyn_checksum_end(sum, file->sha256));
    file->block_bytes = AUDYN_BLOCK_BYTES;
    file->block_crc32 = audyn_checksum_take_blocks(sum, &file->block_count);
    audyn_checksum_destroy(sum);
}

static inline audyn_moment_t
moment_of(uint64_t position)
{
    audyn_leap_seconds_t leap_seconds;
    audyn_leap_seconds_init(&leap_seconds);
    return audyn_entry_moment(&leap_seconds, &format, position);
}

/// A segment that is to be appended; `formats` ends with NULL.
static inline void
make_segment(audyn_entry_t *entry, const char *name, uint64_t position,
             uint64_t sample_frames, const char *const *formats, unsigned take)
{
    audyn_entry_init(entry, AUDYN_ENTRY_SEGMENT, "s", &format);
    audyn_entry_segment_t *segment = &entry->segment;
    segment->sample_frames = sample_frames;
    segment->received = sample_frames;
    segment->first = moment_of(position);
    segment->last = moment_of(position + sample_frames - 1);
    strcpy(segment->audio_encoding, "s16le");
    for (; *formats; ++formats) {
        audyn_entry_file_t *file = &segment->files[segment->file_count++];
        snprintf(file->path, sizeof file->path, "%s.%s", name, *formats);
        snprintf(file->format, sizeof file->format, "%s", *formats);
        strcpy(file->encoding, strcmp(*formats, "opus") != 0 ? "pcm16" : "opus");
        char below[256];
        char path[PATH_MAX];
        snprintf(below, sizeof below, "s/%.200s", file->path);
        name_in_archive(path, below);
        write_audio(path, position, sample_frames, take);
        sum_up(file, path);
    }
}

static inline void
append(audyn_entry_t *entry, const char *name)
{
    audyn_error_t error = {""};
    char path[64];
    snprintf(path, sizeof path, "s/%s.json", name);
    if (audyn_chain_append(chain, entry, name ? path : NULL, &error)) {
        fail_msg("%s", error.text);
    }
    audyn_entry_finish(entry);
}

static const char *const wav[] = {"wav", NULL};
static const char *const both[] = {"flac", "wav", NULL};

static inline void
add_segment(const char *name, uint64_t position, uint64_t sample_frames,
            const char *const *formats, unsigned take)
{
    audyn_entry_t entry;
    make_segment(&entry, name, position, sample_frames, formats, take);
    append(&entry, name);
}

// Three neighbours, of which the second has an odd length.
static inline void
add_three_from(uint64_t position, const char *const *formats)
{
    add_segment("a", position, SECOND, formats, 0);
    add_segment("b", position + SECOND, 12345, formats, 0);
    add_segment("c", position + SECOND + 12345, 2 * SECOND, formats, 0);
}

static inline void
add_three(const char *const *formats)
{
    add_three_from(BEGIN, formats);
}

#define THREE (3 * SECOND + 12345)

static inline void
hear(void *context, const char *what)
{
    (void)context;
    ++told;
    snprintf(last_told, sizeof last_told, "%s", what);
}

static inline audyn_export_config_t
config_of(uint64_t from, uint64_t to, const char *path)
{
    return (audyn_export_config_t){
        .archive = archive_folder,
        .catalog = catalog,
        .stream = "s",
        .from = {.is_position = true, .position = from},
        .to = {.is_position = true, .position = to},
        .path = path,
        .codec = AUDYN_CODEC_DEFAULT,
        .force = true,
        .tell = hear,
    };
}

// The caller destroys it.
static inline audyn_export_t *
run(const audyn_export_config_t *config)
{
    audyn_export_t *export;
    audyn_error_t error = {""};
    audyn_status_t status = audyn_export_open(&export, config, &error);
    for (bool more = true; more && !status;) {
        status = audyn_export_step(export, &more, &error);
    }
    if (status || audyn_export_finish(export, &error)) {
        fail_msg("%s", error.text);
    }
    return export;
}

static inline audyn_export_t *
export_to(const char *path, uint64_t from, uint64_t to)
{
    const audyn_export_config_t config = config_of(from, to, path);
    return run(&config);
}

// All zero within `zeros`, which may be NULL.
static inline void
assert_samples(const char *path, uint64_t from, uint64_t to, unsigned take,
               const audyn_entry_span_t *zeros)
{
    audyn_audio_reader_t *reader;
    assert_int_equal(audyn_audio_reader_open(&reader, path, NULL), AUDYN_OK);
    assert_int_equal(audyn_audio_reader_format(reader)->sample_frames, to - from);
    for (uint64_t at = from; at < to;) {
        float samples[1000 * CHANNELS];
        size_t done;
        assert_int_equal(audyn_audio_reader_read(reader, samples, 1000, &done, NULL),
                         AUDYN_OK);
        for (size_t i = 0; i < done; ++i, ++at) {
            const bool zero = zeros && at >= zeros->position &&
                              at < zeros->position + zeros->sample_frames;
            for (unsigned c = 0; c < CHANNELS; ++c) {
                if (samples[i * CHANNELS + c] != (zero ? 0 : sample_of(at, c, take))) {
                    fail_msg("%s: sample frame %u is wrong", path, (unsigned)(at - from));
                }
            }
        }
    }
    audyn_audio_reader_close(reader);
}

static inline void
assert_missing(const audyn_export_t *export, uint64_t position, uint64_t sample_frames,
               const char *class)
{
    const audyn_export_plan_t *plan = audyn_export_plan(export);
    for (size_t i = 0; i < plan->missing_count; ++i) {
        const audyn_entry_span_t *span = &plan->missing[i];
        if (span->position == position && span->sample_frames == sample_frames &&
            !strcmp(span->class, class)) {
            return;
        }
    }
    fail_msg("%u %s from %u on is not among the %u that are missing",
             (unsigned)sample_frames, class, (unsigned)(position - BEGIN),
             (unsigned)plan->missing_count);
}

static inline void
assert_complete(const audyn_export_t *export)
{
    assert_int_equal(audyn_export_plan(export)->missing_count, 0);
    assert_int_equal(told, 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, begin, end)

static inline int
make_folders(void **state)
{
    return make_folder(state) || archive_bench_make_folder(state);
}

static inline int
remove_folders(void **state)
{
    return remove_folder(state) || archive_bench_remove_folder(state);
}

#endif
