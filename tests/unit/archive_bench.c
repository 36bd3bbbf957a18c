// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "archive_bench.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_SEGMENTS 9000
#define WAV_HEADER 4096
#define MOST_AT_ONCE (1U << 16)

char archive_folder[64];

// In order of positions.
static struct told_segment told[MOST_SEGMENTS];
static size_t told_count;

static int
remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    return at->level ? remove(path) : 0;
}

int
archive_bench_make_folder(void **state)
{
    (void)state;
    strcpy(archive_folder, "/dev/shm/audyn-archive-XXXXXX");
    if (mkdtemp(archive_folder)) {
        return 0;
    }
    strcpy(archive_folder, "/tmp/audyn-archive-XXXXXX");
    return mkdtemp(archive_folder) ? 0 : -1;
}

int
archive_bench_clear_folder(void **state)
{
    (void)state;
    return nftw(archive_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

int
archive_bench_remove_folder(void **state)
{
    (void)state;
    return rmdir(archive_folder);
}

static void
tell(void *context, const audyn_archive_event_t *event)
{
    struct archive_bench *bench = context;
    assert_true(!event->text || strlen(event->text) > 10);
    bench->told += event->text && event->kind != AUDYN_ARCHIVE_RESUMED;
    ++bench->events[event->kind];
    bench->last = *event;
}

audyn_archive_settings_t
archive_bench_settings(const char *layout, uint32_t period_s, audyn_archive_clock_t clock)
{
    audyn_archive_settings_t settings = {
        .formats = {"wav"}, .format_count = 1, .codec = AUDYN_CODEC_DEFAULT};
    assert_int_equal(audyn_layout_init(&settings.layout, layout, period_s, clock, NULL),
                     AUDYN_OK);
    return settings;
}

void
archive_bench_begin(struct archive_bench *bench, const audyn_archive_settings_t *settings,
                    const audyn_input_format_t *format, uint64_t start)
{
    *bench = (struct archive_bench){.start = start, .position = start};
    bench->stream = (audyn_archive_stream_t){
        .name = "stream", .format = *format, .tell = tell, .context = bench};
    assert_int_equal(audyn_archive_open(&bench->archive, archive_folder, settings, NULL),
                     AUDYN_OK);
    assert_int_equal(
        audyn_archive_output_create(&bench->output, bench->archive, &bench->stream, NULL),
        AUDYN_OK);
    const audyn_sink_start_t at = {.position = start};
    assert_int_equal(audyn_output_begin(bench->output, &at), AUDYN_OK);
}

// A value of 16 bits that tells neighbours apart.
static float
sample_at(uint64_t position)
{
    return (float)(position % 32749) / 32768.0f;
}

void
archive_bench_write(struct archive_bench *bench, uint32_t count)
{
    static float samples[MOST_AT_ONCE];
    assert_true(count <= MOST_AT_ONCE);
    for (uint32_t i = 0; i < count; ++i) {
        samples[i] = sample_at(bench->position + i);
    }
    assert_int_equal(audyn_output_write(bench->output, samples, count), AUDYN_OK);
    bench->position += count;
}

void
archive_bench_classify(struct archive_bench *bench, uint64_t from, uint64_t until)
{
    const audyn_span_t span = {from, until - from, AUDYN_SAMPLE_RECEIVED};
    audyn_output_classify(bench->output, &span);
}

void
archive_bench_sync(struct archive_bench *bench, bool ended)
{
    if (audyn_output_flush(bench->output, ended)) {
        audyn_output_sync(bench->output);
        audyn_output_commit(bench->output);
    }
}

audyn_status_t
archive_bench_end(struct archive_bench *bench)
{
    for (int i = 0; i < 8; ++i) {
        archive_bench_sync(bench, true);
    }
    assert_true(audyn_output_is_complete(bench->output));
    const audyn_status_t status = audyn_output_close(bench->output);
    audyn_archive_close(bench->archive);
    return status;
}

void
archive_bench_assert_ramp(const char *sidecar, uint64_t position, uint64_t count)
{
    char path[256];
    snprintf(path, sizeof path, "%.*s.wav", (int)strlen(sidecar) - 5, sidecar);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    static int16_t samples[1 << 17];
    assert_int_equal(fseek(file, WAV_HEADER, SEEK_SET), 0);
    assert_int_equal(fread(samples, 2, 1 << 17, file), count);
    fclose(file);
    for (uint64_t i = 0; i < count; ++i) {
        assert_int_equal(samples[i], (position + i) % 32749);
    }
}

static int
read_sidecar(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)at;
    const size_t length = strlen(path);
    if (kind != FTW_F || length < 5 || strcmp(path + length - 5, ".json") != 0) {
        return 0;
    }
    json_t *json = json_load_file(path, 0, NULL);
    json_int_t position, sample_frames, first_ns, last_ns, received;
    assert_int_equal(json_unpack(json, "{s:I, s:I, s:{s:I}, s:{s:I}, s:I}", "position",
                                 &position, "sample_frames", &sample_frames, "first",
                                 "tai_ns", &first_ns, "last", "tai_ns", &last_ns,
                                 "received", &received),
                     0);
    assert_int_equal(received, sample_frames);
    assert_true(told_count < MOST_SEGMENTS);
    told[told_count++] = (struct told_segment){
        (uint64_t)position, (uint64_t)sample_frames, first_ns, last_ns};
    archive_bench_assert_ramp(path, (uint64_t)position, (uint64_t)sample_frames);
    json_decref(json);
    return 0;
}

static int
by_position(const void *a, const void *b)
{
    const struct told_segment *x = a;
    const struct told_segment *y = b;
    return (x->position > y->position) - (x->position < y->position);
}

const struct told_segment *
archive_bench_assert_unbroken(const struct archive_bench *bench, size_t *segments)
{
    told_count = 0;
    char path[sizeof archive_folder + 16];
    snprintf(path, sizeof path, "%s/%s", archive_folder, bench->stream.name);
    assert_int_equal(nftw(path, read_sidecar, 16, FTW_PHYS), 0);
    qsort(told, told_count, sizeof *told, by_position);
    uint64_t next = bench->start;
    for (size_t i = 0; i < told_count; ++i) {
        assert_true(told[i].position == next);
        next += told[i].sample_frames;
    }
    assert_true(next == bench->position);
    *segments = told_count;
    return told;
}

bool
archive_bench_exists(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/stream/%s", archive_folder, name);
    return !access(path, F_OK);
}

void
archive_bench_record(struct archive_bench *bench,
                     const audyn_archive_settings_t *settings, uint64_t start,
                     uint32_t seconds)
{
    const audyn_input_format_t format = {.sample_rate = 1, .channels = 1, .bits = 16};
    archive_bench_begin(bench, settings, &format, start);
    const uint32_t over_two = 2 * settings->layout.period_s + 773;
    const uint32_t stretch = over_two < MOST_AT_ONCE ? over_two : MOST_AT_ONCE;
    uint64_t known = start;
    while (bench->position < start + seconds) {
        const uint64_t left = start + seconds - bench->position;
        const uint64_t before = bench->position;
        archive_bench_write(bench, left < stretch ? (uint32_t)left : stretch);
        assert_true(audyn_output_has_room(bench->output));
        archive_bench_classify(bench, known, before);
        known = before;
        archive_bench_sync(bench, false);
    }
    archive_bench_classify(bench, known, bench->position);
    assert_int_equal(archive_bench_end(bench), AUDYN_OK);
    assert_int_equal(bench->told, 0);
}
