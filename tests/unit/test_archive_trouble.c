// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// What an archive does while its disk fails.

#include "archive_bench.h"

#include "archive/audio_reader.h"
#include "core/directory.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define RATE 8000
#define START (UINT64_C(1790000000) * RATE)
#define STEPS 4 // in a second
#define MOST_SIDECARS 16
#define NAME_BYTES 64

// What the disk does; all zero: it is healthy.
static struct {
    int write_error, sync_error, create_error; // errno values
    const char *ending;                        // of the files concerned; NULL: all
    bool full;                                 // it says so
} disk;

ssize_t __real_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);
int __real_open64(const char *path, int flags, ...);
int __wrap_open64(const char *path, int flags, ...);
uint64_t __wrap_audyn_directory_room(const char *path);

static bool
is_concerned(const char *path)
{
    const size_t length = strlen(path);
    const size_t ending = disk.ending ? strlen(disk.ending) : 0;
    return !disk.ending ||
           (length > ending && !strcmp(path + length - ending, disk.ending));
}

static bool
fails(int fd, int error)
{
    char link[64];
    char path[PATH_MAX] = "";
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    if (error && readlink(link, path, sizeof path - 1) > 0 && is_concerned(path)) {
        errno = error;
        return true;
    }
    return false;
}

ssize_t
__wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    return fails(fd, disk.write_error) ? -1 : __real_pwrite64(fd, bytes, size, offset);
}

int
__wrap_fdatasync(int fd)
{
    return fails(fd, disk.sync_error) ? -1 : 0;
}

int
__wrap_fsync(int fd)
{
    (void)fd;
    return 0;
}

int
__wrap_open64(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    const mode_t mode = flags & O_CREAT ? va_arg(more, mode_t) : 0;
    va_end(more);
    if (flags & O_CREAT && disk.create_error && is_concerned(path)) {
        errno = disk.create_error;
        return -1;
    }
    return __real_open64(path, flags, mode);
}

uint64_t
__wrap_audyn_directory_room(const char *path)
{
    (void)path;
    return disk.full ? 0 : UINT64_MAX;
}

static void
fill_disk(bool full)
{
    disk.full = full;
    disk.write_error = full ? ENOSPC : 0;
    disk.create_error = full ? ENOSPC : 0;
}

static void
begin_with(struct archive_bench *bench, unsigned formats)
{
    static const audyn_input_format_t mono = {
        .sample_rate = RATE, .channels = 1, .bits = 16};
    memset(&disk, 0, sizeof disk);
    audyn_archive_settings_t settings =
        archive_bench_settings("accurate", 3600, AUDYN_ARCHIVE_UTC);
    settings.formats[1] = "flac";
    settings.format_count = formats;
    archive_bench_begin(bench, &settings, &mono, START);
}

static void
record(struct archive_bench *bench, unsigned seconds)
{
    for (unsigned i = 0; i < seconds * STEPS; ++i) {
        const uint64_t from = bench->position;
        archive_bench_write(bench, RATE / STEPS);
        archive_bench_sync(bench, false);
        archive_bench_classify(bench, from, bench->position);
    }
}

static audyn_unwritten_t
unwritten_of(const struct archive_bench *bench)
{
    audyn_unwritten_t unwritten;
    audyn_output_get_unwritten(bench->output, &unwritten);
    return unwritten;
}

// In order, with the path.
struct sidecar {
    char path[512];
    json_t *json;
    uint64_t position, sample_frames, hole;
    const char *class; // of the hole
};
static struct sidecar sidecars[MOST_SIDECARS];

static uint64_t
number(const json_t *json, const char *key)
{
    return (uint64_t)json_integer_value(json_object_get(json, key));
}

static int
by_position(const void *a, const void *b)
{
    const struct sidecar *x = a;
    const struct sidecar *y = b;
    return (x->position > y->position) - (x->position < y->position);
}

static void
load(struct sidecar *sidecar)
{
    json_t *json = json_load_file(sidecar->path, 0, NULL);
    assert_non_null(json);
    sidecar->json = json;
    sidecar->position = number(json, "position");
    sidecar->sample_frames = number(json, "sample_frames");
    assert_int_equal(number(json, "received"), sidecar->sample_frames);
    const json_t *hole = json_object_get(json, "hole");
    sidecar->hole = number(hole, "sample_frames");
    sidecar->class = json_string_value(json_object_get(hole, "class"));
    if (hole) {
        assert_true(number(hole, "position") + sidecar->hole == sidecar->position);
    }
}

static size_t
load_sidecars(void)
{
    char command[256];
    snprintf(command, sizeof command, "find %s/stream -name '*.json'", archive_folder);
    FILE *names = popen(command, "r");
    assert_non_null(names);
    size_t count = 0;
    while (fgets(sidecars[count].path, sizeof sidecars[count].path, names)) {
        strtok(sidecars[count].path, "\n");
        load(&sidecars[count]);
        assert_true(++count < MOST_SIDECARS);
    }
    pclose(names);
    qsort(sidecars, count, sizeof *sidecars, by_position);
    return count;
}

static void
forget_sidecars(size_t count)
{
    for (size_t i = 0; i < count; ++i) {
        json_decref(sidecars[i].json);
    }
}

// Each file is whole and has the samples that its sidecar says.  Returns the longest.
static uint64_t
check_files(const struct sidecar *sidecar)
{
    uint64_t most = 0;
    size_t i;
    const json_t *file;
    json_array_foreach(json_object_get(sidecar->json, "files"), i, file)
    {
        const json_t *partial = json_object_get(file, "sample_frames");
        const uint64_t expected =
            partial ? (uint64_t)json_integer_value(partial) : sidecar->sample_frames;
        char path[1024];
        snprintf(path, sizeof path, "%.*s/%s",
                 (int)(strrchr(sidecar->path, '/') - sidecar->path), sidecar->path,
                 json_string_value(json_object_get(file, "path")));
        audyn_audio_reader_t *reader;
        audyn_error_t error;
        if (audyn_audio_reader_open(&reader, path, &error)) {
            fail_msg("%s", error.text);
        }
        assert_int_equal(audyn_audio_reader_format(reader)->sample_frames, expected);
        static float samples[60 * RATE];
        size_t done;
        assert_int_equal(audyn_audio_reader_read(reader, samples, 60 * RATE, &done, NULL),
                         AUDYN_OK);
        assert_int_equal(done, expected);
        for (size_t n = 0; n < done; ++n) {
            assert_true(samples[n] ==
                        (float)((sidecar->position + n) % 32749) / 32768.0F);
        }
        audyn_audio_reader_close(reader);
        most = expected > most ? expected : most;
    }
    return most;
}

// Segments and holes lie end to end.  Returns the number of segments; `*holes` gets the
// sample frames of holes.
static size_t
check_archive(const struct archive_bench *bench, uint64_t *holes)
{
    const size_t count = load_sidecars();
    uint64_t next = bench->start;
    *holes = 0;
    for (size_t i = 0; i < count; ++i) {
        assert_true(next + sidecars[i].hole == sidecars[i].position);
        assert_int_equal(check_files(&sidecars[i]), sidecars[i].sample_frames);
        next = sidecars[i].position + sidecars[i].sample_frames;
        *holes += sidecars[i].hole;
    }
    assert_true(next == bench->position);
    return count;
}

static void
a_full_disk_makes_a_hole_and_recording_goes_on_once_there_is_room(void **state)
{
    (void)state;
    struct archive_bench bench;
    begin_with(&bench, 2);
    record(&bench, 5);
    fill_disk(true);
    record(&bench, 7);
    assert_true(audyn_output_has_room(bench.output));
    fill_disk(false);
    record(&bench, 4);
    const audyn_unwritten_t unwritten = unwritten_of(&bench);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    uint64_t holes;
    const size_t count = check_archive(&bench, &holes);
    assert_int_equal(count, 2);
    assert_string_equal(sidecars[1].class, "disk_full");
    // Nothing that was synced is lost; room is looked for each second.
    assert_true(sidecars[0].sample_frames >= 5 * RATE - RATE / 2);
    assert_true(sidecars[1].position <= START + 13 * RATE);
    assert_int_equal(unwritten.disk_full, holes);
    assert_int_equal(unwritten.files, 2);
    assert_int_equal(json_array_size(json_object_get(sidecars[1].json, "files")), 2);
    forget_sidecars(count);
    assert_int_equal(bench.told, 2);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_FILE_FAILED], 2);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_RESUMED], 1);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_SEGMENT], 2);
}

static void
a_disk_that_stays_full_is_a_failure_told_once(void **state)
{
    (void)state;
    struct archive_bench bench;
    begin_with(&bench, 1);
    record(&bench, 2);
    fill_disk(true);
    record(&bench, 40);
    assert_int_equal(bench.told, 1);
    assert_int_equal(archive_bench_end(&bench), AUDYN_NO_SPACE);
    assert_int_equal(bench.told, 2);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_SIDECAR_FAILED], 1);
}

// It says that there is room, and then has none.
static void
files_are_not_begun_again_and_again(void **state)
{
    (void)state;
    struct archive_bench bench;
    begin_with(&bench, 2);
    record(&bench, 2);
    disk.write_error = ENOSPC;
    record(&bench, 35);
    disk.write_error = 0;
    record(&bench, 11);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    uint64_t holes;
    const size_t count = check_archive(&bench, &holes);
    assert_int_equal(count, 2);
    forget_sidecars(count);
    assert_int_equal(bench.told, 2);
}

static void
a_file_that_fails_has_a_successor_at_once_and_then_every_ten_seconds(void **state)
{
    (void)state;
    struct archive_bench bench;
    begin_with(&bench, 2);
    record(&bench, 2);
    disk.write_error = EIO;
    disk.ending = ".flac";
    record(&bench, 25);
    disk.write_error = 0;
    record(&bench, 11);
    const audyn_unwritten_t unwritten = unwritten_of(&bench);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    uint64_t holes;
    const size_t count = check_archive(&bench, &holes);
    assert_int_equal(holes, 0);
    assert_int_equal(count, 5);
    const uint64_t begun[] = {0, 2, 12, 22, 32};
    for (size_t i = 0; i < count; ++i) {
        const uint64_t position = sidecars[i].position - START;
        assert_true(position >= begun[i] * RATE && position <= begun[i] * RATE + RATE);
    }
    assert_int_equal(json_array_size(json_object_get(sidecars[4].json, "files")), 2);
    forget_sidecars(count);
    assert_true(unwritten.files >= 1);
    assert_int_equal(unwritten.io_error, 0);
    assert_int_equal(bench.told, 1);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_RESUMED], 1);
}

static void
check_io_error(int *error)
{
    struct archive_bench bench;
    begin_with(&bench, 1);
    record(&bench, 2);
    *error = EIO;
    record(&bench, 1);
    *error = 0;
    record(&bench, 12);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    uint64_t holes;
    const size_t count = check_archive(&bench, &holes);
    assert_true(count >= 2);
    assert_true(holes > 0 && holes < 11 * RATE);
    assert_string_equal(sidecars[1].class, "io_error");
    forget_sidecars(count);
    assert_int_equal(bench.told, 1);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_RESUMED], 1);
}

static void
where_the_only_file_fails_the_hole_says_so(void **state)
{
    (void)state;
    check_io_error(&disk.write_error);
    archive_bench_clear_folder(NULL);
    check_io_error(&disk.sync_error);
}

static void
where_no_file_can_be_begun_the_first_segment_follows_a_hole(void **state)
{
    (void)state;
    struct archive_bench bench;
    begin_with(&bench, 2);
    fill_disk(true);
    record(&bench, 3);
    fill_disk(false);
    record(&bench, 3);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    uint64_t holes;
    const size_t count = check_archive(&bench, &holes);
    assert_int_equal(count, 1);
    assert_true(holes >= 3 * RATE && holes <= 4 * RATE);
    assert_string_equal(sidecars[0].class, "disk_full");
    forget_sidecars(count);
    assert_int_equal(bench.told, 1);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_NO_FILE], 1);
}

static void
a_journal_that_cannot_be_synced_is_told_once_and_tried_again(void **state)
{
    (void)state;
    struct archive_bench bench;
    begin_with(&bench, 1);
    disk.ending = ".jsonl";
    disk.sync_error = EIO;
    record(&bench, 3);
    assert_int_equal(bench.told, 1);
    assert_int_equal(bench.events[AUDYN_ARCHIVE_JOURNAL_FAILED], 1);
    assert_int_equal(bench.last.status, AUDYN_IO);
    disk.sync_error = 0;
    record(&bench, 1);
    disk.sync_error = EIO; // which is new, and found with the next sync
    record(&bench, 10);
    assert_int_equal(bench.told, 2);
    const audyn_unwritten_t unwritten = unwritten_of(&bench);
    assert_int_equal(archive_bench_end(&bench), AUDYN_OK);
    assert_int_equal(unwritten.files, 0);
    uint64_t holes;
    const size_t count = check_archive(&bench, &holes);
    assert_int_equal(count, 1);
    forget_sidecars(count);
}

static void
tell_nobody(void *context, const audyn_recovered_t *what)
{
    (void)context;
    (void)what;
}

// A recorder ends without a word soon after the disk was full, for three seconds, and the
// next one recovers.  Returns the number of sidecars.
static size_t
crash_behind_hole(unsigned seconds_before)
{
    const pid_t child = fork();
    assert_true(child >= 0);
    if (!child) {
        struct archive_bench bench;
        begin_with(&bench, 1);
        record(&bench, seconds_before);
        fill_disk(true);
        record(&bench, 3);
        fill_disk(false);
        record(&bench, 2);
        archive_bench_sync(&bench, false);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    struct archive_bench next;
    begin_with(&next, 1);
    assert_int_equal(audyn_archive_recover(next.archive, tell_nobody, NULL, NULL),
                     AUDYN_OK);
    assert_int_equal(audyn_output_close(next.output), AUDYN_OK);
    audyn_archive_close(next.archive);
    return load_sidecars();
}

static void
after_a_crash_a_hole_has_its_class(void **state)
{
    (void)state;
    for (unsigned before = 0; before < 4; before += 2) {
        const size_t count = crash_behind_hole(before);
        assert_int_equal(count, before ? 2 : 1);
        const struct sidecar *last = &sidecars[count - 1];
        assert_string_equal(last->class, "disk_full");
        assert_true(last->hole >= 2 * RATE && last->hole <= 4 * RATE);
        forget_sidecars(count);
        archive_bench_clear_folder(NULL);
    }
}

#define CASE(name) cmocka_unit_test_teardown(name, archive_bench_clear_folder)

int
main(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
    const struct CMUnitTest tests[] = {
        CASE(a_full_disk_makes_a_hole_and_recording_goes_on_once_there_is_room),
        CASE(a_disk_that_stays_full_is_a_failure_told_once),
        CASE(files_are_not_begun_again_and_again),
        CASE(a_file_that_fails_has_a_successor_at_once_and_then_every_ten_seconds),
        CASE(where_the_only_file_fails_the_hole_says_so),
        CASE(where_no_file_can_be_begun_the_first_segment_follows_a_hole),
        CASE(a_journal_that_cannot_be_synced_is_told_once_and_tried_again),
        CASE(after_a_crash_a_hole_has_its_class),
    };
    return cmocka_run_group_tests(tests, archive_bench_make_folder,
                                  archive_bench_remove_folder);
}
