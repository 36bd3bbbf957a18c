// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

#include "unit_test.h"

#include "archive/archive.h"

#include <ftw.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define TAI_MINUS_UTC 37
#define MOST_SEGMENTS 9000
#define WAV_HEADER 4096

// In memory where there is such a place.
static char folder[64];

// A year of hours is not put on disk 30,000 times.
int __wrap_fsync(int fd);
int __wrap_fdatasync(int fd);

int
__wrap_fsync(int fd)
{
    (void)fd;
    return 0;
}

int
__wrap_fdatasync(int fd)
{
    (void)fd;
    return 0;
}

struct bench {
    audyn_archive_t *archive;
    audyn_output_t *output;
    audyn_archive_stream_t stream;
    uint64_t start, position;
    unsigned told;
};

// As the sidecars tell it, in order of positions.
struct told_segment {
    uint64_t position, sample_frames;
    int64_t first_ns, last_ns;
};
static struct told_segment told[MOST_SEGMENTS];
static size_t told_count;

static int
remove_one(const char *path, const struct stat *about, int kind, struct FTW *at)
{
    (void)about;
    (void)kind;
    return at->level ? remove(path) : 0;
}

static int
set_up(void **state)
{
    (void)state;
    strcpy(folder, "/dev/shm/audyn-archive-XXXXXX");
    if (mkdtemp(folder)) {
        return 0;
    }
    strcpy(folder, "/tmp/audyn-archive-XXXXXX");
    return mkdtemp(folder) ? 0 : -1;
}

static int
clear_folder(void **state)
{
    (void)state;
    return nftw(folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

static int
tear_down(void **state)
{
    (void)state;
    return rmdir(folder);
}

static void
tell(void *context, const char *what)
{
    struct bench *bench = context;
    assert_true(strlen(what) > 10);
    ++bench->told;
}

static audyn_archive_settings_t
settings_of(const char *layout, uint32_t period_s, audyn_archive_clock_t clock)
{
    audyn_archive_settings_t settings = {
        .formats = {"wav"}, .format_count = 1, .codec = AUDYN_CODEC_DEFAULT};
    assert_int_equal(audyn_layout_init(&settings.layout, layout, period_s, clock, NULL),
                     AUDYN_OK);
    return settings;
}

static void
begin(struct bench *bench, const audyn_archive_settings_t *settings,
      const audyn_input_format_t *format, uint64_t start)
{
    *bench = (struct bench){.start = start, .position = start};
    bench->stream = (audyn_archive_stream_t){
        .name = "stream", .format = *format, .tell = tell, .context = bench};
    assert_int_equal(audyn_archive_open(&bench->archive, folder, settings, NULL),
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

static void
write_ramp(struct bench *bench, uint32_t count)
{
    static float samples[1 << 16];
    for (uint32_t i = 0; i < count; ++i) {
        samples[i] = sample_at(bench->position + i);
    }
    assert_int_equal(audyn_output_write(bench->output, samples, count), AUDYN_OK);
    bench->position += count;
}

static void
classify(struct bench *bench, uint64_t from, uint64_t until)
{
    const audyn_span_t span = {from, until - from, AUDYN_SAMPLE_RECEIVED};
    audyn_output_classify(bench->output, &span);
}

static void
sync_round(struct bench *bench, bool ended)
{
    if (audyn_output_flush(bench->output, ended)) {
        audyn_output_sync(bench->output);
        audyn_output_commit(bench->output);
    }
}

static audyn_status_t
end(struct bench *bench)
{
    for (int i = 0; i < 4; ++i) {
        sync_round(bench, true);
    }
    assert_true(audyn_output_is_complete(bench->output));
    const audyn_status_t status = audyn_output_close(bench->output);
    audyn_archive_close(bench->archive);
    return status;
}

static void
assert_ramp(const char *sidecar, uint64_t position, uint64_t count)
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
    assert_ramp(path, (uint64_t)position, (uint64_t)sample_frames);
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

// Each sample has its one place, in files and sidecars.
static void
assert_unbroken(const struct bench *bench, size_t segments)
{
    told_count = 0;
    assert_int_equal(nftw(folder, read_sidecar, 16, FTW_PHYS), 0);
    assert_int_equal(told_count, segments);
    qsort(told, told_count, sizeof *told, by_position);
    uint64_t next = bench->start;
    for (size_t i = 0; i < told_count; ++i) {
        assert_true(told[i].position == next);
        next += told[i].sample_frames;
    }
    assert_true(next == bench->position);
}

static bool
exists(const char *name)
{
    char path[256];
    snprintf(path, sizeof path, "%s/stream/%s", folder, name);
    return !access(path, F_OK);
}

// A stream of one sample a second from this day of 2026 on, in stretches that cross the
// cuts.
static void
record_days(struct bench *bench, const audyn_archive_settings_t *settings, int day,
            unsigned seconds)
{
    struct tm tm = {.tm_year = 2026 - 1900, .tm_mday = day};
    const uint64_t start = (uint64_t)timegm(&tm) + TAI_MINUS_UTC;
    const audyn_input_format_t format = {.sample_rate = 1, .channels = 1, .bits = 16};
    begin(bench, settings, &format, start);
    uint64_t known = start;
    while (bench->position < start + seconds) {
        const uint64_t left = start + seconds - bench->position;
        const uint64_t before = bench->position;
        write_ramp(bench, left < 9973 ? (uint32_t)left : 9973);
        assert_true(audyn_output_has_room(bench->output));
        classify(bench, known, before);
        known = before;
        sync_round(bench, false);
    }
    classify(bench, known, bench->position);
    assert_int_equal(end(bench), AUDYN_OK);
    assert_int_equal(bench->told, 0);
}

static void
a_year_of_hours_has_no_name_twice_and_each_sample_once(void **state)
{
    (void)state;
    static const struct {
        const char *zone, *twice;
        size_t segments;
    } zones[] = {
        {"Europe/Dublin", "2026-10-25-01", 8760},
        {"America/St_Johns", "2026-11-01-01", 8761},
        {"Australia/Lord_Howe", "2026-04-05-01", 8761},
    };
    for (size_t i = 0; i < sizeof zones / sizeof *zones; ++i) {
        setenv("TZ", zones[i].zone, 1);
        tzset();
        const audyn_archive_settings_t settings =
            settings_of("flat", 3600, AUDYN_ARCHIVE_LOCAL);
        struct bench bench;
        record_days(&bench, &settings, 1, 365 * 86400);
        assert_unbroken(&bench, zones[i].segments);
        char name[64];
        snprintf(name, sizeof name, "%s-2.wav", zones[i].twice);
        assert_true(exists(name));
        clear_folder(NULL);
    }
    setenv("TZ", "UTC", 1);
    tzset();
}

static void
a_year_that_ends_with_a_leap_second_has_a_longer_hour(void **state)
{
    (void)state;
    static const char list[] = "3692217600 37\n4007750400 38\n"; // 2017, 2027
    audyn_archive_settings_t settings = settings_of("flat", 3600, AUDYN_ARCHIVE_UTC);
    assert_int_equal(
        audyn_leap_seconds_parse(&settings.layout.leap_seconds, list, sizeof list - 1),
        AUDYN_OK);
    struct bench bench;
    record_days(&bench, &settings, 334, 32 * 86400 + 1 + 3600);
    assert_unbroken(&bench, 769);
    assert_int_equal(told[767].sample_frames, 3601);
    assert_int_equal(told[768].sample_frames, 3600);
    assert_true(exists("2027-01-01-00.wav"));
}

static void
a_clock_at_a_fraction_of_the_rate_is_cut_on_its_first_sample_of_the_second(void **state)
{
    (void)state;
    const audyn_input_format_t format = {.sample_rate = 48000,
                                         .channels = 1,
                                         .bits = 16,
                                         .rate_numerator = 1000,
                                         .rate_denominator = 1001};
    const audyn_media_rate_t rate = audyn_input_media_rate(&format);
    const audyn_archive_settings_t settings =
        settings_of("accurate", 1, AUDYN_ARCHIVE_UTC);
    struct bench bench;
    begin(&bench, &settings, &format,
          audyn_media_position(INT64_C(1790000000) * AUDYN_NS_PER_SECOND + 12345, &rate));
    for (int i = 0; i < 50; ++i) {
        write_ramp(&bench, 7919);
    }
    classify(&bench, bench.start, bench.position);
    assert_int_equal(end(&bench), AUDYN_OK);
    assert_unbroken(&bench, 9);
    for (size_t i = 1; i < told_count; ++i) {
        const int64_t second = told[i].first_ns / AUDYN_NS_PER_SECOND;
        assert_true(told[i - 1].last_ns < second * AUDYN_NS_PER_SECOND);
        assert_true(told[i].first_ns - second * AUDYN_NS_PER_SECOND < 20855);
    }
}

static const audyn_input_format_t mono = {
    .sample_rate = 48000, .channels = 1, .bits = 16};
#define START (UINT64_C(1790000000) * 48000)

static void
where_any_file_has_the_name_the_next_number_is_taken(void **state)
{
    (void)state;
    static const char *const others[] = {"2026-09-21-14.flac",
                                         "2026-09-21-14-2.json.sig"};
    const audyn_archive_settings_t settings =
        settings_of("flat", 3600, AUDYN_ARCHIVE_UTC);
    char path[256];
    snprintf(path, sizeof path, "%s/stream", folder);
    assert_int_equal(mkdir(path, 0777), 0);
    for (size_t i = 0; i < sizeof others / sizeof *others; ++i) {
        snprintf(path, sizeof path, "%s/stream/%s", folder, others[i]);
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fclose(file);
    }
    for (int i = 0; i < 2; ++i) {
        struct bench bench;
        begin(&bench, &settings, &mono, START);
        write_ramp(&bench, 1000);
        classify(&bench, START, START + 1000);
        assert_int_equal(end(&bench), AUDYN_OK);
    }
    assert_false(exists("2026-09-21-14.wav"));
    assert_false(exists("2026-09-21-14-2.wav"));
    assert_true(exists("2026-09-21-14-3.wav"));
    assert_true(exists("2026-09-21-14-3.json"));
    assert_true(exists("2026-09-21-14-4.wav"));
    assert_true(exists("2026-09-21-14-4.json"));
}

// Of the sidecar of the second that begins `second` seconds after the start.
static json_t *
load_sidecar(int second)
{
    char path[256];
    snprintf(path, sizeof path, "%s/stream/2026-09-21/2026-09-21-14-12-%02d-00.json",
             folder, 43 + second);
    json_t *json = json_load_file(path, 0, NULL);
    assert_non_null(json);
    return json;
}

static void
a_format_that_fails_harms_neither_the_other_one_nor_the_next_file(void **state)
{
    (void)state;
    audyn_archive_settings_t settings = settings_of("accurate", 1, AUDYN_ARCHIVE_UTC);
    settings.formats[1] = "opus";
    settings.format_count = 2;
    struct bench bench;
    begin(&bench, &settings, &mono, START);
    signal(SIGXFSZ, SIG_IGN);
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    for (int second = 0; second < 3; ++second) {
        const struct rlimit limit = {second == 1 ? 50000 : before.rlim_cur,
                                     before.rlim_max};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
        write_ramp(&bench, 48000);
        sync_round(&bench, second == 2);
    }
    classify(&bench, START, bench.position);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(end(&bench), AUDYN_TOO_LARGE);
    assert_int_equal(bench.told, 1);
    for (int second = 0; second < 3; ++second) {
        json_t *json = load_sidecar(second);
        json_t *files = json_object_get(json, "files");
        assert_int_equal(json_array_size(files), 2);
        json_t *wav = json_array_get(files, 0);
        assert_int_equal(json_object_get(wav, "error") != NULL, second == 1);
        assert_null(json_object_get(json_array_get(files, 1), "error"));
        assert_int_equal(json_integer_value(json_object_get(json, "sample_frames")),
                         48000);
        if (second == 1) {
            const json_int_t kept =
                json_integer_value(json_object_get(wav, "sample_frames"));
            assert_true(kept > 0 && kept < 48000);
        }
        json_decref(json);
    }
}

static void
a_sidecar_waits_until_every_class_is_known(void **state)
{
    (void)state;
    const audyn_archive_settings_t settings =
        settings_of("accurate", 1, AUDYN_ARCHIVE_UTC);
    struct bench bench;
    begin(&bench, &settings, &mono, START);
    write_ramp(&bench, 50000);
    classify(&bench, START, START + 47999);
    for (int i = 0; i < 5; ++i) {
        sync_round(&bench, false);
    }
    assert_true(exists("2026-09-21/2026-09-21-14-12-43-00.wav"));
    assert_false(exists("2026-09-21/2026-09-21-14-12-43-00.json"));
    const audyn_span_t lost = {START + 47999, 3, AUDYN_SAMPLE_LOST};
    audyn_output_classify(bench.output, &lost);
    sync_round(&bench, false);
    json_t *json = load_sidecar(0);
    json_int_t position, count;
    assert_int_equal(json_unpack(json, "{s:[{s:I, s:I}]}", "spans", "position", &position,
                                 "sample_frames", &count),
                     0);
    assert_true((uint64_t)position == START + 47999);
    assert_int_equal(count, 1);
    json_decref(json);
    classify(&bench, START + 48002, START + 50000);
    assert_int_equal(end(&bench), AUDYN_OK);
    json = load_sidecar(1);
    assert_int_equal(json_integer_value(json_object_get(json, "lost")), 2);
    json_decref(json);
}

static void
too_much_that_waits_for_the_disk_leaves_no_room(void **state)
{
    (void)state;
    const audyn_archive_settings_t settings =
        settings_of("accurate", 1, AUDYN_ARCHIVE_UTC);
    struct bench bench;
    begin(&bench, &settings, &mono, START);
    while (audyn_output_has_room(bench.output)) {
        write_ramp(&bench, 48000);
        assert_true(bench.position < START + 100 * 48000);
    }
    classify(&bench, START, bench.position);
    for (int i = 0; i < 4; ++i) {
        sync_round(&bench, false);
    }
    assert_true(audyn_output_has_room(bench.output));
    assert_int_equal(end(&bench), AUDYN_OK);
}

static void
a_second_recorder_of_an_archive_is_refused(void **state)
{
    (void)state;
    const audyn_archive_settings_t settings =
        settings_of("flat", 3600, AUDYN_ARCHIVE_UTC);
    audyn_archive_t *first;
    audyn_archive_t *second;
    audyn_error_t error;
    assert_int_equal(audyn_archive_open(&first, folder, &settings, &error), AUDYN_OK);
    assert_int_equal(audyn_archive_open(&second, folder, &settings, &error), AUDYN_BUSY);
    assert_null(second);
    assert_non_null(strstr(error.text, "another process"));
    audyn_archive_close(first);
    assert_int_equal(audyn_archive_open(&second, folder, &settings, &error), AUDYN_OK);
    audyn_archive_close(second);
}

static void
a_stream_that_fits_no_file_is_refused_at_once(void **state)
{
    (void)state;
    audyn_archive_settings_t settings = settings_of("flat", 3600, AUDYN_ARCHIVE_UTC);
    settings.formats[0] = "flac";
    audyn_archive_t *archive;
    assert_int_equal(audyn_archive_open(&archive, folder, &settings, NULL), AUDYN_OK);
    const audyn_archive_stream_t stream = {
        .name = "wide", .format = {.sample_rate = 48000, .channels = 9, .bits = 24}};
    audyn_output_t *output;
    audyn_error_t error;
    assert_int_equal(audyn_archive_output_create(&output, archive, &stream, &error),
                     AUDYN_INVALID);
    assert_null(output);
    assert_non_null(strstr(error.text, "9 channels"));
    audyn_archive_close(archive);
}

#define CASE(name) cmocka_unit_test_teardown(name, clear_folder)

int
main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        CASE(a_year_of_hours_has_no_name_twice_and_each_sample_once),
        CASE(a_year_that_ends_with_a_leap_second_has_a_longer_hour),
        CASE(a_clock_at_a_fraction_of_the_rate_is_cut_on_its_first_sample_of_the_second),
        CASE(where_any_file_has_the_name_the_next_number_is_taken),
        CASE(a_format_that_fails_harms_neither_the_other_one_nor_the_next_file),
        CASE(a_sidecar_waits_until_every_class_is_known),
        CASE(too_much_that_waits_for_the_disk_leaves_no_room),
        CASE(a_second_recorder_of_an_archive_is_refused),
        CASE(a_stream_that_fits_no_file_is_refused_at_once),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
