// SPDX-FileCopyrightText: 2026 The Audyn authors
// SPDX-License-Identifier: MIT

// The WAV sink on a disk that fails, and its file at every single moment.

#include "wav_files.h"

#include "sink/little_endian.h"
#include "sink/wav_reader.h"

#include <errno.h>
#include <sndfile.h>

#define DATA_OFFSET 4096
#define NEVER (-1)

// What the disk does.  Calls are counted from 0; NEVER and 0 bytes mean a healthy disk.
static struct {
    int failing_write, failing_sync, failing_resize;
    int directory_errno;   // of a sync of the directory; 0: it succeeds
    uint64_t capacity;     // bytes of the file that fit; 0: all
    size_t most_per_write; // bytes; 0: all
    size_t most_of_header; // bytes a write, of a header that replaces one; 0: all
    bool interrupts;       // each other call is interrupted first
    void (*watch)(void);   // called after each call that changed the file
    int writes, syncs, resizes, calls, directory_syncs;
    uint64_t length, synced_length; // of the file, now and at the last sync
} disk;

// Meson builds with 64-bit file offsets, so that the library calls these.
ssize_t __real_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
int __real_ftruncate64(int fd, off_t length);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset);
int __wrap_ftruncate64(int fd, off_t length);
int __wrap_fdatasync(int fd);
int __wrap_fsync(int fd);

static void
make_disk_healthy(void)
{
    memset(&disk, 0, sizeof disk);
    disk.failing_write = disk.failing_sync = disk.failing_resize = NEVER;
}

static bool
is_interrupted(void)
{
    errno = EINTR;
    return disk.interrupts && disk.calls++ % 2 == 0;
}

static void
changed(int fd)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    disk.length = (uint64_t)status.st_size;
    if (disk.watch) {
        disk.watch();
    }
}

// A header must not count what a power cut could still take.
static void
check_header_write(const uint8_t *bytes, size_t size, off_t offset)
{
    if (offset == 0 && size == DATA_OFFSET) {
        const uint32_t data_bytes = get_u32(bytes + DATA_OFFSET - 4);
        assert_true(data_bytes == 0 || DATA_OFFSET + data_bytes <= disk.synced_length);
    }
}

ssize_t
__wrap_pwrite64(int fd, const void *bytes, size_t size, off_t offset)
{
    check_header_write(bytes, size, offset);
    if (is_interrupted()) {
        return -1;
    }
    if (disk.writes++ == disk.failing_write) {
        errno = EIO;
        return -1;
    }
    const bool rewrites_header = offset < DATA_OFFSET && disk.length >= DATA_OFFSET;
    const size_t most = rewrites_header ? disk.most_of_header : disk.most_per_write;
    size = most && size > most ? most : size;
    if (disk.capacity && (uint64_t)offset + size > disk.capacity) {
        if ((uint64_t)offset >= disk.capacity) {
            errno = ENOSPC;
            return -1;
        }
        size = disk.capacity - (uint64_t)offset;
    }
    const ssize_t written = __real_pwrite64(fd, bytes, size, offset);
    changed(fd);
    return written;
}

int
__wrap_ftruncate64(int fd, off_t length)
{
    if (is_interrupted()) {
        return -1;
    }
    if (disk.resizes++ == disk.failing_resize) {
        errno = EFBIG;
        return -1;
    }
    const int result = __real_ftruncate64(fd, length);
    changed(fd);
    return result;
}

// Takes no time: what a power cut would leave is known here.
int
__wrap_fdatasync(int fd)
{
    (void)fd;
    if (is_interrupted()) {
        return -1;
    }
    if (disk.syncs++ == disk.failing_sync) {
        errno = EIO;
        return -1;
    }
    disk.synced_length = disk.length;
    return 0;
}

int
__wrap_fsync(int fd)
{
    struct stat status;
    assert_int_equal(fstat(fd, &status), 0);
    assert_true(S_ISDIR(status.st_mode));
    assert_int_equal(disk.synced_length, DATA_OFFSET);
    ++disk.directory_syncs;
    errno = disk.directory_errno;
    return disk.directory_errno ? -1 : 0;
}

// One recording, mono and of odd blocks, so that 24 bits give odd sizes.  A sync follows
// each third block; a long silence comes before one of them.

static const char file_name[] = "faults.wav";

enum { BLOCK = 29999, BLOCKS = 11, SILENCE_AFTER = 7, LONG_SILENCE = 100000 };

#define ALL_FRAMES (UINT64_C(11) * BLOCK + LONG_SILENCE)

// No byte of a 24-bit sample is always zero.
static float
expected_at(uint64_t frame)
{
    const uint64_t silence = (uint64_t)SILENCE_AFTER * BLOCK;
    const bool silent = frame >= silence && frame < silence + LONG_SILENCE;
    return silent ? 0.0F : signal_at(frame) + 0x1p-23F;
}

struct outcome {
    audyn_status_t open, write, close; // `write`: the first failure before close
    uint64_t frames;                   // as the sink counted before it was closed
    int writes_before_close;
};

static void
note(audyn_status_t *first, audyn_status_t status)
{
    *first = *first ? *first : status;
}

static audyn_status_t
write_block(audyn_sink_t *sink, uint64_t first)
{
    static float samples[BLOCK];
    for (uint64_t i = 0; i < BLOCK; ++i) {
        samples[i] = expected_at(first + i);
    }
    return audyn_sink_write(sink, samples, BLOCK);
}

// Goes on after a failure, as long as the sink lets it.
static struct outcome
record(audyn_encoding_t encoding)
{
    const audyn_sink_config_t config = a_config(encoding, 1);
    struct outcome outcome = {.open = AUDYN_OK};
    audyn_sink_t *sink;
    outcome.open = audyn_sink_open(&sink, in_folder(file_name), &config, NULL);
    if (outcome.open) {
        return outcome;
    }
    note(&outcome.write, audyn_sink_begin(sink, &start_of_file));
    for (uint64_t block = 0, frame = 0; block < BLOCKS; ++block, frame += BLOCK) {
        if (block == SILENCE_AFTER) {
            note(&outcome.write, audyn_sink_write_silence(sink, LONG_SILENCE));
            note(&outcome.write, audyn_sink_sync(sink));
            frame += LONG_SILENCE;
        }
        note(&outcome.write, write_block(sink, frame));
        if (block % 3 == 1) {
            note(&outcome.write, audyn_sink_sync(sink));
        }
    }
    outcome.frames = audyn_sink_sample_frames(sink);
    outcome.writes_before_close = disk.writes;
    outcome.close = audyn_sink_close(sink);
    return outcome;
}

// The samples that the header counts, by libsndfile, are those that were recorded.
static audyn_wav_info_t
check_file(const char *path)
{
    audyn_wav_info_t info;
    audyn_error_t error;
    if (audyn_wav_read_info(path, &info, &error)) {
        fail_msg("%s", error.text);
    }
    assert_int_not_equal(info.completeness, AUDYN_WAV_TRUNCATED);
    assert_true(info.sample_frames <= info.present_frames);
    assert_true(size_of_file(path) >=
                DATA_OFFSET + info.sample_frames * info.frame_bytes);
    SF_INFO sf = {.format = 0};
    SNDFILE *file = sf_open(path, SFM_READ, &sf);
    assert_non_null(file);
    assert_int_equal(sf.frames, info.sample_frames);
    static float samples[BLOCK];
    for (uint64_t frame = 0; frame < info.sample_frames;) {
        const sf_count_t count = sf_readf_float(file, samples, BLOCK);
        assert_true(count > 0);
        for (sf_count_t n = 0; n < count; ++n, ++frame) {
            if (samples[n] != expected_at(frame)) {
                fail_msg("sample %u is wrong", (unsigned)frame);
            }
        }
    }
    sf_close(file);
    return info;
}

static int
start_with_a_healthy_disk(void **state)
{
    (void)state;
    make_disk_healthy();
    unlink(in_folder(file_name));
    return 0;
}

static void
copy_file(const char *from, const char *to)
{
    const size_t size = size_of_file(from);
    uint8_t *bytes = read_bytes(from, 0, size);
    write_bytes(to, bytes, size);
    free(bytes);
}

// As a crash right now would leave the file.
static void
check_snapshot(void)
{
    char live[PATH_MAX];
    strcpy(live, in_folder(file_name));
    const char *copy = in_folder("snapshot.wav");
    copy_file(live, copy);
    const audyn_wav_info_t info = check_file(copy);
    if (info.has_recording && info.recording.state == AUDYN_WAV_FINISHED) {
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    } else if (info.has_recording) {
        assert_int_equal(info.completeness, AUDYN_WAV_INTERRUPTED);
    }
}

static void
the_file_is_valid_after_every_single_change(void **state)
{
    (void)state;
    for (int encoding = AUDYN_PCM24; encoding <= AUDYN_FLOAT32; ++encoding) {
        start_with_a_healthy_disk(NULL);
        disk.watch = check_snapshot;
        const struct outcome outcome = record((audyn_encoding_t)encoding);
        assert_int_equal(outcome.write, AUDYN_OK);
        assert_int_equal(outcome.close, AUDYN_OK);
        assert_int_equal(outcome.frames, ALL_FRAMES);
        assert_in_range(disk.writes, 19, 26);
        assert_int_equal(disk.syncs, 13);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, ALL_FRAMES);
    }
}

static void
the_file_is_valid_while_a_header_is_written_in_pieces(void **state)
{
    (void)state;
    disk.most_of_header = 100;
    disk.watch = check_snapshot;
    assert_int_equal(record(AUDYN_FLOAT32).close, AUDYN_OK);
    assert_in_range(disk.writes, 7 * 41, 9 * 41);
    assert_int_equal(check_file(in_folder(file_name)).sample_frames, ALL_FRAMES);
}

static void
writes_that_are_short_or_interrupted_change_nothing(void **state)
{
    (void)state;
    assert_int_equal(record(AUDYN_PCM24).close, AUDYN_OK);
    const uint64_t size = size_of_file(in_folder(file_name));
    uint8_t *expected = read_bytes(in_folder(file_name), 0, size);
    start_with_a_healthy_disk(NULL);
    disk.most_per_write = disk.most_of_header = 997;
    disk.interrupts = true;
    const struct outcome outcome = record(AUDYN_PCM24);
    assert_int_equal(outcome.write, AUDYN_OK);
    assert_int_equal(outcome.close, AUDYN_OK);
    assert_int_equal(size_of_file(in_folder(file_name)), size);
    uint8_t *bytes = read_bytes(in_folder(file_name), 0, size);
    assert_memory_equal(bytes, expected, size);
    free(bytes);
    free(expected);
}

static void
a_full_disk_keeps_every_whole_sample_frame(void **state)
{
    (void)state;
    // Full at once, within the first buffer, about its end, and behind the silence.
    static const uint64_t rooms[] = {0, 100000, 262130, 950000};
    for (uint64_t i = 0; i < 4 * 20; ++i) {
        const uint64_t room = rooms[i / 20] + i % 20;
        start_with_a_healthy_disk(NULL);
        disk.capacity = DATA_OFFSET + room;
        disk.watch = i % 7 ? NULL : check_snapshot;
        const struct outcome outcome = record(AUDYN_PCM24);
        assert_int_equal(outcome.open, AUDYN_OK);
        assert_int_equal(outcome.write, AUDYN_NO_SPACE);
        assert_int_equal(outcome.close, AUDYN_NO_SPACE);
        assert_int_equal(outcome.frames, room / 3);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, room / 3);
        const uint64_t data_bytes = room / 3 * 3;
        assert_int_equal(size_of_file(in_folder(file_name)),
                         DATA_OFFSET + data_bytes + data_bytes % 2);
        uint8_t *pad =
            read_bytes(in_folder(file_name), DATA_OFFSET + data_bytes, data_bytes % 2);
        assert_true(data_bytes % 2 == 0 || *pad == 0);
        free(pad);
    }
}

static void
a_disk_too_full_for_a_header_is_told_and_left_as_it_was(void **state)
{
    (void)state;
    const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
    disk.capacity = DATA_OFFSET - 1;
    audyn_sink_t *sink;
    audyn_error_t error;
    assert_int_equal(audyn_sink_open(&sink, in_folder(file_name), &config, &error),
                     AUDYN_NO_SPACE);
    assert_non_null(strstr(error.text, "no space left"));
    assert_int_not_equal(access(in_folder(file_name), F_OK), 0);
}

static void
a_write_that_fails_costs_nothing_that_came_before(void **state)
{
    (void)state;
    const struct outcome healthy = record(AUDYN_PCM24);
    const int writes = disk.writes;
    uint64_t before = 0;
    for (int i = 1; i < writes; ++i) {
        start_with_a_healthy_disk(NULL);
        disk.failing_write = i;
        const struct outcome outcome = record(AUDYN_PCM24);
        assert_int_equal(outcome.close, AUDYN_IO);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        if (i < healthy.writes_before_close) {
            assert_int_equal(outcome.write, AUDYN_IO);
            assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
            assert_int_equal(info.sample_frames, outcome.frames);
        } else {
            assert_int_equal(outcome.frames, ALL_FRAMES);
        }
        assert_true(info.present_frames >= before);
        before = info.present_frames;
    }
    // The last write was the header that says "finished": all samples are there.
    assert_int_equal(before, ALL_FRAMES);
}

static void
a_first_header_that_does_not_reach_the_disk_leaves_no_file(void **state)
{
    (void)state;
    disk.failing_write = 0;
    assert_int_equal(record(AUDYN_PCM24).open, AUDYN_IO);
    assert_int_not_equal(access(in_folder(file_name), F_OK), 0);
    start_with_a_healthy_disk(NULL);
    disk.failing_sync = 0;
    assert_int_equal(record(AUDYN_PCM24).open, AUDYN_IO);
    assert_int_not_equal(access(in_folder(file_name), F_OK), 0);
}

static void
a_new_file_is_on_disk_before_its_name(void **state)
{
    (void)state;
    assert_int_equal(record(AUDYN_PCM24).close, AUDYN_OK);
    assert_int_equal(disk.directory_syncs, 1);
    start_with_a_healthy_disk(NULL);
    disk.directory_errno = EIO;
    assert_int_equal(record(AUDYN_PCM24).open, AUDYN_IO);
    assert_int_not_equal(access(in_folder(file_name), F_OK), 0);
    // There are file systems whose directories need no sync.
    start_with_a_healthy_disk(NULL);
    disk.directory_errno = EINVAL;
    assert_int_equal(record(AUDYN_PCM24).close, AUDYN_OK);
}

static void
after_a_sync_that_fails_the_header_counts_only_what_was_synced(void **state)
{
    (void)state;
    // Blocks; the long silence too from the third sync on.  Each sync is two: of the
    // samples, and of the header that then counts them.
    static const uint64_t synced_blocks[] = {0, 2, 2, 5, 5, 7, 7, 8, 8, 11, 11, 11};
    for (int i = 0; i < 12; ++i) {
        start_with_a_healthy_disk(NULL);
        disk.failing_sync = 1 + i;
        disk.watch = check_snapshot;
        const struct outcome outcome = record(AUDYN_PCM24);
        assert_int_equal(outcome.write, i < 10 ? AUDYN_IO : AUDYN_OK);
        assert_int_equal(outcome.close, AUDYN_IO);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.sample_frames,
                         synced_blocks[i] * BLOCK + (i < 5 ? 0 : LONG_SILENCE));
        assert_int_equal(info.completeness,
                         i < 11 ? AUDYN_WAV_INTERRUPTED : AUDYN_WAV_COMPLETE);
    }
}

static void
silence_that_the_disk_refuses_is_not_counted(void **state)
{
    (void)state;
    disk.failing_resize = 0;
    disk.watch = check_snapshot;
    const struct outcome outcome = record(AUDYN_FLOAT32);
    assert_int_equal(outcome.write, AUDYN_TOO_LARGE);
    assert_int_equal(outcome.close, AUDYN_TOO_LARGE);
    assert_int_equal(outcome.frames, SILENCE_AFTER * BLOCK);
    const audyn_wav_info_t info = check_file(in_folder(file_name));
    assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
    assert_int_equal(info.sample_frames, SILENCE_AFTER * BLOCK);
}

static void
silence_longer_than_any_file_is_refused(void **state)
{
    (void)state;
    static const uint64_t lengths[] = {UINT64_MAX, INT64_MAX, INT64_MAX / 3,
                                       UINT64_C(1) << 60};
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; ++i) {
        start_with_a_healthy_disk(NULL);
        const audyn_sink_config_t config = a_config(AUDYN_PCM24, 1);
        audyn_sink_t *sink = begin_file(in_folder(file_name), &config);
        assert_int_equal(write_block(sink, 0), AUDYN_OK);
        audyn_sink_write_silence(sink, lengths[i]);
        assert_int_equal(audyn_sink_sync(sink), AUDYN_TOO_LARGE);
        assert_int_equal(write_block(sink, BLOCK), AUDYN_TOO_LARGE);
        assert_int_equal(audyn_sink_write_silence(sink, 1), AUDYN_TOO_LARGE);
        assert_int_equal(audyn_sink_sample_frames(sink), BLOCK);
        assert_int_equal(audyn_sink_close(sink), AUDYN_TOO_LARGE);
        const audyn_wav_info_t info = check_file(in_folder(file_name));
        assert_int_equal(info.completeness, AUDYN_WAV_COMPLETE);
        assert_int_equal(info.sample_frames, BLOCK);
    }
}

#define ON_A_HEALTHY_DISK(test) cmocka_unit_test_setup(test, start_with_a_healthy_disk)

int
main(void)
{
    const struct CMUnitTest tests[] = {
        ON_A_HEALTHY_DISK(the_file_is_valid_after_every_single_change),
        ON_A_HEALTHY_DISK(the_file_is_valid_while_a_header_is_written_in_pieces),
        ON_A_HEALTHY_DISK(writes_that_are_short_or_interrupted_change_nothing),
        ON_A_HEALTHY_DISK(a_full_disk_keeps_every_whole_sample_frame),
        ON_A_HEALTHY_DISK(a_disk_too_full_for_a_header_is_told_and_left_as_it_was),
        ON_A_HEALTHY_DISK(a_write_that_fails_costs_nothing_that_came_before),
        ON_A_HEALTHY_DISK(a_first_header_that_does_not_reach_the_disk_leaves_no_file),
        ON_A_HEALTHY_DISK(a_new_file_is_on_disk_before_its_name),
        ON_A_HEALTHY_DISK(after_a_sync_that_fails_the_header_counts_only_what_was_synced),
        ON_A_HEALTHY_DISK(silence_that_the_disk_refuses_is_not_counted),
        ON_A_HEALTHY_DISK(silence_longer_than_any_file_is_refused),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
